"""Engines of the simulated SMC with their parts, VPN, aliases and routes."""

from __future__ import annotations

from typing import Any

import pytest

from lab.smc.seeds.demo import demo
from tests.support.smc_client import Client, frozen_client


@pytest.fixture
def client() -> Client:
    return frozen_client(demo)


@pytest.fixture
def plano(client: Client) -> str:
    return client.named("single_fw", "Plano")


def interface(number: int, address: str) -> dict[str, Any]:
    inner = {"address": address, "network_value": f"{address}/24", "nicid": str(number), "nodeid": 1}
    return {"interface_id": number, "interfaces": [{"single_node_interface": inner}], "vlanInterfaces": []}


def test_an_engine_comes_with_nodes_interfaces_and_a_gateway(client: Client, plano: str) -> None:
    read = client.get(plano)
    assert [part["firewall_node"]["name"] for part in read["nodes"]] == ["Plano node 1"]
    assert [part["physical_interface"]["interface_id"] for part in read["physicalInterfaces"]] == ["0", "1"]
    gateway = client.get(f"{plano}/internal_gateway")["result"][0]["href"]
    assert client.names(f"{gateway}/internal_endpoint") == ["10.17.10.1", "172.18.1.254"]


def test_interfaces_are_added_changed_and_left_out(client: Client, plano: str) -> None:
    before = client.etag(plano)
    href = client.make(f"{plano}/physical_interface", interface(5, "10.5.0.1"))
    assert client.etag(plano) != before
    assert client.get(href)["interface_id"] == "5"
    assert "already exists" in client.refused(
        client.send("POST", f"{plano}/physical_interface", interface(5, "10.6.0.1"))
    )
    whole = client.get(plano)
    client.put(plano, {**whole, "comment": "x"})
    assert len(client.get(f"{plano}/interfaces")["result"]) == 3
    client.put(plano, {**whole, "physicalInterfaces": whole["physicalInterfaces"][:2]})
    assert len(client.get(f"{plano}/interfaces")["result"]) == 2


def test_an_alias_is_resolved_on_an_engine(client: Client) -> None:
    alias = client.named("interface_nic_x_ip_alias", "$$ Interface ID 0.ip")
    network = client.named("interface_nic_x_net_alias", "$$ Interface ID 1.net")
    assert client.get(f"{alias}/resolve?for=Plano")["resolved_value"] == ["10.17.10.1"]
    assert client.get(f"{network}/resolve?for=Plano")["resolved_value"] == ["172.18.1.0/24"]
    assert client.send("GET", f"{alias}/resolve?for=rien").status == 404


def test_a_vpn_takes_gateways_only_while_it_is_open(client: Client, plano: str) -> None:
    vpn = client.named("vpn", "Corporate VPN")
    gateway = client.get(f"{plano}/internal_gateway")["result"][0]["href"]
    body = {"gateway": gateway, "node_usage": "central"}
    assert "not open" in client.refused(client.send("POST", f"{vpn}/central_gateway_node", body))
    assert client.get(f"{vpn}/central_gateway_node")["result"] == []
    client.send("POST", f"{vpn}/open")
    client.make(f"{vpn}/central_gateway_node", body)
    client.send("POST", f"{vpn}/save")
    client.send("POST", f"{vpn}/close")
    assert "not open" in client.refused(client.send("POST", f"{vpn}/central_gateway_node", body))
    assert client.names(f"{vpn}/central_gateway_node") == ["Plano Primary"]


def test_the_routing_tree_follows_the_interfaces_and_keeps_gateways(client: Client, plano: str) -> None:
    tree = client.get(f"{plano}/routing")
    assert [(node["nic_id"], [below["ip"] for below in node["routing_node"]]) for node in tree["routing_node"]] == [
        ("0", ["10.17.10.0/24"]),
        ("1", ["172.18.1.0/24"]),
    ]
    assert client.send("POST", f"{plano}/add_route?gateway=172.18.1.1&network=10.9.0.0/16").status == 201
    answer = client.send("POST", f"{plano}/add_route?gateway=172.99.1.1&network=10.9.0.0/16")
    assert "no network of an interface" in client.refused(answer)
    network = client.get(f"{plano}/routing")["routing_node"][1]["routing_node"][0]
    (gateway,) = network["routing_node"]
    assert (gateway["ip"], gateway["routing_node"][0]["ip"]) == ("172.18.1.1", "10.9.0.0/16")
    itself = network["link"][0]["href"]
    router = client.named("router", "router-172.18.1.1")
    wanted = {
        "level": "gateway",
        "href": router,
        "routing_node": [{"level": "any", "href": client.named("host", "DNS 1")}],
    }
    assert client.send("PUT", itself, {**network, "routing_node": [wanted]}).status == 200
    (gateway,) = client.get(itself)["routing_node"]
    assert (gateway["name"], gateway["related_element_type"]) == ("router-172.18.1.1", "router")
    assert [below["name"] for below in gateway["routing_node"]] == ["DNS 1"]
    assert client.send("DELETE", gateway["link"][0]["href"]).status == 204
    assert client.get(itself)["routing_node"] == []
    assert [node["level"] for node in client.get(f"{plano}/antispoofing")["antispoofing_node"]] == ["interface"] * 2
    assert client.send("DELETE", f"{plano}/antispoofing/i0").status == 405


def test_a_path_that_the_lab_does_not_serve_is_not_found(client: Client, plano: str) -> None:
    for path in ("all_routing", "upload_result", "vpn_mapping"):
        assert client.send("GET", f"{plano}/{path}").status == 404
        assert path not in {link["rel"] for link in client.get(plano)["link"]}
