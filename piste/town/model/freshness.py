"""The age that a state may have: what was read before says nothing of today."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Literal, TypedDict

from pydantic import Field

from piste.readings.table import READERS, SUBJECTS

from .forms import Form

if TYPE_CHECKING:
    from .derived import Derived
    from .protection.derived import Store


HOURS: Mapping[str, int] = {name: subject.age for name, subject in SUBJECTS.items() if subject.age is not None}
"""The age that a reading of each subject may have; a subject that is not here does not grow old."""
LIVING = READERS["living"].subjects
"""The subjects that `living_hours` is about."""
if TYPE_CHECKING:
    type Named = str
else:
    Named = Literal[*sorted(HOURS.keys() - LIVING)]
Hours = Annotated[int, Field(ge=1, le=8760)]


class Freshness(Form):
    """The age of a drift or a run, in days, and of a reading of what lives, in hours.

    `readings_hours` is the age of other readings by subject, where the town wants another than that of its line.
    """

    converged_days: Annotated[int, Field(ge=1, le=365)] = 7
    living_hours: Annotated[int, Field(ge=1, le=720)] = 24
    readings_hours: dict[Named, Hours] = Field(default_factory=dict)


class Ages(TypedDict):
    """The limits of `Freshness`."""

    converged_days: int
    living_hours: int
    readings_hours: Mapping[str, int]


def derive_freshness(declared: Freshness, stores: Iterable[Store] = ()) -> Ages:
    """Derive the limits; the copies of a store that is fed less often may be as old as it says."""
    hours = {**HOURS, **declared.readings_hours}
    fed = {f"copies/{store['name']}": max(hours["copies"], store["max_age_hours"] or 0) for store in stores}
    return Ages(
        converged_days=declared.converged_days,
        living_hours=declared.living_hours,
        readings_hours={**hours, **fed, **dict.fromkeys(LIVING, declared.living_hours)},
    )


def ages(town: Derived) -> Ages:
    """Give the limits of a town; those of the form where it has no host of its own."""
    return town.commune["freshness"] if town.commune else derive_freshness(Freshness())
