"""Derived routing: the gateway of each segment, the core, the firewall, their routes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Literal, TypedDict

from netaddr import IPAddress, IPNetwork

from ..addressing.plan import AddressingRule, host
from ..devices import MANAGEMENT
from ..dhcp.derived import central, located
from ..flows.ends import IN_SERVICE
from ..logs.derived import LogForward, forwards
from ..servers import addresses_of
from .models import Limits

if TYPE_CHECKING:
    from ..addressing.derived import Segment
    from ..declaration import Declaration, DeclaredSite
    from ..dhcp.derived import Scope
    from ..site import Site
    from ..variables import SiteVariables, TownLevel
    from .form import DeclaredRoute, Routing

Carrier = Literal["core", "ngfw"]
CARRIERS: tuple[Carrier, Carrier] = ("core", "ngfw")
GATEWAY = "gw"
"""First part of the name of a gateway, on the equipment and in the DNS."""


class Gateway(TypedDict):
    """The gateway of a segment, and what carries it.

    `interface` is that of the firewall, `0.150`; None at the core. `nodes` are the addresses of the members of a
    cluster. `relay` names the DHCP servers asked elsewhere, by address; `server` is the scope that the gateway lends
    by itself.
    """

    segment: str
    label: str
    vlan: int
    subnet: str
    address: str
    carrier: Carrier
    name: str
    interface: str | None
    nodes: list[str]
    relay: list[str]
    server: Scope | None
    status: str | None


class CorePlace(TypedDict):
    """The equipment of the core: a stack or a switch of the network of its site.

    `limits` are those that are declared for its models.
    """

    site: str
    network: str
    stack: str | None
    serials: list[str]
    limits: dict[str, Limits]


class EnginePlace(TypedDict):
    """The engine of the firewall; `interface` carries the VLANs, `nodes` counts its members."""

    name: str
    kind: Literal["single", "cluster"]
    interface: int
    nodes: int


class Interface(TypedDict):
    """An interface of the town and of no site; `vlan` is None where it is not tagged."""

    name: str
    interface: str | None
    vlan: int | None
    subnet: str
    address: str
    nodes: list[str]


class Route(TypedDict):
    name: str
    subnet: str
    next_hop: str


class CoreRouting(CorePlace):
    """The core of the town; `default_route` is its next hop."""

    interface: Interface
    default_route: str
    routes: list[Route]


class EngineAggregate(TypedDict):
    """The ports of the engine that make up one link with the interface of the VLANs."""

    mode: Literal["lacp", "standby"]
    interfaces: list[int]


class EngineLogs(TypedDict):
    """The log server of the engine by its name in the SMC, and where it forwards `data`."""

    server: str
    data: str
    forward: list[LogForward]


class EngineRouting(EnginePlace):
    """The firewall of the town: interfaces, routes, logs, servers of names and hours by address."""

    aggregate: EngineAggregate | None
    interfaces: list[Interface]
    default_route: str | None
    routes: list[Route]
    dns: list[str]
    ntp: list[str]
    logs: EngineLogs | None


class TownRouting(TypedDict):
    """The routing of the town; None where nothing declares it, or where its transit is unknown."""

    core: CoreRouting | None
    engine: EngineRouting | None


def derive_gateways(
    declared: DeclaredSite, segments: Mapping[str, Segment], servers: Mapping[str, str], scopes: Mapping[str, Scope]
) -> list[Gateway]:
    """Derive the gateway of each segment of a site."""
    variables = declared.variables
    engine = engine_place(variables)
    return [
        _gateway(variables, declared.id, segment, engine, servers, scopes.get(key)) for key, segment in segments.items()
    ]


def _gateway(
    variables: SiteVariables,
    site: str,
    segment: Segment,
    engine: EnginePlace | None,
    servers: Mapping[str, str],
    scope: Scope | None,
) -> Gateway:
    carrier, lends = segment["gateway_device"], scope is not None and not central(segment)
    on_engine = engine if carrier == "ngfw" else None
    return Gateway(
        segment=segment["key"],
        label=segment["label"],
        vlan=segment["vlan"],
        subnet=segment["subnet"],
        address=segment["gateway"],
        carrier=carrier,
        name=f"{GATEWAY}-{variables.site.plan.code or site}-{segment['key']}",
        interface=f"{on_engine['interface']}.{segment['vlan']}" if on_engine else None,
        nodes=node_addresses(segment["subnet"], [segment["gateway"]], on_engine["nodes"]) if on_engine else [],
        relay=[] if scope is None or lends else _elsewhere(variables, segment, servers),
        server=scope if lends else None,
        status=segment["status"],
    )


def _elsewhere(variables: SiteVariables, segment: Segment, servers: Mapping[str, str]) -> list[str]:
    """Give the DHCP servers that hear no broadcast of a segment."""
    here = IPNetwork(segment["subnet"])
    return [address for address in addresses_of(variables.dhcp.servers, servers) if IPAddress(address) not in here]


def node_addresses(subnet: str, taken: list[str], nodes: int) -> list[str]:
    """Give the addresses of the members of a cluster: the last of a prefix that are not taken.

    A single engine has none: its interface has the address of the gateway.
    """
    network, used = IPNetwork(subnet), {IPAddress(address) for address in taken}
    addresses: list[str] = []
    last = network.last - 1
    while len(addresses) < (nodes if nodes > 1 else 0) and last > network.first:
        if IPAddress(last, network.version) not in used:
            addresses.append(str(IPAddress(last, network.version)))
        last -= 1
    return addresses[::-1]


def engine_place(variables: TownLevel) -> EnginePlace | None:
    """Give the engine that routes: the named engine of the policy, or its only engine."""
    routing, engines = variables.routing, variables.firewall.engines
    if routing is None:
        return None
    wanted = routing.firewall.engine or (engines[0].name if len(engines) == 1 else None)
    engine = next((engine for engine in engines if engine.name == wanted), None)
    if engine is None:
        return None
    nodes = routing.firewall.nodes if engine.kind == "cluster" else 1
    return EnginePlace(name=engine.name, kind=engine.kind, interface=routing.firewall.interface, nodes=nodes)


def core_place(town: TownLevel, sites: Mapping[str, Site]) -> CorePlace | None:
    """Give the equipment of the core, None where its site, its stack or its switch is unknown."""
    routing = town.routing
    if routing is None or routing.core.site not in sites:
        return None
    core, site = routing.core, sites[routing.core.site]
    stack = next((stack for stack in site["stacks"] if stack["name"] == core.stack), None)
    serials = [member["serial"] for member in stack["members"]] if stack else []
    serials += [device["serial"] for device in site["devices"] if device["name"] == core.switch]
    if not serials:
        return None
    models = {device["model"] for device in site["devices"] if device["serial"] in serials}
    return CorePlace(
        site=core.site,
        network=site["network_name"],
        stack=core.stack,
        serials=serials,
        limits=declared_limits(town, models),
    )


def declared_limits(town: TownLevel, models: Iterable[str]) -> dict[str, Limits]:
    """Give the limits of routing that are declared for some models."""
    entries = {model: town.hardware[model].routing for model in sorted(models) if model in town.hardware}
    return {
        model: Limits(
            interfaces=entry.interfaces, static_routes=entry.static_routes, dhcp_server=entry.dhcp_server
        )
        for model, entry in entries.items()
        if entry is not None
    }


def list_lengths(town: TownLevel) -> dict[str, int]:
    """Give the length of an access list that is declared for some models."""
    return {model: entry.access_rules.most for model, entry in town.hardware.items() if entry.access_rules}


def member_addresses(town: TownLevel, sites: Mapping[str, Site]) -> dict[str, str]:
    """Give the members of the engine, by name of the inventory: their addresses at its site."""
    place, engine = core_place(town, sites), engine_place(town)
    if place is None or engine is None:
        return {}
    for gateway in sites[place["site"]]["gateways"]:
        if gateway["segment"] == MANAGEMENT and gateway["carrier"] == "ngfw":
            members = {f"{engine['name']}-{number}": address for number, address in enumerate(gateway["nodes"], 1)}
            return members or {engine["name"]: gateway["address"]}
    return {}


def derive_routing(declaration: Declaration, sites: Mapping[str, Site], servers: Mapping[str, str]) -> TownRouting:
    """Derive the core and the firewall of the town, with their interfaces and routes."""
    town, shared = declaration.town.variables, declaration.shared
    routing = town.routing
    entry = shared.variables.shared_segments.get(routing.transit.segment) if shared and routing else None
    if routing is None or entry is None or entry.vlan is None:
        return TownRouting(core=None, engine=None)
    subnet = AddressingRule(town.addressing).shared(entry)
    core, firewall = str(host(subnet, routing.transit.core)), str(host(subnet, routing.transit.firewall))
    transit = Interface(
        name=routing.transit.segment, interface=None, vlan=entry.vlan, subnet=str(subnet), address=core, nodes=[]
    )
    place = core_place(town, sites)
    engine = engine_place(town)
    of_core, of_engine = ([_beyond(route) for route in routing.routes if route.carrier == end] for end in CARRIERS)
    return TownRouting(
        core=CoreRouting(**place, interface=transit, default_route=firewall, routes=of_core) if place else None,
        engine=EngineRouting(
            **engine,
            aggregate=_aggregate(routing),
            interfaces=list(_interfaces(routing, engine, transit, [core, firewall])),
            default_route=routing.outside.router if routing.outside else None,
            routes=[*_returns(sites, of_core, core), *of_engine],
            dns=addresses_of(town.dns.servers, servers),
            ntp=located(town, town.dhcp.options.ntp or [], servers),
            logs=_logs(town, servers),
        )
        if engine
        else None,
    )


def _aggregate(routing: Routing) -> EngineAggregate | None:
    declared = routing.firewall.aggregate
    return EngineAggregate(mode=declared.mode, interfaces=sorted(declared.interfaces)) if declared else None


def _logs(town: TownLevel, servers: Mapping[str, str]) -> EngineLogs | None:
    declared = town.firewall.logs
    if declared is None:
        return None
    forward = [
        LogForward(
            name=entry.host, address=servers[entry.host], port=entry.port, service=entry.service, format=entry.format
        )
        for entry in declared.forward
        if entry.host in servers
    ]
    return EngineLogs(server=declared.server, data=declared.data, forward=forward or forwards(town, servers))


def _interfaces(
    routing: Routing, engine: EnginePlace, transit: Interface, ends: list[str]
) -> Iterator[Interface]:
    yield Interface(
        name=transit["name"],
        interface=f"{engine['interface']}.{transit['vlan']}",
        vlan=transit["vlan"],
        subnet=transit["subnet"],
        address=ends[1],
        nodes=node_addresses(transit["subnet"], ends, engine["nodes"]),
    )
    outside = routing.outside
    if outside:
        yield Interface(
            name="exterieur",
            interface=str(outside.interface),
            vlan=None,
            subnet=outside.network,
            address=outside.firewall,
            nodes=node_addresses(outside.network, [outside.firewall, outside.router], engine["nodes"]),
        )


def _returns(sites: Mapping[str, Site], beyond: list[Route], core: str) -> Iterator[Route]:
    """Yield the way back of the firewall to every prefix that the core carries."""
    for site in sites.values():
        for gateway in site["gateways"] if site["lifecycle"] in IN_SERVICE else ():
            if gateway["carrier"] == "core":
                name = gateway["name"].removeprefix(f"{GATEWAY}-")
                yield Route(name=name, subnet=gateway["subnet"], next_hop=core)
    for route in beyond:
        yield Route(name=route["name"], subnet=route["subnet"], next_hop=core)


def _beyond(route: DeclaredRoute) -> Route:
    return Route(name=f"route-{route.network.replace('/', '-')}", subnet=route.network, next_hop=route.next_hop)
