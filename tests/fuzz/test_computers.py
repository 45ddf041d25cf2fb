"""Files of computers: whatever a share has, a report or a reason."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from piste.readings.computers.collect import Listed, collected, shown
from piste.readings.computers.hours import Opening, behaviour, nights, outside
from piste.readings.computers.judge import measured
from piste.readings.computers.kept import NOTHING, WHOLE_DAY, Kept, days_of
from piste.readings.computers.report import LONGEST, State, Unreadable, read
from piste.sobriety.counting import Known
from piste.sobriety.figures import breakdowns, figures, lists
from piste.sobriety.imports import Imports
from piste.sobriety.readings import Readings
from piste.systems.windows.gpo.acl import parse
from tests.support.computers import NOW, document
from tests.support.fuzz import examples
from tests.unit.computers.test_collect import INVENTORY, File, Share
from tests.unit.sobriety.small import CCAS, TODAY, town

NAME = "PC-CCAS-001"
texts = st.text(max_size=20)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=8,
)
names = st.sampled_from([*document(), "autre"])
owners = st.sampled_from([None, "S-1-5-21-1-2-3-1001", "S-1-5-21-1-2-3-1002", "S-1-5-32-544"])


@st.composite
def spoilt(draw: st.DrawFn) -> bytes:
    """Draw a report with fields that are anything, or bytes."""
    made: dict[str, Any] = deepcopy(document(NAME))
    for name in draw(st.lists(names, max_size=3)):
        made[name] = draw(values)
    content = bytearray(json.dumps(made).encode())
    if draw(st.booleans()):
        place = draw(st.integers(0, len(content)))
        content[place : place + draw(st.integers(0, 9))] = draw(st.binary(max_size=9))
    return bytes(content)


@examples(small=15, wide=20_000)
@given(spoilt(), st.sampled_from([f"{NAME}.json", "AUTRE.json", "..\\X.json", ""]))
def test_a_file_is_a_report_of_its_computer_or_a_reason(content: bytes, name: str) -> None:
    try:
        report = read(content, name)
    except Unreadable:
        return
    assert f"{report.computer}.json" == name
    assert all(day.known <= WHOLE_DAY for day in days_of(report))


files = st.dictionaries(
    st.sampled_from([f"{NAME}.json", "PC-JAU-001.json", "PC-JAU-002.json", "MAC-1.json", "\ud800.json", "A" * 300]),
    st.builds(
        File,
        content=spoilt() | st.just(b"") | st.just(b"[" * (LONGEST + 1)),
        owner=owners,
        written=st.integers(-(2**60), 2**60),
        kind=st.sampled_from(["file", "folder", "link", "remote", "dedup"]),
        size=st.none() | st.integers(-1, 2**62),
        denied=st.sampled_from(["", "accès refusé"]),
    ),
    max_size=6,
)
computers = (*INVENTORY, Listed(NAME, None, None))


@examples(small=10, wide=5_000)
@given(files, files)
def test_every_file_is_kept_or_refused_and_a_refusal_loses_nothing(
    first: Mapping[str, File], second: Mapping[str, File]
) -> None:
    before = collected(Share(first), "", NOTHING, computers, NOW)
    share = Share(second)
    after = collected(share, "", before, computers, NOW + timedelta(hours=1))
    assert share.most <= LONGEST + 1
    assert after.collection
    refused = {entry.file for entry in after.collection.refused}
    for name in second:
        assert shown(name) in refused or name.removesuffix(".json") in after.measures
    for name, measure in before.measures.items():
        assert name in after.measures or any(name in entry.why or entry.file == f"{name}.json"
                                             for entry in after.collection.refused)  # fmt: skip
        assert after.measures.get(name, measure).report.taken_at >= measure.report.taken_at


moments = st.datetimes(datetime(2026, 10, 22), datetime(2026, 11, 26)).map(lambda moment: moment.replace(tzinfo=UTC))


@examples(small=10, wide=5_000)
@given(
    st.lists(st.tuples(moments, st.sampled_from(["on", "asleep", "off"])), min_size=2, max_size=30),
    st.sets(st.sampled_from(["monday", "tuesday", "wednesday", "saturday", "sunday"]), min_size=1),
    st.times(), st.times(), st.sets(st.dates(date(2026, 10, 1), date(2026, 11, 30)), max_size=3),
)  # fmt: skip
def test_nights_are_counted_within_bounds_whatever_the_hours(
    steps: list[tuple[datetime, Any]], days: set[str], start: Any, end: Any, holidays: set[date]
) -> None:
    ordered = sorted(dict(steps).items())
    states = [
        State.model_validate({"from": since, "until": until, "state": state})
        for (since, state), (until, _) in pairwise(ordered)
    ]
    opening = Opening(sorted(days), f"{start:%H:%M}", f"{end:%H:%M}", ZoneInfo("Europe/Paris"))
    every = list(nights(opening, {day.isoformat(): "" for day in holidays}, timedelta(minutes=30),
                        datetime(2026, 10, 20, tzinfo=UTC), datetime(2026, 11, 28, tzinfo=UTC)))  # fmt: skip
    assert all(night.start < night.end for night in every)
    seen = behaviour(states, every, len(opening.days))
    assert 0 <= max(seen.slept, seen.stopped) <= seen.nights <= len(every)
    assert timedelta() <= seen.awake <= sum((night.end - night.start for night in every), timedelta())
    assert len(outside(opening)) == 168


@examples(small=5, wide=1_500)
@given(st.lists(spoilt(), max_size=3))
def test_figures_of_any_report_are_figures(contents: list[bytes]) -> None:
    kept: Kept = NOTHING
    for rank, content in enumerate(contents):
        share = Share({f"{NAME}.json": File(content, written=rank)})
        kept = collected(share, "", kept, computers, NOW + timedelta(hours=1))
    here = town(CCAS)
    readings = Readings(computers=measured(here, kept, TODAY))
    known = Known(here, readings, Imports(), TODAY)
    assert {figure.id for figure in figures(here, readings, Imports(), TODAY)} >= {"F1", "F1.slept", "F2.window"}
    for share in breakdowns(known):
        assert share.numerator is None or share.numerator <= (share.denominator or 0)
    for listing in lists(known):
        assert all(len(row) == len(listing.columns) for row in listing.rows)


@examples(small=10, wide=20_000)
@given(st.binary(max_size=120))
def test_a_descriptor_has_an_owner_or_none(descriptor: bytes) -> None:
    with suppress(ValueError):
        assert parse(descriptor).owner[:2] in ("", "S-")
