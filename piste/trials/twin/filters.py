"""Rules of filtering for the machine: nftables for a firewall, OpenFlow for switches.

A firewall keeps the state of connections; a switch and an access point do not. Only IPv4 is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from ipaddress import IPv4Address, summarize_address_range
from typing import TYPE_CHECKING, Any

from piste.town.model.flows.number_ranges import Ranges
from piste.town.model.flows.traffic import ANY_SERVICE, IPV4, addresses, ports, whole_protocol

if TYPE_CHECKING:
    from piste.systems.forcepoint.filtering import AddressChange
    from piste.town.model.flows.filtering import FilterRule
    from piste.town.model.flows.traffic import Box

_STRETCH = 2**16
_TCP, _UDP, _ICMP = 6, 17, 1
_PORTS = {_TCP: "tcp", _UDP: "udp"}


def stateful(
    rules: Iterable[FilterRule], changes: Sequence[AddressChange], gateways: Iterable[tuple[str, str]]
) -> tuple[str, list[str]]:
    """Write the ruleset of a firewall; return it with the rules that it says inexactly.

    `gateways` are its interfaces and their addresses: each answers a ping from its own segment, and DHCP. What is sent
    to the engine itself passes the same rules as what crosses it.
    """
    rules = list(rules)
    unsaid = [f"règle {rule.id} : autorise peut-être moins" for rule in rules if not rule.exact]
    unsaid += [f"traduction {change.id} : prend peut-être moins" for change in changes if not change.exact]
    # A rule of access names the destination as it was sent, before any translation.
    sent = any(change.server is not None for change in changes)
    policy = [line for rule in rules for line in _rule(rule, sent=sent)]
    own = ", ".join(f'"{interface}" . {address}' for interface, address in gateways)
    return (
        "table ip twin {\n"
        + (f"  set gateways {{\n    type ifname . ipv4_addr\n    elements = {{ {own} }}\n  }}\n" if own else "")
        + _chain("judge", "", policy)
        + _chain(
            "forward",
            "type filter hook forward priority 0; policy drop;",
            ["ct state established,related accept", "ct state invalid drop", "jump judge"],
        )
        + _chain(
            "input",
            "type filter hook input priority 0; policy drop;",
            [
                "ct state established,related accept",
                'iifname "lo" accept',
                "udp dport { 67, 68 } accept",
                *(["icmp type echo-request iifname . ip daddr @gateways accept"] if own else []),
                "jump judge",
            ],
        )
        + _chain("before", "type nat hook prerouting priority -100;", _before(changes))
        + _chain("after", "type nat hook postrouting priority 100;", _after(changes, sent=sent))
        + "}\n",
        unsaid,
    )


def _chain(name: str, kind: str, lines: Iterable[str]) -> str:
    body = "".join(f"    {line}\n" for line in ([kind] if kind else []) + list(lines))
    return f"  chain {name} {{\n{body}  }}\n"


def _rule(rule: FilterRule, *, sent: bool) -> Iterator[str]:
    verdict = f"counter {'accept' if rule.allow else 'drop'} comment {_quoted(rule.id)}"
    for box in rule.boxes:
        for match in _matches(box, "ct original ip daddr" if sent else "ip daddr", sent=sent):
            yield f"{match} {verdict}".strip()


def _before(changes: Iterable[AddressChange]) -> Iterator[str]:
    for change in changes:
        verdict = "return" if change.server is None else f"dnat to {_first(change.server)}"
        for match in _matches(change.taken, "ip daddr"):
            yield f"{match} {verdict} comment {_quoted(change.id)}".strip()


def _after(changes: Iterable[AddressChange], *, sent: bool) -> Iterator[str]:
    for change in changes:
        verdict = "return" if change.source is None else f"snat to {_first(change.source)}"
        for match in _matches(change.taken, "ct original ip daddr" if sent else "ip daddr", sent=sent):
            yield f"{match} {verdict} comment {_quoted(change.id)}".strip()


def _first(ranges: Ranges) -> str:
    first, last = ranges.parts[0]
    return f"{IPv4Address(first)}-{IPv4Address(last)}" if last > first else str(IPv4Address(first))


def _quoted(text: str) -> str:
    """Quote the name of a rule; it is a live name, so only plain signs of it reach the ruleset."""
    kept = "".join(sign if sign.isalnum() or sign in " ._-" else "?" for sign in text)
    return f'"{kept.encode("ascii", "replace").decode()[:100]}"'


def _matches(box: Box, target: str, *, sent: bool = False) -> Iterator[str]:
    """Yield the matches of the IPv4 part of a box, a line for each protocol."""
    sources, destinations = _addresses("ip saddr", box.sources), _addresses(target, box.destinations)
    if sources is None or destinations is None:
        return
    for services in _services(box.services, sent=sent):
        yield " ".join(part for part in (sources, destinations, services) if part)


def _addresses(word: str, ranges: Ranges) -> str | None:
    """Match addresses; empty text for all of IPv4, None for none of it."""
    inside = ranges & IPV4
    if inside == IPV4:
        return ""
    return f"{word} {{ {', '.join(_spans(inside, IPv4Address))} }}" if inside else None


def _services(services: Ranges, *, sent: bool) -> Iterator[str]:
    if services == ANY_SERVICE:
        yield ""
        return
    whole = []
    there = {number for first, last in services.parts for number in range(first // _STRETCH, last // _STRETCH + 1)}
    for number in sorted(there):
        start = number * _STRETCH
        part = services & whole_protocol(number)
        if part == whole_protocol(number):
            whole.append(str(number))
        elif number in _PORTS:
            numbers = ", ".join(_spans(_shifted(part, start), int))
            name = _PORTS[number]
            asked = f"meta l4proto {name} ct original proto-dst" if sent else f"{name} dport"
            yield f"{asked} {{ {numbers} }}"
        elif number == _ICMP:
            yield from (f"icmp type {kind}{code}" for kind, code in _kinds(_shifted(part, start)))
    if whole:
        yield f"meta l4proto {{ {', '.join(whole)} }}"


def _shifted(ranges: Ranges, start: int) -> Ranges:
    return Ranges(tuple((first - start, last - start) for first, last in ranges.parts))


def _kinds(codes: Ranges) -> Iterator[tuple[int, str]]:
    for first, last in codes.parts:
        for kind in range(first // 256, last // 256 + 1):
            low, high = max(first, kind * 256) % 256, min(last, kind * 256 + 255) % 256
            yield kind, "" if (low, high) == (0, 255) else f" icmp code {low}-{high}"


def _spans(ranges: Ranges, write: Any) -> Iterator[str]:
    for first, last in ranges.parts:
        yield f"{write(first)}-{write(last)}" if last > first else f"{write(first)}"


def of_client(rules: Sequence[FilterRule], port: int) -> tuple[list[str], list[str]]:
    """Write the rules of an SSID as flows of its port, and what they say inexactly.

    They judge what the client sends, packet by packet; what comes back is never judged.
    """
    unsaid = [f"règle {rule.system} / {rule.id} : autorise peut-être moins" for rule in rules if not rule.exact]
    flows = []
    for rank, rule in enumerate(rules):
        action = "NORMAL" if rule.allow else "drop"
        for box in rule.boxes:
            for destination in _prefixes(box.destinations & IPV4):
                for service in _flow_services(box.services):
                    match = ",".join(part for part in ("ip", destination, service) if part)
                    flows.append(f"table=1,priority={30000 - rank},in_port={port},{match},actions={action}")
    return flows, unsaid


RADIO = ("table=0,priority=0,actions=resubmit(,1)", "table=1,priority=0,actions=NORMAL")
"""Flows of every access point: what stands before a client, then the rules of its SSID."""


def before_terms(port: int, portal: int, address: str, *, everything: bool) -> list[str]:
    """Write the flows of a client before it accepts the terms; their cookie is its port.

    Its pages go to the portal; with `everything`, nothing else passes but DHCP and names.
    """
    client = f"table=0,cookie={port},priority"
    flows = [f"{client}=300,in_port={port},tcp,tp_dst=80,actions=mod_dl_dst:{address},output:{portal}"]
    if everything:
        flows += [f"{client}=200,in_port={port},udp,tp_dst={asked},actions=resubmit(,1)" for asked in (53, 67)]
        flows.append(f"{client}=100,in_port={port},ip,actions=drop")
    return flows


def of_switch(rules: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[str]]:
    """Write the access lists of a network as flows of its switches, and what cannot be said.

    Source: Dashboard API, `updateNetworkSwitchAccessControlLists`: in order, then everything is allowed.
    """
    flows, unsaid = [], []
    for rank, rule in enumerate(rules):
        try:
            if str(rule.get("vlan", "any")).lower() != "any":
                raise ValueError("un VLAN")
            if rule.get("ip_version") == "ipv6":
                raise ValueError("IPv6")
            action = "NORMAL" if rule["policy"] == "allow" else "drop"
            for match in _list_matches(rule):
                flows.append(f"priority={20000 - rank},{match},actions={action}")
        except (KeyError, ValueError) as error:
            unsaid.append(f"liste d’accès « {rule.get('comment', rank + 1)} » : {error}")
    return flows, unsaid


def _list_matches(rule: Mapping[str, Any]) -> Iterator[str]:
    ends = [
        [f"nw_{way}={text}" if text else "" for text in [_cidr(str(rule.get(f"{way}_cidr", "any")))]]
        for way in ("src", "dst")
    ]
    name = str(rule.get("protocol", "any")).lower()
    if name not in ("any", "tcp", "udp"):
        raise ValueError(f"protocole {name}")
    sources, targets = (_port_masks(str(rule.get(f"{way}_port", "any"))) for way in ("src", "dst"))
    for source in sources:
        for target in targets:
            given = [f"tp_src={source}" if source else "", f"tp_dst={target}" if target else ""]
            yield ",".join(part for part in (name if name != "any" else "ip", *ends[0], *ends[1], *given) if part)


def _cidr(text: str) -> str:
    if text.lower() == "any":
        return ""
    (prefix,) = _prefixes(addresses(text) & IPV4, word="")
    return prefix


def _port_masks(text: str) -> list[str]:
    if text.lower() == "any":
        return [""]
    spans = Ranges.union(ports("tcp", part.strip()) for part in text.split(","))
    return [mask for first, last in _shifted(spans, _TCP * _STRETCH).parts for mask in _masks(first, last)]


def _prefixes(ranges: Ranges, word: str = "nw_dst=") -> list[str]:
    if ranges == IPV4:
        return [""]
    parts = ((IPv4Address(first), IPv4Address(last)) for first, last in ranges.parts)
    return [f"{word}{prefix}" for first, last in parts for prefix in summarize_address_range(first, last)]


def _flow_services(services: Ranges) -> Iterator[str]:
    if services == ANY_SERVICE:
        yield ""
        return
    for number in range(256):
        start = number * _STRETCH
        part = services & whole_protocol(number)
        if part == whole_protocol(number):
            yield f"nw_proto={number}"
        elif part and number in _PORTS:
            for first, last in _shifted(part, start).parts:
                yield from (f"nw_proto={number},tp_dst={mask}" for mask in _masks(first, last))
        elif part and number == _ICMP:
            yield from (f"nw_proto=1,icmp_type={kind}" for kind, _ in _kinds(_shifted(part, start)))


def _masks(first: int, last: int) -> Iterator[str]:
    """Cover a range of ports with values under masks, the only form that OpenFlow has."""
    while first <= last:
        size = first & -first or _STRETCH
        while first + size - 1 > last:
            size //= 2
        yield str(first) if size == 1 else f"{first}/0x{_STRETCH - size:x}"
        first += size
