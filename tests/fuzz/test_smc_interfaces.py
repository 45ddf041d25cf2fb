"""Interfaces of an engine, written over any live document: what is not declared stays."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from piste.systems.forcepoint.interface_codec import CVI, MANAGEMENT, NDI, decode, encode
from tests.support.fuzz import examples

NETWORKS = ("10.0.0.0/24", "10.0.1.0/24", "2001:db8::/64")
FIELDS = ("comment", "zone", "addresses", "relay", "dhcp_server", "aggregate")
MEMBERS = st.lists(st.sampled_from(["2", "3", "4"]), min_size=1, unique=True)


@st.composite
def entries(draw: Any) -> list[dict[str, Any]]:
    """Draw the declared addresses of an interface, an entry for each of some networks."""
    listed = []
    for network in draw(st.lists(st.sampled_from(NETWORKS), unique=True)):
        base = network.split("/")[0].removesuffix("0")
        hosts = draw(st.lists(st.integers(1, 9), unique=True, min_size=1, max_size=3))
        nodes = {str(at): f"{base}{host}" for at, host in enumerate(hosts[1:], 1)}
        listed.append({"network": network, "cluster": f"{base}{hosts[0]}", "nodes": nodes})
    return sorted(listed, key=lambda entry: str(entry["network"]))


@st.composite
def items(draw: Any) -> dict[str, Any]:
    server = st.fixed_dictionaries({"gateway": st.just("10.0.0.1"), "lease": st.integers(60, 9999)})
    return {
        "comment": draw(st.none() | st.text(min_size=1, max_size=5)),
        "zone": draw(st.none() | st.sampled_from(["interface_zone/a", "interface_zone/b"])),
        "addresses": draw(entries()),
        "relay": sorted(draw(st.sets(st.sampled_from(["dhcp_server/a", "dhcp_server/b"])))),
        "dhcp_server": draw(st.none() | server),
        "aggregate": draw(st.none() | st.fixed_dictionaries({"mode": st.just("lb"), "interfaces": MEMBERS})),
    }


STRANGE = st.fixed_dictionaries(
    {}, optional={"mtu": st.integers(), "arp_entry": st.just([{"x": 1}]), "key": st.integers(), "qos_mode": st.text()}
)
FOREIGN = st.sampled_from([{"inline_interface": {"nicid": "0-1"}}, {NDI: {"nodeid": 1, "dynamic": True}}])


def read(document: dict[str, Any]) -> dict[str, Any]:
    """Read a document, in the form of a declaration."""
    wire = decode(document, lambda href: href.removeprefix("https://smc/"))
    wire["addresses"].sort(key=lambda entry: entry["network"])
    server = wire.get("dhcpServer")
    return {**dict.fromkeys(FIELDS), **{name: wire[name] for name in FIELDS if name in wire}, "dhcp_server": server}


def written(document: dict[str, Any], before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    return encode(document, before, after, lambda ref: f"https://smc/{ref}", cluster=True)


@examples(small=15, wide=5000)
@given(items(), items(), STRANGE, st.lists(FOREIGN, max_size=2), st.sampled_from(MANAGEMENT))
def test_a_change_says_what_is_declared_and_leaves_the_rest(
    before: dict[str, Any], after: dict[str, Any], strange: dict[str, Any], foreign: list[Any], role: str
) -> None:
    live = written({"interface_id": "0.44", **strange}, {}, before)
    assert read(live) == before
    for wrapped in live["interfaces"]:
        wrapped.get(NDI, {})[role] = True
    live["interfaces"] = [*foreign[:1], *live["interfaces"], *foreign[1:]]
    kept = copy.deepcopy(live)
    result = written(live, before, after)
    assert live == kept, "the live document is not changed in place"
    assert read(result) == after
    assert {name: result[name] for name in strange} == strange
    assert [each for each in result["interfaces"] if each in foreign] == foreign
    relayed = [body for each in result["interfaces"] for kind, body in each.items() if body.get("relayed_by_dhcp")]
    shared = [entry for entry in after["addresses"] if entry["cluster"]]
    assert len(relayed) == (1 if after["relay"] and shared else 0)
    assert written(result, after, after) == result
    nodes = {node for entry in before["addresses"] for node in entry["nodes"]}
    for each in result["interfaces"]:
        body = each.get(NDI, {})
        if "address" in body and str(body["nodeid"]) in nodes and len(before["addresses"]) == 1 == len(shared):
            assert body[role], "a node keeps its role wherever its address goes"
    assert all(set(each) <= {CVI, NDI, "inline_interface"} for each in result["interfaces"])
