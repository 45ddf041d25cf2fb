"""The cells of figures of sobriety, which know whether they rest on examples."""

from __future__ import annotations

from dataclasses import replace

from piste.papers.dossier.blocks import TO_CONFIRM, Cell, optional
from piste.sobriety.documents import figure_tables as words
from piste.sobriety.figure import Figure
from piste.town.model import Town


class FigureCells:
    """The cells of a figure.

    An estimate does not say which factors it rests on: it is unconfirmed as long as a factor of the town is.
    """

    def __init__(self, town: Town) -> None:
        energy = town.sobriety.energy
        self._examples = energy is not None and TO_CONFIRM in (energy.node_power.status, energy.electricity.status)

    def value(self, figure: Figure) -> Cell:
        return replace(words.value_cell(figure), unconfirmed=self._estimated(figure))

    def target(self, figure: Figure) -> Cell:
        return replace(optional(words.target_text(figure.target, figure.unit)), unconfirmed=_aimed(figure))

    def verdict(self, figure: Figure) -> Cell:
        doubted = figure.reached is not None and (_aimed(figure) or self._estimated(figure))
        return replace(words.verdict(figure), unconfirmed=doubted)

    def _estimated(self, figure: Figure) -> bool:
        return self._examples and figure.method != "measured" and figure.value is not None


def _aimed(figure: Figure) -> bool:
    return figure.target is not None and figure.target.status == TO_CONFIRM
