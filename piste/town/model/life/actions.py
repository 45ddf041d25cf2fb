"""The actions of the life of an asset, and the classes that store data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from ..assets.classes import State

Action = Literal["receive", "assign", "move", "reuse", "erase", "exit", "switch_off", "check"]


class Step(NamedTuple):
    """An action: its French word, the states that it starts from, the state that it ends in.

    None: the state stays.
    """

    label: str
    of: tuple[State, ...]
    to: State | None


STEPS: Mapping[Action, Step] = {
    "receive": Step("réception", ("awaited",), "stock"),
    "assign": Step("affectation", ("stock", "reuse", "in_service"), "in_service"),
    "move": Step("déplacement", ("in_service", "stock", "reuse", "leaving"), None),
    "reuse": Step("réemploi", ("in_service", "stock", "leaving"), "reuse"),
    "erase": Step("effacement", ("in_service", "stock", "reuse", "leaving"), None),
    "exit": Step("sortie", ("in_service", "stock", "reuse", "leaving", "awaited"), "retired"),
    "switch_off": Step("extinction", ("in_service", "stock", "reuse", "leaving", "retired"), None),
    "check": Step("étape", ("in_service", "stock", "reuse", "leaving", "retired"), None),
}
_STORES: Mapping[str, str] = {
    "computer": "disque du poste",
    "server": "disques du serveur",
    "printer": "disque des travaux d’impression",
    "mobile": "mémoire de l’appareil",
    "phone": "répertoire et journal d’appels",
    "access_control": "badges et journaux d’accès",
}
"""Data that an asset of a class stores. A board and a UPS store none; a network device is reset by its system."""
STATELESS = ("thin_client",)
"""Variants that store none: a thin client keeps its session on the cluster."""


def stores(kind: str, variant: str | None) -> str | None:
    """Name the data that an asset stores; None for none."""
    return None if variant in STATELESS else _STORES.get(kind)
