"""The last saved plans of an environment, and what became of each, by the journal."""

from __future__ import annotations

import pwd
from collections.abc import Iterable, Mapping
from itertools import takewhile
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from piste.engine.converge.errors import PisteError
from piste.engine.converge.untrusted import parse_json, read_plain
from piste.engine.repository import commit
from piste.runs.plans import saved
from piste.runs.plans.form import faults
from piste.runs.plans.show import to_confirm
from piste.runs.records.chain import journal_folder
from piste.runs.records.journal import newest
from piste.runs.records.record import Record

SHOWN = 20
"""Plans that are listed, newest first."""
State = Literal["to_apply", "nothing", "incomplete", "begun", "applied", "stale", "unreadable"]


class Listed(NamedTuple):
    """A plan: who saved it, its state; `run` is the last run that applied it.

    Of a plan that is `unreadable`, the id alone is known; `plan` is then empty.
    """

    id: str
    state: State
    user: str = ""
    plan: Mapping[str, Any] = MappingProxyType({})
    run: Record | None = None


def listed(environment: str) -> list[Listed]:
    """List the last plans of an environment, newest first, as they are written.

    Their seals are not opened: that asks for the vault, and `piste apply` does it.
    """
    names = saved.known()[::-1]
    plans = [made for name in names[: 5 * SHOWN] if (made := _listed(name, environment))][:SHOWN]
    since = min((made.id for made in plans), default="")
    recent = takewhile(lambda record: record["id"] >= since, newest(journal_folder(), environment) if plans else ())
    applied = _applied(recent)
    return [made._replace(state="applied", run=applied[made.id]) if made.id in applied else made for made in plans]


def _applied(records: Iterable[Record]) -> dict[str, Record]:
    """Give the last run of each plan that was applied, from records newest first."""
    runs: dict[str, Record] = {}
    for record in records:
        if record["plan"] and not record["check"]:
            runs.setdefault(record["plan"], record)
    return runs


def _listed(name: str, environment: str) -> Listed | None:
    """Read a plan; None for that of another environment."""
    path = saved.folder() / f"{name}.json"
    try:
        plan = parse_json(read_plain(path))
        if isinstance(plan, dict) and plan.get("environment") not in (environment, None):
            return None
        if faults(plan):
            return Listed(name, "unreadable")
        return Listed(name, _state(plan), _owner(path), plan)
    except (PisteError, OSError, ValueError):
        return Listed(name, "unreadable")


def _owner(path: Path) -> str:
    """Name the account that saved a plan."""
    number = path.stat().st_uid
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def _state(plan: Mapping[str, Any]) -> State:
    if saved.begun(plan):
        return "begun"
    if plan["troubles"] or (to_confirm(plan) and not saved.to_do(plan)):
        return "incomplete"
    if not saved.to_do(plan):
        return "nothing"
    same = (plan["commit"], plan["declaration"]) == (commit()[0], saved.declaration_digest(plan["environment"]))
    return "to_apply" if same else "stale"
