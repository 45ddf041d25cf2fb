"""The dated list of the assets switched off, for the *moins-value* (CCTP 8.4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Literal

from piste.engine.words import agreed
from piste.papers.dossier import notation
from piste.papers.dossier.blocks import Cell, Column, Fact, Facts, Section, Table, Text, optional, required
from piste.papers.dossier.decision import decided
from piste.papers.dossier.life.paper import Paper
from piste.town.model.forms import Record

Reason = Literal["stopped", "removed", "retired", "decided"]
REASONS: Mapping[Reason, str] = {
    "stopped": "arrêtée",
    "removed": "supprimée",
    "retired": "sorti de l’inventaire",
    "decided": "décidée, encore en marche",
}


class SwitchedOff(Record):
    """An asset that no longer runs, or that the town decided to stop.

    `since` is the day of its stop by `since_source`, `decision` what the town decided; None: not known.
    """

    asset: str
    kind: str
    label: str
    serial: str | None = None
    site: str
    reason: Reason
    since: str | None = None
    since_source: str | None = None
    decision: str | None = None
    role: str | None = None


class SwitchedOffList(Record):
    """The assets switched off, in the order of the days; what has no day comes last."""

    items: list[SwitchedOff]


def switched_off_sections(record: SwitchedOffList, paper: Paper[SwitchedOffList]) -> Iterator[Section]:
    """Print the list."""
    counts = Counter(item.reason for item in record.items)
    said = [f"{label} : {counts[reason]}" for reason, label in REASONS.items() if counts[reason]]
    facts = [
        Fact("count", "Équipements", required(len(record.items))),
        Fact("reasons", "Par raison", optional(" ; ".join(said))),
    ]
    yield Section("object", "Objet", [Facts("La liste", facts), Text(_WORDS)])
    yield Section("items", "Équipements éteints", [_items(record)])
    yield decided((), ["Pour la Ville (DSI)", "Pour le titulaire"])


_WORDS = (
    "L’extinction d’un serveur devenu superflu, ou d’un autre équipement pivot, sur demande expresse de la DSI et de "
    "la direction des ressources, se traduit par une moins-value (CCTP 8.4). La liste est complète : une ligne sans "
    "jour ou sans décision y reste, à renseigner. Le montant est celui du bordereau de prix, que Piste ne connaît pas."
)


def _since(item: SwitchedOff) -> Cell:
    if item.reason == "decided":
        return optional(None)
    return required(notation.day(item.since) if item.since else None)


def _items(record: SwitchedOffList) -> Table:
    return Table.of(
        "items", "Ce qui ne tourne plus, ou doit être arrêté", record.items, lambda item: item.asset,
        (Column("asset", "Nom", 2), lambda item: item.asset),
        (Column("class", "Classe", 2), lambda item: item.label),
        (Column("serial", "Série", 2), lambda item: optional(item.serial)),
        (Column("site", "Site", 2), lambda item: item.site),
        (Column("reason", "Raison", 2), lambda item: REASONS[item.reason]),
        (Column("since", "Depuis le", 1), _since),
        (Column("source", "Selon", 2), lambda item: optional(item.since_source)),
        (Column("decision", "Décision", 2), lambda item: required(item.decision)),
        empty=f"{agreed(0, 'équipement(s)')} : rien n’a été éteint.",
    )  # fmt: skip
