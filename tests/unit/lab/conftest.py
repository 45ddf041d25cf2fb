from __future__ import annotations

import pytest

from lab.testing import Client, frozen_client


@pytest.fixture
def client() -> Client:
    return frozen_client()
