"""Intent of an owner for the engine: interfaces, routes, services, and their elements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from piste.town.model.dhcp.derived import Scope
    from piste.town.model.routing.derived import EngineLogs, EnginePlace, EngineRouting, Gateway, Interface
    from piste.town.model.site import Commune, Site

Config = list[dict[str, Any]]

ENGINES = {"single": "single_fw", "cluster": "fw_cluster"}
_ZONES = {
    "interne": "Zone interne",
    "pedagogique": "Zone pédagogique",
    "public": "Zone publique",
    "invite": "Zone des invités",
    "externe": "Zone externe",
}
_MODES = {"lacp": "lb", "standby": "ha"}
_OUTSIDE, _DEFAULTS = "externe", {4: "0.0.0.0/0", 6: "::/0"}

Span = tuple[int, int]


def engine_intent(owner: Site | Commune) -> dict[str, Config]:
    """Intent of an owner, by kind of what an engine is made of, and for `log_servers`."""
    kinds = ("engine_interfaces", "engine_routes", "engine_settings", "engine_gateways", "log_servers")
    nothing: dict[str, Config] = {kind: [] for kind in kinds}
    policy = owner["firewall"]["policy"]
    if "firewall_engine" not in owner:
        engine = owner["engine"]
        carried = [gateway for gateway in owner["gateways"] if gateway["interface"]]
        zones = {key: segment["zone"] for key, segment in owner["segments"].items()}
        items = [_gateway(policy, engine, gateway, zones[gateway["segment"]]) for gateway in carried if engine]
        return {**nothing, "engine_interfaces": items}
    routing = owner["firewall_engine"]
    if routing is None:
        return nothing
    name = engine_name(routing)
    ntp = [_ntp(policy, address) for address in routing["ntp"]]
    logs = routing["logs"]
    services = {"dns": routing["dns"], "ntp": ntp, "log_server": _log_server(logs) if logs else None}
    settings: dict[str, Any] = {"engine": name, **{service: value for service, value in services.items() if value}}
    if inspection := owner["firewall"]["inspection"]:
        signs = inspection["authority"]
        settings["client_protection"] = f"tls_signing_certificate_authority/{signs}" if signs else None
    routes = {route["subnet"]: {"via": [route["next_hop"]]} for route in routing["routes"]}
    if way_out := routing["default_route"]:
        routes[_DEFAULTS[6 if ":" in way_out else 4]] = {"via": [way_out]}
    interfaces = [_interface(policy, routing, interface) for interface in routing["interfaces"]]
    return {
        **nothing,
        "engine_interfaces": [*_link(routing), *interfaces],
        "engine_routes": [{"engine": name, "routes": routes}] if routes else [],
        "engine_settings": [settings] if len(settings) > 1 else [],
        "log_servers": [_forwarding(policy, logs)] if logs and logs["forward"] else [],
    }


def _link(routing: EngineRouting) -> Iterator[dict[str, Any]]:
    """Yield the interface of the VLANs where it has several ports; people make the rest of it."""
    if aggregate := routing["aggregate"]:
        others = [str(number) for number in aggregate["interfaces"]]
        yield {
            "engine": engine_name(routing),
            "interface": str(routing["interface"]),
            "aggregate": {"mode": _MODES[aggregate["mode"]], "interfaces": others},
        }


def engine_elements(town: Commune) -> Iterator[dict[str, Any]]:
    """Yield the elements that interfaces and services name: zones, DHCP servers, NTP servers."""
    routing, policy = town["firewall_engine"], town["firewall"]["policy"]
    if routing is None:
        return
    for zone, comment in _ZONES.items():
        kind, name = _zone(policy, zone).split("/")
        yield {"type": kind, "name": name, "comment": comment}
    for server in town["dhcp"]["servers"]:
        kind, name = _dhcp(policy, server["address"]).split("/")
        yield {"type": kind, "name": name, "comment": f"DHCP : {server['name']}", **_address(server["address"])}
    for address in routing["ntp"]:
        kind, name = _ntp(policy, address).split("/")
        yield {"type": kind, "name": name, "comment": "Heure de la ville", **_address(address)}
    hosts = {entry["name"]: entry["address"] for entry in routing["logs"]["forward"]} if routing["logs"] else {}
    for host, address in hosts.items():
        kind, name = _log_host(policy, host).split("/")
        yield {"type": kind, "name": name, "comment": "Journaux du pare-feu", **_address(address)}


def engine_name(engine: EnginePlace) -> str:
    return f"{ENGINES[engine['kind']]}/{engine['name']}"


def _zone(policy: str, zone: str) -> str:
    return f"interface_zone/{policy}-zone-{zone}"


def _dhcp(policy: str, address: str) -> str:
    return f"dhcp_server/{policy}-dhcp-{address}"


def _ntp(policy: str, address: str) -> str:
    return f"ntp/{policy}-ntp-{address}"


def _log_server(logs: EngineLogs) -> str:
    return f"log_server/{logs['server']}"


def _log_host(policy: str, host: str) -> str:
    return f"host/{policy}-log-{host}"


def _forwarding(policy: str, logs: EngineLogs) -> dict[str, Any]:
    data = f"data_context/{logs['data']}"
    return {
        "server": _log_server(logs),
        "forwards": {
            f"{_log_host(policy, entry['name'])}:{entry['port']}/{entry['service']}": {
                "format": entry["format"],
                "data": data,
            }
            for entry in logs["forward"]
        },
    }


def _address(address: str) -> dict[str, str]:
    return {"ipv6_address" if ":" in address else "address": address}


def _gateway(policy: str, engine: EnginePlace, gateway: Gateway, zone: str) -> dict[str, Any]:
    return {
        "engine": engine_name(engine),
        "interface": gateway["interface"],
        "comment": gateway["name"],
        "zone": _zone(policy, zone),
        "addresses": [_addresses(engine, gateway)],
        "relay": [_dhcp(policy, address) for address in gateway["relay"]],
        "dhcp_server": _lent(engine, gateway["address"], gateway["server"]) if gateway["server"] else None,
    }


def _interface(policy: str, engine: EnginePlace, interface: Interface) -> dict[str, Any]:
    zone = _zone(policy, _OUTSIDE) if interface["vlan"] is None else None
    return {
        "engine": engine_name(engine),
        "interface": interface["interface"],
        "comment": interface["name"],
        **({"zone": zone} if zone else {}),
        "addresses": [_addresses(engine, interface)],
    }


def _addresses(engine: EnginePlace, place: Gateway | Interface) -> dict[str, Any]:
    shared = engine["kind"] == "cluster"
    own = place["nodes"] if shared else [place["address"]]
    return {
        "network": place["subnet"],
        "cluster": place["address"] if shared else None,
        "nodes": {str(number): address for number, address in enumerate(own, 1)},
    }


def _lent(engine: EnginePlace, gateway: str, scope: Scope) -> dict[str, Any]:
    """DHCP server of a gateway: each node of a cluster lends addresses of its own."""
    shares = _shares(scope, engine["nodes"])
    names = [f"{IPv4Address(first)}-{IPv4Address(last)}" for first, last in shares]
    ranges = {str(number): span for number, span in enumerate(names, 1)}
    return {
        **({"ranges": ranges} if engine["kind"] == "cluster" else {"range": names[0]}),
        "gateway": gateway,
        "dns": scope["options"]["dns"][:2],
        "domain": scope["options"]["domain"],
        "lease": scope["lease"],
    }


def _shares(scope: Scope, nodes: int) -> list[Span]:
    """Cut the addresses of a scope into a range a node, the widest first.

    The SMC knows no exclusion: what lies between two of them is a range; ranges beyond the nodes are not lent.
    """
    spans = [(_number(scope["start"]), _number(scope["end"]))]
    for excluded in scope["exclusions"]:
        spans = list(_without(spans, (_number(excluded["start"]), _number(excluded["end"]))))
    while len(spans) < nodes and any(last > first for first, last in spans):
        widest = max(spans, key=_width)
        middle = sum(widest) // 2
        spans = [span for span in spans if span != widest] + [(widest[0], middle), (middle + 1, widest[1])]
    return sorted(sorted(spans, key=_width)[-nodes:])


def _without(spans: Sequence[Span], gone: Span) -> Iterator[Span]:
    for first, last in spans:
        parts = ((first, min(last, gone[0] - 1)), (max(first, gone[1] + 1), last))
        yield from (part for part in dict.fromkeys(parts) if part[0] <= part[1])


def _width(span: Span) -> int:
    return span[1] - span[0]


def _number(address: str) -> int:
    return int(IPv4Address(address))
