"""A live policy: its ordered lists by section, each section loaded at its first use."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from piste.systems.forcepoint.policy_table import RULES, SECTION
from piste.systems.forcepoint.rules import Live, window


@dataclass
class Section:
    """Rules from a header to the next.

    `title` is the text of the header, None before the first header; `start` is its path.
    """

    title: str | None
    start: str
    load: Callable[[], list[Live]]

    @cached_property
    def lives(self) -> list[Live]:
        """The header, then its rules."""
        return self.load()


@dataclass
class RuleBase:
    """A live list; `copied` are the ids that several rules have."""

    sections: list[Section] = field(default_factory=list)
    copied: list[str] = field(default_factory=list)

    def __iter__(self) -> Iterator[Live]:
        return (live for section in self.sections for live in section.lives)

    def about(self, scope: str) -> list[Live] | None:
        """Rules of a scope, without the header of a section; None where the scope does not exist."""
        kind, _, of = scope.partition(":")
        if kind == SECTION:
            return next((section.lives[1:] for section in self.sections if section.title == of), None)
        lives = list(self)
        mine = [lives[at] for at in window([live.brief for live in lives], scope)]
        return mine if mine or kind != RULES else None


@dataclass(slots=True)
class Stand:
    """A live policy: its document, and those of its lists that were read."""

    path: str
    document: dict[str, Any] = field(default_factory=dict)
    lists: dict[str, RuleBase] = field(default_factory=dict)


def split(lives: Sequence[Live]) -> list[Section]:
    """Split a list into its sections, in order."""
    starts = [0, *(at for at, live in enumerate(lives) if at and "section" in live.brief)]
    parts = [list(lives[start:end]) for start, end in zip(starts, [*starts[1:], len(lives)], strict=True)]
    return [_section(part) for part in parts if part]


def _section(lives: list[Live]) -> Section:
    title = lives[0].brief.get("section")
    return Section(title, "" if title is None else lives[0].path, lambda: lives)
