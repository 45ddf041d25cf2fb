"""Intent of the declared town for Prism Central."""

from __future__ import annotations

import yaml

from lab.declared import declared_town
from piste.runs.domains.hosting import MODULES
from piste.systems.kinds import of_domain
from piste.systems.nutanix.intent import prism_intent
from tests.support.hosting import ROLE, intent
from tests.unit.repository.tree import ROOT


def test_a_machine_of_production_runs_and_one_that_follows_hours_is_left_to_them() -> None:
    machines = {machine["name"]: machine for machine in intent()["vms"]}
    assert len(machines) == 22
    assert machines["hdv-pm1"] == {
        "name": "hdv-pm1",
        "description": "Cam Manager, Intratone, XPert Evolution",
        "num_sockets": 2,
        "num_cores_per_socket": 1,
        "memory": "4 GiB",
        "categories": {
            "Environnement": "Production",
            "Sauvegarde": "applications",
            "Responsable": "Police municipale",
            "Horaires": None,
            "Groupe": None,
        },
        "disks": {"SCSI.0": {"size": "60 GiB", "container": "ctr-prod"}},
        "nics": {"surete": {}},
        "power": "running",
    }
    assert "power" not in machines["hdv-rct1"]
    assert machines["hdv-rct1"]["categories"]["Horaires"] == "nuits-et-week-ends"


def test_vlans_are_those_of_the_site_of_the_cluster() -> None:
    vlans = {subnet["name"]: subnet["vlan"] for subnet in intent()["subnets"]}
    assert vlans == {"serveurs": 102, "surete": 107, "restauration": 3990}


def test_machines_that_must_not_share_a_node_are_ranged_together() -> None:
    groups = {machine["name"]: machine["categories"]["Groupe"] for machine in intent()["vms"]}
    assert [name for name, group in groups.items() if group == "annuaire"] == ["hdv-dc1", "hdv-dc2"]
    (policy,) = (policy for policy in intent()["affinity_policies"] if policy["name"] == "Séparer annuaire")
    assert policy["categories"] == ["Groupe:annuaire"]


def test_a_site_has_no_hosting() -> None:
    site = declared_town().sites["ecole-jaures"]
    assert prism_intent(site)["vms"] == []


def test_the_tests_converge_in_the_order_of_the_domain() -> None:
    assert [kind.module for kind in of_domain("hosting")] == [name for name, _ in ROLE]


def test_hosting_and_the_replay_of_a_firewall_are_rehearsed_whole_before_they_are_written() -> None:
    assert MODULES["piste_hosting"].defaults["rehearse"] is True
    (play,) = yaml.safe_load((ROOT / "playbooks/replay_firewall.yml").read_text("utf-8"))
    assert [task["piste_firewall"]["rehearse"] for task in play["tasks"] if "piste_firewall" in task] == [True]
