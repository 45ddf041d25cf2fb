"""Rules of the matrix: names are known, groups end, flows add something and open no more."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from ..rule import Rule
from ..wording import closest
from . import administration
from .declared import declared_flows
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

RULES: dict[str, Rule] = {
    "PISTE-M100": Rule(
        "Service connu",
        "Un service se déclare d'abord au catalogue (service_catalogue).",
        "Corrigez le nom, ou ajoutez le service au catalogue.",
    ),
    "PISTE-M101": Rule(
        "Bout de flux connu",
        "Un flux vers rien ne protège ni n'ouvre rien, et laisse croire le contraire.",
        "Nommez un segment, un serveur, un lieu (flow_places) ou un groupe (flow_groups) déclarés.",
    ),
    "PISTE-M102": Rule(
        "Groupe sans cycle",
        "Un groupe qui se contient n'a pas de membres que l'on puisse énumérer ; le pare-feu le refuserait.",
        "Retirez l'un des groupes de la boucle.",
    ),
    "PISTE-M103": Rule(
        "Flux à terme",
        "Un flux cesse le lendemain de sa date de fin : sa règle est retirée au prochain passage.",
        "Retirez le flux, ou donnez-lui une nouvelle fin.",
        severity="warning",
    ),
    "PISTE-M104": Rule(
        "Jamais de tous vers tous",
        "Une règle de toute la ville vers toute la ville défait le filtrage entre segments (CCTP 3.3.1).",
        "Restreignez le flux ; s'il est vraiment nécessaire, dites pourquoi (wide) et jusqu'à quand (until).",
    ),
    "PISTE-M105": Rule(
        "Règle masquée",
        "Une règle que d'autres recouvrent ne sert à rien, et trompe qui la lit ou la retire.",
        "Retirez le flux, ou restreignez celui qui le masque.",
    ),
    "PISTE-M106": Rule(
        "Traductions distinctes",
        "De deux traductions pour un même trafic, la première seule vaut, selon leur ordre.",
        "Restreignez l'une des deux, ou placez la publication avant la sortie qui prendrait son trafic.",
    ),
    "PISTE-M107": Rule(
        "Segments isolés",
        "Invités, public, pédagogique et voisins n'atteignent rien de la ville qui ne soit dit (CCTP 3.3.3, 3.6).",
        "Restreignez le flux ; hors des invités, dites sinon pourquoi il traverse (exception).",
    ),
    "PISTE-M108": Rule(
        "Flux unique",
        "L'identifiant d'un flux marque sa règle sur le pare-feu : deux flux s'y confondraient.",
        "Donnez-lui un autre identifiant.",
    ),
    "PISTE-M109": Rule(
        "Nom sans ambiguïté",
        "Un bout de flux n'est qu'un nom : il ne peut pas désigner deux choses.",
        "Donnez un autre nom au lieu, au groupe ou au service.",
    ),
    "PISTE-M110": Rule(
        "Flux sans effet",
        "Rien de ce que le flux nomme n'est sur un site ouvert : il n'a pas de règle.",
        "Retirez le flux, ou attendez l'ouverture du site.",
        severity="warning",
    ),
    "PISTE-M111": Rule(
        "Piste joint ce qu'il pilote",
        "Une politique qui enferme Piste dehors, une fois installée, ne se défait plus d'ici.",
        "Dites où répond le système et d'où Piste tourne (administration.yml), ou retirez ce qui détourne le flux.",
    ),
    "PISTE-M112": Rule(
        "Populations desservies",
        "Un poste sans chemin vers son domaine n'applique aucune stratégie, sans adresse ne fait rien ; un équipement "
        "sans RADIUS n'admet personne.",
        "Ouvrez le flux vers ces seuls serveurs ; d'un segment isolé, dites pourquoi il traverse (exception).",
    ),
    "PISTE-M113": Rule(
        "SNMP éteint, SNMP ouvert",
        "Un flux ouvert vers des équipements dont le SNMP est éteint ne relève rien, et laisse croire le contraire.",
        "Retirez le SNMP du flux, ou menez-le vers ce qui y répond ; network_settings.snmp dit ce qui est éteint.",
    ),
}


class _Written(NamedTuple):
    """An end or a service as it is written somewhere; `placed` tells whether a site looks from there."""

    text: str
    path: str
    mark: Mark
    placed: bool = False


def check_identifiers(view: View) -> None:
    """M108: the id of a flow names one flow of the town, of its categories and of its sites."""
    first: dict[str, DeclaredFlow] = {}
    for one in declared_flows(view.declared):
        if one.id in first:
            message = f"Le flux « {one.id} » existe déjà : {first[one.id].path}"
            view.faults.add("PISTE-M108", one.path, one.mark(), message)
        elif one.id == CLOSING_RULE:
            message = f"« {one.id} » est la règle qui refuse tout le reste"
            view.faults.add("PISTE-M108", one.path, one.mark(), message)
        elif one.id.startswith(administration.PREFIX):
            message = f"« {one.id} » commence comme les flux de Piste, qui se déduisent d'eux-mêmes"
            view.faults.add("PISTE-M108", one.path, one.mark(), message)
        first.setdefault(one.id, one)


def check_names(view: View) -> None:
    """M109: a name that a flow can bear means one thing, and is not that of an element that is derived."""
    town, known = view.declared.town, _ends(view)
    segments = town.variables.segment_catalogue
    made = {f"{site}-{key}" for site in view.sites for key in segments} | {f"tous-{key}" for key in segments}
    for name, path, mark, kind in _named(view):
        others = [one for one in known.kinds_of(name) if one != kind]
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
            message = f"« {name} » a la forme du nom que Piste donne à un port d'un service"
        elif name.startswith(administration.PREFIX):
            message = f"« {name} » a la forme du nom d'un service de Piste"
        if message:
            view.faults.add("PISTE-M109", f"service_catalogue[{name}]", town.where(where), message)


def _named(view: View) -> Iterator[tuple[str, str, Mark, str]]:
    """Yield what has a name beside the segments: name, path, line, kind."""
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
    "any": "n'importe qui",
    "segment": "un segment",
    "shared": "un segment de la ville",
    "server": "un serveur",
    "place": "un lieu",
    "group": "un groupe",
}


def check_ends(view: View) -> None:
    """M101: what a flow, a group or a translation joins exists, at a place that makes sense."""
    if not view.declared.complete:
        return
    known = _ends(view)
    town = view.declared.town.variables
    shared = view.declared.shared.variables.shared_segments if view.declared.shared else {}
    every = [ANY, *town.segment_catalogue, *shared, *view.servers, *town.flow_places, *town.flow_groups]
    for one in _written_ends(view):
        end = End.read(one.text)
        kinds = known.kinds_of(end.name)
        message, advice = "", ""
        if not kinds:
            message = f"« {end.name} » n'est ni un segment, ni un serveur, ni un lieu, ni un groupe"
            advice = closest(end.name, every)
        elif end.where and "segment" not in kinds:
            message = f"« {one.text} » : seul un segment se dit à un endroit (@)"
        elif end.where == HERE and not one.placed:
            message = f"« {one.text} » : nul site ne regarde d'ici"
        elif end.where not in ("", HERE, EVERY, *view.sites):
            message, advice = f"« {end.where} » n'est pas un site", closest(end.where, view.sites)
        elif end.name == ANY and one.path.startswith("flow_groups"):
            message = f"Un groupe de « {ANY} » ne dit rien de plus que lui"
        if message:
            view.faults.add("PISTE-M101", one.path, one.mark, message, advice)

    keep = view.declared.town.variables.firewall.keep
    flows = {one.id for one in declared_flows(view.declared)}
    for index, name in enumerate(keep):
        if name not in flows:
            mark = view.declared.town.where(("firewall", "keep", index))
            message = f"« {name} » n'est pas un flux"
            view.faults.add("PISTE-M101", f"firewall.keep[{index}]", mark, message, closest(name, flows))


def _written_ends(view: View) -> Iterator[_Written]:
    for one in declared_flows(view.declared):
        for field, texts in (("from", one.flow.source), ("to", one.flow.to)):
            for index, text in enumerate(texts):
                yield _Written(text, f"{one.path}.{field}[{index}]", one.mark(field, index), True)
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
    for one in _written_services(view):
        if one.text not in (ANY, *catalogue):
            view.unknown("PISTE-M100", one.path, one.mark, "Le service", one.text, catalogue)


def _written_services(view: View) -> Iterator[_Written]:
    for one in declared_flows(view.declared):
        for index, text in enumerate(one.flow.services):
            yield _Written(text, f"{one.path}.services[{index}]", one.mark("services", index))
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
    """M102: no group holds itself, whatever the way."""
    town = view.declared.town
    groups: dict[str, dict[str, list[str]]] = {
        "flow_groups": {
            name: [End.read(text).name for text in members] for name, members in town.variables.flow_groups.items()
        },
        "service_catalogue": {name: entry.services for name, entry in town.variables.service_catalogue.items()},
    }
    for variable, graph in groups.items():
        told: set[str] = set()
        for name in graph:
            way = _cycle(graph, name)
            if way and not told & set(way):
                told |= set(way)
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
    """M103: a flow whose end has passed is there no more; it is said, until somebody takes it out or renews it."""
    for one in declared_flows(view.declared):
        if one.over(view.today):
            message = f"Le flux « {one.id} » a pris fin le {one.flow.until} : il n'est plus autorisé"
            view.faults.add("PISTE-M103", f"{one.path}.until", one.mark("until"), message)


def check_open_to_all(view: View) -> None:
    """M104: a flow from the whole town, or everybody, to as much, says why, and until when."""
    town = addresses(view.declared.town.variables.addressing.town)
    wide = {
        view.flow_of[rule.id]
        for rule in view.rules.rules
        if any(town <= box.sources and town <= box.destinations for box in rule.boxes)
    }
    for one in declared_flows(view.declared):
        if one.id in wide and not (one.flow.wide and one.flow.until):
            message = f"Le flux « {one.id} » va de toute la ville à toute la ville"
            view.faults.add("PISTE-M104", one.path, one.mark(), message)


def check_shadows(view: View) -> None:
    """M105: a flow lets something pass that no flow before it does, somewhere at least."""
    hidden: dict[str, list[list[str]]] = {}
    first: dict[str, str] = {}
    for position, rule in enumerate(view.rules.rules):
        flow = view.flow_of[rule.id]
        first.setdefault(flow, rule.id)
        hidden.setdefault(flow, []).append([one.id for one in shadowing(view.rules, position)])
    for one in declared_flows(view.declared):
        by = hidden.get(one.id, [])
        if by and all(by):
            others = " et ".join(f"« {name} »" for name in by[0])
            message = f"La règle « {first[one.id]} » n'ajoute rien : {others} la masque{'nt' if len(by[0]) > 1 else ''}"
            view.faults.add("PISTE-M105", one.path, one.mark(), message)


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
    for one in declared_flows(view.declared):
        if one.id in wrong and not one.flow.wide:
            message = f"Le flux « {one.id} » mène le SNMP à des équipements qui n'y répondent pas"
            view.faults.add("PISTE-M113", one.path, one.mark(), message)


def check_translations(view: View) -> None:
    """M106: no traffic is translated in two ways, nor published behind a translation that takes it first; M101: what is
    published has one address."""
    declared = view.declared.town
    for one in view.matrix.town["translations"]:
        if one["server"] and [name.partition("/")[0] for name in one["destinations"]] != ["host"]:
            mark = declared.where(("translations", one["id"], "to"))
            message = f"« {one['id']} » publie un serveur sous plusieurs adresses : il n'en a qu'une"
            view.faults.add(
                "PISTE-M101", f"translations[{one['id']}].to", mark, message, "Nommez un lieu d'une adresse."
            )
    found = matched(view.matrix.town)
    publishes = {name for name in found if declared.variables.translations[name].server}
    for first, second in combinations(found, 2):
        specific = first in publishes and second not in publishes
        if not specific and found[first].meet(found[second]):
            where: KeyPath = ("translations", second)
            message = f"Les traductions « {first} » et « {second} » prennent le même trafic"
            view.faults.add("PISTE-M106", f"translations[{second}]", declared.where(where), message)


def check_effects(view: View) -> None:
    """M110: a flow gives a rule somewhere, once all that it names is known."""
    if not view.declared.complete:
        return
    faulty = {re.sub(r"\.\w+\[\d+\]$", "", fault.path) for fault in view.faults}
    ruled = set(view.flow_of.values())
    for one in declared_flows(view.declared):
        if one.id not in ruled and not one.over(view.today) and one.path not in faulty:
            message = f"Le flux « {one.id} » ne donne de règle à aucun site ouvert"
            view.faults.add("PISTE-M110", one.path, one.mark(), message)


def _ends(view: View) -> Ends:
    segments = {name: site["segments"] for name, site in view.sites.items()}
    return Ends(view.declared, segments, view.servers, view.declared.town.variables.firewall.prefix)
