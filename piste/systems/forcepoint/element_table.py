"""Table of the elements that rules are made of: their types and their fields.

Source: the 7.4.1 model of the SMC API (`Host`, `Network`, `AddressRange`, `DomainName`, `Router`, `Group`,
`DhcpServer`, `NtpServer`, `InterfaceZone`, `IpList`, the services and their groups, `UrlListApplicationSituation`,
`Location`). Those that let people and other gateways in are in `access_table`.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from piste.engine.converge.resource import Field, Resource
from piste.engine.converge.values import coerce
from piste.systems.forcepoint import access_table, admin_table
from piste.systems.forcepoint.references import reference

_NET = ("location",)
_PORTS = ("ports", "source_ports", "protocol_agent")
_HOST = ("address", "ipv6_address", "secondary", "tools_profile", *_NET)

TYPES: Mapping[str, tuple[str, ...]] = {
    "location": (),
    "interface_zone": (),
    "host": _HOST,
    "router": _HOST,
    "dhcp_server": _HOST,
    "ntp": (*_HOST, "host_name", "key_type"),
    "network": ("ipv4_network", "ipv6_network", "broadcast", *_NET),
    "address_range": ("ip_range", *_NET),
    "domain_name": ("entries", *_NET),
    "ip_list": ("addresses", *_NET),
    "group": ("members", "monitored", *_NET),
    "tcp_service": _PORTS,
    "udp_service": _PORTS,
    "icmp_service": ("icmp_type", "icmp_code", "protocol_agent"),
    "icmp_ipv6_service": ("icmp_type", "icmp_code", "protocol_agent"),
    "ip_service": ("protocol", "protocol_agent"),
    "url_list_application": ("urls",),
    "tcp_service_group": ("members",),
    "udp_service_group": ("members",),
    "icmp_service_group": ("members",),
    "ip_service_group": ("members",),
    "service_group": ("members",),
    **access_table.TYPES,
}
"""Fields of each type besides `type`, `name` and `comment`, in the order in which elements are created: referenced
types come first; groups of one type are ordered by their members."""

NETWORKS = frozenset(
    {"host", "router", "dhcp_server", "ntp", "network", "address_range", "domain_name", "ip_list", "group"}
)
"""Types that share one name space [belief smc.name_space]: a host and a network cannot have the same name."""


def address(text: str) -> str:
    return str(ipaddress.ip_address(text.strip()))


def ipv4(text: str) -> str:
    return str(ipaddress.IPv4Address(text.strip()))


def ipv6(text: str) -> str:
    return str(ipaddress.IPv6Address(text.strip()))


def network4(text: str) -> str:
    return str(ipaddress.IPv4Network(text.strip()))


def network6(text: str) -> str:
    return str(ipaddress.IPv6Network(text.strip()))


def ip_range(text: str) -> str:
    """Normalise a range of addresses, `10.0.0.1-10.0.0.9`. Raises `ValueError`."""
    first, last = (ipaddress.ip_address(part.strip()) for part in text.split("-"))
    if first.version != last.version or int(first) > int(last):
        raise ValueError(text)
    return f"{first}-{last}"


def addresses(text: str) -> str:
    """Normalise an entry of an IP list: an address, a network or a range."""
    if "-" in text:
        return ip_range(text)
    return str(ipaddress.ip_network(text.strip())) if "/" in text else address(text)


def ports(text: str) -> str:
    """Normalise a port or a range of ports: `443`, `1024-65535`. Raises `ValueError`."""
    match = re.fullmatch(r"\s*(\d{1,5})\s*(?:-\s*(\d{1,5})\s*)?", text)
    if not match:
        raise ValueError(text)
    low, high = int(match[1]), int(match[2] or match[1])
    if not 0 <= low <= high <= 65535:
        raise ValueError(text)
    return str(low) if low == high else f"{low}-{high}"


def span(low: Any, high: Any) -> str:
    """Join the two ports of the wire in one text; empty where there is none.

    A single port may come without its second bound.
    """
    first, last = (None if bound in (None, "") else int(coerce("int", bound)) for bound in (low, high))
    if first is None:
        return ""
    return str(first) if last in (None, first) else f"{first}-{last}"


def bounds(text: str | None) -> tuple[int | None, int | None]:
    """Split a range of ports: first and last port, both None for an empty text."""
    if not text:
        return None, None
    low, _, high = text.partition("-")
    return int(low), int(high or low)


def _ref(name: str, doc: str, wire: str) -> Field:
    return Field(name, f"{doc}, C(type/name).", wire=wire, nullable=True, default=None, normalise=reference)


def _text(name: str, doc: str, normalise: Any, wire: str = "") -> Field:
    return Field(name, doc, wire=wire or name, nullable=True, default=None, normalise=normalise)


def _of(name: str) -> str:
    return "(" + ", ".join(kind for kind, fields in TYPES.items() if name in fields) + ")"


ELEMENTS = Resource(
    system="smc",
    name="element",
    doc="Élément du SMC",
    key=("type", "name"),
    known=frozenset(
        {"key", "system", "read_only", "locked", "trashed", "admin_domain", "etag", "system_key", "link", "unique_id"}
        | {"provided_method", "end_point", "site"}
    ),
    fields=(
        Field("type", "Kind of element.", choices=tuple(TYPES), required=True),
        Field("name", "Name; with the type, the identity: other objects say C(type/name).", required=True, maximum=255),
        Field("comment", "Comment; null clears it.", nullable=True, default=None, minimum=1),
        _text("address", f"IPv4 address {_of('address')}.", ipv4),
        _text("ipv6_address", f"IPv6 address {_of('ipv6_address')}.", ipv6),
        Field(
            "secondary",
            f"Other addresses {_of('secondary')}.",
            type="list",
            unordered=True,
            default=[],
            normalise=address,
        ),
        Field("host_name", "Name by which it is reached (ntp).", wire="ntp_host_name", nullable=True, default=None),
        Field(
            "key_type",
            "Type of the key that signs its answers; the key itself is given in the console (ntp).",
            wire="ntp_auth_key_type",
            default="none",
        ),
        _text("ipv4_network", "IPv4 network, C(10.93.0.0/24) (network).", network4),
        _text("ipv6_network", "IPv6 network (network).", network6),
        Field("broadcast", "Whether its broadcast address is in it (network).", type="bool", default=False),
        _text("ip_range", "First and last address, C(10.0.0.1-10.0.0.9) (address_range).", ip_range),
        Field(
            "entries",
            "Addresses or names that the name stands for besides itself (domain_name).",
            type="list",
            wire="domain_name_entry",
            unordered=True,
            default=[],
        ),
        Field(
            "addresses",
            "What the list holds: addresses, networks, ranges (ip_list).",
            type="list",
            wire="ip",
            unordered=True,
            normalise=addresses,
            part="ip_address_list",
        ),
        Field(
            "members",
            f"What it holds, C(type/name) each {_of('members')}.",
            type="list",
            wire="element",
            unordered=True,
            default=[],
            normalise=reference,
        ),
        Field(
            "monitored",
            "Whether its members' status is watched (group).",
            type="bool",
            wire="is_monitored",
            default=False,
        ),
        Field(
            "urls",
            "Addresses of the Web that it stands for among the services of a rule (url_list_application).",
            type="list",
            wire="url_entry",
            unordered=True,
        ),
        _text("ports", f"Destination port, or first and last, C(8080-8090) {_of('ports')}.", ports),
        _text("source_ports", f"Source port, or first and last {_of('source_ports')}.", ports),
        Field(
            "icmp_type",
            f"Type of the message {_of('icmp_type')}.",
            type="int",
            wire="icmp_type",
            minimum=0,
            maximum=255,
        ),
        Field(
            "icmp_code",
            f"Code of the message; null for any {_of('icmp_code')}.",
            type="int",
            wire="icmp_code",
            nullable=True,
            default=None,
            minimum=0,
            maximum=255,
        ),
        Field(
            "protocol",
            "Number of the IP protocol (ip_service).",
            type="int",
            wire="protocol_number",
            minimum=0,
            maximum=255,
        ),
        _ref(
            "protocol_agent",
            f"Protocol agent that follows the connection {_of('protocol_agent')}",
            "protocol_agent_ref",
        ),
        _ref("location", "Location from which its address is seen", "location_ref"),
        _ref("tools_profile", f"Tools that the console offers for it {_of('tools_profile')}", "tools_profile_ref"),
        *(replace(field, doc=f"{field.doc} {_of(field.name)}.") for field in access_table.FIELDS),
    ),
)

_LISTS = frozenset(field.wire_name for field in ELEMENTS.fields if field.type == "list")
COMMON = frozenset({"type", "name", "comment"})
_DESIGNATING = tuple(field for field in ELEMENTS.body if field.normalise is reference or field.type == "map")
"""Fields of an element's own document that designate other objects."""


def designations(item: Mapping[str, Any], called: Callable[[str], str], *, on_wire: bool = False) -> dict[str, Any]:
    """Give the fields that designate other objects, each as `called` names it."""
    result: dict[str, Any] = {}
    for field in _DESIGNATING:
        name = field.wire_name if on_wire else field.name
        value = item.get(name)
        if isinstance(value, Mapping):
            result[name] = {
                " > ".join(map(called, key.split(" > "))): {at: [*map(called, refs)] for at, refs in entry.items()}
                for key, entry in value.items()
                if entry is not None
            }
        elif value:
            result[name] = [*map(called, value)] if isinstance(value, list) else called(value)
    return result


def decode(kind: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """Reduce a wire document to the fields of its type, each value under one wire name.

    Two ports become one text, an empty text is no value, an absent flag is off, a secret is not read.
    """
    names, hidden = access_table.WIRES.get(kind, {}), access_table.UNREAD.get(kind, ())
    document = {names.get(name, name): value for name, value in document.items() if name not in hidden}
    nothing: Mapping[str, tuple[Any, ...]] = {
        name: (None, "", []) if name in _LISTS else (None, "") for name in document
    }
    result = {name: value for name, value in document.items() if value not in nothing[name]}
    for name in result.keys() & access_table.SPELLED.keys():
        result[name] = access_table.SPELLED[name][0](result[name])
    if kind == "role":
        rights = admin_table.granted(result)
        result = {name: value for name, value in result.items() if value is not False and name not in rights}
        result[admin_table.RIGHTS] = rights
    for name, prefix in (("ports", "dst"), ("source_ports", "src")):
        low, high = result.pop(f"min_{prefix}_port", None), result.pop(f"max_{prefix}_port", None)
        if text := span(low, high):
            result[name] = text
    for field in ELEMENTS.fields:
        if field.type == "bool" and field.name in TYPES[kind]:
            result.setdefault(field.wire_name, field.default)
    return {**result, "type": kind}


def encode(kind: str, wire: Mapping[str, Any]) -> dict[str, Any]:
    """Build the wire form of a document of `decode`; None takes a value away."""
    names = {ours: theirs for theirs, ours in access_table.WIRES.get(kind, {}).items()}
    result = {names.get(name, name): value for name, value in wire.items() if name != "type"}
    for name in result.keys() & access_table.SPELLED.keys():
        result[name] = access_table.SPELLED[name][1](result[name]) if result[name] is not None else None
    if admin_table.RIGHTS in result:
        rights = result.pop(admin_table.RIGHTS)
        result |= {name: name in rights for name in admin_table.PERMISSIONS}
    for name, prefix in (("ports", "dst"), ("source_ports", "src")):
        if name in result:
            result[f"min_{prefix}_port"], result[f"max_{prefix}_port"] = bounds(result.pop(name))
    return result


def misplaced(item: Mapping[str, Any]) -> list[str]:
    """Declared fields that the type of the element does not have."""
    own = COMMON | set(TYPES.get(str(item.get("type")), ()))
    return [name for name in item if name not in own]


def by_dependency(items: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Sort elements, referenced elements first; a cycle stays in the order of the types."""
    order = {kind: rank for rank, kind in enumerate(TYPES)}
    todo = {f"{item['type']}/{item['name']}": item for item in sorted(items, key=lambda item: order[item["type"]])}
    result: dict[str, Mapping[str, Any]] = {}
    while todo:
        ready = [key for key, item in todo.items() if not set(references(item)) & (todo.keys() - {key})]
        for key in ready or list(todo):
            result[key] = todo.pop(key)
    return list(result.values())


def references(item: Mapping[str, Any]) -> list[str]:
    """References of an element to others, `type/name`."""
    return [*_designated(ELEMENTS.fields, item)]


_KEYS = (access_table.tunnel, access_table.engine, admin_table.grant)
"""Keys of maps that designate objects."""


def _designated(fields: Sequence[Field], item: Mapping[str, Any]) -> Iterator[str]:
    for field in fields:
        value = item.get(field.name)
        if field.type == "map" and value:
            for key, entry in value.items():
                yield from key.split(" > ") if field.normalise_key in _KEYS else ()
                yield from _designated(field.of, entry or {})
        elif field.normalise in (reference, access_table.gateway) and value:
            yield from [value] if isinstance(value, str) else value


def cycles(items: Iterable[Mapping[str, Any]]) -> list[list[str]]:
    """Find groups that contain each other; each cycle as the keys on its way."""
    holds = {f"{item['type']}/{item['name']}": [str(member) for member in item.get("members") or ()] for item in items}
    loops: list[list[str]] = []
    done: set[str] = set()

    def walk(key: str, way: list[str]) -> None:
        if key in way:
            loops.append([*way[way.index(key) :], key])
        elif key not in done:
            for inner in holds.get(key, ()):
                walk(inner, [*way, key])
            done.add(key)

    for key in holds:
        walk(key, [])
    return loops
