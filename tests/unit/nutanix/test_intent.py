"""From the declared town to the config of each module."""

from __future__ import annotations

import pytest
import yaml

from lab.declared import declared_town
from piste.nutanix.intent import prism_intent
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
    assert {subnet["name"]: subnet["vlan"] for subnet in intent()["subnets"]} == {"serveurs": 102, "surete": 107}


def test_machines_that_must_not_share_a_node_are_ranged_together() -> None:
    groups = {machine["name"]: machine["categories"]["Groupe"] for machine in intent()["vms"]}
    assert [name for name, group in groups.items() if group == "annuaire"] == ["hdv-dc1", "hdv-dc2"]
    (policy,) = (one for one in intent()["affinity_policies"] if one["name"] == "Séparer annuaire")
    assert policy["categories"] == ["Groupe:annuaire"]


def test_a_site_has_no_hosting() -> None:
    site = declared_town().sites["ecole-jaures"]
    assert prism_intent(site)["vms"] == []


def test_the_tests_converge_in_the_order_of_the_role() -> None:
    tasks = yaml.safe_load((ROOT / "roles/hosting/tasks/converge.yml").read_text("utf-8"))
    assert [next(name for name in task if name.startswith("prism_")) for task in tasks] == [name for name, _ in ROLE]


@pytest.mark.parametrize(
    ("file", "tasks"),
    [
        ("roles/hosting/tasks/main.yml", "converge.yml"),
        ("playbooks/replay_hosting.yml", "tasks/replay_hosting.yml"),
        ("playbooks/replay_firewall.yml", "tasks/replay_firewall.yml"),
    ],
)
def test_a_domain_is_rehearsed_whole_before_it_is_written(file: str, tasks: str) -> None:
    block = yaml.safe_load((ROOT / file).read_text("utf-8"))[0]
    rehearsal, work = (block.get("block") or block["tasks"])[-2:]
    assert rehearsal["ansible.builtin.include_tasks"] == work["ansible.builtin.import_tasks"] == tasks
    (word,) = rehearsal["vars"]
    assert (rehearsal["vars"][word], rehearsal["when"]) == (True, "not ansible_check_mode")
    said = {name: defaults["rehearse"] for name, defaults in block["module_defaults"].items()}
    assert set(said.values()) == {f"{{{{ {word} | default(false) }}}}"}
    modules = yaml.safe_load((ROOT / file).parent.joinpath(tasks).read_text("utf-8"))
    assert {name for task in modules for name in task if "_" in name} == set(said)
