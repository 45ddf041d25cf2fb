"""Numbered notes: each source of the figures of a document once, with its days."""

from __future__ import annotations

from collections.abc import Sequence

from piste.papers.dossier import notation
from piste.papers.dossier.blocks import Cell, Column, Table
from piste.sobriety.figure import Figure
from piste.sobriety.places import labelled
from piste.town.model import Town


class Notes:
    """The sources of figures, numbered from 1 in the order of the figures."""

    def __init__(self, town: Town, figures: Sequence[Figure]) -> None:
        self._town = town
        self._figures = list(figures)
        sources = dict.fromkeys(figure.source for figure in figures)
        self._numbers = {source: rank for rank, source in enumerate(sources, start=1)}

    def of(self, figure: Figure) -> str:
        """Write the number of the note of a figure: `[2]`."""
        return f"[{self._numbers[figure.source]}]"

    def table(self, key: str, caption: str) -> Table:
        """Table of the notes: source, day of the data, figures."""
        return Table.of(
            key,
            caption,
            self._numbers,
            lambda source: str(self._numbers[source]),
            (Column("note", "Note"), lambda source: Cell(f"[{self._numbers[source]}]")),
            (Column("source", "Source", 5), lambda source: notation.dated(labelled(self._town, source))),
            (Column("figures", "Indicateurs, jour des données", 4), lambda source: Cell(self._of(source))),
            (Column("cctp", "CCTP"), self._cctp),
            empty="Aucune source.",
        )

    def _of(self, source: str) -> str:
        days: dict[str, dict[str, None]] = {}
        for figure in self._figures:
            if figure.source == source:
                days.setdefault(day_text(figure.date), {})[number_of(figure.id)] = None
        return " ; ".join(f"{', '.join(names)}{f' : {day}' if day else ''}" for day, names in days.items())

    def _cctp(self, source: str) -> Cell:
        articles = dict.fromkeys(figure.cctp for figure in self._figures if figure.source == source)
        return Cell(", ".join(articles))


def number_of(name: str) -> str:
    """Give the number of the tender in the id of a figure: `F7` of `F7.queues`."""
    return name.partition(".")[0]


def day_text(text: str) -> str:
    """Write the date of a figure: a day or a month."""
    return notation.month(text) if len(text) == len("2026-11") else notation.day(text) if text else ""
