"""Rules of the leases: each range has a server, known options, and addresses of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netaddr import IPAddress

from ..paths import dotted
from ..wording import closest
from .derived import central, locate

if TYPE_CHECKING:
    from ..faults import Mark
    from ..paths import KeyPath
    from ..view import View
    from .form import DhcpOptions, ServerOptions

_NAMED = (3, 6, 15, 42, 51, 66, 67, 81)
"""Numbers of the options that have a name in the declaration, or that the server derives from other settings."""


def check_servers(view: View) -> None:
    """M190: some server lends the addresses of each range, and failover has two of them."""
    town = view.declared.town
    dhcp = town.variables.dhcp
    ranges = [
        f"{site['id']}, {key}"
        for site in view.sites.values()
        for key, segment in site["segments"].items()
        if segment["dhcp"] and central(segment)
    ]
    if ranges and not dhcp.servers:
        message = f"Aucun serveur ne donne les adresses de {len(ranges)} segments ({ranges[0]}…)"
        _add(view, "PISTE-M190", ("dhcp", "servers"), message)
    elif dhcp.failover and len(dhcp.servers) < 2:
        _add(view, "PISTE-M190", ("dhcp", "failover"), "Un serveur seul n’a personne qui le secoure")


def check_options(view: View) -> None:
    """M030, M191: populations are segments, and the servers of their options have an address."""
    if not view.declared.complete:
        return
    town = view.declared.town
    dhcp, catalogue = town.variables.dhcp, town.variables.segment_catalogue
    for key in dhcp.populations:
        if key not in catalogue:
            where: KeyPath = ("dhcp", "populations", key)
            view.unknown("PISTE-M030", dotted(where), town.where(where), "Le segment", key, catalogue)
    for where, options in _declared(view):
        for field in ("dns", "ntp"):
            for index, name in enumerate(getattr(options, field) or ()):
                _check_server(view, (*where, field, index), name)
        if options.boot_server:
            _check_server(view, (*where, "boot_server"), options.boot_server)


def check_settings(view: View) -> None:
    """M195: a retired server is declared no more; an option with a name is not given by number."""
    dhcp = view.declared.town.variables.dhcp
    for index, name in enumerate(dhcp.retired):
        if name in dhcp.servers:
            _add(view, "PISTE-M195", ("dhcp", "retired", index), f"« {name} » donne encore des adresses (dhcp.servers)")
    options = dhcp.settings.options if dhcp.settings else None
    for number in options.other if options else ():
        if int(number) in _NAMED:
            where: KeyPath = ("dhcp", "settings", "options", "other")
            _add(view, "PISTE-M195", where, f"l’option {number} a son nom, ou découle d’un autre réglage")


def _declared(view: View) -> Iterator[tuple[KeyPath, DhcpOptions | ServerOptions]]:
    dhcp = view.declared.town.variables.dhcp
    yield ("dhcp", "options"), dhcp.options
    if dhcp.settings and dhcp.settings.options:
        yield ("dhcp", "settings", "options"), dhcp.settings.options
    for key, options in dhcp.populations.items():
        yield ("dhcp", "populations", key), options


def _check_server(view: View, where: KeyPath, name: str) -> None:
    variables = view.declared.town.variables
    if locate(variables, name, view.servers) is None:
        known = [*view.servers, *variables.flow_places]
        message = f"« {name} » n’est ni une réservation, ni un lieu d’une seule adresse, ni une adresse"
        _add(view, "PISTE-M191", where, message, closest(name, known))


def check_guests(view: View) -> None:
    """M192: guests have names, from a resolver outside the town unless the declaration says why."""
    town = view.declared.town
    dhcp, inside = town.variables.dhcp, view.rule.prefixes
    reported: set[str] = set()
    for site in view.sites.values():
        for gateway in site["gateways"]:
            scope = gateway["server"]
            key = gateway["segment"]
            if scope is None or key in reported:
                continue
            own = dhcp.populations.get(key)
            where: KeyPath = ("dhcp", "populations", key)
            if own is None or own.dns is None:
                reported.add(key)
                _add(view, "PISTE-M192", where, f"{key} : rien ne dit qui résout les noms des invités")
                continue
            asked = [*scope["options"]["dns"], *scope["options"]["ntp"]]
            own_servers = [address for address in asked if any(IPAddress(address) in prefix for prefix in inside)]
            if own_servers and not own.why:
                reported.add(key)
                message = f"{key} : les invités interrogeraient {', '.join(own_servers)}, de la ville"
                _add(view, "PISTE-M192", where, message)


def check_exclusions(view: View) -> None:
    """M193: an exclusion is inside its range, and leaves something of it."""
    for declared, site in view.pairs():
        scopes = [*site["scopes"], *(gateway["server"] for gateway in site["gateways"] if gateway["server"])]
        for scope in (scope for scope in scopes if scope["exclusions"]):
            first, last = int(IPAddress(scope["start"])), int(IPAddress(scope["end"]))
            left = set(range(first, last + 1))
            path, mark = _of_range(view, declared.id, scope["segment"])
            for gap in scope["exclusions"]:
                start, end = int(IPAddress(gap["start"])), int(IPAddress(gap["end"]))
                if not first <= start <= end <= last:
                    message = f"{site['id']}, {scope['segment']} : {gap['start']} – {gap['end']} sort de la plage"
                    view.faults.add("PISTE-M193", path, mark, message)
                left -= set(range(start, end + 1))
            if not left:
                message = f"{site['id']}, {scope['segment']} : toute la plage est exclue"
                view.faults.add("PISTE-M193", path, mark, message)


def _of_range(view: View, site: str, key: str) -> tuple[str, Mark]:
    """Give the path and line of the range of a segment: the site's own, else the catalogue's."""
    declared = next(item for item in view.declared.sites if item.id == site)
    own, catalogue = ("segments", key, "dhcp"), ("segment_catalogue", key, "plan", "dhcp")
    return f"sites[{site}].segments[{key}].dhcp.exclude", declared.where(own, catalogue)


def check_reservations(view: View) -> None:
    """M194: a MAC address is reserved once, in a segment with a range."""
    owners: dict[str, str] = {}
    for declared, site in view.pairs():
        for key, segment in declared.variables.segments.items():
            for name, reservation in segment.reservations.items():
                if reservation.mac is None or key not in site["segments"]:
                    continue
                where = ("segments", key, "reservations", name)
                path, mark = f"sites[{declared.id}].{dotted(where)}", declared.where((*where, "mac"), where)
                if reservation.mac in owners:
                    message = f"{declared.id} : {reservation.mac} est réservée à {name} et à {owners[reservation.mac]}"
                    view.faults.add("PISTE-M194", path, mark, message)
                elif site["segments"][key]["dhcp"] is None:
                    message = f"{declared.id} : {name} a une adresse MAC, et {key} n’a pas de plage DHCP"
                    view.faults.add("PISTE-M194", path, mark, message)
                owners.setdefault(reservation.mac, f"{name} ({declared.id})")


def _add(view: View, rule: str, where: KeyPath, message: str, advice: str = "") -> None:
    view.faults.add(rule, dotted(where), view.declared.town.where(where, where[:2], where[:1]), message, advice)
