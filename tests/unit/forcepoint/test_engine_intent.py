"""Gateways of a site, routes and services of the town, as tasks on the engine."""

from __future__ import annotations

from typing import Any

import pytest

from piste.systems.forcepoint.engine_intent import engine_elements, engine_intent
from piste.systems.forcepoint.intent import smc_intent
from tests.support.dossier import town

ENGINE = "fw_cluster/fw-hdv"


def interfaces(site: str, **changes: Any) -> dict[str, dict[str, Any]]:
    owner: Any = {**town().sites[site], **changes}
    return {item["comment"]: item for item in engine_intent(owner)["engine_interfaces"]}


def test_a_site_has_the_gateways_that_the_firewall_carries() -> None:
    items = interfaces("ecole-jaures")
    assert sorted(items) == [
        "gw-jau-administration", "gw-jau-invites", "gw-jau-pedagogique", "gw-jau-serveurs",
    ]  # fmt: skip
    pupils = items["gw-jau-pedagogique"]
    assert (pupils["engine"], pupils["zone"]) == (ENGINE, "interface_zone/VLB-zone-pedagogique")
    assert pupils["relay"] == ["dhcp_server/VLB-dhcp-10.93.2.11", "dhcp_server/VLB-dhcp-10.93.2.12"]
    assert pupils["dhcp_server"] is None
    (entry,) = pupils["addresses"]
    assert entry["cluster"] == "10.93.45.254"
    assert len(entry["nodes"]) == 2


def test_guests_get_their_addresses_from_the_firewall_each_node_its_own() -> None:
    served = interfaces("ecole-jaures")["gw-jau-invites"]["dhcp_server"]
    assert served["ranges"] == {"1": "10.93.44.50-10.93.44.144", "2": "10.93.44.145-10.93.44.239"}
    assert served["gateway"] == "10.93.44.254"
    assert interfaces("ecole-jaures")["gw-jau-invites"]["relay"] == []


@pytest.mark.parametrize(
    ("excluded", "ranges"),
    [
        (("10.93.44.50", "10.93.44.59"), {"1": "10.93.44.60-10.93.44.149", "2": "10.93.44.150-10.93.44.239"}),
        (("10.93.44.100", "10.93.44.109"), {"1": "10.93.44.50-10.93.44.99", "2": "10.93.44.110-10.93.44.239"}),
    ],
)
def test_excluded_addresses_are_never_lent(excluded: tuple[str, str], ranges: dict[str, str]) -> None:
    gateways: list[Any] = [
        {**gateway, "server": {**gateway["server"], "exclusions": [dict(zip(("start", "end"), excluded, strict=True))]}}
        for gateway in town().sites["ecole-jaures"]["gateways"]
        if gateway["server"]
    ]
    assert interfaces("ecole-jaures", gateways=gateways)["gw-jau-invites"]["dhcp_server"]["ranges"] == ranges


def test_a_lone_firewall_has_the_gateway_itself_and_one_range() -> None:
    engine = {**(town().sites["ecole-jaures"]["engine"] or {}), "kind": "single", "nodes": 1}
    items = interfaces("ecole-jaures", engine=engine)
    (entry,) = items["gw-jau-invites"]["addresses"]
    assert items["gw-jau-invites"]["engine"] == "single_fw/fw-hdv"
    assert (entry["cluster"], entry["nodes"]) == (None, {"1": "10.93.44.254"})
    assert items["gw-jau-invites"]["dhcp_server"]["range"] == "10.93.44.50-10.93.44.239"


def test_the_town_has_the_transit_the_way_out_and_every_way_back() -> None:
    intent = smc_intent(town().commune)
    assert [item["interface"] for item in intent["engine_interfaces"]] == ["0.400", "1"]
    (routes,) = intent["engine_routes"]
    assert routes["routes"]["0.0.0.0/0"] == {"via": ["192.0.2.1"]}
    carried = [
        gateway["subnet"]
        for site in town().sites.values()
        if site["lifecycle"] in ("open", "closing")
        for gateway in site["gateways"]
        if gateway["carrier"] == "core"
    ]
    assert all(routes["routes"][subnet] == {"via": ["10.93.240.1"]} for subnet in carried)
    (settings,) = intent["engine_settings"]
    assert settings == {
        "engine": ENGINE,
        "dns": ["10.93.2.11", "10.93.2.12"],
        "ntp": ["ntp/VLB-ntp-10.93.2.11", "ntp/VLB-ntp-10.93.2.12"],
        "log_server": "log_server/LogServer 192.0.2.10",
    }
    (logs,) = intent["log_servers"]
    assert logs == {
        "server": "log_server/LogServer 192.0.2.10",
        "forwards": {"host/VLB-log-hdv-log1:514/udp": {"format": "cef", "data": "data_context/All Log Data"}},
    }


def test_what_interfaces_and_services_name_is_declared_by_the_town() -> None:
    elements = {f"{item['type']}/{item['name']}" for item in engine_elements(town().commune)}
    owners = [town().commune, *town().sites.values()]
    items = [item for owner in owners for item in engine_intent(owner)["engine_interfaces"]]
    named = {ref for item in items for ref in (*item.get("relay", ()), *([item["zone"]] if "zone" in item else ()))}
    (settings,) = engine_intent(town().commune)["engine_settings"]
    assert named | set(settings["ntp"]) | {"host/VLB-log-hdv-log1"} <= elements
    keys = [(item["engine"], item["interface"]) for item in items]
    assert len(set(keys)) == len(keys), "no two owners declare one interface"


def test_a_town_whose_routing_is_not_declared_has_nothing_to_do_there() -> None:
    commune: Any = {**town().commune, "firewall_engine": None}
    assert not any(engine_intent(commune).values())
    assert list(engine_elements(commune)) == []
    assert interfaces("ecole-jaures", engine=None) == {}
