"""Rules of the logs: names, retention, URLs, senders, duties of sites, settings that send."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING

from netaddr import IPNetwork

from piste.engine.words import some

from ..wording import closest
from .derived import derive_logs, has_public, sites_of
from .form import LONGEST, SHORTEST

if TYPE_CHECKING:
    from collections.abc import Collection

    from ..faults import Mark
    from ..view import View
    from .derived import Duty
    from .form import Logs, LogSource

OBLIGED = ("dsi", "dpo")
"""Readers whom the tender names (CCTP 3.2.5)."""


def check_names(view: View) -> None:
    """M320, M321, M325, M328: known machines, readers, sites; TLS where a source uses it."""
    logs, town = view.declared.town.variables.logs, view.declared.town
    if logs is None:
        return
    variables = town.variables
    segments, shared = variables.segment_catalogue, view.declared.shared
    if view.declared.complete and logs.collector.host not in view.servers:
        _fault(view, "PISTE-M320", ("collector", "host"), "Le collecteur", logs.collector.host, view.servers)
    if logs.collector.tls and logs.collector.tls.authority not in variables.certificate_authorities:
        keys = ("collector", "tls", "authority")
        authorities = variables.certificate_authorities
        _fault(view, "PISTE-M321", keys, "L’autorité", logs.collector.tls.authority, authorities)
    for name, reader in logs.readers.items():
        if reader.group and reader.group not in variables.directory_groups:
            keys = ("readers", name, "group")
            _fault(view, "PISTE-M321", keys, "Le groupe", reader.group, variables.directory_groups)
    for site in logs.video:
        if view.declared.complete and site not in view.sites:
            _fault(view, "PISTE-M321", ("video",), "Le site", site, view.sites)
    places = {*view.servers, *segments, *(shared.variables.shared_segments if shared else ())}
    for name, entry in logs.sources.items():
        at = ("sources", name)
        for sender in entry.senders:
            if view.declared.complete and sender.partition("@")[0] not in places:
                _fault(view, "PISTE-M320", (*at, "from"), "L’expéditeur", sender, places)
        for known in entry.readers:
            if known not in logs.readers:
                _fault(view, "PISTE-M321", (*at, "readers"), "Le lecteur", known, logs.readers)
        for site in entry.sites:
            if view.declared.complete and site not in view.sites:
                _fault(view, "PISTE-M321", (*at, "sites"), "Le site", site, view.sites)
        if entry.transport == "tls" and logs.collector.tls is None:
            mark = town.where(("logs", *at, "transport"))
            message = f"{name} : le collecteur ne reçoit rien en TLS"
            view.faults.add("PISTE-M325", f"logs.sources[{name}].transport", mark, message)
        if absent := [known for known in OBLIGED if known not in entry.readers]:
            mark = town.where(("logs", *at, "readers"))
            message = f"{name} : {' et '.join(absent)} ne lisent pas cette source"
            view.faults.add("PISTE-M328", f"logs.sources[{name}].readers", mark, message)


def _fault(view: View, rule: str, keys: tuple[str, ...], what: str, name: str, known: Collection[str]) -> None:
    named = keys[0] in ("readers", "sources")
    path = f"logs.{keys[0]}[{keys[1]}].{keys[2]}" if named else f"logs.{'.'.join(keys)}"
    mark = view.declared.town.where(("logs", *keys))
    view.faults.add(rule, path, mark, f"{what} « {name} » n’est pas déclaré", closest(name, known))


def check_retention(view: View) -> None:
    """M322, M408: no source is kept less than a year, nor more than three without a reason."""
    for name, entry in _sources(view):
        if entry.retention_days.least < SHORTEST:
            keys = ("logs", "sources", name, "retention_days")
            message = f"{name} : {entry.retention_days.least} jours, pour {SHORTEST} demandés"
            path = f"logs.sources[{name}].retention_days.min"
            view.faults.add("PISTE-M322", path, view.declared.town.where((*keys, "min"), keys), message)
        if entry.retention_days.most > LONGEST and entry.retention_days.why is None:
            keys = ("logs", "sources", name, "retention_days")
            message = f"{name} : {entry.retention_days.most} jours au plus, sans la raison (why)"
            path = f"logs.sources[{name}].retention_days.max"
            view.faults.add("PISTE-M408", path, view.declared.town.where((*keys, "max"), keys), message)


def check_urls(view: View) -> None:
    """M323: no URL is logged where guests or the public pass, nor without a declared source."""
    town = view.declared.town
    covered: set[str] = set()
    for name, entry in _sources(view):
        if entry.kind != "meraki_urls":
            continue
        # A site in preparation has its settings before its guests.
        here = [key for key, site in view.sites.items() if site["lifecycle"] != "closed"]
        covered |= set(sites_of(entry, here))
        if guests := [key for key in sites_of(entry, here) if has_public(view.sites[key])]:
            keys = ("logs", "sources", name)
            message = f"{name} : des invités ou le public passent par {some(guests, 3)}"
            view.faults.add("PISTE-M323", f"logs.sources[{name}].sites", town.where((*keys, "sites"), keys), message)
    for declared, site in view.pairs():
        for index, server in enumerate(declared.variables.network_settings.syslog or ()):
            if "urls" in server.roles and (has_public(site) or site["id"] not in covered):
                why = "des invités ou le public y passent" if has_public(site) else "nulle source n’en dit la finalité"
                where = ("network_settings", "syslog", index, "roles")
                message = f"Les URL de {site['id']} seraient gardées, et {why}"
                view.faults.add("PISTE-M323", "network_settings.syslog", declared.where(where), message)


def check_senders(view: View) -> None:
    """M324: an address and a port designate one source."""
    logs = derive_logs(view.declared, view.sites, view.servers)
    received = [stream for stream in logs["streams"] if stream["port"]] if logs else []
    reported: set[tuple[str, str]] = set()
    for first, second in combinations(received, 2):
        pair = (first["source"], second["source"])
        protocols = {stream["transport"] == "udp" for stream in (first, second)}
        if first["port"] != second["port"] or len(protocols) > 1 or first["source"] == second["source"]:
            continue
        common = _common(first["senders"], second["senders"])
        if common and pair not in reported:
            reported.add(pair)
            keys = ("logs", "sources", second["source"])
            message = f"{common} envoie {first['source']} et {second['source']} au même port {first['port']}"
            path = f"logs.sources[{second['source']}].from"
            view.faults.add("PISTE-M324", path, view.declared.town.where((*keys, "from"), keys), message)


def _common(first: list[str], second: list[str]) -> str:
    for network in map(IPNetwork, first):
        for other in map(IPNetwork, second):
            if network in other:
                return str(network)
            if other in network:
                return str(other)
    return ""


def check_duties(view: View) -> None:
    """M326: a site with public Wi-Fi or cameras has a stream of the network."""
    logs = derive_logs(view.declared, view.sites, view.servers)
    if logs is None:
        return
    classes = {stream["name"]: stream["log_class"] for stream in logs["streams"]}
    bare = [
        f"{duty['site']} ({' et '.join(word for word, here in _reasons(duty) if here)})"
        for duty in logs["duties"]
        if not any(classes[name] == "network" for name in duty["streams"])
    ]
    if bare:
        message = f"{', '.join(bare)} : aucun journal du réseau"
        view.faults.add("PISTE-M326", "logs.sources", view.declared.town.where(("logs", "sources")), message)


def _reasons(duty: Duty) -> tuple[tuple[str, bool], ...]:
    return ("Wi-Fi public", duty["public"]), ("caméras", duty["video"])


def check_settings(view: View) -> None:
    """M327: what a site or the firewall declares to send leads to the collector."""
    logs, town = view.declared.town.variables.logs, view.declared.town
    if logs is None:
        return
    reported: set[Mark] = set()
    for declared, site in view.pairs():
        for index, server in enumerate(declared.variables.network_settings.syslog or ()):
            mark = declared.where(("network_settings", "syslog", index, "host"))
            if server.host != logs.collector.host and mark not in reported:
                reported.add(mark)
                message = f"{site['id']} envoie ses journaux à {server.host}, le collecteur est {logs.collector.host}"
                view.faults.add("PISTE-M327", "network_settings.syslog", mark, message)
    forwarding = town.variables.firewall.logs
    for index, forward in enumerate(forwarding.forward if forwarding else ()):
        if forward.host != logs.collector.host:
            mark = town.where(("firewall", "logs", "forward", index, "host"))
            message = f"Le SMC envoie ses journaux à {forward.host}, le collecteur est {logs.collector.host}"
            view.faults.add("PISTE-M327", "firewall.logs.forward", mark, message)


def check_accounting(view: View) -> None:
    """M329: a source of NPS accounting has something to account."""
    names = [name for name, entry in _sources(view) if entry.kind == "nps_accounting"]
    reported: set[Mark] = set()
    for declared in view.declared.sites if names else ():
        radius = declared.variables.radius
        mark = declared.where(("radius", "accounting"), ("radius",))
        if radius and not radius.accounting and mark not in reported:
            reported.add(mark)
            message = f"{declared.id} n’envoie pas de comptabilité, et la source {names[0]} l’attend"
            view.faults.add("PISTE-M329", "radius.accounting", mark, message)


def _sources(view: View) -> Iterator[tuple[str, LogSource]]:
    logs: Logs | None = view.declared.town.variables.logs
    yield from logs.sources.items() if logs else ()
