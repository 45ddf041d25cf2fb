"""Weeks of use that an environment keeps: checked, bounded, asked for once they are over."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from piste.readings import store
from piste.readings.due import due
from piste.readings.table import Answer
from piste.sobriety import usage
from tests.unit.sobriety.small import SCHOOL, town
from tests.unit.sobriety.weeks import curve, week

ENVIRONMENT = "lab"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the folder of the files of earlier versions."""
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("PISTE_USAGE_DIR", str(tmp_path))
    monkeypatch.setenv("PISTE_TODAY", "2026-11-26")
    return tmp_path / ENVIRONMENT


def former(place: Path, *weeks: Any, **given: Any) -> dict[Path, bytes]:
    """Write weeks as earlier versions kept them."""
    place.mkdir()
    for made in weeks:
        kept = {"format": 1, "environment": ENVIRONMENT, "week": made} | given
        (place / f"{made['week']}.json").write_text(json.dumps(kept), "utf-8")
    return {path: path.read_bytes() for path in place.iterdir()}


def test_a_week_is_kept_as_it_was_read() -> None:
    assert usage.joined(ENVIRONMENT, usage.kept(ENVIRONMENT), None) is None
    made = week(points={"QZZZ-0005-0041": curve(None, [9], 2.5)})
    assert usage.joined(ENVIRONMENT, [], [made]) == [made]
    assert usage.kept(ENVIRONMENT) == [made]


def test_a_week_read_again_takes_the_place_of_what_lacked_more() -> None:
    partial = week(points={"a": curve(1.0)}, unread={"b": "404"})
    usage.joined(ENVIRONMENT, [], [partial])
    worse = week(unread={"a": "503", "b": "503"})
    assert usage.joined(ENVIRONMENT, usage.kept(ENVIRONMENT), [worse]) == [partial]
    whole = week(points={"a": curve(1.0), "b": curve(0.0)})
    assert usage.joined(ENVIRONMENT, usage.kept(ENVIRONMENT), [whole]) == [whole]
    assert usage.kept(ENVIRONMENT) == [whole]


def test_a_week_before_any_network_is_asked_again() -> None:
    before = {**week(), "absent": ["a", "b"]}
    assert usage.question(town(SCHOOL), [before], 1)["known"] == []  # type: ignore[list-item]
    some = {**week(points={"c": curve(1.0)}), "absent": ["a", "b"]}
    assert usage.question(town(SCHOOL), [some], 1)["known"] == ["2026-W47"]  # type: ignore[list-item]
    usage.joined(ENVIRONMENT, [], [before])  # type: ignore[list-item]
    whole = week(points={"a": curve(1.0), "b": curve(0.0)})
    assert usage.joined(ENVIRONMENT, usage.kept(ENVIRONMENT), [whole]) == [whole]
    # An access point that left its network since leaves what was read of it.
    assert usage.joined(ENVIRONMENT, usage.kept(ENVIRONMENT), [{**before, "absent": ["a"]}]) == [whole]  # type: ignore[list-item]


def test_a_week_without_any_answer_is_not_kept() -> None:
    silent = {**week(unread={"ports": "503", "a": "503"}), "sites": {SCHOOL: {"points": {}}}}
    assert usage.joined(ENVIRONMENT, [], [silent]) is None  # type: ignore[list-item]
    assert usage.kept(ENVIRONMENT) == []


def test_a_week_that_is_asked_again_in_vain_is_not_read_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_TODAY", "2026-11-24")
    here, partial = town(SCHOOL), week(unread={"ports": "503"})
    assert usage.take(here, ENVIRONMENT, Answer({"weeks": [partial]}, usage.variables(here, ENVIRONMENT), {}))
    before = store.last(usage.SUBJECT, ENVIRONMENT)["2026-W47"]
    monkeypatch.setenv("PISTE_TODAY", "2026-11-25")
    silent = {**week(unread={"ports": "503", "a": "503"}), "sites": {SCHOOL: {"points": {}}}}
    answer = Answer({"weeks": [silent]}, usage.variables(here, ENVIRONMENT), {"Lire l’usage": "503"})
    assert not usage.take(here, ENVIRONMENT, answer)
    after = store.last(usage.SUBJECT, ENVIRONMENT)["2026-W47"]
    assert (after.read_at, after.value) == (before.read_at, partial)  # type: ignore[union-attr]
    assert after.silence.why == "503"  # type: ignore[union-attr]


def test_the_oldest_weeks_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage, "KEPT", 2)
    weeks = usage.joined(ENVIRONMENT, [], [week(number) for number in (44, 45, 46)])
    assert [kept["week"] for kept in weeks or ()] == ["2026-W45", "2026-W46"]
    assert [kept["week"] for kept in usage.kept(ENVIRONMENT)] == ["2026-W45", "2026-W46"]


def test_only_a_week_that_lacks_nothing_is_not_asked_again() -> None:
    asked = usage.question(town(SCHOOL), [week(46, unread={"a": "404"}), week(47)], 1)
    assert asked["known"] == ["2026-W47"]
    assert asked["timezone"] == "Europe/Paris"
    (here,) = asked["places"]
    assert here["site"] == SCHOOL
    assert here["access_points"] == [f"QZZZ-0005-00{rank}" for rank in range(41, 47)]
    # Four ports of the MS220-24 and one of each MS120-8 feed access points; uplinks are in neither list.
    assert len(here["radio"]) == 6
    assert f"{SCHOOL}" not in here["access"]
    assert set(here["radio"]).isdisjoint(here["access"])


def test_the_week_that_is_over_is_due_until_it_was_read_then_each_day(monkeypatch: pytest.MonkeyPatch) -> None:
    here = town(SCHOOL)
    assert usage.last_week(here) == ["2026-W47"]
    assert due(usage.READER, here, ENVIRONMENT)
    usage.joined(ENVIRONMENT, [], [week(46)])
    assert due(usage.READER, here, ENVIRONMENT)
    silent = Answer(None, {}, {"Lire l’usage par heure": "403"})
    assert not usage.take(here, ENVIRONMENT, silent)
    assert store.last(usage.SUBJECT, ENVIRONMENT)["2026-W47"].why == "403"  # type: ignore[union-attr]
    assert not due(usage.READER, here, ENVIRONMENT)
    assert usage.take(here, ENVIRONMENT, Answer({"weeks": [week()]}, {}, {}))
    assert usage.variables(here, ENVIRONMENT)["known"] == ["2026-W46", "2026-W47"]
    monkeypatch.setenv("PISTE_TODAY", "2026-11-27")
    assert due(usage.READER, here, ENVIRONMENT)
    assert usage.take(here, ENVIRONMENT, Answer({"weeks": []}, usage.variables(here, ENVIRONMENT), {}))
    assert not due(usage.READER, here, ENVIRONMENT)
    monkeypatch.setenv("PISTE_TODAY", "2026-11-30")
    assert due(usage.READER, here, ENVIRONMENT)


def test_an_answer_that_is_no_list_of_weeks_leaves_those_that_are_kept() -> None:
    usage.joined(ENVIRONMENT, [], [week()])
    for content in ({"weeks": [{"week": 1}]}, {"weeks": None}, [], "semaine"):
        assert not usage.take(town(SCHOOL), ENVIRONMENT, Answer(content, {}, {}))
    assert usage.kept(ENVIRONMENT) == [week()]


def test_the_weeks_of_earlier_versions_are_taken_in_and_stay(place: Path) -> None:
    files = former(place, week(46, points={"a": curve(1.0)}), week(47))
    assert usage.kept(ENVIRONMENT) == [week(46, points={"a": curve(1.0)}), week(47)]
    assert {path: path.read_bytes() for path in place.iterdir()} == files


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content.update(environment="production"),
        lambda content: content["week"]["sites"]["ecole-jaures"]["radio"]["kbps"].pop(),
        lambda content: content["week"]["sites"]["ecole-jaures"]["radio"]["kbps"].__setitem__(0, -1),
        lambda content: content["week"]["sites"]["ecole-jaures"]["radio"]["kbps"].__setitem__(0, "beaucoup"),
        lambda content: content["week"]["sites"]["ecole-jaures"].update(name="M. X"),
        lambda content: content.pop("week"),
    ],
    ids=["environment", "hours", "negative", "text", "more", "nothing"],
)
def test_a_week_of_earlier_versions_that_somebody_changed_is_no_week(change: Any, place: Path) -> None:
    former(place, week(46), week(47))
    path = place / "2026-W47.json"
    content = json.loads(path.read_text("utf-8"))
    change(content)
    path.write_text(json.dumps(content), "utf-8")
    assert usage.kept(ENVIRONMENT) == [week(46)]


def test_nothing_else_than_weeks_is_taken_from_a_module() -> None:
    with pytest.raises(ValueError, match="list"):
        usage.parsed({"week": 1})
    with pytest.raises(ValueError, match="168"):
        usage.parsed([{**week(), "sites": {"a": {"points": {"b": [1.0]}}}}])
