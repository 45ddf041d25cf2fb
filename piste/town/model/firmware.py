"""Approved versions of firmware: form, rule, and which entry a model follows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, TypedDict

from pydantic import AfterValidator, Field

from . import values
from .forms import Date, Marked, Title
from .wording import closest

if TYPE_CHECKING:
    from .view import View

ENGINE, STORAGE, HYPERVISOR, NEXUS = "NGFW", "AOS", "AHV", "NX-OS"
SYSTEMS: Mapping[str, str] = {
    ENGINE: "moteurs du pare-feu",
    STORAGE: "grappe Nutanix",
    HYPERVISOR: "nœuds de la grappe",
    NEXUS: "commutateurs Nexus",
}
"""Classes that are no model of the catalogue."""

FirmwareClass = Annotated[str, Field(min_length=2, max_length=60)]
_version = values.matching(
    r"(?!\d{4}-\d{1,2}-\d{1,2}$)(?=.*\d)[A-Za-z0-9][A-Za-z0-9 ._()+-]*",
    "une version comme le système l’écrit, par exemple switch-17-1 ou 9.3(13)",
)
Version = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_version)]


class ApprovedFirmware(Marked):
    """The versions that a model, or the models of a prefix, may run, as the system spells them.

    `approved` is the day of the last decision, `by` who took it: without the day, the versions are proposed, and
    nothing is judged by them. Several versions stand side by side while one replaces the other.
    """

    versions: Annotated[list[Version], Field(min_length=1)]
    approved: Date | None = None
    by: Title | None = None


class Approved(TypedDict):
    """An entry of the approved list."""

    versions: list[str]
    approved: str | None
    status: str | None


def derive_firmware(firmware: Mapping[str, ApprovedFirmware]) -> dict[str, Approved]:
    """Derive the approved list, by class."""
    return {
        name: Approved(versions=list(entry.versions), approved=entry.approved, status=entry.status)
        for name, entry in firmware.items()
    }


def class_of(model: str, classes: Iterable[str]) -> str | None:
    """Give the class that a model follows: the longest that begins its name, or None."""
    return max((name for name in classes if model.startswith(name)), key=len, default=None)


def check_firmware(view: View) -> None:
    """M240, M241: each entry names a model or a system, and was decided."""
    town = view.declared.town
    models = town.variables.hardware
    for name, entry in town.variables.firmware.items():
        if name not in SYSTEMS and not any(model.startswith(name) for model in models):
            message = f"« {name} » n’est le début d’aucun modèle"
            advice = closest(name, [*models, *SYSTEMS])
            view.faults.add("PISTE-M240", f"firmware[{name}]", town.where(("firmware", name)), message, advice)
        if entry.approved and entry.approved > view.today.isoformat():
            where = town.where(("firmware", name, "approved"), ("firmware", name))
            message = f"{name} : approuvé le {entry.approved}, qui est à venir"
            view.faults.add("PISTE-M241", f"firmware[{name}].approved", where, message)
