"""Findings that say the same of several things: a line, with its count and its range."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from piste.engine.words import agreed, some
from piste.sites.audit.form import Said

NAMED = 3
"""Characters from which a name is masked when findings are compared."""


class Alike(NamedTuple):
    """Findings that differ by their thing, site and numbers: the first, and the others."""

    said: Said
    others: Sequence[Said]

    @property
    def first(self) -> str:
        """Give what the first says, with the range of the numbers by which the others differ."""
        return _ranged([said.what for said in (self.said, *self.others)]) or self.said.what

    @property
    def what(self) -> str:
        if not self.others:
            return self.said.what
        # Where no range says what they differ by, nothing claims that they say the same.
        same = "de même" if _ranged([said.what for said in (self.said, *self.others)]) else "et d’autres, qui diffèrent"
        return f"{self.first} ; {same} : {some([_thing(said) for said in self.others], 3)}"

    @property
    def site(self) -> str:
        sites = {said.site for said in (self.said, *self.others)}
        return self.said.site if len(sites) == 1 else agreed(len(sites), "site(s)")


def alike(wrong: Iterable[Said]) -> list[Alike]:
    """Join findings that differ by their thing, their site and their numbers, in their order."""
    made: dict[tuple[str, ...], list[Said]] = {}
    for said in wrong:
        made.setdefault(_shape(said), []).append(said)
    return [Alike(first, others) for first, *others in made.values()]


def _shape(said: Said) -> tuple[str, ...]:
    """Give what a finding says, but for its thing, its site and its numbers."""
    subject, *names = said.id.split(".")
    own = {_thing(said), said.site, *names, *(part for name in names for part in name.split("/"))}
    text = f"{said.what}\n{said.todo}"
    for name in sorted((name for name in own if len(name) >= NAMED), key=len, reverse=True):
        text = text.replace(name, "…")
    return subject, said.gravity, said.effort, said.who, re.sub(r"\d+", "0", text)


_NUMBER = re.compile(r"(?<=\s)(\d+)(?=\s|$)")
"""A number that stands alone: no date, no address."""


def _ranged(every: Sequence[str]) -> str:
    """Write texts with the range of each number; empty where they differ by more."""
    first, *_ = split = [_NUMBER.split(text.partition(" : ")[2]) for text in every]
    if len({tuple(parts[::2]) for parts in split}) > 1 or not any(map(str.strip, first)):
        return ""
    said = []
    for values in zip(*split, strict=True):
        numbers = sorted({*values}, key=int) if len({*values}) > 1 else [values[0]]
        said.append(" à ".join(dict.fromkeys((numbers[0], numbers[-1]))))
    return f"{every[0].partition(' : ')[0]} : {''.join(said)}"


def _thing(said: Said) -> str:
    return said.what.partition(" : ")[0]
