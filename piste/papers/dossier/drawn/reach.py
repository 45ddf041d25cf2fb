"""Zones that reach zones: a heat table, and the rules behind each of its cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from piste.engine.words import agreed
from piste.papers.dossier import notation
from piste.papers.dossier.blocks import Block, Column, Drawing, Table, optional
from piste.papers.drawings.heat import Heat, heat

OUTSIDE = "exterieur"
"""All that is not of the town, as a zone."""
_ALL, _SOME = 4, 2


class Crossing(TypedDict):
    """Traffic from a zone to another: its services, its rules by system.

    `accesses` of the `of` accesses of the zone have some. `services` is empty where every service passes, and where
    nothing does; without `exact`, a rule could not be computed: it is the most.
    """

    source: str
    target: str
    accesses: int
    of: int
    services: list[str]
    rules: dict[str, list[str]]
    exact: bool


def reach_blocks(crossings: Sequence[Crossing]) -> list[Block]:
    """Draw the zones that reach zones, and list the rules."""
    if not crossings:
        return []
    seen = {zone for crossing in crossings for zone in (crossing["source"], crossing["target"])}
    zones = [zone for zone in (*notation.ZONE, OUTSIDE) if zone in seen]
    cells = {(crossing["source"], crossing["target"]): _cell(crossing) for crossing in crossings}
    named = [(zone, zone_name(zone)) for zone in zones]
    sources = [pair for pair in named if any(crossing["source"] == pair[0] for crossing in crossings)]
    legend = [
        ("tout service passe, au moins depuis un accès", _ALL),
        ("des services nommés passent : la table qui suit les donne, avec les règles", _SOME),
        ("— rien ne passe", None),
    ]
    canvas = heat("de la zone (ligne) vers la zone (colonne)", sources, named, cells, legend)
    words = [
        f"{zone_name(source)} vers {zone_name(target)} : {cells[source, target].words}"
        for source, target in ((entry["source"], entry["target"]) for entry in crossings if entry["accesses"])
    ]
    drawing = Drawing.drawn("reach", "Qui atteint quoi, par zones", " ; ".join(words) or "rien ne passe", canvas)
    return [drawing, _table(crossings)]


def zone_name(zone: str) -> str:
    return "extérieur" if zone == OUTSIDE else notation.ZONE.get(zone, zone)


def _cell(crossing: Crossing) -> Heat:
    if not crossing["accesses"]:
        return Heat("—")
    words = agreed(len(crossing["services"]), "service(s)") if crossing["services"] else "tout service"
    rules = sum(map(len, crossing["rules"].values()))
    about = [f"{crossing['accesses']} / {crossing['of']} accès", agreed(rules, "règle(s)")]
    if not crossing["exact"]:
        about.append("au plus")
    return Heat(words, about, _SOME if crossing["services"] else _ALL)


def _rules(crossing: Crossing) -> str:
    said = " ; ".join(f"{system} : {', '.join(rules)}" for system, rules in crossing["rules"].items())
    return said if crossing["exact"] else f"{said} (au plus)"


def _table(crossings: Sequence[Crossing]) -> Table:
    passing = [crossing for crossing in crossings if crossing["accesses"]]
    return Table.of(
        "reach-rules", "Services et règles de chaque case", passing,
        lambda crossing: f"{crossing['source']}/{crossing['target']}",
        (Column("source", "De", 1), lambda crossing: optional(zone_name(crossing["source"]))),
        (Column("target", "Vers", 1), lambda crossing: optional(zone_name(crossing["target"]))),
        (Column("accesses", "Accès"), lambda crossing: optional(f"{crossing['accesses']} sur {crossing['of']}")),
        (Column("services", "Services", 3), lambda crossing: optional(", ".join(crossing["services"]) or "tout")),
        (
            Column("rules", "Règles", 4),
            lambda crossing: optional(_rules(crossing)),
        ),
        empty="Rien ne passe d’une zone à une autre.",
    )  # fmt: skip
