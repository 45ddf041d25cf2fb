from __future__ import annotations

import pytest

from tests.support.meraki_client import Client, frozen_client


@pytest.fixture
def client() -> Client:
    return frozen_client()
