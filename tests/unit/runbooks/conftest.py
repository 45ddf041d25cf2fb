"""The town whose runbooks are made, and its sources."""

from __future__ import annotations

import pytest

from piste.exports.runbooks.sources import Sources
from piste.town.model import Town
from tests.support.town import declared_town


@pytest.fixture(scope="module")
def town() -> Town:
    return declared_town()


@pytest.fixture(scope="module")
def sources(town: Town) -> Sources:
    return Sources(town, "lab")
