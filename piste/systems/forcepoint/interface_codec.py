"""Wire form of an interface of an engine, and back.

What the table does not say stays as it is. An interface document has addresses under `interfaces`, each wrapped in its
kind. An address that nodes share (CVI) has no node; that by which a relay speaks to DHCP servers has `relayed_by_dhcp`,
a flag that the SMC refuses without an enabled relay [recorded, on the tracker of the vendor's library].
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from piste.engine.converge.plan import Item
from piste.engine.converge.reading import listed, mapped, number, optional, text, truth
from piste.engine.converge.values import Misfit, coerce, stable

CVI, NDI, SINGLE = "cluster_virtual_interface", "node_interface", "single_node_interface"
MANAGEMENT = ("primary_mgt", "backup_mgt", "primary_heartbeat", "backup_heartbeat")
"""Flags of the addresses by which the SMC reaches the nodes, and the nodes each other."""
_FLAGS = ("auth_request", "outgoing", *MANAGEMENT)
"""Flags that the vendor's library always sends with a new address of a node [read in vendor code]."""
_SILENT: Mapping[str, Any] = {"qos_mode": "no_qos", "qos_limit": -1}
"""Values of an interface without QoS [read in vendor code]."""
_NOTHING = (None, "")
_SAID = frozenset(
    {
        "aggregate_mode", "cvi_mode", "comment", "dhcp_relay", "dhcp_server_on_interface", "macaddress",
        "second_interface_id", "vlanInterfaces", "zone_ref",
    }
)  # fmt: skip
"""Attributes that the fields of the table say."""
_DHCP_SERVER = {"range": "dhcp_address_range", "gateway": "default_gateway", "domain": "domain_name_search_list"}
_RELAY = {"max_packet_size": 1400, "trusted_circuit": False}
"""The rest of a new relay, as a client of the vendor sends it [read in vendor code]."""
_DNS = ("primary_dns_server", "secondary_dns_server")

Slot = tuple[str, str, str]
"""Place of an address: its kind, its node (empty for a shared address), its network."""
Document = dict[str, Any]


def decode(document: Mapping[str, Any], name: Callable[[str], str]) -> Document:
    """Reduce an interface document to the fields of the table.

    `name` gives the reference of an address."""
    result: Document = {"addresses": _addresses(listed(document.get("interfaces")))}
    relay = mapped(document.get("dhcp_relay"))
    result["relay"] = [name(text(href)) for href in listed(relay.get("element"))] if truth(relay.get("enabled")) else []
    if zone := optional(text, document.get("zone_ref")):
        result["zone"] = name(zone)
    if served := mapped(document.get("dhcp_server_on_interface")):
        result["dhcpServer"] = _served(served)
    for wire, field in (("comment", "comment"), ("cvi_mode", "cviMode"), ("macaddress", "macAddress")):
        if document.get(wire) not in _NOTHING:
            result[field] = document[wire]
    if document.get("aggregate_mode") not in _NOTHING:
        result["aggregate"] = {"mode": document["aggregate_mode"], "interfaces": members(document)}
    return result


def members(document: Mapping[str, Any]) -> list[str]:
    """Numbers of the interfaces that an aggregate has besides its own: a text with commas."""
    joined = document.get("second_interface_id")
    return [] if joined in _NOTHING else [part.strip() for part in str(coerce("str", joined)).split(",")]


def _addresses(wrappers: Sequence[Any]) -> list[Document]:
    networks: dict[str, Document] = {}
    for kind, body in _static(wrappers):
        entry = networks.setdefault(_network(body), {"network": _network(body), "cluster": None, "nodes": {}})
        if kind == CVI:
            entry["cluster"] = text(body["address"])
        else:
            entry["nodes"][_node(body)] = text(body["address"])
    return list(networks.values())


def _served(document: Mapping[str, Any]) -> Document:
    result = {name: document[wire] for name, wire in _DHCP_SERVER.items() if document.get(wire) not in _NOTHING}
    nodes = listed(document.get("dhcp_range_per_node"))
    dns = [document[name] for name in _DNS if document.get(name) not in _NOTHING]
    if nodes:
        result["ranges"] = {str(node["node_id"]): node["dhcp_address_range"] for node in nodes}
    if document.get("default_lease_time") not in (*_NOTHING, 0):
        result["lease"] = document["default_lease_time"]
    return {**result, **({"dns": dns} if dns else {})}


def number_of(document: Mapping[str, Any]) -> str:
    """Number of an interface, which old versions give as a number."""
    return str(coerce("str", document["interface_id"]))


def unread(document: Mapping[str, Any]) -> set[str]:
    """Attributes of an interface document that say something, and that the table does not say."""
    says = {name for name, value in document.items() if value and value != _SILENT.get(name)}
    others = {
        f"interfaces.{kind}"
        for kind, body in contents("interfaces", listed(document.get("interfaces")))
        if not _is_static(kind, body)
    }
    return (says - _SAID) | others


def flags(document: Mapping[str, Any], names: Sequence[str] = MANAGEMENT) -> list[str]:
    """Roles that the addresses of an interface play for the engine itself."""
    bodies = [body for _, body in _static(listed(document.get("interfaces")))]
    return [name for name in names if any(truth(body.get(name)) for body in bodies)]


def gateways(item: Mapping[str, Any]) -> dict[str, str]:
    """Gateway of each network of an interface: the shared address, else that of a lone node."""
    entries = item.get("addresses") or ()
    return {entry["network"]: str(entry["cluster"] or next(iter(entry["nodes"].values()), "")) for entry in entries}


def encode(
    document: Mapping[str, Any],
    before: Item,
    after: Item,
    address: Callable[[str], str],
    *,
    cluster: bool,
) -> Document:
    """Build the document of an interface: the live document with the changes of an operation.

    `address` gives the wire form of a reference. A new interface starts from a document with its number alone.
    """
    result = dict(document)
    changed = {name for name in after if stable(after[name]) != stable(before.get(name))}
    if "comment" in changed:
        _put(result, "comment", after["comment"])
    if "zone" in changed:
        _put(result, "zone_ref", address(after["zone"]) if after["zone"] else None)
    for name, wire in (("cvi_mode", "cvi_mode"), ("mac_address", "macaddress")):
        if name in changed:
            _put(result, wire, after[name])
    if "aggregate" in changed:
        aggregate = after["aggregate"] or {"mode": None, "interfaces": ()}
        _put(result, "aggregate_mode", aggregate["mode"])
        _put(result, "second_interface_id", ",".join(aggregate["interfaces"]) or None)
    if "addresses" in changed or "interfaces" not in result:
        live = listed(result.get("interfaces"))
        result["interfaces"] = _placed(live, after.get("addresses") or (), number_of(result), cluster=cluster)
    if "relay" in changed and (after["relay"] or result.get("dhcp_relay")):
        servers = [address(ref) for ref in after["relay"]]
        asked = {"enabled": bool(servers), "element": servers}
        result["dhcp_relay"] = {**_RELAY, **mapped(result.get("dhcp_relay")), **asked}
    if changed & {"relay", "addresses"}:
        relays = truth(mapped(result.get("dhcp_relay")).get("enabled"))
        result["interfaces"] = list(_relaying(result["interfaces"], relays=relays))
    if "dhcp_server" in changed:
        live_server = mapped(result.get("dhcp_server_on_interface"))
        _put(result, "dhcp_server_on_interface", _serving(live_server, after["dhcp_server"]))
    return result


def _put(document: Document, name: str, value: Any) -> None:
    """Give a document a value; no value leaves the attribute out, which clears it."""
    document.pop(name, None)
    if value is not None:
        document[name] = value


def _placed(wrappers: Sequence[Any], addresses: Sequence[Item], nic: str, *, cluster: bool) -> list[Any]:
    """Place addresses into the live wrappers.

    What stays keeps its place and its other attributes. An address that goes to another network takes the flags of its
    node along.
    """
    left = dict(_slots(addresses, cluster=cluster))
    exact = {id(body): left.pop(slot) for slot, body in _live_slots(wrappers) if slot in left}
    result: list[Any] = []
    for wrapped in wrappers:
        ((kind, body),) = mapped(wrapped).items()
        if not _is_static(kind, body):
            result.append(wrapped)
            continue
        moved = next((slot for slot in left if slot[:2] == (kind, _node(body))), None)
        if id(body) in exact:
            result.append({kind: {**body, "address": exact[id(body)]}})
        elif moved:
            result.append({kind: {**body, "address": left.pop(moved), "network_value": moved[2]}})
    for (kind, node, network), address in left.items():
        own = {"nodeid": int(node), **dict.fromkeys(_FLAGS, False)} if node else {}
        result.append({kind: {"address": address, "network_value": network, "nicid": nic, **own}})
    return result


def _slots(addresses: Sequence[Item], *, cluster: bool) -> Iterator[tuple[Slot, str]]:
    for entry in addresses:
        if entry["cluster"]:
            yield (CVI, "", entry["network"]), entry["cluster"]
        for node, address in entry["nodes"].items():
            yield (NDI if cluster else SINGLE, node, entry["network"]), address


def _live_slots(wrappers: Sequence[Any]) -> Iterator[tuple[Slot, Mapping[str, Any]]]:
    for kind, body in _static(wrappers):
        yield (kind, _node(body), _network(body)), body


def _relaying(wrappers: Sequence[Any], *, relays: bool) -> Iterator[Any]:
    """Mark an address by which the relay speaks, if none is; unmark all without a relay."""
    carriers = [(kind, body) for kind, body in _static(wrappers) if kind != NDI]
    marked = any(truth(body.get("relayed_by_dhcp")) for _, body in carriers)
    chosen = carriers[0][1] if carriers and relays and not marked else None
    for wrapped in wrappers:
        ((kind, body),) = mapped(wrapped).items()
        if body is chosen or (not relays and truth(body.get("relayed_by_dhcp"))):
            yield {kind: {**body, "relayed_by_dhcp": relays}}
        else:
            yield wrapped


def _serving(live: Mapping[str, Any], item: Item | None) -> Document | None:
    """Build the DHCP server of an interface; what the table does not say of it stays."""
    if item is None:
        return None
    result = dict(live)
    for name, wire in _DHCP_SERVER.items():
        if name in item:
            _put(result, wire, item[name])
    if "ranges" in item:
        nodes = [{"node_id": int(node), "dhcp_address_range": part} for node, part in sorted(item["ranges"].items())]
        _put(result, "dhcp_range_per_node", nodes or None)
    if "lease" in item:
        result["default_lease_time"] = item["lease"]
    if "dns" in item:
        for wire, value in zip(_DNS, [*item["dns"], None, None], strict=False):
            _put(result, wire, value)
    return result


def contents(name: str, wrappers: Sequence[Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield what a list has, each with its kind. Raises `Misfit` for an empty document."""
    for wrapped in wrappers:
        kinds = mapped(wrapped)
        if not kinds or not all(map(mapped, kinds.values())):
            raise Misfit(f"« {name} » a un élément sans contenu")
        yield from kinds.items()


def _static(wrappers: Sequence[Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for kind, body in contents("interfaces", wrappers):
        if _is_static(kind, body):
            yield kind, body


def _is_static(kind: str, body: Mapping[str, Any]) -> bool:
    return kind in (CVI, NDI, SINGLE) and body.get("address") not in _NOTHING


def _node(body: Mapping[str, Any]) -> str:
    """Number of the node of an address; empty for a shared address."""
    return str(number(body["nodeid"])) if "nodeid" in body else ""


def _network(body: Mapping[str, Any]) -> str:
    return str(network_of(text(body["network_value"])))


@cache
def network_of(network: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    """Parse a network; an engine says the same again for each address, and a run for each owner."""
    return ipaddress.ip_network(network, strict=False)
