"""Trials of traffic: each declared flow passes, every other zone stays out of reach."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from piste.town.model.flows.access_lists import ANY_PORT
from piste.town.model.flows.traffic import addresses, say_addresses
from piste.trials.probe.exchanges import exchanges
from piste.trials.probe.trial import Trial, question
from piste.trials.probe.ways import PING, QUIET, Port, Ways, sample, services

if TYPE_CHECKING:
    from piste.town.model.flows.number_ranges import Ranges
    from piste.town.model.flows.reach import Access, Reached
    from piste.town.model.flows.segmentation import Permit

_PING, _SMB, _WEB, _SSH, _REMOTE = Port(PING, 0), Port("tcp", 445), Port("tcp", 443), Port("tcp", 22), Port("tcp", 3389)
_KNOCKED = (_PING, _SMB, _WEB, _SSH, _REMOTE)
"""What is tried on a server that a place must not reach; a rule too wide opens one of them."""
_OF_WHOLE = {"tcp": _WEB, "udp": Port("udp", 16384)}
"""A port to try of a whole protocol: the Web, the first of voice."""
ROUTED = "flow.core"
"""The trial of what the core routes without the firewall."""
_LEASES = Port("udp", 67)
_FLOWS, _ISOLATION = ("R003", "R149", "R067"), ("R053", "R036", "R003", "R063", "R065")


def flows(ways: Ways, access: Access, outside: str) -> Iterator[Trial]:
    """Yield a trial of each rule that lets a place pass, and of the core's routing."""
    of_rule: dict[str, dict[tuple[str, Port], Mapping[str, Any]]] = {}
    for entry in ways.flows(access):
        targets = of_rule.setdefault(entry.rules[-1].id, {})
        targets.update(_targets(ways, access, entry, outside))
    for rule, wanted in of_rule.items():
        title = f"Flux {rule.partition('.')[0]} : {ways.comments.get(rule, '')}".rstrip(" :")
        asked = tuple(
            {**_question(f"flow.{rule}", address, port, number), **more}
            for number, ((address, port), more) in enumerate(wanted.items())
        )
        if not asked:
            reason = "ces services ne répondent qu’à leurs clients"
            yield Trial(f"flow.{rule}", "flow", title, "chaque service répond", _FLOWS, reason=reason)
            continue
        yield Trial(f"flow.{rule}", "flow", title, "chaque service répond", _FLOWS, asked)
    yield from _routed(ways, access)
    yield from _permitted(ways, access)


def _targets(
    ways: Ways, access: Access, entry: Reached, outside: str
) -> Iterator[tuple[tuple[str, Port], dict[str, Any]]]:
    """Yield an address and a port to try for each part of some traffic.

    A `known` target is a declared server: its silence is a fault. A port of a `range` need not be listened to.
    """
    if entry.box.sources != access.subnet:
        return
    destinations = entry.box.destinations
    wide = addresses(outside) <= destinations
    servers = [address for address in dict.fromkeys(ways.hosts.values()) if addresses(address) <= destinations]
    known = [outside] if wide else servers
    for port, ranged in services(entry.box.services):
        for address in known or [_first(destinations)]:
            if address and port not in QUIET:
                yield (address, port), {"known": bool(known), "range": ranged}


def _first(destinations: Ranges) -> str:
    """Choose an address of a place without a declared server."""
    for text in say_addresses(destinations):
        first = text.partition("/")[0].partition("-")[0]
        if ":" not in first and first[:1].isdigit():
            octets = first.split(".")
            return ".".join([*octets[:3], str(int(octets[3]) + 1)]) if "/" in text else first
    return ""


def _question(trial: str, address: str, port: Port, number: int) -> dict[str, Any]:
    if port == _LEASES:
        # Asked with the lease, one after the other: all answers come to a single port.
        return {**question(trial, "inform", address), "id": f"inform.{address}", "port": port.port}
    if port.protocol == PING:
        return {**question(trial, "ping", address, number), "count": 1}
    return question(trial, port.protocol, address, number, port=port.port)


def _routed(ways: Ways, access: Access) -> Iterator[Trial]:
    """Yield the trial of the segments that the core routes to each other, without the firewall."""
    if access.gateway != "core":
        return
    reached = [
        segment["gateway"]
        for site in ways.sites.values()
        for segment in site["segments"].values()
        if segment["gateway_device"] == "core"
        and not addresses(segment["subnet"]) <= access.subnet
        and ways.passes(access, segment["gateway"], _PING)
    ]
    asked = tuple(
        {**_question(ROUTED, address, _PING, number), "known": True, "range": False}
        for number, address in enumerate(reached)
    )
    if asked:
        yield Trial(ROUTED, "flow", "Segments que le cœur route entre eux", "leurs passerelles répondent",
                    _FLOWS, asked)  # fmt: skip


def _permitted(ways: Ways, access: Access) -> Iterator[Trial]:
    """Yield a trial of each permission of the switches, at a few places of other sites."""
    subnet = ways.sites[access.site]["segments"][access.segment]["subnet"]
    for permit, ends in exchanges(ways.town, access.site, subnet) if access.gateway == "core" else ():
        port, ranged = _of_permit(permit)
        asked = tuple(
            {**_question(f"flow.{permit['id']}", somebody.address, port, number), "known": somebody.known,
             "range": ranged}
            for number, somebody in enumerate(ends)
            if ways.passes(access, somebody.address, port)
        )  # fmt: skip
        if asked:
            title = f"Entre sites, {permit['id']} : {permit['why']}"
            yield Trial(f"flow.{permit['id']}", "flow", title, "d’autres sites répondent", _FLOWS, asked)


def _of_permit(permit: Permit) -> tuple[Port, bool]:
    """Give a port to try of a permission, and whether it has others."""
    if permit["protocol"] == "any":
        return _PING, False
    if permit["port"] == ANY_PORT:
        return _OF_WHOLE[permit["protocol"]], True
    return Port(permit["protocol"], int(permit["port"])), False


def isolation(ways: Ways, access: Access, resolvers: Sequence[str]) -> Iterator[Trial]:
    """Yield a trial of each segment that a place must not reach.

    The same segment of all other sites is a single trial.
    """
    targets: dict[str, dict[tuple[str, Port], None]] = {}
    for name, site in ways.sites.items():
        for key, segment in site["segments"].items():
            if addresses(segment["subnet"]) <= access.subnet:
                continue
            own = name == access.site
            where = f"{key}@{name}" if own else f"{key}@ailleurs"
            some = [(address, port) for address in sample(site, key) for port in (_PING, _SMB)]
            some += [(address, port) for address in segment["reservations"].values() for port in _KNOCKED]
            some += [(address, Port("udp", 53)) for address in _servers(ways, segment["reservations"], resolvers)]
            stopped = [(address, port) for address, port in some if not ways.may_pass(access, address, port)]
            targets.setdefault(where, {}).update(dict.fromkeys(stopped))
    for where, wanted in sorted(targets.items(), key=lambda item: item[0].endswith("@ailleurs")):
        asked = tuple(
            {**_question(f"isolation.{where}", address, port, number), "patience": 1.2}
            for number, (address, port) in enumerate(wanted)
        )
        if asked:
            title = f"Hors de portée : {where.replace('@ailleurs', ', autres sites')}"
            yield Trial(f"isolation.{where}", "isolation", title, "rien ne répond", _ISOLATION, asked)


def _servers(ways: Ways, reservations: Mapping[str, str], resolvers: Sequence[str]) -> list[str]:
    """List the servers of names among some reservations, but those of the place itself."""
    assert ways.town.commune is not None
    servers = {server["address"] for server in ways.town.commune["dhcp"]["servers"]}
    return [address for address in reservations.values() if address in servers and address not in resolvers]
