"""The figures of sobriety (CCTP 4.4.3 and 4.4.6), from what was read and imported. Pure."""

from __future__ import annotations

from datetime import date

from piste.model import Town
from piste.sobriety.counting import Known
from piste.sobriety.figure import Figure
from piste.sobriety.figures_energy import energy_figures
from piste.sobriety.figures_hosting import hosting_figures
from piste.sobriety.figures_network import network_figures
from piste.sobriety.figures_pcs import pc_figures
from piste.sobriety.figures_printing import printing_figures
from piste.sobriety.figures_storage import storage_figures
from piste.sobriety.history import Reading
from piste.sobriety.imports import Imports
from piste.sobriety.readings import Readings


def figures(
    town: Town, readings: Readings, imports: Imports, today: date, reference: Reading | None = None
) -> list[Figure]:
    """Compute every figure, always the same and in order; unknown figures are among them.

    `reference` is the first diagnosis, for the figures that compare with it.
    """
    kept = {figure.id: figure for figure in reference.figures} if reference else None
    known = Known(town, readings, imports, today, kept)
    return [
        *pc_figures(known),
        *hosting_figures(known),
        *storage_figures(known),
        *printing_figures(known),
        *network_figures(known),
        *energy_figures(known),
    ]
