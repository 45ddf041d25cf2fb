"""The last check of the logs of an environment, for verify, status and the bag."""

from __future__ import annotations

from datetime import datetime
from typing import NotRequired, TypedDict

from piste.engine.finding import State
from piste.readings import store
from piste.readings.belief import Last, Reading
from piste.readings.logs.judgment import Figure, StreamState
from piste.readings.table import SUBJECTS
from piste.town.model.derived import Derived
from piste.town.model.freshness import Ages

LOGS = SUBJECTS["logs"]
TREE = "tree"
"""The thing that a check is about: the whole tree of the collector."""


class Access(TypedDict):
    """The rights on the tree: whether those declared read it, and nobody else."""

    state: State
    what: str
    todo: str


class Check(TypedDict):
    """A check: its moment, the state of each stream, the faults of the chain of seals, F12.

    `access` lacks where the tree did not open, and in the checks of earlier versions.
    """

    read_at: str
    whole: bool
    streams: list[StreamState]
    chain: list[str]
    strays: list[str]
    figure: Figure
    access: NotRequired[Access]


def stands(town: Derived, tree: str) -> bool:
    """Tell whether logs are declared."""
    return bool(town.commune and town.commune["logs"])


def keep(environment: str, check: Check) -> None:
    """Replace the last check. Raises `UnreadableReading`, `NotWritten`."""
    store.keep(LOGS, environment, {TREE: Reading(check, datetime.fromisoformat(check["read_at"]))})


def last(environment: str, ages: Ages) -> Last[Check] | None:
    """Give the last check; None where there is none. Raises `UnreadableReading`."""
    return store.last(LOGS, environment, ages).get(TREE)
