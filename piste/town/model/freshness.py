"""The age that a state may have: what was read before says nothing of today."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, TypedDict

from piste.readings.table import READERS, SUBJECTS

if TYPE_CHECKING:
    from .derived import Derived
    from .freshness_form import Freshness
    from .protection.derived import Store


HOURS: Mapping[str, int] = {name: subject.age for name, subject in SUBJECTS.items() if subject.age is not None}
"""The age that a reading of each subject may have; a subject that is not here does not grow old."""
LIVING = READERS["living"].subjects
"""The subjects that `living_hours` is about."""

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
    if town.commune:
        return town.commune["freshness"]
    from .freshness_form import Freshness  # Imported here: a derived town needs no form, nor pydantic.

    return derive_freshness(Freshness())
