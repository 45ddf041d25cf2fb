"""Histories of use that a system makes up: unknown, never idle and never a traceback."""

from __future__ import annotations

import json
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from piste.engine.converge.errors import PisteError
from piste.engine.converge.reading import reading
from piste.sobriety import usage
from piste.sobriety.activity import use_of
from piste.systems.meraki import usage as module
from piste.systems.meraki.usage_weeks import HOUR, Week, hours, last_weeks, profile
from tests.support.fuzz import examples
from tests.unit.sobriety.weeks import week

PARIS = ZoneInfo("Europe/Paris")
(WEEK,) = last_weeks(1_790_000_000, PARIS, 1, 0)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
STAMPS = st.integers(WEEK.start - 7200, WEEK.end + 7200).map(module._moment) | st.text(max_size=25) | ANYTHING
COUNTS = st.floats() | st.integers() | ANYTHING
INTERVAL = st.fixed_dictionaries({"startTs": STAMPS, "endTs": STAMPS, "clientCount": COUNTS}) | ANYTHING


@examples(small=15, wide=6000)
@given(st.lists(INTERVAL, max_size=6))
def test_made_up_clients_are_unknown_or_within_bounds(intervals: list[Any]) -> None:
    try:
        with reading("meraki"):
            counts = module._clients(intervals)
    except PisteError:
        return
    assert all(0 <= count <= module.MOST_CLIENTS and start % HOUR == 0 for start, count in counts.items())
    places = [place for _, place in hours(WEEK, PARIS)]
    curve = profile(places, [counts.get(start) for start, _ in hours(WEEK, PARIS)])
    given_hours = sum(1 for start, _ in hours(WEEK, PARIS) if start in counts)
    # What nobody gave is not idle.
    assert sum(value is not None for value in curve) == given_hours


PORT_INTERVAL = st.fixed_dictionaries(
    {"startTs": STAMPS, "endTs": STAMPS, "data": ANYTHING | st.fixed_dictionaries(
        {"usage": st.fixed_dictionaries({"total": COUNTS}) | ANYTHING}
    ), "energy": ANYTHING | st.fixed_dictionaries({"usage": st.fixed_dictionaries({"total": COUNTS}) | ANYTHING})}
)  # fmt: skip


@examples(small=15, wide=6000)
@given(st.lists(PORT_INTERVAL | ANYTHING, max_size=6))
def test_made_up_ports_are_unknown_or_within_bounds(intervals: list[Any]) -> None:
    port = module._Port((WEEK.end - WEEK.start) // HOUR)
    switch = {"ports": [{"portId": "1", "intervals": intervals}]}
    try:
        with reading("meraki"):
            module._add_switch({"s/1": port}, "s", switch, WEEK)
    except PisteError:
        return
    site = {"access_points": [], "radio": ["s/1"], "access": []}
    made = module._of_site({"s/1": port}, site, Week(*WEEK), PARIS)
    content = {**week(), "sites": {"a": {"points": {}, **made}}}
    # What the module gives is what an environment keeps.
    assert usage.parsed([json.loads(json.dumps(content, allow_nan=False))])


@examples(small=15, wide=4000)
@given(ANYTHING, st.sampled_from(["sites", "unread", "week", "absent", "points", "kbps"]))
def test_a_week_of_another_form_is_refused(value: Any, name: str) -> None:
    content = week(points={"a": [0.0] * 168})
    if name == "points":
        content["sites"]["ecole-jaures"]["points"]["a"] = value
    elif name == "kbps":
        content["sites"]["ecole-jaures"]["radio"]["kbps"] = value
    else:
        content[name] = value
    try:
        (parsed,) = usage.parsed([content])
    except ValueError:
        return
    use_of([parsed], "ecole-jaures", ["a"])
