"""Rules of addressing: numbers, prefixes, VLANs and addresses are unique and in place."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING

from netaddr import IPAddress, IPNetwork

from ..devices import MANAGEMENT
from .derived import segment_keys
from .plan import LAST_VLAN, host

if TYPE_CHECKING:
    from ..faults import Mark
    from ..paths import KeyPath
    from ..view import Subnet, View


_MORE = "Donnez un numéro libre, ou un préfixe de plus à la ville (addressing.extensions)."


def check_plan(view: View) -> None:
    """M019, M028: each prefix of the town has room for blocks, and overlaps no other."""
    town, prefixes = view.declared.town, view.rule.prefixes
    places: list[tuple[str, KeyPath]] = [("addressing.town", ("addressing", "town"))]
    places += [
        (f"addressing.extensions[{index}]", ("addressing", "extensions", index)) for index in range(len(prefixes) - 1)
    ]
    for prefix, (path, where) in zip(prefixes, places, strict=True):
        size = view.rule.declared.site_prefix
        if prefix.version != 4:
            message = f"Le préfixe {prefix} n’est pas IPv4"
            view.faults.add("PISTE-M019", path, town.where(where), message)
        elif not view.rule.room(prefix):
            message = f"Le préfixe {prefix} est plus petit qu’un bloc de site (/{size})"
            view.faults.add("PISTE-M019", path, town.where(where), message)
    for (first, _), (second, (path, where)) in combinations(zip(prefixes, places, strict=True), 2):
        if first in second or second in first:
            view.faults.add("PISTE-M019", path, town.where(where), f"Le préfixe {second} chevauche {first}")
    for name, place in town.variables.flow_places.items():
        networks = [IPNetwork(network) for network in place.networks]
        missing = [str(prefix) for prefix in prefixes if not any(prefix in network for network in networks)]
        if missing and len(missing) < len(prefixes):
            message = f"Le lieu « {name} » couvre la ville, sauf {', '.join(missing)}"
            at = town.where(("flow_places", name, "networks"))
            view.faults.add("PISTE-M028", f"flow_places[{name}].networks", at, message)


def check_site_numbers(view: View) -> None:
    """M010: a number belongs to one site, has room in the plan, is not reserved."""
    addressing = view.rule.declared
    if addressing.shared_number not in view.rule.site_numbers:
        message = f"Les segments de la ville : le numéro {addressing.shared_number} est {_beyond(view)}"
        mark = view.declared.town.where(("addressing", "shared_number"))
        view.faults.add("PISTE-M010", "addressing.shared_number", mark, message, _MORE)
    taken: dict[int, str] = dict.fromkeys(addressing.reserved_numbers, "une réserve du plan")
    taken[addressing.shared_number] = "les segments de la ville"
    for site in view.declared.sites:
        mark = site.where(("site", "plan", "number"))
        number = site.variables.site.plan.number
        _site_number(view, taken, site.id, number, f"sites[{site.id}].site.plan.number", mark)
    for other in view.declared.neighbours:
        mark = other.where(("neighbour", "plan", "number"))
        number = other.variables.neighbour.plan.number
        _site_number(view, taken, other.id, number, f"neighbours[{other.id}].plan.number", mark)


def _site_number(view: View, taken: dict[int, str], owner: str, number: int, path: str, mark: Mark) -> None:
    if number not in view.rule.site_numbers:
        message = f"{owner} : le numéro {number} est {_beyond(view)}"
        view.faults.add("PISTE-M010", path, mark, message, _MORE)
    elif number in taken:
        view.faults.add(
            "PISTE-M010", path, mark, f"{owner} : le numéro {number} est pris par {taken[number]}"
        )
    taken.setdefault(number, owner)


def _beyond(view: View) -> str:
    numbers = view.rule.site_numbers
    return f"hors du plan, de 0 à {numbers[-1]}" if numbers else "hors du plan, qui n’a place pour aucun"


def check_segments_known(view: View) -> None:
    """M030: the listed segments of the town, of a category, of a site are in the catalogue."""
    reported: set[tuple[Mark, str]] = set()
    for declared in view.declared.sites:
        variables = declared.variables
        for key in segment_keys(variables):
            if key in variables.segment_catalogue:
                continue
            where: KeyPath
            if key in variables.segments:
                path, where = f"sites[{declared.id}].segments[{key}]", ("segments", key)
            elif key in variables.category_segments:
                path = f"categories[{declared.category}].category_segments"
                where = ("category_segments", variables.category_segments.index(key))
            else:
                path, where = "common_segments", ("common_segments", variables.common_segments.index(key))
            mark = declared.where(where)
            if (mark, key) not in reported:
                reported.add((mark, key))
                view.unknown("PISTE-M030", path, mark, "Le segment", key, variables.segment_catalogue)


def check_prefixes_inside_blocks(view: View) -> None:
    """M011: every prefix lies in the block of its owner."""
    ranks: set[str] = set()
    for subnet in view.subnets:
        number = view.rule.declared.shared_number
        if subnet.declared:
            number = subnet.declared.variables.site.plan.number
        block = view.rule.block(number)
        if subnet.network in block or subnet.key in ranks:
            continue
        if subnet.declared and not subnet.decides("subnet", "offset"):
            ranks.add(subnet.key)
            message = f"Segment {subnet.key} : son rang le met hors du bloc de chaque site ({subnet.network}, {block})"
            _of_catalogue(view, "PISTE-M011", subnet, message)
        else:
            message = f"{subnet.title} : le sous-réseau {subnet.network} est hors du bloc {block}"
            view.faults.add("PISTE-M011", f"{subnet.path}.subnet", subnet.mark("subnet", "offset"), message)


def check_prefixes_disjoint(view: View) -> None:
    """M012: no two prefixes of the town overlap."""
    widest: Subnet | None = None
    ranks: set[frozenset[str]] = set()
    for subnet in sorted(view.subnets, key=lambda item: (item.network.first, -item.network.last)):
        if widest and subnet.network.first <= widest.network.last and not _same_number(view, subnet, widest, "subnet"):
            if _same_rank(subnet, widest, "subnet"):
                _shared_rank(view, "PISTE-M012", subnet, widest, ranks)
            else:
                _overlapping(view, subnet, widest)
        if widest is None or subnet.network.last > widest.network.last:
            widest = subnet


def _overlapping(view: View, subnet: Subnet, widest: Subnet) -> None:
    # The subnet that departs from the rule is to mend.
    departs = subnet.decides("subnet", "offset") or not widest.decides("subnet", "offset")
    wrong, other = (subnet, widest) if departs else (widest, subnet)
    where = other.mark("subnet", "offset")
    message = f"{wrong.title} : le sous-réseau {wrong.network} chevauche {other.network}, {other.title}"
    mark = wrong.mark("subnet", "offset")
    view.faults.add("PISTE-M012", f"{wrong.path}.subnet", mark, f"{message} ({where.file}:{where.line})")


def _same_number(view: View, subnet: Subnet, other: Subnet, field: str) -> bool:
    """Tell whether two owners clash only because they share a number.

    M010 reports that once for all their segments.
    """

    def number(subnet: Subnet) -> int:
        declared = subnet.declared
        return declared.variables.site.plan.number if declared else view.rule.declared.shared_number

    decided = subnet.decides(field, "offset") or other.decides(field, "offset")
    return subnet.owner != other.owner and number(subnet) == number(other) and not decided


def _same_rank(subnet: Subnet, other: Subnet, field: str) -> bool:
    """Tell whether two segments of a site clash by the catalogue alone, and so at each site."""
    decided = subnet.decides(field, "offset") or other.decides(field, "offset")
    return subnet.declared is not None and subnet.owner == other.owner and not decided


def _shared_rank(view: View, rule: str, subnet: Subnet, other: Subnet, reported: set[frozenset[str]]) -> None:
    """Report once, in the catalogue, two segments that clash at each site that has both."""
    pair = frozenset((subnet.key, other.key))
    if pair not in reported:
        reported.add(pair)
        message = f"Segment {subnet.key} : son rang est celui du segment {other.key}, à chaque site qui a les deux"
        _of_catalogue(view, rule, subnet, message)


def _of_catalogue(view: View, rule: str, subnet: Subnet, message: str) -> None:
    path: KeyPath = ("segment_catalogue", subnet.key, "plan", "offset")
    view.faults.add(rule, f"segment_catalogue[{subnet.key}].plan.offset", view.declared.town.where(path), message)


def check_vlans_unique(view: View) -> None:
    """M013, M019: a VLAN id is possible, and names one segment of the town."""
    first: dict[int, Subnet] = {}
    ranks: set[frozenset[str]] = set()
    for subnet in view.subnets:
        if subnet.vlan is None:
            continue
        if subnet.vlan > LAST_VLAN:
            message = f"{subnet.title} : le VLAN {subnet.vlan} dépasse {LAST_VLAN}"
            view.faults.add("PISTE-M019", f"{subnet.path}.vlan", subnet.mark("vlan", "offset"), message)
            continue
        other = first.setdefault(subnet.vlan, subnet)
        if other is not subnet and _same_rank(subnet, other, "vlan"):
            _shared_rank(view, "PISTE-M013", subnet, other, ranks)
        elif other is not subnet and not _same_number(view, subnet, other, "vlan"):
            where = other.mark("vlan", "offset")
            holder = f"{other.title} ({where.file}:{where.line})"
            message = f"{subnet.title} : le VLAN {subnet.vlan} est celui de {holder}"
            view.faults.add("PISTE-M013", f"{subnet.path}.vlan", subnet.mark("vlan", "offset"), message)


def check_gateways_inside(view: View) -> None:
    """M014: a gateway is a host address of its subnet."""
    for subnet in view.subnets:
        if subnet.segment and not _is_host(subnet, subnet.segment["gateway"]):
            gateway = subnet.segment["gateway"]
            message = f"{subnet.title} : la passerelle {gateway} n’est pas une machine de {subnet.network}"
            view.faults.add("PISTE-M014", f"{subnet.path}.gateway", subnet.mark("gateway", "subnet"), message)


def check_dhcp_inside(view: View) -> None:
    """M015: a DHCP range runs forward, inside its subnet, without the gateway."""
    for subnet in view.subnets:
        dhcp = subnet.segment["dhcp"] if subnet.segment else None
        if subnet.segment is None or dhcp is None:
            continue
        start, end = IPAddress(dhcp["start"]), IPAddress(dhcp["end"])
        title = f"{subnet.title} : la plage DHCP {start} – {end}"
        mark = subnet.mark("dhcp", "subnet")
        if not (_is_host(subnet, dhcp["start"]) and _is_host(subnet, dhcp["end"])):
            view.faults.add("PISTE-M015", f"{subnet.path}.dhcp", mark, f"{title} sort de {subnet.network}")
        elif end < start:
            view.faults.add("PISTE-M015", f"{subnet.path}.dhcp", mark, f"{title} finit avant de commencer")
        elif start <= IPAddress(subnet.segment["gateway"]) <= end:
            gateway = subnet.segment["gateway"]
            view.faults.add(
                "PISTE-M015", f"{subnet.path}.dhcp", mark, f"{title} contient la passerelle {gateway}"
            )


def check_fixed_addresses(view: View) -> None:
    """M016, M017: each fixed address is unique, inside the subnet, outside the DHCP range."""
    for subnet in view.subnets:
        segment = subnet.segment
        if segment is None:
            continue
        owners: dict[str, str] = {segment["gateway"]: "la passerelle"}
        for name, address, path, mark in _fixed(view, subnet):
            if not _is_host(subnet, address):
                message = f"{subnet.title} : {name} ({address}) n’est pas une machine de {subnet.network}"
                view.faults.add("PISTE-M016", path, mark, message)
                continue
            dhcp = segment["dhcp"]
            if address in owners:
                message = f"{subnet.title} : {name} a l’adresse {address} de {owners[address]}"
                view.faults.add("PISTE-M017", path, mark, message)
            elif dhcp and IPAddress(dhcp["start"]) <= IPAddress(address) <= IPAddress(dhcp["end"]):
                message = f"{subnet.title} : {name} a l’adresse {address} de la plage DHCP"
                view.faults.add("PISTE-M017", path, mark, message)
            owners.setdefault(address, name)


def check_device_ranks(view: View) -> None:
    """M016: the rank of a device fits in the range that the rule gives to its kind."""
    hosts = view.rule.declared.hosts
    for declared in view.declared.sites:
        for item in view.devices(declared):
            ranks = hosts.switches if item.device["kind"] == "switch" else hosts.access_points
            name, rank, room = item.device["name"], item.device["rank"], ranks.last - ranks.first + 1
            if rank > room:
                message = f"{name} : le rang {rank} dépasse les {room} prévus"
                view.faults.add("PISTE-M016", f"{item.path}.rank", item.mark("rank"), message)


def _fixed(view: View, subnet: Subnet) -> Iterator[tuple[str, str, str, Mark]]:
    """Yield name, address, path and line of each fixed address of a segment."""
    declared, segment = subnet.declared, subnet.segment
    if declared is None or segment is None:
        return
    for name, address in segment["reservations"].items():
        where = ("segments", subnet.key, "reservations", name)
        yield name, address, f"{subnet.path}.reservations[{name}]", declared.where(where)
    if subnet.key == MANAGEMENT:
        for item in view.devices(declared):
            yield item.device["name"], item.device["address"], item.path, item.mark()
    for other in view.declared.neighbours:
        link = other.variables.neighbour.interconnection
        if (link.site, link.segment) == (declared.id, subnet.key):
            address = str(host(subnet.network, link.remote_host))
            path = f"neighbours[{other.id}].interconnection.remote_host"
            yield other.id, address, path, other.where(("neighbour", "interconnection", "remote_host"))


def _is_host(subnet: Subnet, address: str) -> bool:
    value = int(IPAddress(address))
    return bool(subnet.network.first < value < subnet.network.last)
