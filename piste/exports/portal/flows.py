"""The network of the town: its map, the zones that reach zones, the rules behind each pair."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from piste.engine.words import agreed
from piste.exports.portal.known import Known
from piste.exports.portal.living import placed
from piste.exports.portal.page import LONG, Group, Page, Part
from piste.exports.portal.places import in_service, site_path
from piste.papers.dossier import notation
from piste.papers.dossier.blocks import Block, Cell, Column, Section, Table, Text, optional
from piste.papers.dossier.drawn.reach import OUTSIDE, Crossing, zone_name
from piste.papers.dossier.network_map import town_map, town_map_sections
from piste.papers.dossier.reversibility_plan import read_plan
from piste.papers.dossier.subject import Commune
from piste.sites.crossings import crossings, zones
from piste.sites.flows import OF_SITES, Picture, Row, declared_rules
from piste.sites.populations import populations
from piste.town.model import Site
from piste.town.model.flows.accesses import OUTSIDE as OUTSIDE_SEGMENT
from piste.town.model.flows.ends import IN_SERVICE

_PATH = "flux.html"
_EXCEPTED = 3
"""Most sites that are named as those that a flow leaves out."""
_RULES = Group("rules", "Les règles derrière chaque case")
_LEAD = "Par les règles déclarées : pare-feu, listes des commutateurs, règles des SSID. Ce qui n’y est pas est refusé."


def network(known: Known) -> Iterator[Page]:
    """Yield the map of the network, then the matrix of zones."""
    picture = Picture(known.town, declared_rules(known.town))
    passing = crossings(known.town, picture)
    paths = {name: site_path(name) for name in in_service(known)}
    subject = Commune(known.town, read_plan(), known.moment[:10], passing, placed(known.living), paths)
    sections = {section.key: section for section in town_map_sections(town_map(subject), subject)}
    drawn = [section for key, section in sections.items() if key not in ("reach", "load")]
    doubt = known.doubts.get("places")
    lead = f"Machines sur leurs nœuds : inconnu, {doubt}." if doubt else ""
    yield Page("carte.html", "Carte du réseau", [Part(section) for section in drawn], menu="Carte", lead=lead)
    parts = [Part(Section("matrix", "De zone en zone", [_matrix(passing)]))]
    parts.append(Part(Section("populations", "Population par population", [_populations(known, picture)])))
    parts += [Part(sections["load"])] if "load" in sections else []
    parts += [Part(section, group=_RULES) for section in _pairs(known, picture, passing)]
    yield Page(_PATH, "Qui atteint quoi", parts, menu="Flux", lead=_LEAD)


def _key(source: str, target: str) -> str:
    return f"{source}-{target}"


def _named(zone: str) -> str:
    return f"l’{zone_name(zone)}" if zone == OUTSIDE else f"la zone {zone_name(zone)}"


def _matrix(passing: Sequence[Crossing]) -> Table:
    """Set each zone against each; a cell leads to its rules."""
    order = [*notation.ZONE, OUTSIDE]
    cells = {(entry["source"], entry["target"]): entry for entry in passing}
    sources = sorted({source for source, _ in cells}, key=order.index)
    targets = sorted({target for _, target in cells}, key=order.index)

    def cell(source: str, target: str) -> Cell:
        entry = cells.get((source, target))
        if entry is None or not entry["accesses"]:
            return Cell("—")
        words = agreed(len(entry["services"]), "service(s)") if entry["services"] else "tout service"
        most = "" if entry["exact"] else "au plus "
        return Cell(f"{most}{words}", link=f"{_PATH}#{_key(source, target)}")

    return Table.of(
        "matrix", "De la zone (ligne) vers la zone (colonne)", sources, str,
        (Column("source", "De la zone ↓ vers →", 2), lambda source: Cell(zone_name(source))),
        *(
            (Column(target, zone_name(target), 2), lambda source, target=target: cell(source, target))
            for target in targets
        ),
    )  # fmt: skip


def _pairs(known: Known, picture: Picture, passing: Sequence[Crossing]) -> Iterator[Section]:
    """Yield a section a pair of zones between which something passes."""
    places = dict(zones(known.town))
    rows: dict[tuple[str, str], list[Row]] = {}
    for target in dict.fromkeys(entry["target"] for entry in passing if entry["accesses"]):
        for row in picture.rows(target=places[target]):
            source = OUTSIDE if row.segment == OUTSIDE_SEGMENT else row.zone
            rows.setdefault((source, target), []).append(row)
    for entry in passing:
        source, target = entry["source"], entry["target"]
        if entry["accesses"]:
            title = f"De {_named(source)} vers {_named(target)}"
            blocks: list[Block] = [_summary(entry), _flows(known, rows.get((source, target), ()))]
            yield Section(_key(source, target), title, blocks)


def _summary(entry: Crossing) -> Text:
    services = ", ".join(entry["services"]) or "tout"
    most = "" if entry["exact"] else " Une règle n’a pas pu être calculée : c’est le plus qui passe."
    return Text(f"Depuis {entry['accesses']} accès sur {entry['of']}. Services : {services}.{most}")


class _Flow(NamedTuple):
    """A flow that several sites have alike."""

    segment: str
    sources: tuple[str, ...]
    destinations: tuple[str, ...]
    services: tuple[str, ...]
    rules: tuple[str, ...]


def _flows(known: Known, rows: Sequence[Row]) -> Table:
    """List the flows; those of several sites are one line, with their sites."""
    flows: dict[_Flow, list[str]] = {}
    for row in rows:
        rules = tuple(rule.removesuffix(f".{row.site}") for rule in row.rules)
        flow = _Flow(row.segment, row.sources, row.destinations, row.services, rules)
        flows.setdefault(flow, []).append(row.site)
    where = _Where(known)
    table = Table.of(
        "flows", "Flux", flows.items(), lambda flow: "/".join(map(str, (*flow[0], *flow[1]))),
        (Column("segment", "Depuis", 3), lambda flow: Cell(where.segment(flow[0]))),
        (Column("services", "Par", 2), lambda flow: Cell(", ".join(flow[0].services))),
        (Column("rules", "Règles", 3), lambda flow: Cell(" ; ".join(flow[0].rules))),
        (Column("to", "Atteint", 3), lambda flow: Cell(", ".join(map(where.place, flow[0].destinations)))),
        (Column("sites", "Sites", 3), lambda flow: optional(where.sites(flow[1]))),
    )  # fmt: skip
    return replace(table, folded=len(table.rows) > LONG)


class _Alike(NamedTuple):
    """A population that several sites have alike."""

    segment: str
    zone: str
    carrier: str
    ssids: tuple[str, ...]
    policies: tuple[str, ...]
    reaches: tuple[tuple[str, str], ...]


def _populations(known: Known, picture: Picture) -> Table:
    """List the populations; those of several sites are one line, with their sites and VLANs."""
    where = _Where(known)
    alike: dict[_Alike, dict[str, int]] = {}
    for here in populations(known.town, picture):
        reached = {
            (", ".join(map(where.place, row.destinations)), ", ".join(row.services)): None for row in here.reaches
        }
        group = _Alike(here.segment, here.zone, here.carrier, here.ssids, here.policies, tuple(reached))
        alike.setdefault(group, {})[here.site] = here.vlan
    table = Table.of(
        "populations", "Populations", alike.items(), lambda entry: "/".join(map(str, (entry[0].segment, *entry[1]))),
        (Column("segment", "Population", 2), lambda entry: Cell(where.label(entry[0].segment))),
        (Column("reaches", "Atteint", 6),
         lambda entry: Cell(" ; ".join(f"{to} ({by})" for to, by in entry[0].reaches) or "rien")),
        (Column("sites", "Sites", 3), lambda entry: optional(where.sites([*entry[1]]))),
        (Column("vlans", "VLAN", 2), lambda entry: Cell(", ".join(map(str, entry[1].values())))),
        (Column("ssids", "SSID", 2), lambda entry: Cell(", ".join(entry[0].ssids) or "—")),
        (Column("policies", "Stratégies de groupe", 3), lambda entry: Cell(", ".join(entry[0].policies) or "—")),
        (Column("carrier", "Filtrée par", 2),
         lambda entry: Cell("le pare-feu" if entry[0].carrier == "ngfw" else "les commutateurs, puis le pare-feu")),
    )  # fmt: skip
    return replace(table, folded=len(table.rows) > LONG)


class _Where:
    """The words of places: segments as sites see them, sites by whole category."""

    def __init__(self, known: Known) -> None:
        self._named = {name: site["name"] for name, site in known.town.sites.items()}
        serving = {name: site for name, site in known.town.sites.items() if site["lifecycle"] in IN_SERVICE}
        self._categories = _categories(serving)
        self._serving = [*serving]
        every = (segment for site in known.town.sites.values() for segment in site["segments"].values())
        self._labels = {segment["key"]: segment["label"] for segment in every}

    def label(self, segment: str) -> str:
        return self._labels.get(segment, segment)

    def segment(self, flow: _Flow) -> str:
        label = self.label(flow.segment)
        return f"{label} ({', '.join(map(self.place, flow.sources))})" if flow.sources else label

    def place(self, name: str) -> str:
        """Write `Utilisateurs des autres sites` from `utilisateurs@elsewhere`."""
        segment, _, where = name.partition("@")
        words = f" {OF_SITES[where]}" if where in OF_SITES else f" de {self._named.get(where, where)}"
        return f"{self.label(segment)}{words}" if where else segment

    def sites(self, names: Sequence[str]) -> str:
        """Name sites, by their category where all of it is there."""
        left = dict.fromkeys(name for name in names if name in self._named)
        others = [self._named[name] for name in self._serving if name not in left]
        if len(others) < len(left) and len(others) <= _EXCEPTED:
            return "tous les sites en service" + (f", sauf {', '.join(others)}" if others else "")
        said = []
        for label, members in self._categories.items():
            if len(members) > 1 and members <= left.keys():
                said.append(f"{label} ({len(members)})")
                left = dict.fromkeys(name for name in left if name not in members)
        return ", ".join([*said, *(self._named[name] for name in left)])


def _categories(sites: Mapping[str, Site]) -> dict[str, set[str]]:
    categories: dict[str, set[str]] = {}
    for name, site in sites.items():
        categories.setdefault(site["category_label"], set()).add(name)
    return categories
