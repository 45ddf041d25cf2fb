"""The figures of sobriety (CCTP 4.4.3 and 4.4.6), from what was read and imported. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date
from typing import NamedTuple

from piste.sobriety.breakdown import Listing, Share, grouped
from piste.sobriety.counting import Known
from piste.sobriety.figure import Figure
from piste.sobriety.figures_computers import computer_breakdowns, computer_figures
from piste.sobriety.figures_energy import energy_breakdowns, energy_figures
from piste.sobriety.figures_hosting import hosting_figures
from piste.sobriety.figures_levers import lever_figures
from piste.sobriety.figures_network import network_figures
from piste.sobriety.figures_pcs import pc_figures
from piste.sobriety.figures_printing import printing_figures
from piste.sobriety.figures_storage import storage_figures
from piste.sobriety.figures_usage import network_usage_breakdowns, network_usage_figures, network_usage_lists
from piste.sobriety.history import Reading
from piste.sobriety.imports import Imports
from piste.sobriety.lists_computers import computer_lists
from piste.sobriety.printing.lists import printing_lists
from piste.sobriety.printing.parts import printing_breakdowns
from piste.sobriety.printing.release import released
from piste.sobriety.readings import Readings
from piste.town.model import Town


def _none(known: Known) -> tuple[()]:
    return ()


class Subject(NamedTuple):
    """A subject of the figures: its figures, the same by part of the town, its lists."""

    figures: Callable[[Known], Iterable[Figure]]
    breakdowns: Callable[[Known], Iterable[Share]] = _none
    lists: Callable[[Known], Iterable[Listing]] = _none


SUBJECTS = (
    Subject(pc_figures),
    Subject(computer_figures, computer_breakdowns, computer_lists),
    Subject(lever_figures),
    Subject(hosting_figures),
    Subject(storage_figures),
    Subject(printing_figures, printing_breakdowns, printing_lists),
    Subject(lambda known: [released(known)]),
    Subject(network_figures),
    Subject(network_usage_figures, network_usage_breakdowns, network_usage_lists),
    Subject(energy_figures, energy_breakdowns),
)
"""The subjects, in the order of the documents."""


def known_of(town: Town, readings: Readings, imports: Imports, today: date, reference: Reading | None = None) -> Known:
    """Gather the data of the figures; some compare with `reference`, the first diagnosis."""
    return Known(
        town, readings, imports, today, {figure.id: figure for figure in reference.figures} if reference else None
    )


def figures(
    town: Town, readings: Readings, imports: Imports, today: date, reference: Reading | None = None
) -> list[Figure]:
    """Compute every figure, always the same and in order; unknown figures are among them."""
    known = known_of(town, readings, imports, today, reference)
    return [figure for subject in SUBJECTS for figure in subject.figures(known)]


def breakdowns(known: Known) -> list[Share]:
    """Compute the figures by part of the town, by subject; small services together."""
    every = [share for subject in SUBJECTS for share in subject.breakdowns(known)]
    computers = Counter(pc.service for pc in known.in_service if pc.service)
    return grouped(every, computers, known.town.sobriety.alerts.least_computers)


def lists(known: Known) -> list[Listing]:
    """Make the lists to act on, in the order of the subjects."""
    return [listing for subject in SUBJECTS for listing in subject.lists(known)]
