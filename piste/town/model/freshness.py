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
CONVERGED_DAYS, LIVING_HOURS = 7, 24
"""The limits by default."""
LIVING = READERS["living"].subjects
"""The subjects that `living_hours` is about."""

class Ages(TypedDict):
    """The limits of `Freshness`."""

    converged_days: int
    living_hours: int
    readings_hours: Mapping[str, int]


def derive_freshness(declared: Freshness, stores: Iterable[Store] = ()) -> Ages:
    """Derive the limits; the copies of a store that is fed less often may be as old as it says."""
    return _limits(declared.converged_days, declared.living_hours, declared.readings_hours, stores)


def _limits(days: int, living: int, others: Mapping[str, int], stores: Iterable[Store] = ()) -> Ages:
    hours = {**HOURS, **others}
    fed = {f"copies/{store['name']}": max(hours["copies"], store["max_age_hours"] or 0) for store in stores}
    return Ages(
        converged_days=days,
        living_hours=living,
        readings_hours={**hours, **fed, **dict.fromkeys(LIVING, living)},
    )


def ages(town: Derived) -> Ages:
    """Give the limits of a town; those by default where it has no host of its own."""
    return town.commune["freshness"] if town.commune else _limits(CONVERGED_DAYS, LIVING_HOURS, {})
