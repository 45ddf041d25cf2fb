"""The runs of the journal as data: what each has touched, by name. No value, no secret."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from piste.engine.converge.module import Module
from piste.engine.converge.resource import Field
from piste.engine.converge.task_log import RECORD
from piste.runs.modules import TRACE
from piste.runs.records.chain import journal_folder
from piste.runs.records.journal import newest
from piste.runs.records.record import Record

LAST = 200
"""Newest runs that are looked at."""
CHANGE = "piste_change"
"""Variable of a run that answers a change asked in GLPI."""


def runs(records: Iterable[Record]) -> list[dict[str, Any]]:
    """List the runs that have written, oldest first."""
    return [_run(record) for record in records if not record.get("check") and any(_objects(record))][::-1]


def _run(record: Record) -> dict[str, Any]:
    kept = {name: record.get(name) for name in ("id", "started", "commit", "clean", "plan", "outcome")}
    change = change_of(record.get("command") or ())
    return {**kept, "clean": bool(kept["clean"]), "change": change, "objects": list(_objects(record))}


def _objects(record: Record) -> Iterator[dict[str, str]]:
    for task in record["tasks"]:
        if not task["check"]:
            for operation in task["operations"]:
                yield {name: operation[name] for name in ("owner", "kind", "label", "action")}


def change_of(command: Iterable[str]) -> int | None:
    """Number of the change that a run answers, from its command; None where it names none."""
    for word in command:
        given: Any = None
        if word.startswith("{") and CHANGE in word:
            try:
                given = json.loads(word).get(CHANGE)
            except (ValueError, AttributeError):
                continue
        elif word.startswith(f"{CHANGE}="):
            given = word.partition("=")[2]
        if given is not None and str(given).isdecimal():
            return int(given)
    return None


def _read(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    records = islice(newest(journal_folder(), params["environment"]), params["last"])
    return {"changed": False, "runs": runs(records)}


def _recorded(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    return {"changed": False, "recorded": RECORD in os.environ}


MODULES: Mapping[str, Module] = {
    "piste_runs": Module(
        name="piste_runs",
        options=(
            Field("environment", "Environment of the runs, C(production).", required=True),
            Field("last", "Newest runs to look at.", type="int", default=LAST, minimum=1),
        ),
        run=_read,
    ),
    # It writes nothing itself: it is refused where what follows would leave no trace.
    TRACE: Module(name=TRACE, options=(), run=_recorded, writes=True, waits="nothing"),
}
