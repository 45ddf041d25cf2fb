"""Inverse operations, in the form that the tasks of the undo take."""

from __future__ import annotations

from typing import Any

import pytest

from piste.engine.converge.plan import Operation
from piste.runs.plans.undo import RESTORED, RETURNED, inverse, outcome

SITE = "ecole-jaures"


def done(kind: str, key: str, action: Any, before: Any, after: Any, slot: str | None = None) -> dict[str, Any]:
    return Operation("meraki", SITE, kind, key, action, before, after, slot=slot).to_json()


def module_of(operations: list[dict[str, Any]], module: str, phase: str = RETURNED) -> dict[str, Any]:
    tasks, lost = inverse(operations)
    assert lost == []
    return tasks[SITE][phase][module]


def test_nothing_done_is_nothing_to_take_back() -> None:
    assert inverse([]) == ({}, [])


def test_what_was_made_is_named_to_be_removed_the_last_one_first() -> None:
    operations = [done("access_policy", name, "create", None, {"name": name}) for name in ("a", "b")]
    assert module_of(operations, "meraki_access_policies") == {"config": [], "absent": ["b", "a"]}


def test_a_field_that_had_no_value_is_cleared_where_it_can_be() -> None:
    before, after = {"serial": "Q", "name": "x"}, {"serial": "Q", "name": "y", "notes": "n", "address": None}
    item = {"serial": "Q", "name": "x", "address": None, "notes": None}
    assert module_of([done("device", "Q", "update", before, after)], "meraki_devices")["config"] == [item]


def test_a_network_that_was_renamed_is_found_by_its_new_name() -> None:
    operation = done("network", "neuf", "update", {"name": "vieux", "tags": []}, {"name": "neuf", "tags": ["a"]})
    assert module_of([operation], "meraki_networks") == {
        "config": [{"name": "vieux", "tags": [], "formerly": ["neuf"]}],
        "absent": [],
    }


def test_a_slot_goes_back_to_its_occupant_and_an_unused_one_is_emptied() -> None:
    old = {"name": "vieux", "number": 3, "enabled": True}
    new = {"name": "neuf", "number": 3, "enabled": True}
    empty = {"name": "Unconfigured SSID 4", "number": 3, "enabled": False}
    assert module_of([done("ssid", "neuf", "update", old, new, slot="vieux")], "meraki_ssids") == {
        "config": [old],
        "absent": ["neuf"],
    }
    assert module_of([done("ssid", "neuf", "update", empty, new, slot=empty["name"])], "meraki_ssids") == {
        "config": [],
        "absent": ["neuf"],
    }


def test_an_object_changed_twice_goes_back_to_its_first_state() -> None:
    first = done("device", "Q", "update", {"serial": "Q", "name": "un"}, {"serial": "Q", "name": "deux"})
    then, last = ({"serial": "Q", "name": name, "notes": notes} for name, notes in (("deux", "x"), ("trois", "y")))
    second = done("device", "Q", "update", then, last)
    config = [{"serial": "Q", "name": "un", "notes": "x"}]
    assert module_of([first, second], "meraki_devices") == {"config": config, "absent": []}


def test_an_object_made_then_changed_is_only_removed() -> None:
    operations = [
        done("access_policy", "a", "create", None, {"name": "a"}),
        done("access_policy", "a", "update", {"name": "a", "host_mode": "x"}, {"name": "a", "host_mode": "y"}),
    ]
    assert module_of(operations, "meraki_access_policies") == {"config": [], "absent": ["a"]}


@pytest.mark.parametrize(
    ("kind", "key", "holder"),
    [
        ("ssid", "a", done("network", "VLB", "create", None, {"name": "VLB"})),
        ("switch_port", "Q/1", done("device", "Q", "create", None, {"serial": "Q"})),
    ],
)
def test_what_a_new_object_contains_goes_with_it(kind: str, key: str, holder: dict[str, Any]) -> None:
    inside = done(kind, key, "update", {"name": "a"}, {"name": "b"})
    alone, _ = inverse([holder])
    assert inverse([holder, inside]) == (alone, [])


NOT_NOTED = "ce qui est parti avec lui n’a pas été noté, il se refait depuis la déclaration"
GIVEN_BACK = "rendu avec ce que Piste en gère ; le reste, et son historique, sont perdus"


@pytest.mark.parametrize(
    ("kind", "item", "module"),
    [
        ("routed_interface", {"network": "autre", "carrier": "coeur", "vlan": 151}, "meraki_routed_interfaces"),
        ("group", {"name": "GG-x"}, "ad_groups"),
        ("radius_client", {"server": "hdv-nps1", "name": "sw"}, "nps_radius_clients"),
    ],
)
def test_what_an_owner_made_elsewhere_does_not_go_with_its_new_network(
    kind: str, item: dict[str, Any], module: str
) -> None:
    key = "/".join(map(str, item.values()))
    holder = done("network", "neuf", "create", None, {"name": "neuf"})
    assert module_of([holder, done(kind, key, "create", None, item)], module) == {"config": [], "absent": [key]}


@pytest.mark.parametrize("action", ["create", "delete"])
def test_what_other_systems_have_of_a_site_does_not_go_with_its_network(action: str) -> None:
    """A school made from nothing also has units, RADIUS clients, queues and rules."""
    keys = {"organizational_unit": ["path"], "radius_client": ["server", "name"], "policy": ["type", "name", "scope"]}
    operations = []
    for kind, names in {**keys, "network": ["name"]}.items():
        item = dict.fromkeys(names, "a")
        before, after = (None, item) if action == "create" else (item, None)
        operations.append(done(kind, "a", action, before, after))
    modules = ["ad_organizational_units", "meraki_networks", "nps_radius_clients", "smc_policies"]
    tasks, _ = inverse(operations)
    assert sorted(tasks[SITE][RETURNED if action == "create" else RESTORED]) == modules
    assert sorted(outcome(operations)[SITE][RETURNED]) == modules


def test_what_changes_elsewhere_while_a_network_goes_is_given_back_and_not_made_again() -> None:
    before, after = ({"path": "a", "description": text} for text in ("avant", "après"))
    unit = done("organizational_unit", "a", "update", before, after)
    operations = [unit, done("network", "a", "delete", {"name": "a"}, None)]
    tasks, _ = inverse(operations)
    assert [*tasks[SITE][RETURNED]] == ["ad_organizational_units"]
    assert "ad_organizational_units" in outcome(operations)[SITE][RETURNED]


def test_a_removed_network_is_made_again_with_what_left_it_first_and_what_nobody_noted_is_said() -> None:
    removed = done("network", "VLB", "delete", {"name": "VLB", "tags": ["a"]}, None)
    inside = done("device", "Q", "delete", {"serial": "Q", "name": "sw"}, None)
    tasks, lost = inverse([inside, removed])
    assert tasks == {
        SITE: {
            RESTORED: {
                "meraki_networks": {"config": [{"name": "VLB", "tags": ["a"]}], "absent": []},
                "meraki_devices": {"config": [{"serial": "Q", "name": "sw"}], "absent": []},
            },
            RETURNED: {},
        }
    }
    assert lost == [f"{SITE} / network VLB : {NOT_NOTED}", f"{SITE} / device Q : {NOT_NOTED}"]


def test_a_removed_device_comes_back_with_its_ports_as_they_were_before_the_run() -> None:
    port = {"serial": "Q", "port_id": "1", "name": "modifié", "vlan": 5}
    holds = {"meraki_devices": {"config": [{"serial": "Q", "notes": "n"}]}, "meraki_switch_ports": {"config": [port]}}
    operations = [
        done("switch_port", "Q/1", "update", {**port, "name": "avant"}, port),
        done("device", "Q", "delete", {"serial": "Q", "name": "sw"}, None),
    ]
    tasks, lost = inverse(operations, [{"owner": SITE, "kind": "device", "key": "Q", "holds": holds}])
    assert tasks[SITE] == {
        RESTORED: {
            "meraki_devices": {"config": [{"serial": "Q", "notes": "n", "name": "sw"}], "absent": []},
            "meraki_switch_ports": {"config": [{**port, "name": "avant"}], "absent": []},
        },
        RETURNED: {},
    }
    assert lost == [f"{SITE} / device Q : {GIVEN_BACK}"]


def test_an_object_removed_then_made_again_only_goes_back_to_its_content() -> None:
    operations = [
        done("access_policy", "a", "delete", {"name": "a", "host_mode": "x"}, None),
        done("access_policy", "a", "create", None, {"name": "a", "host_mode": "y"}),
    ]
    config = [{"name": "a", "host_mode": "x"}]
    assert module_of(operations, "meraki_access_policies") == {"config": config, "absent": []}


def test_what_operations_lead_to_is_their_last_content_and_what_they_removed() -> None:
    operations = [
        done("device", "Q", "update", {"serial": "Q", "name": "un"}, {"serial": "Q", "name": "deux"}),
        done("device", "Q", "update", {"serial": "Q", "notes": "x"}, {"serial": "Q", "notes": "y"}),
        done("device", "R", "delete", {"serial": "R"}, None),
        done("switch_port", "R/1", "update", {"name": "a"}, {"name": "b"}),
        done("ssid", "vieux", "reset", {"name": "vieux"}, {"name": "Unconfigured SSID 4"}),
    ]
    assert outcome(operations)[SITE][RETURNED] == {
        "meraki_devices": {"config": [{"serial": "Q", "name": "deux", "notes": "y"}], "absent": ["R"]},
        "meraki_ssids": {"config": [], "absent": ["vieux"]},
    }


def secret(path: str, fingerprint: str) -> dict[str, str]:
    return {"secret": path, "fingerprint": fingerprint}


def ssid(before: Any, after: Any) -> tuple[Any, list[str]]:
    described = done("ssid", "a", "update", {"name": "a"}, {"name": "a"})
    described["content"] = {"before": {"name": "a", **before}, "after": {"name": "a", **after}}
    tasks, lost = inverse([described])
    return tasks[SITE][RETURNED]["meraki_ssids"]["config"][0], lost


def test_a_secret_kept_under_another_path_is_taken_from_there() -> None:
    item, lost = ssid({"psk": secret("vieux", "f1")}, {"psk": secret("neuf", "f1")})
    assert (item, lost) == ({"name": "a", "psk": {"secret": "neuf"}}, [])


@pytest.mark.parametrize("after", [{"psk": secret("p", "f2")}, {"auth_mode": "open"}])
def test_a_secret_that_was_replaced_or_removed_is_said_to_be_unknown(after: Any) -> None:
    item, lost = ssid({"psk": secret("p", "f1")}, after)
    assert item["psk"] == {"secret": "p"}
    assert lost == [f"{SITE} / ssid a : son ancien secret n’est noté nulle part, le coffre fait foi (p)"]


def test_a_server_that_comes_back_is_given_the_secret_of_the_vault_and_that_is_said() -> None:
    server = {"host": "10.0.0.1", "port": 1812}
    item, lost = ssid({"radius_servers": [server]}, {"auth_mode": "open"})
    assert item["radius_servers"] == [{**server, "secret": {"secret": f"radius/{SITE}"}}]
    assert lost == [f"{SITE} / ssid a : radius_servers 10.0.0.1:1812 : son secret ne se relit pas, le coffre fait foi"]
    assert ssid({"radius_servers": [server]}, {"radius_servers": [server]})[1] == []


def test_a_document_that_was_erased_unread_is_said() -> None:
    _, lost = ssid({"enabled": True}, {"enabled": False, "schedule": {"enabled": False}})
    assert lost == [f"{SITE} / ssid a : schedule a été effacé sans avoir été lu"]
