"""Rules of the matrix: names are known, groups end, flows add something and open no more."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from ..wording import closest
from . import logs
from .declared import OF_PISTE, declared_flows
from .ends import EVERY, HERE, End, Ends
from .filtering import shadowing
from .matrix import CLOSING_RULE
from .number_ranges import Ranges
from .policy import matched
from .services import ANY
from .traffic import ANYWHERE, Box, addresses, ports

if TYPE_CHECKING:
    from ..faults import Mark
    from ..paths import KeyPath
    from ..view import View
    from .declared import DeclaredFlow


class _Written(NamedTuple):
    """An end or a service as written; `placed` says that a site looks from there."""

    text: str
    path: str
    mark: Mark
    placed: bool = False


def check_identifiers(view: View) -> None:
    """M108: the id of a flow names one flow of the town, of its categories and of its sites."""
    first: dict[str, DeclaredFlow] = {}
    for flow in declared_flows(view.declared):
        if flow.id in first:
            message = f"Le flux « {flow.id} » existe déjà : {first[flow.id].path}"
            view.faults.add("PISTE-M108", flow.path, flow.mark(), message)
        elif flow.id == CLOSING_RULE:
            message = f"« {flow.id} » est la règle qui refuse tout le reste"
            view.faults.add("PISTE-M108", flow.path, flow.mark(), message)
        elif flow.id.startswith(OF_PISTE):
            message = f"« {flow.id} » commence comme les flux de Piste, qui se déduisent d’eux-mêmes"
            view.faults.add("PISTE-M108", flow.path, flow.mark(), message)
        elif flow.id.startswith(logs.PREFIX):
            message = f"« {flow.id} » commence comme les flux des journaux, qui se déduisent de logs"
            view.faults.add("PISTE-M108", flow.path, flow.mark(), message)
        first.setdefault(flow.id, flow)


def check_names(view: View) -> None:
    """M109: the name of an end has one meaning, and is not the name of a derived element."""
    town, known = view.declared.town, _ends(view)
    segments = town.variables.segment_catalogue
    made = {f"{site}-{key}" for site in view.sites for key in segments} | {f"tous-{key}" for key in segments}
    for name, path, mark, kind in _named(view):
        others = [other for other in known.kinds_of(name) if other != kind]
        message = f"« {name} » désigne aussi {_WORDS[others[0]]}" if others else ""
        if name in made:
            message = f"« {name} » est le nom que Piste donne à un segment sur le pare-feu"
        if message:
            view.faults.add("PISTE-M109", path, mark, message)
    for name in town.variables.service_catalogue:
        where, message = ("service_catalogue", name), ""
        if name == ANY:
            message = f"« {ANY} » désigne déjà tous les services"
        elif re.search(r"-(tcp|udp|icmp|ip)-\d", name):
            message = f"« {name} » a la forme du nom que Piste donne à un port d’un service"
        elif name.startswith(OF_PISTE):
            message = f"« {name} » a la forme du nom d’un service de Piste"
        if message:
            view.faults.add("PISTE-M109", f"service_catalogue[{name}]", town.where(where), message)


def _named(view: View) -> Iterator[tuple[str, str, Mark, str]]:
    """Yield the named things besides the segments: name, path, line, kind."""
    town, shared = view.declared.town, view.declared.shared
    for variable, kind in (("flow_places", "place"), ("flow_groups", "group")):
        for name in getattr(town.variables, variable):
            yield name, f"{variable}[{name}]", town.where((variable, name)), kind
    for name in shared.variables.shared_segments if shared else ():
        assert shared is not None
        yield name, f"shared_segments[{name}]", shared.where(("shared_segments", name)), "shared"
    for site in view.declared.sites:
        for key, segment in site.variables.segments.items():
            for name in segment.reservations:
                mark = site.where(("segments", key, "reservations", name))
                yield name, f"sites[{site.id}].segments[{key}].reservations[{name}]", mark, "server"


_WORDS = {
    "any": "n’importe qui",
    "segment": "un segment",
    "shared": "un segment de la ville",
    "server": "un serveur",
    "place": "un lieu",
    "group": "un groupe",
}


def check_ends(view: View) -> None:
    """M101: the ends of flows, groups and translations exist, at a sensible place."""
    if not view.declared.complete:
        return
    known = _ends(view)
    town = view.declared.town.variables
    shared = view.declared.shared.variables.shared_segments if view.declared.shared else {}
    every = [ANY, *town.segment_catalogue, *shared, *view.servers, *town.flow_places, *town.flow_groups]
    for written in _written_ends(view):
        end = End.read(written.text)
        kinds = known.kinds_of(end.name)
        message, advice = "", ""
        if not kinds:
            message = f"« {end.name} » n’est ni un segment, ni un serveur, ni un lieu, ni un groupe"
            advice = closest(end.name, every)
        elif end.where and "segment" not in kinds:
            message = f"« {written.text} » : seul un segment se dit à un endroit (@)"
        elif end.where == HERE and not written.placed:
            message = f"« {written.text} » : nul site ne regarde d’ici"
        elif end.where not in ("", HERE, EVERY, *view.sites):
            message, advice = f"« {end.where} » n’est pas un site", closest(end.where, view.sites)
        elif end.name == ANY and written.path.startswith("flow_groups"):
            message = f"Un groupe de « {ANY} » ne dit rien de plus que lui"
        if message:
            view.faults.add("PISTE-M101", written.path, written.mark, message, advice)

    keep = view.declared.town.variables.firewall.keep
    flows = {flow.id for flow in declared_flows(view.declared)}
    for index, name in enumerate(keep):
        if name not in flows:
            mark = view.declared.town.where(("firewall", "keep", index))
            message = f"« {name} » n’est pas un flux"
            view.faults.add("PISTE-M101", f"firewall.keep[{index}]", mark, message, closest(name, flows))


def _written_ends(view: View) -> Iterator[_Written]:
    for flow in declared_flows(view.declared):
        for field, texts in (("from", flow.form.source), ("to", flow.form.to)):
            for index, text in enumerate(texts):
                yield _Written(text, f"{flow.path}.{field}[{index}]", flow.mark(field, index), True)
    town = view.declared.town
    for field, listed in town.variables.administration.model_dump(by_alias=True, exclude={"status"}).items():
        for index, text in enumerate(listed or ()):
            where: KeyPath = ("administration", field, index)
            yield _Written(text, f"administration.{field}[{index}]", town.where(where))
    for name, members in town.variables.flow_groups.items():
        for index, text in enumerate(members):
            where = ("flow_groups", name, index)
            yield _Written(text, f"flow_groups[{name}][{index}]", town.where(where))
    for name, entry in town.variables.translations.items():
        given = [("from", index, text) for index, text in enumerate(entry.origin)]
        given += [("to", index, text) for index, text in enumerate(entry.to)]
        for field, index, text in given:
            where = ("translations", name, field, index)
            yield _Written(text, f"translations[{name}].{field}[{index}]", town.where(where))
        if entry.server and entry.server not in view.servers:
            yield _Written(entry.server, f"translations[{name}].server", town.where(("translations", name, "server")))


def check_services(view: View) -> None:
    """M100: a service is in the catalogue."""
    catalogue = view.declared.town.variables.service_catalogue
    for written in _written_services(view):
        if written.text not in (ANY, *catalogue):
            view.unknown("PISTE-M100", written.path, written.mark, "Le service", written.text, catalogue)


def _written_services(view: View) -> Iterator[_Written]:
    for flow in declared_flows(view.declared):
        for index, text in enumerate(flow.form.services):
            yield _Written(text, f"{flow.path}.services[{index}]", flow.mark("services", index))
    town = view.declared.town
    holders: tuple[tuple[str, Mapping[str, Sequence[str]]], ...] = (
        ("service_catalogue", {name: entry.services for name, entry in town.variables.service_catalogue.items()}),
        ("translations", {name: entry.services for name, entry in town.variables.translations.items()}),
    )
    for variable, entries in holders:
        for name, listed in entries.items():
            for index, text in enumerate(listed):
                where: KeyPath = (variable, name, "services", index)
                yield _Written(text, f"{variable}[{name}].services[{index}]", town.where(where))


def check_cycles(view: View) -> None:
    """M102: no group contains itself, even through others."""
    town = view.declared.town
    groups: dict[str, dict[str, list[str]]] = {
        "flow_groups": {
            name: [End.read(text).name for text in members] for name, members in town.variables.flow_groups.items()
        },
        "service_catalogue": {name: entry.services for name, entry in town.variables.service_catalogue.items()},
    }
    for variable, graph in groups.items():
        reported: set[str] = set()
        for name in graph:
            way = _cycle(graph, name)
            if way and not reported & set(way):
                reported |= set(way)
                message = f"Le groupe se contient lui-même : {' → '.join([*way, name])}"
                view.faults.add("PISTE-M102", f"{variable}[{name}]", town.where((variable, name)), message)


def _cycle(graph: Mapping[str, Sequence[str]], start: str) -> list[str]:
    """Give a way from a group to itself, without its last step; empty where there is none."""
    ways, seen = [[start]], {start}
    while ways:
        way = ways.pop()
        for member in graph.get(way[-1], ()):
            if member == start:
                return way
            if member not in seen:
                seen.add(member)
                ways.append([*way, member])
    return []


def check_dates(view: View) -> None:
    """M103: a flow whose end has passed is reported until somebody removes or renews it."""
    for flow in declared_flows(view.declared):
        if flow.over(view.today):
            message = f"Le flux « {flow.id} » a pris fin le {flow.form.until} : il n’est plus autorisé"
            view.faults.add("PISTE-M103", f"{flow.path}.until", flow.mark("until"), message)


def check_open_to_all(view: View) -> None:
    """M104: a flow from the whole town to the whole town has a reason and an end."""
    wide = _open_to_all(view)
    for flow in declared_flows(view.declared):
        if flow.id in wide and not (flow.form.wide and flow.form.until):
            message = f"Le flux « {flow.id} » va de toute la ville à toute la ville"
            view.faults.add("PISTE-M104", flow.path, flow.mark(), message)


def _open_to_all(view: View) -> set[str]:
    """Name the flows that lead from the whole town to the whole town."""
    prefixes = [addresses(prefix) for prefix in view.matrix.town["prefixes"]]
    return {
        view.flow_of[rule.id]
        for rule in view.rules.rules
        if any(_covers(box.sources, prefixes) and _covers(box.destinations, prefixes) for box in rule.boxes)
    }


def _covers(where: Ranges, prefixes: Sequence[Ranges]) -> bool:
    return any(prefix <= where for prefix in prefixes)


def check_shadows(view: View) -> None:
    """M105: a flow lets something pass that no flow before it does, at some site at least."""
    hidden: dict[str, list[list[str]]] = {}
    first: dict[str, str] = {}
    for position, rule in enumerate(view.rules.rules):
        name = view.flow_of[rule.id]
        first.setdefault(name, rule.id)
        hidden.setdefault(name, []).append([other.id for other in shadowing(view.rules, position)])
    for flow in declared_flows(view.declared):
        by = hidden.get(flow.id, [])
        if by and all(by):
            others, plural = " et ".join(f"« {other} »" for other in by[0]), "nt" if len(by[0]) > 1 else ""
            message = f"La règle « {first[flow.id]} » n’ajoute rien : {others} la masque{plural}"
            view.faults.add("PISTE-M105", flow.path, flow.mark(), message)


def check_charters(view: View) -> None:
    """M047, M402, M403: a charter filters, and the Web of a pedagogic segment follows its own."""
    town = view.declared.town.variables
    known = town.terms_of_use
    for flow in declared_flows(view.declared):
        name, path = flow.form.charter, f"{flow.path}.charter"
        if name is not None and name not in known:
            view.unknown("PISTE-M047", path, flow.mark("charter"), "Le texte", name, known)
        elif name is not None and known[name].web is None:
            message = f"Le flux « {flow.id} » suit « {name} », qui ne dit aucun site refusé"
            view.faults.add("PISTE-M402", path, flow.mark("charter"), message)
    outside = ANYWHERE - Ranges.union(map(addresses, view.matrix.town["prefixes"]))
    bounded = _open_to_all(view)  # M104 asks for their reason and their end; they come after what a charter refuses.
    for ssid in town.ssid_catalogue.values():
        segment = town.segment_catalogue.get(ssid.segment)
        if ssid.terms is None or segment is None or {ssid.audience, segment.plan.zone} != {"pedagogique"}:
            continue  # M049 or M053 says so.
        here = [site["segments"][ssid.segment] for site in view.sites.values() if ssid.segment in site["segments"]]
        sent = Box(Ranges.union(addresses(place["subnet"]) for place in here), outside, _WEB)
        passing = {
            view.flow_of[rule.id]
            for rule in view.rules.about(sent.sources)
            if rule.allow and any(box.meet(sent) for box in rule.boxes)
        }
        for flow in declared_flows(view.declared):
            if flow.id in passing - bounded and flow.form.charter != ssid.terms:
                message = f"Le flux « {flow.id} » mène {ssid.segment} au Web sans la charte « {ssid.terms} »"
                view.faults.add("PISTE-M403", flow.path, flow.mark(), message)


def check_inspection(view: View) -> None:
    """M404, M405: decrypted TLS has its exemptions; what is looked into has a policy."""
    town = view.declared.town
    declared = town.variables.firewall.inspection
    tls = declared.tls if declared else None
    if tls and (absent := [said for subject, said in _NEVER.items() if subject not in tls.exempt]):
        where: KeyPath = ("firewall", "inspection", "tls", "exempt")
        message = f"Le pare-feu déchiffrerait {' et '.join(absent)}"
        view.faults.add("PISTE-M404", "firewall.inspection.tls.exempt", town.where(where), message)
    carried = {"intrusions": declared and declared.policy, "files": declared and declared.files}
    for flow in declared_flows(view.declared):
        looked = flow.form.inspection or ()
        if "tls" in looked and not tls:
            message = f"Le flux « {flow.id} » serait déchiffré sans autorité ni exemptions (firewall.inspection.tls)"
            view.faults.add("PISTE-M404", f"{flow.path}.inspection", flow.mark("inspection"), message)
        if idle := [what for what in looked if what in carried and not carried[what]]:
            message = f"Le flux « {flow.id} » : aucune politique ne porte {', '.join(idle)} (firewall.inspection)"
            view.faults.add("PISTE-M405", f"{flow.path}.inspection", flow.mark("inspection"), message)


_NEVER = {"health": "la santé", "banking": "la banque"}
"""Subjects whose sites are never decrypted."""
_WEB = Ranges.union([ports("tcp", "80"), ports("tcp", "443"), ports("udp", "443")])
"""Ports of the Web: HTTP, HTTPS, HTTP/3."""


def check_snmp(view: View) -> None:
    """M113: no flow leads SNMP to devices whose SNMP is off."""
    silent = Ranges.union(
        addresses(device["address"])
        for declared, site in view.pairs()
        if (settings := declared.variables.network_settings.snmp) and settings.access == "none"
        for device in site["devices"]
    )
    asked = Box(ANYWHERE, silent, ports("udp", "161"))
    rules = view.rules.rules
    wrong = {view.flow_of[rule.id] for rule in rules if rule.allow and any(box.meet(asked) for box in rule.boxes)}
    for flow in declared_flows(view.declared):
        if flow.id in wrong and not flow.form.wide:
            message = f"Le flux « {flow.id} » mène le SNMP à des équipements qui n’y répondent pas"
            view.faults.add("PISTE-M113", flow.path, flow.mark(), message)


def check_translations(view: View) -> None:
    """M106, M101: no traffic has two translations; a published server has one address.

    A general translation comes after the publications whose traffic it would take.
    """
    declared = view.declared.town
    for translation in view.matrix.town["translations"]:
        if translation["server"] and [name.partition("/")[0] for name in translation["destinations"]] != ["host"]:
            mark = declared.where(("translations", translation["id"], "to"))
            message = f"« {translation['id']} » publie un serveur sous plusieurs adresses : il n’en a qu’une"
            view.faults.add(
                "PISTE-M101", f"translations[{translation['id']}].to", mark, message, "Nommez un lieu d’une adresse."
            )
    traffic = matched(view.matrix.town)
    publishes = {name for name in traffic if declared.variables.translations[name].server}
    for first, second in combinations(traffic, 2):
        specific = first in publishes and second not in publishes
        if not specific and traffic[first].meet(traffic[second]):
            where: KeyPath = ("translations", second)
            message = f"Les traductions « {first} » et « {second} » prennent le même trafic"
            view.faults.add("PISTE-M106", f"translations[{second}]", declared.where(where), message)


def check_effects(view: View) -> None:
    """M110: a flow gives a rule somewhere, once all its names are known."""
    if not view.declared.complete:
        return
    faulty = {re.sub(r"\.\w+\[\d+\]$", "", fault.path) for fault in view.faults}
    ruled = set(view.flow_of.values())
    for flow in declared_flows(view.declared):
        if flow.id not in ruled and not flow.over(view.today) and flow.path not in faulty:
            message = f"Le flux « {flow.id} » ne donne de règle à aucun site ouvert"
            view.faults.add("PISTE-M110", flow.path, flow.mark(), message)


def _ends(view: View) -> Ends:
    segments = {name: site["segments"] for name, site in view.sites.items()}
    return Ends(view.declared, segments, view.servers, view.declared.town.variables.firewall.prefix)
