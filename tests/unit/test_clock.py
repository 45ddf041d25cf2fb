"""Moments that people read: always in the time of the town, wherever the machine is."""

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from piste.engine.clock import DAY, in_town
from piste.papers.dossier import notation
from tests.unit.repository.tree import shown, tracked

WRITTEN_BY_HAND = re.compile(r"\{[^{}]*:%d/%m[^{}]*%H|strftime\([^)]*%d/%m[^)]*%H")
# A window of changes is declared in the town's own time, without a zone.
WITHOUT_ZONE = {"piste/runs/plans/conditions.py"}


@pytest.fixture(params=["UTC", "Pacific/Auckland", "America/Los_Angeles"])
def zone(request: pytest.FixtureRequest) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("TZ", request.param)
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("zone")
def test_a_moment_is_in_the_time_of_the_town() -> None:
    evening = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
    assert in_town(evening) == in_town(evening.isoformat()) == "01/12/2026 à 00:30"
    assert in_town("2026-11-30T18:36:00") == "30/11/2026 à 19:36"
    assert in_town("2027-06-30T18:36:00Z", DAY) == "30/06/2027"
    assert notation.moment("2027-06-30T18:36:00Z").replace("\N{NO-BREAK SPACE}", " ") == "30/06/2027 à 20:36"


def test_a_text_that_is_no_moment_stays_as_it_is() -> None:
    assert in_town("demain") == "demain"


def test_no_other_place_writes_an_hour() -> None:
    by_hand = {
        shown(path): match[0]
        for path in tracked("piste/*.py")
        if (match := WRITTEN_BY_HAND.search(path.read_text("utf-8")))
    }
    assert {name: text for name, text in by_hand.items() if name not in WITHOUT_ZONE} == {}
