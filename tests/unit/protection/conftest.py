"""The declared town, whose sets the copies are of."""

from __future__ import annotations

from pathlib import Path

import pytest

from piste.town.model import Town
from tests.unit.model.broken_town import on_the_day


@pytest.fixture(scope="session")
def town() -> Town:
    return on_the_day(Path(__file__).parents[3] / "inventories" / "town")
