"""The promises of recovery beside their ways: late, kept, never proven; decisions."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import pytest

from piste.exports.runbooks import promised
from piste.exports.runbooks import step as steps
from piste.exports.runbooks.calls import ROLES
from piste.exports.runbooks.critical import broken, promises, timed, ways, work
from piste.exports.runbooks.document import KINDS
from piste.exports.runbooks.order import applications
from piste.exports.runbooks.recovery import of_application, recovery
from piste.exports.runbooks.sources import Sources
from piste.papers.dossier.blocks import Table, Text
from piste.sites.decisions import decisions
from piste.town.model import Town
from piste.town.model.derived import Derived
from piste.town.model.wording import Missing
from piste.trials.restore.results import RestoreResult
from tests.unit.runbooks.test_runbooks import with_commune


def test_a_promise_shorter_than_the_way_to_it_comes_first(sources: Sources) -> None:
    plan = recovery(sources)
    over = {item.title: item for item in broken(plan["steps"])}
    hours = {step["key"]: way.hours for step, way in zip(plan["steps"], ways(plan["steps"]).values(), strict=True)}
    chain = ("network", "firewall", "hosting")
    before = [work(step) or 0 for step in plan["steps"] if step["key"] in chain]
    assert hours["directory"] == sum(before)
    assert over["Application : GLPI"].promised < over["Application : GLPI"].hours == hours["application-glpi"]
    assert [item.promised / item.hours for item in broken(plan["steps"])] == sorted(
        item.promised / item.hours for item in over.values()
    )
    first, *_ = KINDS[0].sections(plan, sources)
    assert first.key == "calls"
    never, said, table = first.blocks
    assert isinstance(never, Text)
    assert isinstance(said, Text)
    assert isinstance(table, Table)
    assert never.text.startswith(f"Jamais prouvé, {len(plan['steps'])} étapes sur {len(plan['steps'])} : aucune")
    assert f"{len(over)} promesses intenables sur" in said.text
    assert "Application : GLPI est promis en 4 h" in said.text
    assert [row.cells[0].text for row in table.rows][:3] == [*ROLES]


def test_an_application_that_nothing_backs_up_is_named_first(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a protected machine it has no promise, so none that is too short."""
    returning = {entry.application["id"]: entry for entry in applications(Sources(town, "lab"))}
    kept, machines, *_ = returning["glpi"]
    left = [entry for entry in town.protection if entry["name"] not in machines]
    whole = [*KINDS[0].sections(recovery(Sources(town, "lab")), Sources(town, "lab"))]
    assert not any("sans promesse" in getattr(block, "text", "") for section in whole for block in section.blocks)
    monkeypatch.setattr(Town, "protection", left)
    bare = Sources(town, "lab")
    plan = recovery(bare)
    [step] = [step for step in plan["steps"] if step["unprotected"]]
    assert (step["key"], step["rto_hours"], step["unprotected"]) == ("application-glpi", None, machines)
    assert kept["label"] not in {item.title for item in broken(plan["steps"])}
    first, second, _, order, *_ = KINDS[0].sections(plan, bare)
    [said] = [block.text for block in first.blocks if isinstance(block, Text) and "sans promesse" in block.text]
    assert said.startswith(f"1 étape sans promesse, faute de sauvegarde : Application : GLPI ({machines[0]}).")
    assert second.key == "late"
    assert [block.key for block in second.blocks if isinstance(block, Table)] == ["promises", "unpromised"]
    [table] = [block for block in order.blocks if isinstance(block, Table)]
    [row] = [row for row in table.rows if row.key == "application-glpi"]
    assert (row.cells[3].text, row.cells[3].mark) == ("rien", "bad")


def test_a_promise_that_can_be_kept_is_no_finding(sources: Sources) -> None:
    first = steps.step("a", "A", [], "x", "y", rto_hours=4)
    second = steps.step("b", "B", [], "x", "y", needs=["a"], rto_hours=5)
    assert [*broken([first, second])] == []
    assert [item.hours for item in broken([first, {**second, "rto_hours": 4}])] == [4]
    unknown = steps.step("c", "C", [], "x", "y", needs=["b"])
    assert ways([first, second, unknown])["c"] == (("a", "b"), 9, ("a", "b"))


def proof(hours: float | None, named: str | None = None, *, whole: bool = False) -> steps.Proof:
    seconds = None if hours is None else 3600 * hours
    return steps.Proof(test="t", label="T", set=named, whole=whole, seconds=seconds, proven_on=None, rehearsed_on=None)


def item(name: str, hours: int) -> steps.Item:
    return steps.Item(name=name, what="", family="f", rpo_hours=1, rto_hours=hours, stores=[], last_copy=None,
                      status=None)  # fmt: skip


def test_the_hours_of_a_step_are_those_of_restores_that_were_timed() -> None:
    first = steps.step("a", "A", [], "x", "y", rto_hours=4, items=[item("m", 4), item("n", 4)])
    second = steps.step("b", "B", [], "x", "y", needs=["a"], rto_hours=4)
    (over,) = broken([first, second])
    assert (over.title, over.hours, over.never) == ("B", 4, ("A", "B"))
    half = {**first, "proofs": [proof(0.5, "m")]}
    assert (timed(half), work(half)) == (None, 4), "a machine that no test restores is not proven"  # type: ignore[arg-type]
    slow = {**first, "proofs": [proof(6, "m")]}
    assert (timed(slow), work(slow)) == (None, 6), "what was timed is more than was promised"  # type: ignore[arg-type]
    both: Any = {**first, "proofs": [proof(0.5, "m"), proof(1, "n")]}
    assert (timed(both), broken([both, second])) == (1.5, [])
    assert not [made for made in promises([both, second]) if made.title == "A" and made.never]
    exact: Any = {**second, "proofs": [proof(2.5, whole=True)]}
    assert next(promises([both, exact])) == ("B", 4, 4.0, ("A",), (), False)
    assert [made.title for made in broken([both, {**exact, "proofs": [proof(2.6, whole=True)]}])] == ["B"]
    unsaved: Any = {**both, "unprotected": ["o"]}
    assert timed(unsaved) is None


def test_the_hours_of_every_way_are_those_that_another_program_adds(sources: Sources) -> None:
    """Every path is walked, by nothing of the product: its data alone are read."""
    plan = json.loads(json.dumps(recovery(with_times(sources))))
    of = {step["key"]: step for step in plan["steps"]}

    def spent(step: Any) -> float:
        for known in step["proofs"]:
            if known["test"] == f"etape-{step['key']}" and known["seconds"]:
                return float(known["seconds"]) / 3600
        times = {known["set"]: known["seconds"] / 3600 for known in step["proofs"] if known["seconds"]}
        inside = [each["name"] for each in step["items"]]
        if inside and all(name in times for name in inside):
            return sum(times[name] for name in inside)
        hours = [step["rto_hours"] or 0, *(each["rto_hours"] for each in step["items"])]
        return max(*hours, sum(times.get(name, 0) for name in inside))

    def paths(key: str) -> list[float]:
        needs = of[key]["needs"]
        return [hours + spent(of[need]) for need in needs for hours in paths(need)] or [0.0]

    computed = ways(plan["steps"])
    assert {key: pytest.approx(way.hours) for key, way in computed.items()} == {key: max(paths(key)) for key in of}
    assert {round(way.hours, 2) for way in computed.values()} - {0, 4, 8, 12, 16, 20, 24}, "some hours were timed"
    assert len(broken(plan["steps"])) < len(broken(recovery(sources)["steps"]))


def with_times(sources: Sources) -> Sources:
    """The town with restores that were really timed: two whole steps, and a machine."""
    assert sources.town.commune
    model = sources.commune["restore_tests"][0]
    whole = [{**model, "name": f"etape-{key}", "method": "procedure", "set": None} for key in ("network", "firewall")]
    known = [{**model, "name": name, "method": "machine", "set": name} for name in ("hdv-glpi",)]
    town = with_commune(sources.town, restore_tests=[*sources.commune["restore_tests"], *whole, *known])  # type: ignore[arg-type]
    made = [
        RestoreResult.model_construct(test=test["name"], method=test["method"], set=test["set"], outcome="proven",
                                      ended="2026-11-02T08:00:00+00:00", rehearsal="", rto_seconds=2700.0)
        for test in (*whole, *known)
    ]  # fmt: skip
    return Sources(town, "lab", results=made)


def test_a_promise_that_its_way_denies_is_a_finding_and_waits_for_a_decision(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not any("promesse" in fault.message for fault in town.faults), "no edit is refused for it"
    # A command that serves itself from what the last one derived has no whole town.
    bare = Derived(**{each.name: getattr(town, each.name) for each in fields(Derived)})
    states = {finding.id: finding for finding in promised.findings(bare, "production")}
    assert states["crisis.promise.4h"].state == "wrong"
    assert "trop courte pour 8 sur 9 étapes (Application : GLPI, 24 h" in states["crisis.promise.4h"].what
    assert states["crisis.promise.48h"].state == "unknown"
    assert "jamais prouvée" in states["crisis.promise.48h"].what
    waiting = {made.id: made for made in decisions(town, "production", {})}
    assert "rto_hours" in states["crisis.promise.4h"].todo
    assert waiting["promise.4h"].what.endswith(states["crisis.promise.4h"].what[1:])
    assert "promise.48h" not in waiting
    monkeypatch.setattr(promised, "results", lambda environment: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        [*promised.findings(town, "production")]


def test_the_plan_of_an_application_keeps_its_way_and_nothing_beside(sources: Sources) -> None:
    whole, plan = recovery(sources), of_application(sources, "glpi")
    keys = [step["key"] for step in plan["steps"]]
    assert keys[-1] == "application-glpi"
    assert {need for step in plan["steps"] for need in step["needs"]} == {*keys} - {"application-glpi"}
    assert plan["steps"] == [step for step in whole["steps"] if step["key"] in keys]
    assert len(keys) < len(whole["steps"])
    assert ways(plan["steps"])["application-glpi"] == ways(whole["steps"])["application-glpi"]
    assert plan["purpose"][0].endswith(f"{len(keys)} étapes, sur {len(whole['steps'])}.")
    with pytest.raises(Missing, match="Vouliez-vous dire « glpi »"):
        of_application(sources, "gpli")
