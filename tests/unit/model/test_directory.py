"""The directory: the exact faults, paths, files and lines."""

from __future__ import annotations

import pytest

from piste.town.town import load_town
from tests.unit.model.broken_town import ALL, Case, Copy, check, host

POLICIES, DIRECTORY = ALL + "policies.yml", ALL + "directory.yml"

NAMES_OF_NPS = "server_names: [hdv-nps1.ad.lebourget.example, hdv-nps2.ad.lebourget.example]"
WIRED = f"eap: tls\n        {NAMES_OF_NPS}\n        trusted_roots"

DIRECTORY_CASES = [
    Case(
        "a wired profile that trusts a server without a name",
        [(POLICIES, WIRED, WIRED.replace("hdv-nps2.ad.lebourget.example", "' '"))],
        [("M085", "directory_policies.802.1X - Postes.computer.wired.server_names", POLICIES, "' '")],
        ["802.1X - Postes, wired : «   » n’est pas un nom de serveur"],
    ),
    Case(
        "a wired profile that trusts whatever two lines say",
        [(POLICIES, WIRED, WIRED.replace("hdv-nps2.ad.lebourget.example", '"a.example\\nb"'))],
        [("M085", "directory_policies.802.1X - Postes.computer.wired.server_names", POLICIES, "a.example")],
    ),
    Case(
        "computers in a segment that nobody knows",
        [(DIRECTORY, "computers: [utilisateurs, billetterie", "computers: [utilisateur, billetterie")],
        [("M030", "directory.site_units.Postes.computers[0]", DIRECTORY, "computers: [utilisateur")],
        ["Vouliez-vous dire « utilisateurs » ?"],
    ),
    Case(
        "a wired profile that names no server",
        [(POLICIES, WIRED, WIRED.replace(NAMES_OF_NPS, "server_names: []"))],
        [("M085", "directory_policies.802.1X - Postes.computer.wired.server_names", POLICIES, "server_names: []")],
        ["le profil ne nomme aucun serveur"],
    ),
    Case(
        "a policy for a group that nobody declares",
        [(POLICIES, "    comment: Postes publics\n", "    comment: Postes publics\n    filtering: [GP-Publics]\n")],
        [("M080", "directory_policies.Socle libre accès.filtering[0]", POLICIES, "GP-Publics")],
        ["Le groupe « GP-Publics » n’est pas déclaré"],
    ),
    Case(
        "a pilot group under a name that is nearly right",
        [(POLICIES, "dot1x: GP-Pilote-8021X}", "dot1x: GP-Pilote-8021x}")],
        [("M080", "pilot_groups.dot1x", POLICIES, "GP-Pilote-8021x")],
        ["Vouliez-vous dire « GP-Pilote-8021X » ?"],
    ),
    Case(
        "a link to a policy that nobody declares",
        [(POLICIES, "  Ville/Écoles: [Socle écoles]", "  Ville/Écoles: [Socle école]")],
        [("M081", "directory_links.Ville/Écoles[0]", POLICIES, "Ville/Écoles: [Socle école]")],
        ["La stratégie « Socle école » n’est pas déclarée", "Vouliez-vous dire « Socle écoles » ?"],
    ),
    Case(
        "a WMI filter that nobody declares",
        [(POLICIES, "wmi_filter: Postes de travail Windows 10 et 11", "wmi_filter: Postes")],
        [("M082", "directory_policies.Socle commun.wmi_filter", POLICIES, "wmi_filter")],
    ),
    Case(
        "a policy linked twice at one place, and again above",
        [(POLICIES, "  Ville/Écoles: [Socle écoles]", "  Ville/Écoles: [Socle écoles, Socle écoles, Socle commun]")],
        [
            ("M083", "directory_links.Ville/Écoles[1]", POLICIES, "Ville/Écoles: ["),
            ("M083", "directory_links.Ville/Écoles[2]", POLICIES, "Ville/Écoles: ["),
        ],
        ["est liée deux fois", "est déjà liée plus haut, à « Ville »"],
    ),
    Case(
        "a policy that follows a state, linked by hand",
        [(POLICIES, "  Ville: [Socle commun]", "  Ville: [Socle commun, Sobriété - Veille]")],
        [("M083", "directory_links.Ville[1]", POLICIES, "Ville: [")],
    ),
    Case(
        "a sleep of exactly fifteen minutes",
        [(POLICIES, "power.sleep_after_ac: 600", "power.sleep_after_ac: 900")],
        [
            (
                "M084",
                "directory_policies.Sobriété - Veille.computer.policies.power.sleep_after_ac",
                POLICIES,
                "power.sleep_after_ac: 900",
            )
        ],
        ["Sobriété - Veille : power.sleep_after_ac vaut 900 s"],
    ),
    Case(
        "a sleep that never comes",
        [(POLICIES, "power.unattended_sleep_after_ac: 600", "power.unattended_sleep_after_ac: 0")],
        [
            (
                "M084",
                "directory_policies.Sobriété - Veille.computer.policies.power.unattended_sleep_after_ac",
                POLICIES,
                "power.unattended_sleep_after_ac: 0",
            )
        ],
        ["vaut 0 s, jamais"],
    ),
    Case(
        "a warning that lasts until the computer sleeps",
        [(POLICIES, "warning_min: 3", "warning_min: 6")],
        [("M088", "sobriety_shutdown.warning_min", POLICIES, "warning_min: 6")],
        ["Sobriété - Veille met en veille après 600 s, et l’arrêt demande 10 min"],
    ),
    Case(
        "a unit that no category has",
        [(POLICIES, "  Ville/Écoles: [", "  Ville/Ecole: [")],
        [("M086", "directory_links.Ville/Ecole", POLICIES, "Ville/Ecole")],
        ["Vouliez-vous dire « Ville/Écoles » ?"],
    ),
    Case(
        "a unit of a site, linked by the town",
        [(POLICIES, "  Ville/Écoles: [", "  Ville/Écoles/ecole-jaures: [")],
        [("M086", "directory_links.Ville/Écoles/ecole-jaures", POLICIES, "Ville/Écoles/ecole-jaures")],
        ["appartient au site ecole-jaures"],
    ),
    Case(
        "a unit of a site that is not there",
        [(POLICIES, "  Ville/Écoles: [", "  Ville/Écoles/ecole-zola: [")],
        [("M086", "directory_links.Ville/Écoles/ecole-zola", POLICIES, "ecole-zola")],
    ),
    Case(
        "a unit whose segment is unknown",
        [(DIRECTORY, "segment: pedagogique}", "segment: pedagogie}")],
        [("M030", "directory.site_units.Postes pédagogiques.segment", DIRECTORY, "segment: pedagogie")],
    ),
    Case(
        "a controller without address",
        [(DIRECTORY, "controller: hdv-dc1", "controller: hdv-dc9")],
        [("M035", "directory.controller", DIRECTORY, "hdv-dc9")],
    ),
]

SETTINGS = [
    Case(
        "a setting under a name that no table has",
        [(POLICIES, "edge.smartscreen: true", "edge.smart_screen: true")],
        [
            (
                "M087",
                "directory_policies.Socle écoles.computer.policies.edge.smart_screen",
                POLICIES,
                "edge.smart_screen",
            )
        ],
        ["stratégie inconnue, vouliez-vous dire", "« edge.smartscreen »"],
    ),
    Case(
        "a value that the setting does not take, on a side that it does not have",
        [
            (POLICIES, "edge.in_private: forbidden", "edge.in_private: jamais"),
            (POLICIES, "start_menu.no_run: true", "power.fast_startup: true"),
        ],
        [
            (
                "M087",
                "directory_policies.Socle écoles.computer.policies.edge.in_private",
                POLICIES,
                "edge.in_private",
            ),
            (
                "M087",
                "directory_policies.Socle libre accès.user.policies.power.fast_startup",
                POLICIES,
                "power.fast_startup: true",
            ),
        ],
        ["un de ces mots est attendu", "cette stratégie s’écrit sous computer"],
    ),
]


@pytest.mark.parametrize("case", DIRECTORY_CASES, ids=lambda case: case.name)
def test_faults_of_the_directory(copy: Copy, case: Case) -> None:
    check(copy, case)


@pytest.mark.parametrize("case", SETTINGS, ids=lambda case: case.name)
def test_settings_that_no_table_takes(copy: Copy, case: Case) -> None:
    check(copy, case, load_town)


def test_a_setting_of_the_sites_own_templates_is_left_to_the_module(copy: Copy) -> None:
    copy.edit(POLICIES, "edge.smartscreen: true", "'metier.admx:Chemin': true")
    assert load_town(copy.root / "inventories/town").errors == []


def back_to(copy: Copy, lever: str) -> None:
    """Take a lever back everywhere."""
    path = copy.root / "group_vars/all/sobriety_rollout.yml"
    step = f'  - {{lever: {lever}, step: reverted, date: "2026-11-20", by: DSI, why: Essai}}\n'
    path.write_text(path.read_text("utf-8") + step, "utf-8")


def linked(copy: Copy, site: str) -> list[str]:
    here, *_ = copy.load().require().sites[site]["directory"]["links"]
    assert not set(here["policies"]) & set(here["absent"])
    return [name for name in here["policies"] if "Arrêt" not in name]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("off", []),
        ("pilot", ["802.1X - Postes (pilote)"]),
        ("enforced", ["802.1X - Postes"]),
    ],
)
def test_a_site_links_the_profile_that_its_state_asks_for(whole: Copy, state: str, expected: list[str]) -> None:
    states = f'dot1x: {{state: "{state}", since: "2026-12-01"}}\n'
    back_to(whole, "veille-postes")
    whole.edit(host("creche-bastie"), "site:\n", f"{states}site:\n")
    assert linked(whole, "creche-bastie") == expected


def shutdowns(copy: Copy, *sites: str) -> dict[str, list[str]]:
    town = copy.load().require()
    links = {site: town.sites[site]["directory"]["links"][0] for site in sites}
    return {site: [name for name in link["policies"] if "Arrêt" in name] for site, link in links.items()}


def test_sites_of_the_same_hours_share_a_shutdown_and_one_of_its_own_has_another(whole: Copy) -> None:
    whole.edit(
        host("ccas"), "site:\n", 'opening_hours: {days: [monday, friday], start: "09:00", end: "17:00"}\nsite:\n'
    )
    names = shutdowns(whole, "ccas", "ctm", "cimetiere", "creche-bastie")
    assert names == {
        "ccas": ["Sobriété - Arrêt - ccas (pilote)"],
        "ctm": ["Sobriété - Arrêt - Administration (pilote)"],
        "cimetiere": ["Sobriété - Arrêt - Administration (pilote)"],
        "creche-bastie": ["Sobriété - Arrêt - Petite enfance (pilote)"],
    }
    commune = whole.load().require().commune
    assert commune is not None
    policies = {policy["name"]: policy for policy in commune["directory"]["policies"]}
    assert {name for listed in names.values() for name in listed} < policies.keys()
    assert policies["Sobriété - Arrêt - ccas (pilote)"]["shutdown"]["end"] == "17:00"
    assert policies["Sobriété - Arrêt - Administration"]["shutdown"]["end"] == "19:00"


def test_other_hours_change_the_policy_and_no_link(copy: Copy) -> None:
    before = copy.load().require().sites["ecole-jaures"]["directory"]["links"]
    copy.edit("group_vars/ecole.yml", 'end: "18:30"', 'end: "20:00"')
    assert copy.load().require().sites["ecole-jaures"]["directory"]["links"] == before


def test_every_shutdown_is_unlinked_where_the_town_gives_the_kit_up(copy: Copy) -> None:
    back_to(copy, "arret-postes")
    for site in copy.load().require().sites.values():
        here = site["directory"]["links"][0]
        assert [name for name in here["policies"] if "Arrêt" in name] == []
        shared = f"Sobriété - Arrêt - {here['place'].split('/')[1]}"
        assert {shared, f"{shared} (pilote)", f"Sobriété - Arrêt - {site['id']} (pilote)"} < {*here["absent"]}
