"""The figures of sobriety (CCTP 4.4.3 and 4.4.6), from what was read and imported. Pure."""

from __future__ import annotations

from datetime import date

from piste.model import Town
from piste.sobriety.figure import Figure
from piste.sobriety.imports import Imports
from piste.sobriety.kept import Reading
from piste.sobriety.readings import Readings


def figures(
    town: Town, readings: Readings, imports: Imports, today: date, reference: Reading | None = None
) -> list[Figure]:
    """Compute every figure, in order; `reference` is the first diagnosis, with which what it kept is compared."""
    return []
