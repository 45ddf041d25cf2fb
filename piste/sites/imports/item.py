"""An item of an inventory from elsewhere, and the faults of its file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from piste.engine.converge.text import on_one_line

LARGEST = 20 * 2**20
"""Bytes of a file."""
MOST = 5_000
"""Items of a file."""
LONGEST = 300
"""Signs of a cell."""


class ImportFault(NamedTuple):
    """A fault of a file: its line, what is wrong, what to do."""

    file: str
    line: int
    message: str
    advice: str = ""

    def __str__(self) -> str:
        return on_one_line(f"{self.file}:{self.line} : {self.message}. {self.advice}".rstrip())


@dataclass(frozen=True, slots=True)
class Item:
    """An item: `kind` where the file gives its class, `cells` by column, `addresses` seen on it.

    `seen` is true where a program read the hardware itself: its words are then facts, and not what a person typed.
    """

    file: str
    line: int
    kind: str | None
    cells: Mapping[str, str]
    addresses: tuple[str, ...] = ()
    macs: tuple[str, ...] = ()
    virtual: bool = False
    seen: bool = False


@dataclass(slots=True)
class Items:
    """The items of a file, its faults, and what was left out of it, in French."""

    items: list[Item] = field(default_factory=list)
    faults: list[ImportFault] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
