"""The authors of what a drift shows: who changed it, when and how, by the system's log."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from piste.engine.converge.resource import Field

MOST = 3
"""Most authors of an object that are named: the last."""
_CHANGED = (
    Field("kind", "Kind of the object.", required=True),
    Field("key", "Name of the object.", required=True),
    Field("action", "What would take the change back: C(create), C(update), C(delete), C(reset).", required=True),
    Field("fields", "Fields that differ.", type="list", default=[]),
    Field("before", "Content of the object as it is.", type="dict", default={}),
    Field("after", "Content of the object as it is declared.", type="dict", default={}),
    Field("within", "Container of the objects of its owner: a network, by its name.", default=""),
)
"""What a log is asked about an object."""
OPTIONS = (
    Field("objects", "What a drift shows, an operation each.", type="list", of=_CHANGED, required=True),
    Field("days", "How far back the log is read.", type="int", default=90),
)
"""Options of the subjects that read a log."""


class Author(NamedTuple):
    """The author of a change, its moment in ISO 8601, and what the log calls it.

    `who` is empty where a system says when and not who, `how` where it says no more; `when` where the log of the system
    tells nothing of a part of the change.
    """

    who: str
    when: str
    how: str = ""


def said(authors: Iterable[Author]) -> list[dict[str, Any]]:
    """Give the last change of each author as plain data: what has no moment, then the newest."""
    last: dict[tuple[str, bool], Author] = {}
    for author in sorted(authors, key=lambda author: (not author.when, author.when), reverse=True):
        last.setdefault((author.who, not author.when), author)
    return [author._asdict() for author in list(last.values())[:MOST]]
