"""Readings of what lives with a spoilt field: judged or unknown, never a crash."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lab.declared import declared_town
from piste.runs.plans.play import Played
from piste.sites.living.hosting import machines
from piste.sites.living.judged import UNTRIED, lives
from piste.sites.living.seen import FILE
from piste.town.model import Town
from tests.support.fuzz import examples
from tests.support.living import alive

SITE = "hotel-de-ville"
GONE = "gone"
SPOILT = [GONE, None, True, 0, -1, 3.5, "", "x", [], [1], {}, {"a": None}, "2099-13-45", "offline"]
HEALTH = {"status", "state", "hypervisor", "policy", "configuration", "firmware", "version"}
"""Fields that a conform verdict rests on."""


@cache
def town() -> Town:
    loaded: Town = declared_town()
    return loaded


@cache
def whole() -> str:
    return json.dumps(alive(town(), town().sites[SITE]))


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key)
        yield from _paths(item, (*path, key))


@cache
def paths() -> list[tuple[Any, ...]]:
    """List the fields, those of the devices of other sites left out."""
    here = {device["serial"] for device in town().sites[SITE]["devices"]}
    return [path for path in _paths(json.loads(whole())) if path[0] != "meraki" or len(path) < 3 or path[2] in here]


def spoil(path: tuple[Any, ...], value: Any) -> Any:
    known = json.loads(whole())
    place = known
    for key in path[:-1]:
        place = place[key]
    if value == GONE:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return known


@examples(small=15, wide=3000)
@given(st.data())
def test_a_spoilt_field_is_judged_or_unknown(data: Any) -> None:
    path, value = data.draw(st.sampled_from(paths())), data.draw(st.sampled_from(SPOILT))
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / FILE).write_text(json.dumps(spoil(path, value)), "utf-8")
        site = town().sites[SITE]
        tests = list(lives(town(), site, machines(town(), site), Played(), Path(folder)))
    assert UNTRIED in {test.id_ for test in tests}
    if path[-1] in HEALTH:
        assert {test.verdict for test in tests} - {"conform", "untested"}, (path, value)
