"""The measure of computers: faults, and the policy and links that follow from its state."""

from __future__ import annotations

from typing import Any

import pytest

from piste.systems.windows.intent import ad_intent
from tests.unit.model.broken_town import ALL, Case, Copy, check

FILE = ALL + "computer_measures.yml"
AT = "computer_measures"
INFORMED = ('state: "off"', 'state: enforced\n  informed_on: "2026-01-05"')

MEASURES = [
    Case("a server that nobody declares", [(FILE, "server: hdv-fic1", "server: hdv-fic2")],
         [("M350", f"{AT}.server", FILE, "server:")]),
    Case("measures kept for ever", [(FILE, "keep_days: 395", "keep_days: 3000")],
         [("M351", f"{AT}.keep_days", FILE, "keep_days:")]),
    Case("measures kept for less than a file says", [(FILE, "keep_days: 395", "keep_days: 30")],
         [("M351", f"{AT}.keep_days", FILE, "keep_days:")]),
    Case("silence longer than what is kept",
         [(FILE, "keep_days: 395", "keep_days: 35"), (FILE, "silent_days: 14", "silent_days: 35")],
         [("M351", f"{AT}.silent_days", FILE, "silent_days:")]),
    Case("readers that are everybody", [(FILE, "[GG-Sobriete-Lecture]", "[Domain Users]")],
         [("M352", f"{AT}.readers[0]", FILE, "readers:")], ["un groupe de tout le domaine"]),
    Case("a pilot group under a name that is nearly right",
         [(FILE, "pilots: GP-Pilote-Sobriete", "pilots: GP-Pilote-Sobriété")],
         [("M352", f"{AT}.pilots", FILE, "pilots:")], ["GP-Pilote-Sobriete"]),
    Case("a place that is a site's", [(FILE, "places: []", "places: [Ville/Écoles/ecole-jaures]")],
         [("M353", f"{AT}.places[0]", FILE, "places:")]),
    Case("a place below another", [(FILE, "places: []", "places: [Ville, Ville/Écoles]")],
         [("M353", f"{AT}.places[1]", FILE, "places:")]),
    Case("a pilot of which nobody was informed", [(FILE, 'state: "off"', "state: pilot")],
         [("M354", f"{AT}.informed_on", FILE, "computer_measures:")]),
    Case("agents who will be informed later",
         [(FILE, 'state: "off"', 'state: pilot\n  informed_on: "2026-12-24"')],
         [("M354", f"{AT}.informed_on", FILE, "informed_on:")]),
    Case("a filter that nobody declares",
         [(FILE, "wmi_filter: Postes de travail Windows 10 et 11", "wmi_filter: Postes")],
         [("M355", f"{AT}.wmi_filter", FILE, "wmi_filter:")]),
    Case("a share that a command line would not take", [(FILE, "share: Mesures$", "share: \"Mesures'; calc\"")],
         [("M007", f"{AT}.share", FILE, "share:")]),
]  # fmt: skip


@pytest.mark.parametrize("case", MEASURES, ids=lambda case: case.name)
def test_a_fault_names_its_line(copy: Copy, case: Case) -> None:
    check(copy, case)


def intent(copy: Copy) -> dict[str, Any]:
    commune = copy.load().require().commune
    assert commune is not None
    return ad_intent(commune)


def said(copy: Copy) -> tuple[list[str], dict[str, dict[str, Any]]]:
    known = intent(copy)
    names = [gpo["name"] for gpo in known["gpos"] if gpo["name"].startswith("Mesure")]
    links = {
        place["target"]: {name: value for name, value in place["links"].items() if name.startswith("Mesure")}
        for place in known["links"]
    }
    return names, {place: mine for place, mine in links.items() if mine}


ONE, PILOT = "Mesure des postes", "Mesure des postes (pilote)"


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ('"off"', ([], {"Ville": {ONE: None, PILOT: None}})),
        ("pilot", ([PILOT], {"Ville": {PILOT: {}, ONE: None}})),
        ("enforced", ([ONE], {"Ville": {ONE: {}, PILOT: None}})),
    ],
)
def test_the_state_says_which_form_is_linked_and_which_leaves(copy: Copy, state: str, expected: Any) -> None:
    copy.edit(FILE, 'state: "off"', f'state: {state}\n  informed_on: "2026-01-05"')
    assert said(copy) == expected


def test_the_pilot_form_is_for_the_pilot_group_alone(copy: Copy) -> None:
    copy.edit(FILE, 'state: "off"', 'state: pilot\n  informed_on: "2026-01-05"')
    (gpo,) = [gpo for gpo in intent(copy)["gpos"] if gpo["name"] == PILOT]
    assert gpo["filtering"] == ["GP-Pilote-Sobriete"]


def test_places_get_the_policy_after_what_they_have(copy: Copy) -> None:
    copy.edit(FILE, *INFORMED)
    copy.edit(FILE, "places: []", "places: [Ville/Écoles, Ville/Groupes]")
    places = {place["target"]: place for place in intent(copy)["links"]}
    assert places["Ville/Écoles"]["order"][-1] == ONE
    assert len(places["Ville/Écoles"]["order"]) > 1
    assert places["Ville/Groupes"] == {"target": "Ville/Groupes", "links": {ONE: {}, PILOT: None}, "order": [ONE]}
    assert ONE not in places["Ville"]["links"]


def test_a_town_without_the_measure_has_no_trace_of_it(copy: Copy) -> None:
    (copy.root / FILE).unlink()
    commune = copy.load().require().commune
    assert commune is not None
    assert commune["computer_measures"] is None
    assert said(copy) == ([], {})
