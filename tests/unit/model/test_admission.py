"""Admission: the exact faults, paths, files and lines; 802.1X enforced only where proven."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.unit.model.broken_town import ALL, JAURES, Case, Copy, check, host, on_the_day

ACCESS_FILE, CCAS = ALL + "access.yml", host("ccas")
POLICY, EXCEPTION = "network_policies", "sites[ccas].dot1x_exceptions[02:93:01:00:00:60]"
ENFORCED = 'dot1x: {state: enforced, since: "2026-12-01"}\nswitches:\n'


def proven(inventory: Path) -> Any:
    """Load the town in an environment with the 802.1X tests of sites: none."""
    return on_the_day(inventory, proofs=inventory.parent / "aucun")


NO_PROOF = Case(
    "enforced without a proof",
    [(JAURES, "switches:\n", ENFORCED)],
    [("M069", "sites[ecole-jaures].dot1x.state", JAURES, "dot1x")],
    ["ecole-jaures : le 802.1X est imposé, mais aucun essai réussi n’y est inscrit", "piste verify"],
)
ADMISSION = [
    Case(
        "a VLAN that a site lacks",
        [(ACCESS_FILE, "groups: [GV-Billetterie]", "groups: [GV-Billetterie]\n    sites: [piscine, ecole-jaures]")],
        [("M064", f"{POLICY}[billetterie].segment", ACCESS_FILE, "segment: billetterie")],
        ["Politique réseau billetterie : le segment billetterie manque à ecole-jaures"],
        whole=True,
    ),
    Case(
        "another VLAN at one site, which it lacks",
        [
            (
                ACCESS_FILE,
                "groups: [GV-Enseignants]",
                "groups: [GV-Enseignants]\n    site_segments: {ccas: public, ctm: exploitation}",
            )
        ],
        [("M064", f"{POLICY}[pedagogique].site_segments.ccas", ACCESS_FILE, "site_segments: {")],
    ),
    Case(
        "an unknown segment",
        [(ACCESS_FILE, "segment: exploitation", "segment: exploitations")],
        [("M030", f"{POLICY}[exploitation].segment", ACCESS_FILE, "exploitations")],
        ["Vouliez-vous dire « exploitation » ?"],
    ),
    Case(
        "an unknown group",
        [(ACCESS_FILE, "groups: [GV-Exploitation]", "groups: [GV-Exploitants]")],
        [("M080", f"{POLICY}.exploitation.groups[0]", ACCESS_FILE, "GV-Exploitants")],
        ["Vouliez-vous dire « GV-Exploitation » ?"],
    ),
    Case(
        "an unknown site",
        [(ACCESS_FILE, "sites: [police-municipale]", "sites: [police-municipal]")],
        [("M065", f"{POLICY}[police].sites", ACCESS_FILE, "sites: [police-municipal]")],
        ["Vouliez-vous dire « police-municipale » ?"],
    ),
    Case(
        "an unknown method",
        [
            (
                ACCESS_FILE,
                "segment: exploitation\n    groups: [GV-Exploitation]\n    eap: [tls]",
                "segment: exploitation\n    groups: [GV-Exploitation]\n    eap: [md5]",
            )
        ],
        [("M007", f"{POLICY}[exploitation].eap[1]", ACCESS_FILE, "md5")],
    ),
    Case(
        "exceptions without an end, with a wrong address, of a VLAN that the site lacks: all told at once",
        [
            (
                JAURES,
                "switches:\n",
                "dot1x_exceptions:\n"
                '  - {mac: "02:93:05:00:00:60", what: Copieur, why: Aucun client, segment: utilisateurs} # sans fin\n'
                "  - {mac: 02-93-05-00-00-61, what: Copieur, why: Aucun, segment: public, until: 2027-01-31} # forme\n"
                '  - {mac: "02:93:05:00:00:62", what: Copieur, why: Aucun, segment: public, until: 2027-02-30} # jour\n'
                "switches:\n",
            )
        ],
        [
            ("M006", "sites[ecole-jaures].dot1x_exceptions[02:93:05:00:00:60].until", JAURES, "# sans fin"),
            ("M007", "sites[ecole-jaures].dot1x_exceptions[02-93-05-00-00-61].mac", JAURES, "# forme"),
            ("M007", "sites[ecole-jaures].dot1x_exceptions[02:93:05:00:00:62].until", JAURES, "# jour"),
        ],
        ["La clé « until » manque", "n’est pas une adresse MAC", "« 2027-02-30 » n’est pas un jour"],
    ),
    Case(
        "an exception of a VLAN that the site lacks, of a device that is admitted elsewhere",
        [
            (
                JAURES,
                "switches:\n",
                "dot1x_exceptions:\n"
                '  - {mac: "02:93:01:00:00:60", what: Copieur, why: Aucun, segment: public, until: 2027-01-31}\n'
                "switches:\n",
            )
        ],
        [
            ("M064", "sites[ecole-jaures].dot1x_exceptions[02:93:01:00:00:60].segment", JAURES, "what: Copieur"),
            ("M066", "sites[ecole-jaures].dot1x_exceptions[02:93:01:00:00:60]", JAURES, "what: Copieur"),
        ],
        ["02:93:01:00:00:60 est déjà admise, à ccas"],
    ),
    Case(
        "an exception that is over",
        [(CCAS, 'segment: utilisateurs\n    until: "2099-12-31"', 'segment: utilisateurs\n    until: "2026-11-23"')],
        [("M068", EXCEPTION, CCAS, "02:93:01:00:00:60")],
        ["Imprimante du guichet (02:93:01:00:00:60) : équipement qui n’est plus admis depuis la fin du 2026-11-23"],
    ),
    Case(
        "802.1X imposed where nothing is ready",
        [
            (
                ACCESS_FILE,
                "except: [police-municipale]\n    status: to_confirm\n  agents",
                "except: [cimetiere]\n  agents",
            ),
            (
                ACCESS_FILE,
                "groups: [GV-Agents]\n    eap: [peap]\n    except: [police-municipale]",
                "groups: [GV-Agents]\n    eap: [peap]\n    except: [cimetiere]",
            ),
            (ACCESS_FILE, "media: [wired]\n", "media: [wired]\n    except: [cimetiere]\n"),
            (ALL + "policies.yml", "    follows: dot1x\n", ""),
            (host("cimetiere"), "site:\n", "dot1x: {state: enforced}\nsite:\n"),
        ],
        [("M067", "sites[cimetiere].dot1x.state", host("cimetiere"), "dot1x: {")],
        ["imposé sans politique réseau, ni stratégie de groupe (follows: dot1x), ni la date (since)"],
        whole=True,
    ),
    NO_PROOF,
]


@pytest.mark.parametrize("case", ADMISSION, ids=lambda case: case.name)
def test_the_fault_is_reported_where_it_is(copy: Copy, case: Case) -> None:
    check(copy, case, proven if case is NO_PROOF else on_the_day)


def proof(day: str, servers: list[str], state: str = "conform") -> dict[str, Any]:
    tests = [
        {"server": name, "test": "machine", "state": state, "expected": "VLAN 151", "found": "VLAN 151"}
        for name in servers
    ]
    return {"site": "ecole-jaures", "date": f"{day}T14:05", "servers": servers, "tests": tests}


PAIR = ["hdv-nps1", "hdv-nps2"]


@pytest.mark.parametrize(
    ("written", "why"),
    [
        (proof("2026-11-20", PAIR), ""),
        (proof("2027-03-01", PAIR), ""),
        (proof("2026-11-01", PAIR), ""),
        (proof("2026-10-31", PAIR), "l’essai du 2026-10-31 a plus de 30 jours au 2026-12-01"),
        (proof("2026-11-20", ["hdv-nps2"]), "rien n’y est dit de hdv-nps1"),
        (proof("2026-11-20", ["hdv-nps1"]), "rien n’y est dit de hdv-nps2"),
        (proof("2026-11-20", PAIR, "unknown"), "l’essai inscrit n’a pas réussi"),
        ({**proof("2026-11-20", PAIR), "site": "ccas"}, "L’essai est celui de ccas, pas de ecole-jaures"),
        ({**proof("2026-11-20", PAIR), "date": "hier"}, "« hier » n’est pas une date et une heure"),
    ],
)
def test_a_site_is_imposed_with_a_successful_test_of_all_its_servers_not_long_before(
    copy: Copy, tmp_path: Path, written: dict[str, Any], why: str
) -> None:
    copy.edit(JAURES, "switches:\n", ENFORCED)
    folder = tmp_path / "eap_tests"
    folder.mkdir()
    (folder / "ecole-jaures.yml").write_text(yaml.safe_dump(written), encoding="utf-8")
    errors = copy.load(proofs=folder).errors
    assert any(why in fault.message for fault in errors) if why else not errors


def test_a_proof_is_asked_only_where_802_1x_is_imposed(copy: Copy, tmp_path: Path) -> None:
    assert copy.load(proofs=tmp_path).faults == []


def test_an_exception_is_admitted_to_the_end_of_its_last_day(copy: Copy) -> None:
    inventory = copy.root / "inventories" / "town"
    days = (date(2099, 12, 31), date(2100, 1, 1))
    over = [on_the_day(inventory, today=day).sites["ccas"]["access"]["exceptions"][0]["expired"] for day in days]
    assert over == [False, True]


def test_a_policy_holds_where_its_segment_is_and_a_site_may_have_another(whole: Copy) -> None:
    groups = "groups: [GV-Exploitation]"
    whole.edit(ACCESS_FILE, groups, f"{groups}\n    site_segments: {{ctm: utilisateurs}}")
    sites = whole.load().require().sites
    vlans = {
        name: [policy["vlan"] for policy in site["access"]["policies"] if policy["key"] == "exploitation"]
        for name, site in sites.items()
    }
    assert {name: vlan for name, vlan in vlans.items() if vlan} == {
        "ctm": [121],
        "houyoux": [255],
        "stade-salengro": [265],
        "piscine": [275],
    }


def test_every_switch_and_access_point_of_the_town_is_a_client(whole: Copy) -> None:
    town = whole.load().require()
    assert town.commune is not None
    access = town.commune["access"]
    assert access is not None
    names = [client["name"] for site in access["sites"].values() for client in site["clients"]]
    assert len(names) == len(set(names)) == sum(len(site["devices"]) for site in town.sites.values())


def test_no_two_policies_of_the_town_have_one_order(copy: Copy) -> None:
    town = copy.load()
    orders = [policy["order"] for site in town.sites.values() for policy in site["access"]["policies"]]
    assert len(orders) == len(set(orders))
