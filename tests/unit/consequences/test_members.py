"""The members of a group: what they gain as they join it and lose as they leave it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from piste.sites.consequences import said as shown
from piste.sites.consequences.computed import Consequences, of
from piste.sites.consequences.effects import table
from piste.sites.consequences.form import Consequence
from tests.unit.consequences.changes import item, operation, plan, town

WAYS = {name: row for name, row in table()["opened"].items() if isinstance(row, dict)}


def group(name: str, was: str, will: str) -> dict[str, Any]:
    """Change the members of a group: one letter each."""
    known = item("ad_groups", "commune", name)
    old, new = ({**known, "members": dict.fromkeys(members, True)} for members in (was, will))
    return operation("ad_groups", "commune", old, new)


def lines(*operations: dict[str, Any]) -> list[Consequence]:
    return [*of(plan(*operations, limit=""), town()).lines]


def linked(name: str, **content: Any) -> list[dict[str, Any]]:
    """Make a group policy, and link it to the root of the town."""
    policy = {**item("ad_gpos", "commune", "Socle commun"), "name": name, **content}
    unit = item("ad_gpo_links", "commune", "Ville")
    links = {**unit["links"], name: {}}
    return [operation("ad_gpos", "commune", None, policy),
            operation("ad_gpo_links", "commune", unit, {**unit, "links": links})]  # fmt: skip


def aimed(every: list[Consequence]) -> list[str]:
    return [line.said for line in of_group(every, "GV-Agents") if "vise" in line.said]


def of_group(every: list[Consequence], name: str) -> list[Consequence]:
    return [line for line in every if f"({name} : " in line.who]


def test_who_leaves_a_group_that_admits_is_cut_and_who_joins_it_gains() -> None:
    lost, gained = lines(group("GV-Agents", "abc", "cd"))
    assert (lost.gravity, lost.subject, gained.gravity) == ("cuts", "admission", "gains")
    assert lost.who.startswith("a, b (GV-Agents : 3 → 2 membres, ")
    assert lost.who.endswith("applications qu’il ouvre : inconnu, personne n’en lit les droits)")
    assert "ne les admettra plus par « VLB hotel-de-ville - agents-mot-de-passe », " in lost.said
    assert lost.said.endswith(" et 16 autres, sauf par un autre groupe")
    assert (lost.basis, lost.sentence().count("inconnu")) == ("unknown", 1)
    assert gained.who.startswith("d (GV-Agents : ")


def test_who_joins_those_that_enter_the_administration_segment_is_a_grave_line_that_names_it() -> None:
    gained, *_ = lines(group("GV-Informatique", "", "a"))
    assert (gained.gravity, gained.subject) == ("opens", "administration")
    assert gained.said.startswith("pourront entrer dans administration@hotel-de-ville, administration@ccas, ")
    (lost,) = [line for line in lines(group("GV-Informatique", "a", "")) if line.subject == "administration"]
    assert (lost.gravity, lost.said.startswith("n’entreront plus dans administration@")) == ("cuts", True)


def test_a_group_inside_another_opens_what_the_other_opens() -> None:
    inner = item("ad_groups", "commune", "GG-Sobriete-Lecture")["name"]
    holder = item("ad_groups", "commune", "GV-Agents")
    nested = operation("ad_groups", "commune", holder, {**holder, "members": {inner: True}})
    (gained,) = of_group(lines(nested, group(inner, "", "a")), inner)
    assert (gained.gravity, "pourra les admettre" in gained.said) == ("gains", True)
    (lost,) = of_group(lines(nested, group(inner, "a", "")), inner)
    assert lost.said.startswith("perdent ce que ce groupe ouvre : ni admission ni stratégie")


def test_a_policy_is_gained_by_its_filtering_and_lost_by_its_exemption() -> None:
    (line,) = lines(group("GP-Pilote-8021X", "", "a"))
    assert line.said == "la stratégie « 802.1X - Postes (pilote) » s’appliquera à eux"
    (line,) = of_group(lines(*linked("Arrêt", exempt=["GG-Sobriete-Lecture"]), group("GG-Sobriete-Lecture", "", "a")),
                       "GG-Sobriete-Lecture")  # fmt: skip
    assert line.said == "seront exemptés de « Arrêt »"


def test_a_mapped_drive_that_targets_a_group_is_named_with_its_share() -> None:
    drive = {"path": r"\\hdv-fic1\finances", "targeting": [{"group": "gv-agents"}]}
    policy = linked("Lecteurs", user={"preferences": {"drive_maps": {"F:": drive}}})
    (said,) = aimed(lines(*policy, group("GV-Agents", "", "a")))
    assert said == r"ce qui vise ce groupe les visera : lecteur réseau F: (\\hdv-fic1\finances) de « Lecteurs »"
    assert aimed(lines(policy[0], group("GV-Agents", "", "a"))) == []


def test_a_local_group_that_holds_a_group_of_the_town_is_named() -> None:
    holds = {"local_groups": {"BUILTIN\\Administrators": {"members": {"GV-Agents": "add"}}}}
    policy = linked("Dépannage", computer={"preferences": holds})
    (said,) = aimed(lines(*policy, group("GV-Agents", "", "a")))
    assert said.endswith(r"les visera : groupe local BUILTIN\Administrators de « Dépannage »")


def test_a_group_that_goes_says_what_its_members_lose() -> None:
    known = {**item("ad_groups", "commune", "GV-Agents"), "members": {"a": True}}
    every = of(plan(operation("ad_groups", "commune", known, None)), town()).lines
    assert [line.gravity for line in every] == ["cuts", "lost"]
    assert every[0].assumed == (("commune", "access"),)
    assert every[1].who == "membres de GV-Agents (1 membre : a)"
    assert "partages et applications : inconnu, personne n’en lit les droits" in every[1].said
    unread = {**known, "members": {}}
    (line,) = of(plan(operation("ad_groups", "commune", unread, None)), town()).lines
    assert line.who == "membres de GV-Agents (membres inconnus : ce plan ne les lit pas tous)"


@pytest.mark.parametrize("turn", ["lost", "gained"])
@pytest.mark.parametrize("way", WAYS)
def test_a_drift_says_what_is(way: str, turn: str) -> None:
    line = Consequence(WAYS[way]["subject"], WAYS[way]["gravity"][turn], "x", WAYS[way][turn].format(names="y"), ())
    ((_, text),) = shown.lines(Consequences([line], {}, [], []), {}, lambda owner: "", whole=False, drifted=True)
    assert re.findall(r"\b\w+(?:ra|ront)\b", text) == []
