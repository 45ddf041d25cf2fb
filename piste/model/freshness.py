"""The age that a state may have: what was read before says nothing of today."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypedDict

from pydantic import Field

from .forms import Form

if TYPE_CHECKING:
    from .derived import Derived


class Freshness(Form):
    """The age of a drift or a run, in days, and of a reading of what lives, in hours."""

    converged_days: Annotated[int, Field(ge=1, le=365)] = 7
    living_hours: Annotated[int, Field(ge=1, le=720)] = 24


class Ages(TypedDict):
    """The limits of `Freshness`."""

    converged_days: int
    living_hours: int


def derive_freshness(declared: Freshness) -> Ages:
    return Ages(converged_days=declared.converged_days, living_hours=declared.living_hours)


def ages(town: Derived) -> Ages:
    """Give the limits of a town; those of the form where it has no host of its own."""
    return town.commune["freshness"] if town.commune else derive_freshness(Freshness())
