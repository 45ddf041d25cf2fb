"""Rules of the routing: who routes is known, and traffic comes back the way that it went."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from netaddr import IPAddress, IPNetwork

from piste.engine.words import agreed

from ..devices import MANAGEMENT
from ..flows.ends import IN_SERVICE
from ..paths import dotted
from ..wording import closest
from .derived import CARRIERS
from .models import least, limits

if TYPE_CHECKING:
    from ..paths import KeyPath
    from ..site import Site
    from ..view import View
    from .derived import Carrier
    from .form import DeclaredRoute, Routing
    from .models import Limits


def check_carriers(view: View) -> None:
    """M180: the core, the engine, the transit and the ports of the firewall are declared."""
    routing = view.declared.town.variables.routing
    if routing is None or not view.declared.complete:
        return
    for where, message, advice in _unknown(view, routing):
        _add(view, "PISTE-M180", where, message, advice)


def _unknown(view: View, routing: Routing) -> Iterator[tuple[KeyPath, str, str]]:
    core = routing.core
    if core.site not in view.sites:
        yield ("core", "site"), f"Le site « {core.site} » n’est pas déclaré", closest(core.site, view.sites)
    else:
        site = view.sites[core.site]
        switches = [device["name"] for device in site["devices"] if device["kind"] == "switch"]
        stacks = [stack["name"] for stack in site["stacks"]]
        for field, name, known in (("stack", core.stack, stacks), ("switch", core.switch, switches)):
            if name is not None and name not in known:
                what = "pile" if field == "stack" else "commutateur"
                yield ("core", field), f"{core.site} : aucun(e) {what} « {name} »", closest(name, known)
        serials = site["core"]["serials"] if site["core"] else []
        members = [device["name"] for device in site["devices"] if device["serial"] in serials]
        for index, port in enumerate(routing.firewall.ports if members else ()):
            if port.rpartition("/")[0] not in members:
                message = f"{port} n’est pas un port du cœur ({', '.join(members)})"
                yield ("firewall", "ports", index), message, ""
    engines = view.declared.town.variables.firewall.engines
    named, wanted = [engine.name for engine in engines], routing.firewall.engine
    if wanted is None and len(named) > 1:
        yield ("firewall", "engine"), f"La politique a {len(named)} moteurs : dites lequel route", ""
    elif wanted is not None and wanted not in named:
        yield ("firewall", "engine"), f"La politique n’a pas de moteur « {wanted} »", closest(wanted, named)
    shared = view.declared.shared.variables.shared_segments if view.declared.shared else {}
    entry = shared.get(routing.transit.segment)
    if entry is None or entry.vlan is None:
        what = "n’a pas de VLAN" if entry else "n’est pas déclaré"
        message = f"Le transit « {routing.transit.segment} » {what} dans les segments de la ville"
        yield ("transit", "segment"), message, "" if entry else closest(routing.transit.segment, shared)


def check_models(view: View) -> None:
    """M181, M187: the switches of the core are of models that route, and carry what it has to."""
    routing = view.declared.town.variables.routing
    place = view.sites[routing.core.site]["core"] if routing and routing.core.site in view.sites else None
    if routing is None or place is None:
        return
    where: KeyPath = ("core", "stack" if routing.core.stack else "switch")
    known: list[Limits] = []
    hardware = view.declared.town.variables.hardware
    for device in view.sites[routing.core.site]["devices"]:
        entry = hardware.get(device["model"])
        if device["serial"] not in place["serials"] or entry is None:
            continue
        carried = limits(device["model"], place["limits"])
        if carried is not None and entry.routes is not False:
            known.append(carried)
            continue
        model = device["model"]
        what = f"un {model} ne route pas" if entry.routes is False else f"rien ne dit qu’un {model} route"
        _add(view, "PISTE-M181", where, f"{device['name']} : {what}")
    if known:
        for message in _beyond_limits(view, least(known)):
            _add(view, "PISTE-M187", where, message)


def _beyond_limits(view: View, most: Limits) -> Iterator[str]:
    """Yield what the core would have to carry, and does not."""
    core = view.routing["core"]
    gateways = [gateway for site in view.sites.values() for gateway in site["gateways"] if gateway["carrier"] == "core"]
    for count, limit, what in (
        (1 + len(gateways), most["interfaces"], "interface(s) routée(s)"),
        (len(core["routes"]) if core else 0, most["static_routes"], "route(s) statique(s)"),
    ):
        if count > limit:
            yield f"Le cœur aurait {agreed(count, what)}, il en porte {limit} au plus"
    if not most["dhcp_server"] and (lending := [gateway["name"] for gateway in gateways if gateway["server"]]):
        yield f"Le cœur ne prête pas d’adresses, et {', '.join(lending)} le demande"


def check_single_gateways(view: View) -> None:
    """M182: core and firewall meet at the transit alone, each at its own address."""
    routing = view.declared.town.variables.routing
    if routing is None:
        return
    transit = routing.transit
    if transit.core == transit.firewall:
        message = f"Au transit, le cœur et le pare-feu ont le même rang {transit.core}"
        _add(view, "PISTE-M182", ("transit", "firewall"), message)
    core, engine = view.routing["core"], view.routing["engine"]
    if core and engine:
        network = IPNetwork(core["interface"]["subnet"])
        for field, address in (("core", core["interface"]["address"]), ("firewall", core["default_route"])):
            if not network.first < int(IPAddress(address)) < network.last:
                message = f"Au transit, {address} n’est pas une machine de {network}"
                _add(view, "PISTE-M182", ("transit", field), message)
    if routing.outside is None:
        return
    outside = IPNetwork(routing.outside.network)
    for subnet in view.subnets:
        if _meet(outside, subnet.network):
            message = f"L’interface extérieure {outside} chevauche {subnet.network}, {subnet.title}"
            _add(view, "PISTE-M182", ("outside", "network"), message)
    for field in ("firewall", "router"):
        if IPAddress(getattr(routing.outside, field)) not in outside:
            message = f"À l’extérieur, {getattr(routing.outside, field)} n’est pas dans {outside}"
            _add(view, "PISTE-M182", ("outside", field), message)


def check_nodes(view: View) -> None:
    """M183: the addresses of the members of a cluster are free, wherever it is the gateway."""
    for subnet in view.subnets:
        if subnet.declared is None:
            continue
        site = view.sites[subnet.owner]
        gateway = next(item for item in site["gateways"] if item["segment"] == subnet.key)
        engine, segment = site["engine"], site["segments"][subnet.key]
        if gateway["carrier"] != "ngfw" or engine is None or engine["nodes"] < 2:
            continue
        nodes, dhcp = gateway["nodes"], segment["dhcp"]
        fixed = dict(_fixed(site, subnet.key))
        clashes = [f"{address} est à {fixed[address]}" for address in nodes if address in fixed]
        if dhcp:
            first, last = IPAddress(dhcp["start"]), IPAddress(dhcp["end"])
            # A range that leaves its prefix, or that contains the gateway, has a fault of its own.
            if last in subnet.network and not first <= IPAddress(segment["gateway"]) <= last:
                clashes += [f"{node} est dans la plage DHCP" for node in nodes if first <= IPAddress(node) <= last]
        if len(nodes) < engine["nodes"]:
            clashes.append(f"{subnet.network} n’a pas la place")
        for clash in clashes:
            message = f"{subnet.title} : la grappe {engine['name']} y a {engine['nodes']} membres, et {clash}"
            view.faults.add("PISTE-M183", f"{subnet.path}.gateway", subnet.mark("gateway", "dhcp", "subnet"), message)


def _fixed(site: Site, key: str) -> Iterator[tuple[str, str]]:
    """Yield the address and the name of each machine of a segment that has a fixed address."""
    for name, address in site["segments"][key]["reservations"].items():
        yield address, name
    for device in site["devices"] if key == MANAGEMENT else ():
        yield device["address"], device["name"]


def check_routes(view: View) -> None:
    """M184, M185: a declared route leads out of the town by a neighbour, and back."""
    routing = view.declared.town.variables.routing
    core, engine = view.routing["core"], view.routing["engine"]
    if routing is None or core is None or engine is None:
        return
    transit = {"core": core["default_route"], "ngfw": core["interface"]["address"]}
    carried = {carrier: list(_carried(view, carrier)) for carrier in CARRIERS}
    known: list[tuple[IPNetwork, Carrier]] = []
    leaving: list[tuple[IPNetwork, Carrier]] = []
    for index, route in enumerate(routing.routes):
        network, hop = IPNetwork(route.network), IPAddress(route.next_hop)
        where: KeyPath = ("routes", index)
        for message in _useless(view, route, network):
            _add(view, "PISTE-M184", where, message)
        if route.next_hop == transit[route.carrier]:
            other = next(carrier for carrier in CARRIERS if carrier != route.carrier)
            if not any(declared.carrier == other and declared.network == route.network for declared in routing.routes):
                message = f"La route {network} {_OF[route.carrier]} mène {_TO[other]}, qui n’en a pas"
                _add(view, "PISTE-M185", where, message)
        elif not any(hop in prefix for prefix in carried[route.carrier]):
            message = f"La route {network} {_OF[route.carrier]} : il ne porte aucun segment où est {hop}"
            _add(view, "PISTE-M184", where, message)
        clash = next((seen for seen, carrier in known if seen == network and carrier == route.carrier), None)
        if clash is not None:
            _add(view, "PISTE-M184", where, f"La route {network} est déclarée deux fois")
        if route.next_hop != transit[route.carrier]:
            if any(seen == network and carrier != route.carrier for seen, carrier in leaving):
                message = f"La route {network} part du cœur et du pare-feu, chacun vers un autre routeur"
                advice = "Gardez-la sur l’équipement qui voit le routeur : sinon le retour prend un autre chemin."
                _add(view, "PISTE-M184", where, message, advice)
            leaving.append((network, route.carrier))
        known.append((network, route.carrier))


def check_aggregate(view: View) -> None:
    """M186: the firewall and the core aggregate the same link, each at its end, or neither."""
    routing = view.declared.town.variables.routing
    core = next((site for site in view.declared.sites if routing and site.id == routing.core.site), None)
    engine = view.sites[core.id]["engine"] if core and core.id in view.sites else None
    if routing is None or core is None or engine is None:
        return
    for where, message in _misplugged(routing, engine["nodes"]):
        _add(view, "PISTE-M186", ("firewall", *where), message)
    firewall = routing.firewall
    lacp = firewall.aggregate is not None and firewall.aggregate.mode == "lacp"
    ends = {name: entry for name, entry in core.variables.aggregates.items() if entry.to == engine["name"]}
    for name, entry in ends.items():
        key: KeyPath = ("aggregates", name)
        path, mark = f"sites[{core.id}].{dotted(key)}", core.where(key)
        if not lacp:
            message = f"{name} : le moteur {engine['name']} n’agrège rien en lacp de son côté"
            view.faults.add("PISTE-M186", path, mark, message)
        elif len(entry.ports) != _width(routing) or set(entry.ports) - set(firewall.ports):
            message = f"{name} : un membre a {_width(routing)} interfaces, sur des ports de routing.firewall.ports"
            view.faults.add("PISTE-M186", path, mark, message)
    if lacp and len(ends) != engine["nodes"]:
        message = f"{core.id} a {len(ends)} agrégat(s) vers {engine['name']}, pour {engine['nodes']} membre(s)"
        _add(view, "PISTE-M186", ("firewall", "aggregate"), message)


def _width(routing: Routing) -> int:
    """Count the ports of a member of the firewall."""
    return 1 + len(routing.firewall.aggregate.interfaces if routing.firewall.aggregate else ())


def _misplugged(routing: Routing, nodes: int) -> Iterator[tuple[KeyPath, str]]:
    """Yield the faults of the firewall's own end: a port of two roles, cables that lack."""
    firewall, outside = routing.firewall, routing.outside
    if firewall.aggregate is None:
        return
    numbers, taken = firewall.aggregate.interfaces, [firewall.interface, *([outside.interface] if outside else ())]
    for number in sorted({number for number in numbers if number in taken or numbers.count(number) > 1}):
        why = "elle a déjà un autre rôle, ou est nommée deux fois"
        yield ("aggregate", "interfaces"), f"L’interface {number} ne peut être agrégée : {why}"
    expected = nodes * _width(routing)
    if firewall.ports and len(firewall.ports) != expected:
        places = f"{expected} ports, pas {len(firewall.ports)}"
        yield ("ports",), f"{nodes} membre(s) de {_width(routing)} interfaces se branchent sur {places}"


_OF = {"core": "du cœur", "ngfw": "du pare-feu"}
_TO = {"core": "au cœur", "ngfw": "au pare-feu"}


def _useless(view: View, route: DeclaredRoute, network: IPNetwork) -> Iterator[str]:
    if network.prefixlen == 0:
        yield "La route par défaut se déduit : du cœur vers le pare-feu, du pare-feu vers le routeur extérieur"
        return
    for subnet in view.subnets:
        if _meet(network, subnet.network):
            yield f"La route {network} détourne {subnet.network}, {subnet.title}"
            return


def _carried(view: View, carrier: Carrier) -> Iterable[IPNetwork]:
    for site in view.sites.values():
        for gateway in site["gateways"] if site["lifecycle"] in IN_SERVICE else ():
            if gateway["carrier"] == carrier:
                yield IPNetwork(gateway["subnet"])
    engine = view.routing["engine"]
    for interface in engine["interfaces"] if engine and carrier == "ngfw" else ():
        yield IPNetwork(interface["subnet"])


def _meet(first: IPNetwork, second: IPNetwork) -> bool:
    return bool(first.version == second.version and first.first <= second.last and second.first <= first.last)


def _add(view: View, rule: str, where: KeyPath, message: str, advice: str = "") -> None:
    whole: KeyPath = ("routing", *where)
    view.faults.add(rule, dotted(whole), view.declared.town.where(whole, whole[:2], whole[:1]), message, advice)
