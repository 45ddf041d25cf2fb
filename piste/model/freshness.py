"""The age that a state may have: what was read before says nothing of today."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Literal, TypedDict

from pydantic import Field

from .forms import Form

if TYPE_CHECKING:
    from .derived import Derived


Subject = Literal["certificates", "logs", "tickets", "verifications"]
Hours = Annotated[int, Field(ge=1, le=8760)]
HOURS: Mapping[str, int] = {"certificates": 168, "logs": 48, "tickets": 168, "verifications": 720}
"""The age that a reading of each subject may have; a subject that is not here does not grow old."""


class Freshness(Form):
    """The age of a drift or a run, in days, and of a reading of what lives, in hours.

    `readings_hours` is the age of other readings by subject, where the town wants another than `HOURS`.
    """

    converged_days: Annotated[int, Field(ge=1, le=365)] = 7
    living_hours: Annotated[int, Field(ge=1, le=720)] = 24
    readings_hours: dict[Subject, Hours] = Field(default_factory=dict)


class Ages(TypedDict):
    """The limits of `Freshness`."""

    converged_days: int
    living_hours: int
    readings_hours: Mapping[str, int]


def derive_freshness(declared: Freshness) -> Ages:
    return Ages(
        converged_days=declared.converged_days,
        living_hours=declared.living_hours,
        readings_hours={**HOURS, **{str(subject): hours for subject, hours in declared.readings_hours.items()}},
    )


def ages(town: Derived) -> Ages:
    """Give the limits of a town; those of the form where it has no host of its own."""
    return town.commune["freshness"] if town.commune else derive_freshness(Freshness())
