"""The steps of a lever: their order, their inscription, their reach, their record."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from piste.engine.clock import TOWN
from piste.engine.converge.errors import Misused
from piste.runs.plans.conditions import check_environment
from piste.runs.plans.play import Order, Played
from piste.sobriety import moves, rollout
from piste.sobriety.driven import DRIVEN
from piste.sobriety.moves import Altered, Foreign
from piste.town.model import Town, load
from piste.town.model.dates import OTHER_DAY, today
from piste.town.model.sobriety.form import RolloutStep
from piste.town.town import InvalidDeclaration
from tests.support.checkouts import FEW, few

VEILLE = "Sobriété - Veille"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return few(tmp_path)


def town(root: Path) -> Town:
    return load(root / "inventories/town", today=date(2026, 12, 1)).require()


def step(lever: str, name: str, day: str = "2026-12-01", **more: Any) -> RolloutStep:
    return RolloutStep.model_validate({"lever": lever, "step": name, "date": day, "by": "DSI", **more})


def test_a_step_leads_to_the_next_and_a_return_everywhere_to_the_pilot(copy: Path) -> None:
    standing = rollout.standing(town(copy), "wifi-hors-heures")
    assert (standing.next, standing.since) == ("general", "2026-11-16")
    assert rollout.standing(town(copy), "impression").next is None
    assert rollout.standing(town(copy), "puissance-wifi").next == "diagnosis"
    rollout.inscribe([step("wifi-hors-heures", "reverted", targets=["ecole-jaures"], why="Essai")], "production", copy)
    assert rollout.standing(town(copy), "wifi-hors-heures").next == "general"
    rollout.inscribe([step("wifi-hors-heures", "reverted", why="Essai")], "production", copy)
    assert rollout.standing(town(copy), "wifi-hors-heures").next == "pilot"


def test_a_step_is_one_line_that_reads_back_as_it_was(copy: Path) -> None:
    hostile = 'Décidé : « oui » \\ "non"'
    wanted = step(
        "puissance-wifi", "information", targets=["ccas"], why=hostile, decided={"by": "Mme Diallo", "why": hostile}
    )
    before = (copy / rollout.FILE).read_text("utf-8")
    rollout.inscribe([step("puissance-wifi", "diagnosis"), wanted], "production", copy)
    after = (copy / rollout.FILE).read_text("utf-8")
    assert after.startswith(before)
    assert after.count("\n") == before.count("\n") + 2
    assert RolloutStep.model_validate(yaml.safe_load(after)["sobriety_rollout"][-1]) == wanted


def test_a_step_that_the_town_refuses_writes_nothing(copy: Path) -> None:
    before = (copy / rollout.FILE).read_text("utf-8")
    with pytest.raises(InvalidDeclaration, match="PISTE-M162"):
        rollout.inscribe([step("puissance-wifi", "pilot")], "production", copy)
    assert (copy / rollout.FILE).read_text("utf-8") == before


def test_the_first_step_of_all_fills_an_empty_list(copy: Path) -> None:
    (copy / rollout.FILE).write_text("---\nsobriety_rollout: []\n", "utf-8")
    rollout.inscribe([step("impression", "diagnosis")], "production", copy)
    assert [inscribed.step for inscribed in town(copy).sobriety.rollout] == ["diagnosis"]


def test_a_step_of_the_laboratory_is_its_own(kept: Path, tmp_path: Path) -> None:
    declared = (kept / rollout.FILE).read_text("utf-8")
    for name in ("diagnosis", "information"):
        after = rollout.inscribe([step("puissance-wifi", name, "2027-01-11")], "lab", kept)
        assert after.sobriety.rollout[-1].step == name
    assert (kept / rollout.FILE).read_text("utf-8") == declared
    rehearsal = tmp_path / "lab/sobriety/rollout.yml"
    with_it = load(kept / "inventories/town", rehearsed=rehearsal)
    steps = [inscribed.step for inscribed in with_it.sobriety.rollout if inscribed.lever == "puissance-wifi"]
    assert steps == ["diagnosis", "information"]
    assert with_it.digest != load(kept / "inventories/town").digest
    assert rollout.standing(town(kept), "puissance-wifi").next == "diagnosis"


def test_a_fault_of_a_rehearsed_step_is_at_its_own_line(kept: Path, tmp_path: Path) -> None:
    rehearsal = tmp_path / "rollout.yml"
    rehearsal.write_text(
        "---\nsobriety_rollout:\n"
        "  - {lever: puissance-wifi, step: diagnosis, date: '2026-12-01', by: DSI}\n"
        "  - {lever: puissance-wifi, step: general, date: '2026-12-01', by: DSI}\n",
        "utf-8",
    )
    (fault,) = load(kept / "inventories/town", rehearsed=rehearsal).errors
    assert (fault.rule, fault.file, fault.line) == ("PISTE-M162", str(rehearsal), 4)
    rehearsal.write_text("sobriety_rollout: 3\n", "utf-8")
    (fault,) = load(kept / "inventories/town", rehearsed=rehearsal).errors
    assert (fault.rule, fault.file) == ("PISTE-M001", str(rehearsal))


def operation(kind: str, before: dict[str, Any] | None, after: dict[str, Any] | None, **more: Any) -> dict[str, Any]:
    content = {"before": before, "after": after}
    described = {"owner": "ccas", "kind": kind, "key": "imp-ccas-01", "label": "imp-ccas-01", "action": "update"}
    described |= {"system": "print", "fields": ["duplex"], "before": "b" * 16, "after": "a" * 16}
    return {**described, "content": content, **more}


@pytest.mark.parametrize(
    ("drives", "described", "its_own"),
    [
        ("print_defaults", operation("print_queue", {"color": True}, {"color": False}), True),
        ("print_defaults", operation("print_queue", {"color": True, "comment": ""}, {"color": False}), False),
        ("print_defaults", operation("ssid", {"schedule": None}, {"schedule": {}}), False),
        ("ssid_hours", operation("ssid", {"name": "a", "schedule": None}, {"name": "a", "schedule": {}}), True),
        ("ssid_hours", operation("ssid", {"enabled": True}, {"enabled": False}), False),
        ("sleep", operation("gpo", None, {"name": VEILLE}, key=VEILLE), True),
        ("sleep", operation("gpo", None, {"name": "Socle commun"}, key="Socle commun"), False),
        ("sleep", operation("gpo_links", {"links": {}}, {"links": {VEILLE: {}}}), True),
        ("sleep", operation("gpo_links", {"links": {"Socle commun": {}}}, {"links": {VEILLE: {}}}), False),
        ("sleep", operation("gpo_links", {"block_inheritance": True}, {"block_inheritance": False}), False),
    ],
)
def test_a_lever_changes_its_own_fields_alone(drives: Any, described: dict[str, Any], its_own: bool) -> None:
    names = {VEILLE.casefold()}
    assert DRIVEN[drives].owns(described, names) is its_own
    move = moves.Move(step("impression", "pilot"), "lab", DRIVEN[drives], [], Order("site.yml"), names)
    if not its_own:
        with pytest.raises(Foreign, match="imp-ccas-01"):
            moves.refuse_foreign(move, [described], "piste plan ccas")


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, copy: Path) -> Path:
    monkeypatch.setenv("PISTE_LAB_DIR", str(tmp_path / "lab"))
    return copy


def begun(root: Path, *operations: dict[str, Any]) -> moves.Move:
    before = town(root)
    steps = (step for step in before.sobriety.rollout if (step.lever, step.step) == ("impression", "general"))
    move = moves.move(before, before, next(steps), "lab")
    moves.begin(move, {"id": "p1", "commit": "abc", "operations": list(operations)})
    return move


def test_an_application_that_was_cut_is_taken_up_again_with_all_that_it_was_to_change(kept: Path) -> None:
    first, second = (operation("print_queue", {"color": True}, {"color": False}, key=key) for key in ("a", "b"))
    move = begun(kept, first)
    assert moves.applied_here(town(kept), "impression", "lab") is not None
    begun(kept, first, second)
    (application,) = moves.kept("lab", "impression").applications
    assert [described["key"] for described in application.operations] == ["a", "b"]
    moves.end(move, Played())
    assert moves.applied_here(town(kept), "impression", "lab") is None
    (application,) = moves.kept("lab", "impression").applications
    assert application.again == "ok"


def queue(name: str, owner: str) -> dict[str, Any]:
    before = {"name": name, "duplexing": "one_sided", "color": True}
    after = {"name": name, "duplexing": "long_edge", "color": False}
    return operation("print_queue", before, after, owner=owner, key=name, label=name)


def test_a_site_that_is_taken_back_does_not_hide_what_is_still_to_be_done_elsewhere(kept: Path) -> None:
    rollout.inscribe([step("impression", "reverted", targets=["ccas"], why="Essai")], "production", kept)
    pending = moves.applied_here(town(kept), "impression", "lab")
    assert pending is not None
    assert (pending.step, pending.date) == ("general", "2026-10-19")
    move = moves.move(town(kept), town(kept), pending, "lab")
    assert {*move.targets} == {*FEW} - {"ccas", "commune"}
    rollout.inscribe([step("impression", "reverted", why="Essai")], "production", kept)
    assert moves.applied_here(town(kept), "impression", "lab") is None


def test_who_was_taken_back_is_not_taken_back_twice(kept: Path) -> None:
    begun(kept, queue("imp-ccas-01", "ccas"), queue("imp-mal-01", "malraux"))
    driven = DRIVEN["print_defaults"]
    tasks, lost = moves.taken_back("lab", "impression", driven, ["ccas"])
    assert (set(tasks), lost) == ({"ccas"}, [])
    given = {"name": "imp-ccas-01", "duplexing": "one_sided", "color": True}
    assert tasks["ccas"]["returned"]["win_print_queues"]["config"] == [given]
    moves.strike_out("lab", "impression", ["ccas"])
    assert moves.taken_back("lab", "impression", driven, ["ccas"]) == ({}, [])
    assert set(moves.taken_back("lab", "impression", driven, ["malraux"])[0]) == {"malraux"}


def test_what_was_kept_and_altered_is_refused(kept: Path) -> None:
    begun(kept)
    path = moves.folder("lab") / "levers/impression.json"
    path.write_text(path.read_text("utf-8").replace('"lab"', '"production"'), "utf-8")
    with pytest.raises(Altered, match="production"):
        moves.kept("lab", "impression")
    path.write_text("{", "utf-8")
    with pytest.raises(Altered, match="ne se lit pas"):
        moves.kept("lab", "impression")


def test_another_day_is_lived_where_it_is_asked_for_and_only_at_the_lab(monkeypatch: pytest.MonkeyPatch) -> None:
    assert today() == datetime.now(TOWN).date()
    monkeypatch.setenv(OTHER_DAY, "2027-01-04")
    assert today() == date(2027, 1, 4)
    check_environment({"piste_model": 1, "piste_environment_lab": True})
    with pytest.raises(Misused, match="production n’est pas le laboratoire"):
        check_environment({"piste_model": 1, "piste_environment_production": True})
    with pytest.raises(Misused, match="PISTE_TODAY n’a de sens qu’au laboratoire"):
        moves.town("production")
    monkeypatch.setenv(OTHER_DAY, "demain")
    with pytest.raises(Misused, match="n’est pas un jour"):
        today()
