"""The effect of a change of a machine on those who depend on it, and on its copies."""

from __future__ import annotations

import pytest

from piste.sites.consequences.computed import of
from tests.unit.consequences.changes import item, operation, plan, town


def test_a_machine_that_stops_names_its_applications_and_the_flows_that_lead_to_it() -> None:
    said = []
    for name in ("hdv-dc1", "hdv-fic1", "hdv-med1"):
        before = item("prism_vms", "commune", name)
        made = operation("prism_vms", "commune", before, {**before, "memory": "1 GiB"}, name)
        (line,) = of(plan(made), town()).lines
        said.append(line.who)
    assert "flux postes-annuaire" in said[0]  # by its group
    assert said[1].startswith("machine hdv-fic1 (rôle déclaré : Fichiers partagés ; flux postes-fichiers")
    assert said[2].startswith("machine hdv-med1 (Neos ; flux postes-applications")


def test_machines_that_go_name_what_depends_on_each_as_if_they_stopped() -> None:
    known = [item("prism_vms", "commune", name) for name in ("hdv-fic1", "hdv-med1")]
    gone = of(plan(*(operation("prism_vms", "commune", vm, None, vm["name"]) for vm in known)), town()).lines
    made = [operation("prism_vms", "commune", vm, {**vm, "power": "stopped"}, vm["name"]) for vm in known]
    stopped = of(plan(*made), town()).lines
    assert [line.said.partition(" (")[2] for line in gone] == [line.said.partition(" (")[2] for line in stopped]
    assert [line.operations for line in gone] == [(0,), (1,)]
    assert "(Neos ; flux postes-applications" in gone[1].said


@pytest.mark.parametrize(("gone", "said"), [
    ("Sauvegarde", "« Sauvegarde identite »"), ("Groupe", "« Séparer annuaire »"), ("Horaires", "les heures de veille"),
])  # fmt: skip
def test_a_machine_that_leaves_a_category_leaves_its_policies(gone: str, said: str) -> None:
    known = item("prism_vms", "commune", "hdv-dc1")
    known["categories"]["Horaires"] = "bureau"
    left = {name: value for name, value in known["categories"].items() if name != gone}
    for was, will, gravity in ((known["categories"], left, "lost"), (left, known["categories"], "changes")):
        made = operation("prism_vms", "commune", {**known, "categories": was}, {**known, "categories": will})
        (line,) = of(plan(made), town()).lines
        assert (line.gravity, line.said.endswith(said)) == (gravity, True)
    plain = {**known["categories"], "Responsable": "x"}
    result = of(plan(operation("prism_vms", "commune", known, {**known, "categories": plain})), town())
    assert [*result.idle] == ["aucune politique ne nomme cette catégorie"]


def test_a_machine_of_another_family_says_what_the_town_asks_of_its_copies_no_more() -> None:
    known = item("prism_vms", "commune", "hdv-fic1")
    other = {**known, "categories": {**known["categories"], "Sauvegarde": "hors-prod"}}
    for was, will, gravity in ((known, other, "lost"), (other, known, "gains")):
        made = of(plan(operation("prism_vms", "commune", was, will, "hdv-fic1")), town()).lines
        (line,) = [line for line in made if line.said.startswith("protégée comme")]
        assert (line.gravity, line.subject) == (gravity, "backups")
        assert ("4 h → 168 h" in line.said) is ("exemplaires : 3 → 2" in line.said) is (will is other)
        assert ("168 h → 4 h" in line.said) is ("exemplaires : 2 → 3" in line.said) is (was is other)
    same = {**known, "categories": {**known["categories"], "Responsable": "x"}}
    assert of(plan(operation("prism_vms", "commune", known, same)), town()).lines == []


def test_a_machine_of_no_production_comes_after_those_that_people_work_on() -> None:
    trial, files = (item("prism_vms", "commune", name) for name in ("hdv-rct1", "hdv-fic1"))
    made = plan(operation("prism_vms", "commune", trial, {**trial, "power": "stopped"}, "hdv-rct1"),
                operation("prism_vms", "commune", files, {**files, "memory": "1 GiB"}, "hdv-fic1"))  # fmt: skip
    lines = of(made, town()).lines
    assert [line.operations for line in lines] == [(1,), (0,)]
    assert [line.gravity for line in lines] == ["outage", "cuts"]
