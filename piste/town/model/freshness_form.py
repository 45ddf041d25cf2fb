"""The form of the age that a state may have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from .forms import Form
from .freshness import CONVERGED_DAYS, HOURS, LIVING, LIVING_HOURS

if TYPE_CHECKING:
    type Named = str
else:
    Named = Literal[*sorted(HOURS.keys() - LIVING)]
Hours = Annotated[int, Field(ge=1, le=8760)]


class Freshness(Form):
    """The age of a drift or a run, in days, and of a reading of what lives, in hours.

    `readings_hours` is the age of other readings by subject, where the town wants another than that of its line.
    """

    converged_days: Annotated[int, Field(ge=1, le=365)] = CONVERGED_DAYS
    living_hours: Annotated[int, Field(ge=1, le=720)] = LIVING_HOURS
    readings_hours: dict[Named, Hours] = Field(default_factory=dict)
