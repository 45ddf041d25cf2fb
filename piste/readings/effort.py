"""The effort and the recommendation of findings, and what an unread system hides, as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import NamedTuple


class Rule(NamedTuple):
    """The effort that mends the findings of a pattern, and what is recommended."""

    pattern: str
    effort: str
    says: str


class System(NamedTuple):
    """A system that a reader asks, what its silence hides; `read` are patterns of subject/thing."""

    name: str
    read: Sequence[str]
    hides: str


class Table(NamedTuple):
    """The efforts in French, the least first; the rules in their order; the systems."""

    efforts: Mapping[str, str]
    rules: Sequence[Rule]
    systems: Sequence[System]


@cache
def table() -> Table:
    import yaml

    content = yaml.load(Path(__file__).with_name("effort.yml").read_text("utf-8"), yaml.CSafeLoader)
    rules = [Rule(pattern, **said) for pattern, said in content["rules"].items()]
    return Table(content["efforts"], rules, [System(name, **said) for name, said in content["systems"].items()])


@cache
def rule_of(id_: str) -> Rule | None:
    """Give the rule of a finding, whose id may be that of a whole subject; None where none is."""
    named = id_ if "." in id_ else f"{id_}."
    return next((rule for rule in table().rules if fnmatchcase(named, rule.pattern)), None)


def rank(effort: str) -> int:
    """Give the place of an effort, the least first; what is not known is last."""
    return [*table().efforts, effort].index(effort)
