"""Weeks of use that an environment keeps: checked, bounded, of a single environment."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from piste.sobriety import usage
from tests.unit.sobriety.small import SCHOOL, town
from tests.unit.sobriety.weeks import curve, week

ENVIRONMENT = "lab"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PISTE_USAGE_DIR", str(tmp_path))
    return tmp_path / ENVIRONMENT


def test_a_week_is_kept_as_it_was_read(place: Path) -> None:
    assert usage.joined(ENVIRONMENT, usage.kept(ENVIRONMENT), None) is None
    made = week(points={"QZZZ-0005-0041": curve(None, [9], 2.5)})
    assert usage.joined(ENVIRONMENT, [], [made]) == [made]
    assert usage.kept(ENVIRONMENT) == [made]
    assert (place / "2026-W47.json").stat().st_mode & 0o077 == 0


def test_a_week_read_again_takes_the_place_of_what_lacked_more(place: Path) -> None:
    partial = week(points={"a": curve(1.0)}, unread={"b": "404"})
    usage.joined(ENVIRONMENT, [], [partial])
    worse = week(unread={"a": "503", "b": "503"})
    assert usage.joined(ENVIRONMENT, usage.kept(ENVIRONMENT), [worse]) == [partial]
    whole = week(points={"a": curve(1.0), "b": curve(0.0)})
    assert usage.joined(ENVIRONMENT, usage.kept(ENVIRONMENT), [whole]) == [whole]
    assert usage.kept(ENVIRONMENT) == [whole]


def test_a_week_before_any_network_is_asked_again(place: Path) -> None:
    before = {**week(), "absent": ["a", "b"]}
    assert usage.question(town(SCHOOL), [before], 1)["known"] == []  # type: ignore[list-item]
    some = {**week(points={"c": curve(1.0)}), "absent": ["a", "b"]}
    assert usage.question(town(SCHOOL), [some], 1)["known"] == ["2026-W47"]  # type: ignore[list-item]
    usage.joined(ENVIRONMENT, [], [before])  # type: ignore[list-item]
    whole = week(points={"a": curve(1.0), "b": curve(0.0)})
    assert usage.joined(ENVIRONMENT, usage.kept(ENVIRONMENT), [whole]) == [whole]
    # An access point that left its network since leaves what was read of it.
    assert usage.joined(ENVIRONMENT, usage.kept(ENVIRONMENT), [{**before, "absent": ["a"]}]) == [whole]  # type: ignore[list-item]


def test_a_week_without_any_answer_is_not_kept(place: Path) -> None:
    silent = {**week(unread={"ports": "503", "a": "503"}), "sites": {SCHOOL: {"points": {}}}}
    assert usage.joined(ENVIRONMENT, [], [silent]) is None  # type: ignore[list-item]
    assert not place.exists()


def test_the_oldest_weeks_leave(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage, "KEPT", 2)
    weeks = usage.joined(ENVIRONMENT, [], [week(number) for number in (44, 45, 46)])
    assert [kept["week"] for kept in weeks or ()] == ["2026-W45", "2026-W46"]
    assert sorted(path.stem for path in place.iterdir()) == ["2026-W45", "2026-W46"]


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


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content.update(environment="production"),
        lambda content: content["week"].update(week="2026-W46"),
        lambda content: content["week"]["sites"]["ecole-jaures"]["radio"]["kbps"].pop(),
        lambda content: content["week"]["sites"]["ecole-jaures"]["radio"]["kbps"].__setitem__(0, -1),
        lambda content: content["week"]["sites"]["ecole-jaures"]["radio"]["kbps"].__setitem__(0, "beaucoup"),
        lambda content: content["week"]["sites"]["ecole-jaures"].update(name="M. X"),
        lambda content: content.pop("week"),
    ],
    ids=["environment", "another week", "hours", "negative", "text", "more", "nothing"],
)
def test_a_kept_week_that_somebody_changed_is_refused(change: Any, place: Path) -> None:
    usage.keep(ENVIRONMENT, [week()])
    path = place / "2026-W47.json"
    content = json.loads(path.read_text("utf-8"))
    change(content)
    path.write_text(json.dumps(content), "utf-8")
    with pytest.raises(usage.UnreadableUsage) as refusal:
        usage.kept(ENVIRONMENT)
    assert refusal.value.code == "PISTE-E153"
    assert str(path) in str(refusal.value)


def test_a_kept_week_that_is_a_link_is_refused(place: Path, tmp_path: Path) -> None:
    usage.keep(ENVIRONMENT, [week()])
    path = place / "2026-W47.json"
    path.rename(tmp_path / "ailleurs.json")
    path.symlink_to(tmp_path / "ailleurs.json")
    with pytest.raises(usage.UnreadableUsage, match="ordinaire"):
        usage.kept(ENVIRONMENT)


def test_nothing_else_than_weeks_is_taken_from_a_module() -> None:
    with pytest.raises(ValueError, match="list"):
        usage.parsed({"week": 1})
    with pytest.raises(ValueError, match="168"):
        usage.parsed([{**week(), "sites": {"a": {"points": {"b": [1.0]}}}}])
