"""The derived lots of thin clients: plain data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypedDict

from .form import Fitness, ThinClientLot, Verdict


class DerivedApplication(TypedDict):
    name: str
    fitness: Fitness
    note: str | None


class DerivedStudy(TypedDict):
    """A study; `storage_gib` and `iops` are what the users of the lot need."""

    by: str
    made_on: str
    users: int
    applications: list[DerivedApplication]
    storage_gib: float
    storage_available_gib: float
    iops: float
    iops_available: float
    iops_measured: str
    verdict: Verdict
    reserves: list[str]
    status: str | None


class DerivedLot(TypedDict):
    """A lot; its `state` says how far it is, and a lot without a study is not ready."""

    id: str
    label: str
    site: str
    planned_on: str
    deployed_on: str | None
    thin_clients: list[str]
    replaces: list[str]
    study: DerivedStudy | None
    state: Literal["without_study", "refused", "ready", "deployed"]
    status: str | None


def derive_lots(lots: Mapping[str, ThinClientLot]) -> list[DerivedLot]:
    """Derive the lots, in the order of their days, then of their ids."""
    derived = [_lot(name, lot) for name, lot in lots.items()]
    return sorted(derived, key=lambda lot: (lot["planned_on"], lot["id"]))


def _lot(name: str, lot: ThinClientLot) -> DerivedLot:
    study = lot.study
    return DerivedLot(
        id=name,
        label=lot.label,
        site=lot.site,
        planned_on=lot.planned_on,
        deployed_on=lot.deployed_on,
        thin_clients=list(lot.thin_clients),
        replaces=list(lot.replaces),
        study=None
        if study is None
        else DerivedStudy(
            by=study.by,
            made_on=study.made_on,
            users=study.users,
            applications=[
                DerivedApplication(name=entry.name, fitness=entry.fitness, note=entry.note)
                for entry in study.applications
            ],
            storage_gib=needed(study.storage.per_user_gib, study.users),
            storage_available_gib=study.storage.available_gib,
            iops=needed(study.iops.per_user, study.users),
            iops_available=study.iops.available,
            iops_measured=study.iops.measured,
            verdict=study.verdict,
            reserves=list(study.reserves),
            status=study.status,
        ),
        state=_state(lot),
        status=lot.status,
    )


def _state(lot: ThinClientLot) -> Literal["without_study", "refused", "ready", "deployed"]:
    if lot.study is None:
        return "without_study"
    if lot.study.verdict == "unfavourable":
        return "refused"
    return "deployed" if lot.deployed_on else "ready"


def needed(per_user: float, users: int) -> float:
    return round(per_user * users, 2)
