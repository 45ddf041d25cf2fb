"""The measures that an environment keeps: private, whole, bounded in time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from piste.readings.computers import kept
from piste.readings.computers.kept import Collection, Day, Kept, Refused, UnreadableMeasure, added, purged
from tests.support.computers import NOW, measure, moment, states, weeks

COLLECTION = Collection(
    taken_at=NOW, state="complete", why="", files=2, read=1, more=0, owners="",
    refused=[Refused(file="X.json", why="trop long", since=NOW)],
)  # fmt: skip


def test_what_is_kept_comes_back_and_is_private(tmp_path: Path) -> None:
    place = tmp_path / "computers"
    assert kept.last(place) == kept.NOTHING
    first = added(None, measure(states=weeks([(0, "on")], NOW - timedelta(days=3), NOW - timedelta(days=1))))
    kept.keep(place, Kept(COLLECTION, {"PC-JAU-001": first, "PC-JAU-002": measure("PC-JAU-002")}))
    assert kept.last(place) == Kept(COLLECTION, {"PC-JAU-001": first, "PC-JAU-002": measure("PC-JAU-002")})
    assert {path.stat().st_mode & 0o777 for path in place.iterdir()} == {0o600}
    assert place.stat().st_mode & 0o777 == 0o700
    kept.keep(place, Kept(COLLECTION, {"PC-JAU-001": first}))
    assert sorted(path.name for path in place.iterdir()) == ["PC-JAU-001.json", "collection.json"]


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"written": 1}', b"\xff", b"null"])
def test_a_file_that_was_not_written_there_is_named(tmp_path: Path, content: bytes) -> None:
    for name in ("PC-JAU-001.json", kept.COLLECTION):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(UnreadableMeasure, match="PISTE-E149"):
            kept.last(tmp_path)
        (tmp_path / name).unlink()


def test_a_file_under_another_name_is_refused(tmp_path: Path) -> None:
    kept.keep(tmp_path, Kept(None, {"PC-JAU-001": measure()}))
    (tmp_path / "PC-JAU-001.json").rename(tmp_path / "PC-JAU-002.json")
    with pytest.raises(UnreadableMeasure):
        kept.last(tmp_path)


def test_days_are_counted_once_and_the_better_known_stays() -> None:
    short = measure(states=states(("2026-11-24 12:00", "2026-11-24 18:00", "on")))
    whole = measure(
        states=states(("2026-11-24 00:00", "2026-11-24 18:00", "off"), ("2026-11-24 18:00", "2026-11-25 06:00", "on"))
    )
    first = Day(day=date(2026, 11, 24), on=360, asleep=0, off=1080)
    assert added(added(None, short), whole).days == [first, Day(day=date(2026, 11, 25), on=360, asleep=0, off=0)]
    assert added(added(None, whole), short).days[0] == first


def test_what_is_old_or_no_longer_in_the_inventory_is_forgotten() -> None:
    old = measure("PC-OLD", taken_at=moment(datetime(2026, 8, 1, tzinfo=UTC)))
    days = [Day(day=date(2026, 11, 26) - timedelta(days=ago), on=1, asleep=0, off=0) for ago in (91, 90, 0)]
    here = measure().model_copy(update={"days": days})
    measures = {"PC-OLD": old, "PC-JAU-001": here, "PC-GONE": measure("PC-GONE")}
    left = purged(measures, ["pc-old", "pc-jau-001"], date(2026, 11, 26), 90)
    assert {name: [day.day.isoformat() for day in entry.days] for name, entry in left.items()} == {
        "PC-JAU-001": ["2026-08-28", "2026-11-26"]
    }
