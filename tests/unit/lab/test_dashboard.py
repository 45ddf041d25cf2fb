"""Behaviours of the Dashboard that clients depend on."""

from __future__ import annotations

import secrets
from typing import Any

import pytest

from lab import Request
from tests.support.meraki_client import BY_NAME, Client, frozen_client, remembers

ORG = "/organizations/930093"
SWITCH = "/devices/QZZZ-0001-0001"


def test_a_request_without_a_good_key_is_refused(client: Client) -> None:
    assert client.simulator.handle(Request.to("GET", "/api/v1/organizations")).status == 401
    other = client.send("GET", "/organizations", Authorization="Bearer other")
    assert (other.status, other.json()) == (401, {"errors": ["No valid authentication method found"]})
    assert (
        client.send("GET", "/organizations", **{"X-Cisco-Meraki-API-Key": client.simulator.api_key}).status
        == 200
    )


def test_another_organization_is_not_found(client: Client) -> None:
    assert client.refused("GET", "/organizations/1/networks", status=404) == ["Organization not found"]


@pytest.mark.parametrize(
    ("form", "content_type", "body"),
    [
        ("json", "application/json", b'{"errors":["Network not found"]}'),
        ("html", "text/html", None),
        ("empty", "", b""),
    ],
)
def test_not_found_takes_three_forms(
    client: Client, form: str, content_type: str, body: bytes | None
) -> None:
    client.simulator.behaviour.set(not_found=form)
    response = client.send("GET", "/networks/N_0")
    assert response.status == 404
    assert response.headers.get("Content-Type", "").partition(";")[0] == content_type
    assert response.body == body or (body is None and len(response.body) > 5_000)


def test_all_faults_of_a_body_show_at_once(client: Client) -> None:
    network = client.network()
    body = {"vlan": 5000, "enabled": "yes", "invented": 1, "type": "bogus", "tags": None}
    errors = client.refused("PUT", f"{SWITCH}/switch/ports/1", body)
    assert sorted(errors) == [
        "'enabled' must be a boolean",
        "'invented' is not a known parameter",
        "'tags' must not be null",
        "'type' must be one of: 'access', 'dad', 'routed', 'stack', 'svl', 'trunk'",
        "'vlan' must be between 1 and 4094",
    ]
    assert client.refused("POST", f"/networks/{network}/switch/accessPolicies", {"name": "a"}) == [
        "'radiusServers' is required",
        "'radiusAccountingEnabled' is required",
    ]


def test_unknown_keys_follow_the_switch(client: Client) -> None:
    network = client.network()
    path = f"/networks/{network}/switch/mtu"
    client.simulator.behaviour.set(unknown_keys="ignore")
    assert "invented" not in client.ok("PUT", path, {"invented": 1})
    client.simulator.behaviour.set(unknown_keys="store")
    assert client.ok("PUT", path, {"invented": 1})["invented"] == 1


def test_put_is_partial_and_replaces_lists_whole(client: Client) -> None:
    network = client.network()
    path = f"/networks/{network}/switch/dhcpServerPolicy"
    client.ok("PUT", path, {"allowedServers": ["a", "b"], "arpInspection": {"enabled": True}})
    after = client.ok("PUT", path, {"allowedServers": ["c"]})
    assert after["allowedServers"] == ["c"]
    assert after["arpInspection"] == {"enabled": True, "unsupportedModels": ["MS120-8", "MS120-8LP"]}


def test_full_put_resets_what_is_absent(client: Client) -> None:
    network = client.network()
    client.simulator.behaviour.set(full_put=True)
    client.ok("PUT", f"{SWITCH}/switch/ports/1", {"name": "a", "enabled": False})
    assert client.ok("PUT", f"{SWITCH}/switch/ports/1", {"name": "b"})["enabled"] is True
    client.ok("PUT", f"/networks/{network}", {"notes": "n"})
    renamed = client.ok("PUT", f"/networks/{network}", {"name": "VLB ctm 2"})
    assert (renamed["name"], renamed["notes"], renamed["id"]) == ("VLB ctm 2", None, network)
    assert len(client.ok("GET", f"/networks/{network}/wireless/ssids")) == 15


def test_null_clears_only_what_may_be_null(client: Client) -> None:
    client.network()
    client.ok("PUT", f"{SWITCH}/switch/ports/1", {"name": "poste", "vlan": 121})
    cleared = client.ok("PUT", f"{SWITCH}/switch/ports/1", {"name": None, "vlan": None})
    assert (cleared["name"], cleared["vlan"]) == (None, None)
    assert client.refused("PUT", f"{SWITCH}/switch/ports/1", {"enabled": None}) == [
        "'enabled' must not be null"
    ]


def test_a_new_port_is_as_recorded_on_real_hardware(client: Client) -> None:
    client.network()
    ports = client.ok("GET", f"{SWITCH}/switch/ports")
    assert [port["portId"] for port in ports] == [str(n) for n in range(1, 53)]
    recorded = {
        "type": "trunk",
        "vlan": 1,
        "allowedVlans": "all",
        "voiceVlan": None,
        "name": None,
        "tags": [],
        "udld": "Alert only",
        "stpGuard": "disabled",
        "rstpEnabled": True,
        "accessPolicyType": "Open",
        "portScheduleId": None,
        "poeEnabled": False,
        "module": {"model": None},
    }
    assert {key: ports[0][key] for key in recorded} == recorded
    assert "flexibleStackingEnabled" not in ports[0]
    assert ports[51]["linkNegotiationCapabilities"] == ["Auto negotiate", "1 Gigabit full duplex (forced)"]
    assert client.ok("GET", "/devices/QZZZ-0001-0003/switch/ports/1")["poeEnabled"] is True


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"voiceVlan": 20}, "'voiceVlan' is only supported on access ports"),
        ({"type": "access", "accessPolicyNumber": 1}, "'accessPolicyNumber' requires the access policy type"),
        (
            {"type": "access", "accessPolicyType": "Custom access policy"},
            "'accessPolicyNumber' is not the number",
        ),
        ({"accessPolicyType": "MAC allow list"}, "'accessPolicyType' is only supported on access ports"),
        ({"linkNegotiation": "40 Gigabit"}, "'linkNegotiation' must be one of: Auto negotiate"),
        ({"flexibleStackingEnabled": True}, "'flexibleStackingEnabled' is not supported"),
        ({"portScheduleId": "1"}, "'portScheduleId' is not the id"),
        ({"macAllowList": ["02:00:00:00:00:01"] * 21}, "'macAllowList' must be between any and 20 items"),
    ],
)
def test_port_rules_are_enforced(client: Client, body: dict[str, Any], error: str) -> None:
    client.network()
    before = client.ok("GET", f"{SWITCH}/switch/ports/1")
    errors = client.refused("PUT", f"{SWITCH}/switch/ports/1", body)
    assert [e for e in errors if e.startswith(error)]
    assert client.ok("GET", f"{SWITCH}/switch/ports/1") == before


def test_by_switch_omits_fifteen_updatable_fields(client: Client) -> None:
    client.network()
    client.simulator.edit("POST", f"/networks/{client.network('b', site=2)}/switch/accessPolicies", POLICY)
    listed = client.ok("GET", f"{ORG}/switch/ports/bySwitch")
    shown = {key for switch in listed for port in switch["ports"] for key in port}
    body = BY_NAME["updateDeviceSwitchPort"].body
    assert body is not None
    updatable = set(body.fields or {})
    # The two sticky lists show only where they apply; none applies here.
    assert len(updatable - shown - {"stickyMacAllowList", "stickyMacAllowListLimit"}) == 15


def test_uplinks_show_in_statuses_and_neighbours_in_those_of_one_switch_and_in_the_discovery(
    client: Client,
) -> None:
    client.network()
    statuses = client.ok("GET", "/devices/QZZZ-0001-0002/switch/ports/statuses")
    assert [s["portId"] for s in statuses if s["isUplink"]] == ["10"]
    assert statuses[9]["lldp"]["systemName"] == "d-1-1"
    assert [s["status"] for s in statuses] == ["Disconnected"] * 9 + ["Connected"]
    brief = client.ok("GET", "/organizations/930093/switch/ports/statuses/bySwitch?perPage=20")["items"]
    assert not any("lldp" in port or "cdp" in port for switch in brief for port in switch["ports"])
    path = "/organizations/930093/switch/ports/topology/discovery/byDevice?serials[]=QZZZ-0001-0002"
    (switch,) = client.ok("GET", path)["items"]
    assert [port["portId"] for port in switch["ports"]] == ["10"]
    assert {"name": "System name", "value": "d-1-1"} in switch["ports"][0]["lldp"]
    client.ok("PUT", "/devices/QZZZ-0001-0002/switch/ports/1", {"enabled": False})
    assert client.ok("GET", "/devices/QZZZ-0001-0002/switch/ports/statuses")[0]["status"] == "Disabled"


POLICY: dict[str, Any] = {
    "name": "agents",
    "radiusServers": [{"host": "10.93.2.13", "port": 1812, "secret": secrets.token_urlsafe(12)}],
    "radiusAccountingEnabled": False,
}


def test_host_modes_force_values(client: Client) -> None:
    path = f"/networks/{client.network()}/switch/accessPolicies"
    made = client.ok("POST", path, {**POLICY, "hostMode": "Multi-Domain"})
    assert (made["accessPolicyType"], made["voiceVlanClients"]) == ("Hybrid authentication", True)
    several = {"hostMode": "Multi-Auth", "radius": {"failedAuthVlanId": 5, "criticalAuth": {"dataVlanId": 6}}}
    made = client.ok("PUT", f"{path}/1", several)
    assert made["radius"]["failedAuthVlanId"] is None
    assert made["radius"]["criticalAuth"]["dataVlanId"] is None


def test_policy_numbers_are_texts_and_never_come_back(client: Client) -> None:
    path = f"/networks/{client.network()}/switch/accessPolicies"
    assert [client.ok("POST", path, POLICY)["accessPolicyNumber"] for _ in range(2)] == ["1", "2"]
    assert client.send("DELETE", f"{path}/2").status == 204
    assert client.ok("POST", path, POLICY)["accessPolicyNumber"] == "3"


def test_a_policy_with_the_vendor_s_authentication_is_not_listed(client: Client) -> None:
    path = f"/networks/{client.network()}/switch/accessPolicies"
    client.ok("POST", path, {**POLICY, "radiusServers": []})
    assert client.ok("GET", path) == []
    assert client.ok("GET", f"{path}/1")["radiusServers"] == []


def test_a_policy_in_use_is_kept_unless_switched(client: Client) -> None:
    path = f"/networks/{client.network()}/switch/accessPolicies"
    client.ok("POST", path, POLICY)
    used = {"type": "access", "accessPolicyType": "Custom access policy", "accessPolicyNumber": 1}
    client.ok("PUT", f"{SWITCH}/switch/ports/1", used)
    assert client.refused("DELETE", f"{path}/1") == ["Access policy is in use by 1 port(s)"]
    client.simulator.behaviour.set(policy_in_use_refused=False)
    assert client.send("DELETE", f"{path}/1").status == 204


def test_secrets_are_remembered_as_hashes_and_never_shown(client: Client) -> None:
    import json

    old, new = secrets.token_urlsafe(16), secrets.token_urlsafe(16)
    network = client.network()
    path, world = f"/networks/{network}/switch/accessPolicies", client.simulator.world
    made = client.ok("POST", path, {**POLICY, "radiusServers": [{"host": "10.93.2.13", "secret": old}]})
    server_id = made["radiusServers"][0]["serverId"]

    def remembered(value: str) -> bool:
        return remembers(world, world.network(network)["policies"]["1"]["radiusServers"], "10.93.2.13", value)

    assert (remembered(old), remembered(new)) == (True, False)
    client.ok("PUT", f"{path}/1", {"radiusServers": [{"serverId": server_id}]})
    assert remembered(old)
    rotated = {"radiusServers": [{"serverId": server_id, "secret": new}]}
    action = {"resource": f"{path}/1", "operation": "update", "body": rotated}
    batch = client.ok("POST", f"{ORG}/actionBatches", {"confirmed": True, "actions": [action]})
    client.simulator.clock.advance(1)
    assert client.ok("GET", f"{ORG}/actionBatches/{batch['id']}")["status"]["completed"] is True
    assert (remembered(old), remembered(new)) == (False, True)
    shown = json.dumps(world.data) + json.dumps(batch) + str(client.ok("GET", f"{ORG}/configurationChanges"))
    assert old not in shown
    assert new not in shown


def test_a_new_server_without_secret_is_refused(client: Client) -> None:
    path = f"/networks/{client.network()}/switch/accessPolicies"
    nameless = {**POLICY, "radiusServers": [{"port": 1812}]}
    assert client.refused("POST", path, nameless) == [
        "'radiusServers[0].host' is required",
        "'radiusServers[0].secret' is required",
    ]


def test_claims_are_all_or_nothing_unless_switched(client: Client) -> None:
    network = client.network()
    path = f"/networks/{network}/devices/claim"
    wanted = {"serials": ["QZZZ-0002-0001", "QZZZ-0001-0001", "QZZZ-9999-0001"]}
    assert client.refused("POST", path, wanted) == [
        "Device with serial QZZZ-0001-0001 is already in a network",
        "Device with serial QZZZ-9999-0001 not found",
    ]
    done = client.ok("POST", f"{path}?addAtomically=false", wanted)
    assert done["serials"] == ["QZZZ-0002-0001"]
    assert [e["serial"] for e in done["errors"]] == ["QZZZ-0001-0001", "QZZZ-9999-0001"]


def test_ten_claims_pass_in_five_minutes(client: Client) -> None:
    network = client.ok("POST", f"{ORG}/networks", {"name": "n", "productTypes": ["switch", "wireless"]})[
        "id"
    ]
    serials = list(client.simulator.world.devices)
    for serial in serials[:10]:
        client.ok("POST", f"/networks/{network}/devices/claim", {"serials": [serial]})
    over = client.send("POST", f"/networks/{network}/devices/claim", {"serials": [serials[10]]})
    assert (over.status, over.headers["Retry-After"]) == (429, "300")
    client.simulator.clock.advance(300)
    client.ok("POST", f"/networks/{network}/devices/claim", {"serials": [serials[10]]})


def test_a_fresh_device_refuses_calls_for_a_while(client: Client) -> None:
    client.simulator.behaviour.set(claim_delay=120, fresh_status=404)
    client.network()
    client.refused("GET", f"{SWITCH}/switch/ports", status=404)
    client.refused("PUT", SWITCH, {"name": "a"}, status=404)
    client.simulator.clock.advance(121)
    assert client.ok("PUT", SWITCH, {"name": "a"})["name"] == "a"


def test_a_deleted_network_gives_its_devices_back_blank(client: Client) -> None:
    network = client.network()
    client.ok("PUT", SWITCH, {"name": "a"})
    client.ok("PUT", f"{SWITCH}/switch/ports/1", {"name": "b"})
    assert client.send("DELETE", f"/networks/{network}").status == 204
    assert client.refused("GET", SWITCH, status=404) == ["Device not found"]
    client.network("again")
    assert client.ok("GET", SWITCH)["name"] is None
    assert client.ok("GET", f"{SWITCH}/switch/ports/1")["name"] is None


def test_a_network_without_a_product_refuses_its_endpoints(client: Client) -> None:
    network = client.network(types=("switch",))
    assert client.refused("GET", f"/networks/{network}/wireless/ssids") == [
        "This endpoint only supports wireless networks"
    ]
    assert client.refused("POST", f"/networks/{network}/devices/claim", {"serials": ["QZZZ-0002-0041"]}) == [
        "Device with serial QZZZ-0002-0041 does not fit this network"
    ]


def test_two_networks_may_have_a_name_unless_switched(client: Client) -> None:
    body = {"name": "n", "productTypes": ["switch"]}
    first, second = (client.ok("POST", f"{ORG}/networks", body)["id"] for _ in range(2))
    assert first != second
    client.simulator.behaviour.set(unique_network_names=True)
    client.refused("POST", f"{ORG}/networks", body)


def test_changes_can_be_asked_for_since_a_moment(client: Client) -> None:
    network = client.network()
    client.simulator.clock.advance(60)
    moment = client.simulator.clock.iso()
    assert client.ok("GET", f"{ORG}/devices?configurationUpdatedAfter={moment}") == []
    client.simulator.clock.advance(60)
    client.ok("PUT", f"{SWITCH}/switch/ports/1", {"name": "b"})
    touched = client.ok("GET", f"{ORG}/switch/ports/bySwitch?configurationUpdatedAfter={moment}")
    assert [switch["serial"] for switch in touched] == ["QZZZ-0001-0001"]
    assert len(client.ok("GET", f"{ORG}/configurationChanges?t0={moment}&networkId={network}")) == 1


def test_the_brownfield_is_a_mess_and_always_the_same() -> None:
    first, second = frozen_client("brownfield"), frozen_client("brownfield")
    networks = first.ok("GET", f"{ORG}/networks")
    assert networks == second.ok("GET", f"{ORG}/networks")
    assert [n["name"] for n in networks if n["name"].startswith("VLB")] == ["VLB ctm"]
    assert len(networks) == 4
    hall = networks[0]["id"]
    ssids = first.ok("GET", f"/networks/{hall}/wireless/ssids")
    assert ssids == second.ok("GET", f"/networks/{hall}/wireless/ssids")
    enabled = [(s["name"], s["authMode"]) for s in ssids if s["enabled"]]
    assert enabled == [("VLB-Agents", "psk"), ("VLB-Metier", "psk"), ("VLB-Ancien", "psk")]
    unassigned = [d for d in first.ok("GET", f"{ORG}/inventory/devices") if d["networkId"] is None]
    assert len(unassigned) == 5
    assert first.ok("GET", f"/networks/{hall}/switch/accessPolicies")[0]["name"] == "essai 802.1X"
    assert first.simulator.calls.of("meraki")["writes"] == 0
