"""A thing of the town that people look for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from piste.town.model.paths import KeyPath


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing that the declaration makes.

    `words` designate it besides its name; `facts` are shown, an empty fact is not; `network` is the address or prefix
    that traffic reaches; `paths` lead to its declaration, the most precise first; `keys` are its names in operations,
    where they differ from its name and its words; `source` is its file and line, where no path leads there.
    """

    kind: str
    name: str
    owner: str
    words: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    network: str = ""
    paths: tuple[KeyPath, ...] = ()
    keys: tuple[str, ...] = ()
    source: str = ""
