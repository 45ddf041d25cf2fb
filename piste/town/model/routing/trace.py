"""Trace of a packet through routers, hop by hop, and of its answer.

Routers are plain data (JSON), as read from the systems or as derived from the declaration: the computation is the same.
Within a subnet nothing is routed; only tables decide here, filters are another matter (`piste.town.model.flows`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Literal, NamedTuple, TypedDict

from ..flows.ends import IN_SERVICE

if TYPE_CHECKING:
    from ..site import Commune, Site
    from .derived import Gateway, Interface

DEFAULT = "0.0.0.0/0"
ANYWHERE = "0.0.0.0"
"""Destination of what leaves the town: an address that only a default route leads to."""
_NETWORK = lru_cache(maxsize=2**13)(ip_network)
_ADDRESS = lru_cache(maxsize=2**13)(ip_address)


class Face(TypedDict):
    """An interface of a router: its name there, its subnet, its addresses (shared, own)."""

    name: str
    subnet: str
    addresses: list[str]


class Leads(TypedDict):
    """A static route: a prefix, and the addresses of its next routers."""

    destination: str
    via: list[str]


class Router(TypedDict):
    """Equipment that routes, as plain data.

    `verifies_sources` is true where it drops what enters by an interface that does not lead back to the sender
    (antispoofing). `others` names routes that are no static routes, which are not computed. `unread` says why it is
    unknown; it is empty where the router was read.
    """

    name: str
    interfaces: list[Face]
    routes: list[Leads]
    verifies_sources: bool
    others: list[str]
    unread: str


class End(NamedTuple):
    """An end of a trace; its subnet and its gateway are empty outside the town."""

    name: str
    address: str
    subnet: str = ""
    gateway: str = ""


OUTSIDE = End("Internet", ANYWHERE)


class Hop(NamedTuple):
    """A router on the way: by which interfaces, and by which line of its table."""

    router: str
    entry: str
    exit: str
    by: str


State = Literal["arrives", "lost", "unknown"]


class Trace(NamedTuple):
    """A trace in a single direction; `why` says where it ends, if it does not arrive."""

    state: State
    hops: tuple[Hop, ...]
    why: str = ""

    @property
    def routers(self) -> list[str]:
        return [hop.router for hop in self.hops]


class RoundTrip(NamedTuple):
    """Both directions of an exchange."""

    state: Literal["both", "asymmetric", "lost", "unknown"]
    forth: Trace
    back: Trace
    why: str = ""


def router(name: str, *, verifies_sources: bool = False) -> Router:
    """Make a router without any interface yet."""
    return Router(name=name, interfaces=[], routes=[], verifies_sources=verifies_sources, others=[], unread="")


def unread(name: str, why: str) -> Router:
    """Make a router that was not read: what it does is unknown."""
    return Router(**{**router(name), "unread": why})


class Line(NamedTuple):
    """The line of a table that decides: its prefix, where it leads, the ways out.

    It leads to an interface of the router, or to the next routers.
    """

    network: IPv4Network | IPv6Network
    leads: str | list[str]
    exits: list[str]


Lookups = dict[tuple[int, str], Line | None]
"""The lines that decide, by router (`id`) and address, for traces through routers that stay as they are meanwhile."""


def round_trip(routers: Sequence[Router], source: End, destination: End, looked_up: Lookups | None = None) -> RoundTrip:
    """Trace an exchange both ways; asymmetric where the directions cross different routers.

    Who traces many through the same routers gives each `looked_up`, which keeps what tables answered.
    """
    looked_up = {} if looked_up is None else looked_up
    forth = trace(routers, source, destination, looked_up)
    if destination.subnet or not forth.hops:
        back = trace(routers, destination, source, looked_up)
    else:
        last = next(known for known in routers if known["name"] == forth.hops[-1].router)
        back = _follow(routers, destination, source, last, forth.hops[-1].exit, looked_up)
    for state in ("lost", "unknown"):
        wrong = [(said, way) for said, way in (("aller", forth), ("retour", back)) if way.state == state]
        if wrong:
            return RoundTrip(state, forth, back, " ; ".join(f"{said} : {way.why}" for said, way in wrong))
    if forth.routers != back.routers[::-1]:
        return RoundTrip("asymmetric", forth, back, f"aller {_by(forth)} ; retour {_by(back)}")
    return RoundTrip("both", forth, back)


def _by(way: Trace) -> str:
    return f"par {', '.join(way.routers)}" if way.hops else "sans routeur"


def trace(routers: Sequence[Router], source: End, destination: End, looked_up: Lookups | None = None) -> Trace:
    """Follow a packet from a machine, by its gateway, to its destination."""
    if source.subnet and _in(destination.address, source.subnet):
        return Trace("arrives", ())
    holders = _holders(routers, source.gateway)
    if len(holders) > 1:
        names = " et ".join(known["name"] for known, _ in holders)
        return Trace("lost", (), f"deux passerelles : {names} ont {source.gateway}")
    if not holders:
        return _missing(routers, (), f"rien n’a {source.gateway or 'une adresse'}, passerelle de {source.name}")
    ((first, face),) = holders
    return _follow(routers, source, destination, first, face["name"], {} if looked_up is None else looked_up)


def _follow(
    routers: Sequence[Router], source: End, destination: End, at: Router, entry: str, looked_up: Lookups
) -> Trace:
    hops: list[Hop] = []
    while True:
        name = at["name"]
        if at["verifies_sources"] and (back := _lookup(at, source.address, looked_up)) and entry not in back.exits:
            why = f"{name} refuse par {entry} ce que « {source.name} » envoie : sa route y mène par ailleurs"
            return Trace("lost", tuple(hops), why)
        best = _lookup(at, destination.address, looked_up)
        if at["others"] and destination.subnet and (best is None or best.network.prefixlen == 0):
            return Trace("unknown", tuple(hops), f"{name} a des routes d’un autre genre : {', '.join(at['others'])}")
        if best is None:
            return Trace("lost", tuple(hops), f"{name} n’a pas de route vers {destination.name}")
        network, leads, exits = best
        if isinstance(leads, str):
            return Trace("arrives", (*hops, Hop(name, entry, leads, f"réseau {network}")))
        by = f"{network} via {', '.join(leads)}"
        if len(exits) < len(leads):
            lost = next(hop for hop in leads if not _reaches(at, hop))
            return Trace("lost", tuple(hops), f"{name} n’atteint pas {lost}, sa route vers {destination.name}")
        hops.append(Hop(name, entry, exits[0], by))
        after = {hop: _holders(routers, hop) for hop in leads}
        if not any(after.values()):
            if not destination.subnet:
                return Trace("arrives", tuple(hops))
            return _missing(routers, hops, f"{name} envoie à {', '.join(leads)}, que rien de connu ne porte")
        owners = {known["name"]: (known, face) for holders in after.values() for known, face in holders}
        if len(owners) > 1 or not all(after.values()):
            return Trace("unknown", tuple(hops), f"{name} a plusieurs chemins vers {destination.name} : {by}")
        ((at, face),) = owners.values()
        entry = face["name"]
        if at["name"] in {hop.router for hop in hops}:
            circle = " → ".join([*(hop.router for hop in hops), at["name"]])
            return Trace("lost", tuple(hops), f"boucle : {circle}")


def _holders(routers: Iterable[Router], address: str) -> list[tuple[Router, Face]]:
    return [(known, face) for known in routers for face in known["interfaces"] if address in face["addresses"]]


def _missing(routers: Iterable[Router], hops: Iterable[Hop], why: str) -> Trace:
    """End a trace where nothing goes on: unknown if a router was not read."""
    silent = [f"{known['name']} ({known['unread']})" for known in routers if known["unread"]]
    if silent:
        return Trace("unknown", tuple(hops), f"{why} ; pas lu : {', '.join(silent)}")
    return Trace("lost", tuple(hops), why)


def _lookup(at: Router, address: str, looked_up: Lookups) -> Line | None:
    """Give the longest prefix of a table; an interface wins over a route of the same length."""
    if (id(at), address) not in looked_up:
        looked_up[id(at), address] = _best(at, address)
    return looked_up[id(at), address]


def _best(at: Router, address: str) -> Line | None:
    lines: list[tuple[str, str | list[str]]] = [(face["subnet"], face["name"]) for face in at["interfaces"]]
    lines += [(route["destination"], route["via"]) for route in at["routes"]]
    target = _address(address)
    matches = [(network, leads) for text, leads in lines if text and target in (network := _network(text))]
    if not matches:
        return None
    network, leads = max(matches, key=lambda line: line[0].prefixlen)
    # A next router out of reach has no way out.
    exits = [leads] if isinstance(leads, str) else [exit_ for hop in leads for exit_ in _reaches(at, hop)[:1]]
    return Line(network, leads, exits)


def _reaches(at: Router, address: str) -> list[str]:
    return [face["name"] for face in at["interfaces"] if face["subnet"] and _in(address, face["subnet"])]


def _in(address: str, subnet: str) -> bool:
    return _address(address) in _network(subnet)


def _network(text: str) -> IPv4Network | IPv6Network:
    return _NETWORK(text)


def _address(text: str) -> IPv4Address | IPv6Address:
    return _ADDRESS(text)


def gateways_in(routers: Iterable[Router], subnet: str) -> list[tuple[str, Face]]:
    """List what has an interface in a subnet, by name of router: a segment has a single gateway."""
    wanted = _network(subnet)
    return [
        (known["name"], face)
        for known in routers
        for face in known["interfaces"]
        if face["subnet"] and _network(face["subnet"]).overlaps(wanted)
    ]


def declared_routers(town: Commune, sites: Mapping[str, Site]) -> list[Router]:
    """Derive the routers of the declaration; none where it declares no routing."""
    core, engine = town["core"], town["firewall_engine"]
    carried = [gateway for site in sites.values() if site["lifecycle"] in IN_SERVICE for gateway in site["gateways"]]
    routers: list[Router] = []
    if core:
        mine = router(core_name(core["stack"], core["serials"]))
        mine["interfaces"] = [_face(core["interface"]), *(_face(of) for of in carried if of["carrier"] == "core")]
        mine["routes"] = [Leads(destination=DEFAULT, via=[core["default_route"]])]
        mine["routes"] += [Leads(destination=route["subnet"], via=[route["next_hop"]]) for route in core["routes"]]
        routers.append(mine)
    if engine:
        mine = router(engine["name"], verifies_sources=True)
        mine["interfaces"] = [*map(_face, engine["interfaces"]), *(_face(of) for of in carried if of["interface"])]
        mine["routes"] = [Leads(destination=route["subnet"], via=[route["next_hop"]]) for route in engine["routes"]]
        if engine["default_route"]:
            mine["routes"].append(Leads(destination=DEFAULT, via=[engine["default_route"]]))
        routers.append(mine)
    return routers


def core_name(stack: str | None, serials: Sequence[str]) -> str:
    """Name the core as the Dashboard knows it: a stack by its name, a switch by its serial."""
    return stack or serials[0]


def _face(of: Gateway | Interface) -> Face:
    return Face(
        name=of["interface"] or f"VLAN {of['vlan']}", subnet=of["subnet"], addresses=[of["address"], *of["nodes"]]
    )
