"""Consequences on the copies of machines that pass to another family of protection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from piste.engine.converge.allowed import is_waiting
from piste.sites.consequences.form import Consequence
from piste.town.model.hosting.derived import PROTECTION

if TYPE_CHECKING:
    from piste.sites.consequences.sides import Sides
    from piste.town.model.derived import Derived

_AGES: Mapping[str, str] = {"rpo_hours": "âge de la dernière copie, au plus", "rto_hours": "retour, au plus"}
_COPIES: Mapping[str, str] = {
    "copies": "exemplaires", "media": "supports", "off_site": "hors site", "immutable": "copie inaltérable",
    "keep_days": "jours gardés",
}  # fmt: skip


def of(town: Derived, sides: Sides) -> Iterator[Consequence]:
    """Yield a line for each machine whose family of protection becomes another."""
    protection = town.commune["protection"] if town.commune else None
    families = {family["name"]: family for family in protection["families"]} if protection else {}
    for at, operation in enumerate(sides.operations):
        if operation["kind"] != "vm" or is_waiting(operation):
            continue
        was, will = (families.get(_family(operation["content"][side])) for side in ("before", "after"))
        if was and will and (turned := [*_turned(was, will)]):
            weaker = any(less for _, less in turned)
            said = f"protégée comme « {will['label']} », et non plus « {was['label']} » : "
            said += " ; ".join(text for text, _ in turned)
            yield Consequence("backups", "lost" if weaker else "gains", f"machine {operation['label']}", said, (at,))


def _family(machine: Mapping[str, Any] | None) -> str:
    return str(((machine or {}).get("categories") or {}).get(PROTECTION) or "")


def _turned(was: Mapping[str, Any], will: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """Yield what the town asks otherwise, and whether that protects less."""
    for name, label in _AGES.items():
        if was[name] != will[name]:
            yield f"{label} : {was[name]} h → {will[name]} h", was[name] < will[name]
    old, new = was["requirement"], will["requirement"]
    for name, label in _COPIES.items():
        if old[name] != new[name]:
            yield f"{label} : {_said(old[name])} → {_said(new[name])}", old[name] > new[name]


def _said(value: Any) -> str:
    return {True: "oui", False: "non"}[value] if isinstance(value, bool) else str(value)
