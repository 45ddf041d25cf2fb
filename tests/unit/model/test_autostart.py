"""Programs taken out of the start of computers: faults, links as the lever comes and goes."""

from __future__ import annotations

import pytest

from piste.town.model.sobriety.autostart import StartupProgram
from tests.unit.model.broken_town import ALL, Case, Copy, check
from tests.unit.model.test_sobriety import LEVERS, ROLLOUT, after, step

AUTOSTART, POLICIES = ALL + "autostart.yml", ALL + "policies.yml"
TEAMS = "      entry: TeamsMachineInstaller\n"
STEPS = "".join(
    step("demarrage-postes", name, f"2026-11-{day}")
    for name, day in (("diagnosis", "02"), ("information", "03"), ("pilot", "04"))
)
WEB = "search.web_results: false"
LOT = "    pilot: [lot-1-ccas]\n"
START, RETURN = "Sobriété - Démarrage", "Sobriété - Démarrage (retour)"

AUTOSTART_CASES = [
    Case(
        "a security agent that would no longer start",
        [(AUTOSTART, "entry: AdobeARMservice", "entry: windefend")],
        [("M375", "sobriety_autostart.programs.mise-a-jour-adobe", AUTOSTART, "entry: windefend")],
        ["« windefend » démarre toujours (antivirus)"],
    ),
    Case(
        "a task of an agent, by the last part of its path",
        [(AUTOSTART, r"entry: \Microsoft\Office\OfficeTelemetryAgentLogOn2016", r"entry: \GLPI\GLPI-Agent")],
        [("M375", "sobriety_autostart.programs.telemetrie-office", AUTOSTART, r"\GLPI\GLPI-Agent")],
    ),
    Case(
        "a program twice in the list",
        [(
            AUTOSTART, "      place: service\n      entry: AdobeARMservice",
            "      place: run\n      x86: true\n      entry: teamsmachineinstaller",
        )],
        [("M378", "sobriety_autostart.programs.mise-a-jour-adobe", AUTOSTART, "entry: teamsmachineinstaller")],
        ["est déjà dans installeur-teams"],
    ),
    Case(
        "a list that no policy carries",
        [(POLICIES, "    follows: autostart\n", "")],
        [("M378", "sobriety_autostart", AUTOSTART, "sobriety_autostart:")],
        ["aucune stratégie ne suit le levier"],
    ),
    Case(
        "a setting of the lever in the common policy too",
        [(POLICIES, f"        {WEB}\n", f"        {WEB}\n        telemetry.level: optional\n")],
        [(
            "M376", "directory_policies.Sobriété - Télémétrie.computer.policies.telemetry.level", POLICIES,
            "telemetry.level: required",
        )],
        ["« Sobriété - Télémétrie » et « Socle commun » écrivent telemetry.level"],
    ),
    Case(
        "a service that another policy starts",
        [(AUTOSTART, "entry: AdobeARMservice", "entry: dot3svc")],
        [("M376", "sobriety_autostart.programs.mise-a-jour-adobe.entry", AUTOSTART, "entry: dot3svc")],
    ),
    Case(
        "thin clients whose cost is written twice",
        [(LEVERS, LOT, f"{LOT}    investment: {{what: Boîtiers, capex_eur: 10}}\n")],
        [("M379", "sobriety_levers.clients-legers", LEVERS, "investment: {what: Boîtiers")],
        ["le coût est écrit deux fois"],
    ),
    Case(
        "thin clients without a scenario",
        [(ALL + "thin_clients.yml", "thin_client_scenario:\n", "_unused:\n")],
        [
            ("M005", "_unused", ALL + "thin_clients.yml", "_unused:"),
            ("M379", "sobriety_levers.clients-legers", LEVERS, "  clients-legers:"),
        ],
    ),
    Case(
        "a group of computers that is not declared",
        [(AUTOSTART, TEAMS, f"{TEAMS}      computers: [GP-Nulle-Part]\n")],
        [("M080", "sobriety_autostart.programs.installeur-teams.computers[0]", AUTOSTART, "GP-Nulle-Part")],
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", AUTOSTART_CASES, ids=lambda case: case.name)
def test_a_list_of_programs_is_judged_before_it_is_written(copy: Copy, case: Case) -> None:
    check(copy, case)


@pytest.mark.parametrize(
    ("place", "entry"),
    [
        ("task", '\\Adobe" /Delete /F /TN "\\Autre'),
        ("task", "Adobe"),
        ("task", "\\%TEMP%\\x"),
        ("run", "Teams\\Autre"),
        ("run", "Teams #2"),
        ("folder", "..\\Teams.lnk"),
        ("service", 'a"b'),
    ],
)
def test_a_name_that_could_be_more_than_a_name_is_refused(place: str, entry: str) -> None:
    with pytest.raises(ValueError, match="n’est pas le"):
        StartupProgram.model_validate({"label": "x", "place": place, "entry": entry, "why": "x"})


def links(copy: Copy, site: str) -> list[str]:
    here, *_ = copy.load().require().sites[site]["directory"]["links"]
    return [name for name in here["policies"] if "Démarrage" in name or "Télémétrie" in name]


def test_a_site_that_never_had_the_lever_has_no_policy_of_return(copy: Copy) -> None:
    assert links(copy, "ccas") == []


def test_a_site_taken_back_links_what_writes_the_former_state(copy: Copy) -> None:
    copy.edit(*after(STEPS))
    assert links(copy, "ccas") == [f"{START} (pilote)"]
    back = step("demarrage-postes", "reverted", "2026-11-05", ", targets: [ccas], why: Essai")
    copy.edit(ROLLOUT, STEPS, STEPS + back)
    assert (links(copy, "ccas"), links(copy, "ctm")) == ([f"{RETURN} (pilote)"], [f"{START} (pilote)"])
    again = step("demarrage-postes", "pilot", "2026-11-06", ", targets: [ccas]")
    copy.edit(ROLLOUT, back, back + again)
    assert links(copy, "ccas") == [f"{START} (pilote)"]
    absent = copy.load().require().sites["ccas"]["directory"]["links"][0]["absent"]
    assert {RETURN, f"{RETURN} (pilote)", START} <= {*absent}


def test_a_list_without_a_lasting_setting_needs_no_policy_of_return(copy: Copy) -> None:
    path = copy.root / AUTOSTART
    text = path.read_text("utf-8")
    path.write_text(text[: text.index("    mise-a-jour-adobe:")], "utf-8")
    copy.edit(*after(STEPS + step("demarrage-postes", "reverted", "2026-11-05", ", why: Essai")))
    assert links(copy, "ccas") == []
    commune = copy.load().require().commune
    assert commune is not None
    names = [policy["name"] for policy in commune["directory"]["policies"]]
    assert START in names
    assert RETURN not in names


def test_each_policy_of_a_lever_has_a_variant_for_the_pilots_of_sobriety(copy: Copy) -> None:
    commune = copy.load().require().commune
    assert commune is not None
    policies = {policy["name"]: policy for policy in commune["directory"]["policies"]}
    for name in (START, RETURN, "Sobriété - Télémétrie"):
        assert policies[f"{name} (pilote)"]["filtering"] == ["GP-Pilote-Sobriete"]
        assert policies[name]["filtering"] is None
    assert policies[RETURN]["computer"] is None
    startup = policies[RETURN]["startup"]
    assert startup is not None
    assert [program["place"] for program in startup["programs"]] == ["service", "task"]
