"""The servers that a site needs: form, derivation, rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from .forms import Marked
from .wording import closest

if TYPE_CHECKING:
    from .faults import Mark
    from .paths import KeyPath
    from .variables import SiteVariables
    from .view import View


class ServerNames(Marked):
    servers: list[str]


def needed_servers(variables: SiteVariables) -> set[str]:
    """Name the servers that a site needs: names, directory, RADIUS, syslog, printing."""
    return {
        *variables.dns.servers,
        *variables.dhcp.servers,
        variables.directory.controller,
        *variables.directory.controllers,
        *(variables.radius.servers if variables.radius else ()),
        *(item.host for item in variables.network_settings.syslog or ()),
        *((variables.logs.collector.host,) if variables.logs else ()),
        *((variables.printing.server,) if variables.printing else ()),
    }


def addresses_of(names: list[str], servers: Mapping[str, str]) -> list[str]:
    """Give the addresses of some servers; a server without a reservation is left out."""
    return [servers[name] for name in names if name in servers]


def check_servers(view: View) -> None:
    """M035: each named server is a reservation: DNS, DHCP, RADIUS, logs, print, directory."""
    if not view.declared.complete:
        return
    reported: set[tuple[Mark, str]] = set()
    for declared in view.declared.sites:
        for path, where, name in _wanted_servers(declared.variables):
            mark = declared.where(where)
            if name not in view.servers and (mark, name) not in reported:
                reported.add((mark, name))
                message = f"Le serveur « {name} » n’a de réservation dans aucun segment"
                view.faults.add("PISTE-M035", path, mark, message, closest(name, view.servers))


def _wanted_servers(variables: SiteVariables) -> Iterator[tuple[str, KeyPath, str]]:
    for index, name in enumerate(variables.dns.servers):
        yield "dns.servers", ("dns", "servers", index), name
    for index, name in enumerate(variables.dhcp.servers):
        yield "dhcp.servers", ("dhcp", "servers", index), name
    for index, name in enumerate(variables.radius.servers if variables.radius else []):
        yield "radius.servers", ("radius", "servers", index), name
    for index, item in enumerate(variables.network_settings.syslog or ()):
        yield "network_settings.syslog", ("network_settings", "syslog", index, "host"), item.host
    logs = variables.firewall.logs
    for index, forward in enumerate(logs.forward if logs else ()):
        yield "firewall.logs.forward", ("firewall", "logs", "forward", index, "host"), forward.host
    if variables.printing:
        yield "printing.server", ("printing", "server"), variables.printing.server
    directory = variables.directory
    yield "directory.controller", ("directory", "controller"), directory.controller
    for index, name in enumerate(directory.controllers):
        yield "directory.controllers", ("directory", "controllers", index), name
    if directory.certificate_authority:
        yield "directory.certificate_authority", ("directory", "certificate_authority"), directory.certificate_authority
