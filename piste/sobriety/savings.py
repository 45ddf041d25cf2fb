"""What each lever is expected to save in a year, what is saved already, and what that rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from piste.model.schema_sobriety import Perimeter
from piste.sobriety.energy import Range


class Assumption(NamedTuple):
    """What a saving takes for granted, and who says so."""

    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Saving:
    """The saving of a lever, in a year: `kwh` and `sheets` (of paper) are all of it, `realised_*` the part that was
    read as applied, `remaining_*` what is left to win.

    None: unknown, or not counted, and `why` says which. `formula` tells in words how it is computed. `investment`:
    false where the lever is a setting. No euro is computed: no dated price is declared.
    """

    lever: str
    label: str
    perimeter: Perimeter
    investment: bool
    kwh: Range | None
    realised_kwh: Range | None
    remaining_kwh: Range | None
    co2_kg: Range | None
    sheets: Range | None
    realised_sheets: Range | None
    remaining_sheets: Range | None
    formula: str
    assumptions: Sequence[Assumption]
    why: str = ""
    cctp: str = "4.4.4"
