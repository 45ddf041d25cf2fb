"""A copy of the declared town to break, and the faults that it must then report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from piste.town.model import Town, load

ALL = "group_vars/all/"
HOSTS = "inventories/town/hosts.yml"

PLAN_JAURES = "plan: {number: 5, code: jau, status: to_confirm}"
FIRST_SWITCH = "{serial: QZZZ-0005-0001, model: MS220-24, status: to_confirm}"
FIRST_AP = "{serial: QZZZ-0005-0041, model: MR, status: to_confirm}"


def on_the_day(inventory: Path, **given: Any) -> Town:
    """Load a town on a fixed day: parts of the declaration end on a day."""
    return load(inventory, **{"today": TODAY, **given})


def host(name: str) -> str:
    """Give the file of a host."""
    return f"inventories/town/host_vars/{name}.yml"


JAURES, HDV, CTM = host("ecole-jaures"), host("hotel-de-ville"), host("ctm")

TODAY = date(2026, 11, 24)

type Edit = tuple[str, str, str]


def jaures_segment(text: str) -> Edit:
    """Declare a segment at ecole-jaures."""
    return JAURES, "switches:\n", f"segments:\n  {text}\nswitches:\n"


def jaures_switch(keys: str) -> Edit:
    """Add keys to the first switch of ecole-jaures."""
    return JAURES, FIRST_SWITCH, FIRST_SWITCH.replace(", status", f", {keys}, status")


@dataclass(frozen=True)
class Case:
    """Edits (file, old, new), then the expected faults.

    A fault is rule, path, file, and a text of the line or its number. `says` lists texts that the printed faults must
    contain. It is about the `whole` town, or about its copy where most sites are not open.
    """

    name: str
    edits: list[Edit]
    faults: list[tuple[str, str, str, str | int]]
    says: list[str] = field(default_factory=list)
    whole: bool = False


@dataclass(frozen=True)
class Copy:
    """A repository with only the declaration."""

    root: Path

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace a text that occurs once in a file; add the file where `old` is empty."""
        path = self.root / file
        if not old:
            path.write_text(new, encoding="utf-8")
            return
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} occurs {text.count(old)} times in {file}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def line(self, file: str, marker: str) -> int:
        """Give the number of the only line with a text."""
        lines = (self.root / file).read_text(encoding="utf-8").splitlines()
        numbers = [number for number, line in enumerate(lines, start=1) if marker in line]
        assert len(numbers) == 1, f"{marker!r} is on lines {numbers} of {file}"
        return numbers[0]

    def load(self, **given: Any) -> Town:
        return on_the_day(self.root / "inventories" / "town", **given)


def check(copy: Copy, case: Case, reading: Callable[[Path], Town] = on_the_day) -> None:
    """Break the copy as the case says and compare every fault, in order of rule and path."""
    for edit in case.edits:
        copy.edit(*edit)
    faults = reading(copy.root / "inventories" / "town").faults
    expected = [
        (f"PISTE-{rule}", path, file, line if isinstance(line, int) else copy.line(file, line))
        for rule, path, file, line in case.faults
    ]
    assert sorted((f.rule, f.path, f.file, f.line) for f in faults) == sorted(expected)
    text = "\n".join(map(str, faults))
    assert [part for part in case.says if part not in text] == [], text
