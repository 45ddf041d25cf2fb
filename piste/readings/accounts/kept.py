"""The last reading of the accounts of each system."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, TypedDict

from pydantic import Field

from piste.engine.converge.reading import FAULTS
from piste.readings import store
from piste.readings.accounts.systems import SOURCES, servers, systems
from piste.readings.belief import Reading, Tried, Unread
from piste.readings.table import SUBJECTS, Answer
from piste.town.model.dates import now
from piste.town.model.derived import Derived
from piste.town.model.forms import Moment

SUBJECT = SUBJECTS["accounts"]
_SILENT = "n’a pas été lu : il n’a pas répondu, ou cet environnement ne dit pas comment le joindre"
Name = Annotated[str, Field(min_length=1, max_length=400)]


class Live(TypedDict):
    """An account as its system shows it; None for what the system does not say.

    `whole` is full rights, `reads` no right to change, `person` an account that somebody may sign in with.
    """

    name: Name
    other_names: list[Name]
    whole: bool | None
    person: bool
    reads: bool
    active: bool
    roles: list[Name]
    mfa: bool | None
    used_at: Moment | None
    key_from: Moment | None
    ends: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")] | None


Accounts = Annotated[list[Live], Field(max_length=5000)]
"""The accounts of a system."""


def own(town: Derived) -> list[str]:
    """Name the systems that the playbook reads; the others are imported."""
    return [name for name, kind in systems(town).items() if not SOURCES[kind].why and not SOURCES[kind].subject]


def variables(town: Derived, environment: str) -> dict[str, Any]:
    """Give the variables of the order: the systems to ask."""
    return {"account_systems": [*dict.fromkeys(systems(town).values())], "account_servers": servers(town)}


def take(town: Derived, environment: str, answer: Answer) -> bool:
    """Keep what each system said of its accounts; tell whether one said something."""
    content, known = answer.content or {}, systems(town)
    tried = {name: _tried(name, known[name], content, answer) for name in own(town)}
    store.keep(SUBJECT, environment, tried, only=known)
    return any(isinstance(outcome, Reading) for outcome in tried.values())


def _tried(name: str, kind: str, content: Mapping[str, Any], answer: Answer) -> Tried[Sequence[Live]]:
    """Give the outcome of a system, by its name where several are of its kind."""
    moment = now()
    label = SOURCES[kind].label
    why = next((why for task, why in answer.troubles.items() if label in task), "")
    silence = Unread((why or store.unanswered(answer, _SILENT).why)[:500], moment)
    try:
        given = content[kind][name] if kind in ("server", "nexus") else content[kind]
        if isinstance(given, Mapping) and "administrators" not in given:
            return Unread(str(given.get("unread") or given.get("msg") or silence.why)[:500], moment)
        given = given["administrators"] if isinstance(given, Mapping) else given
        return Reading([_live(account) for account in given], moment) if given is not None else silence
    except FAULTS:
        return silence


def _live(account: Mapping[str, Any]) -> Live:
    return {name: account[name] for name in Live.__annotations__}  # type: ignore[return-value]


def imported(environment: str, system: str, accounts: Sequence[Live], read_at: datetime) -> list[str]:
    """Keep the accounts of a system that a table gave; name the system where it was left out."""
    return store.keep(SUBJECT, environment, {system: Reading(accounts, read_at)})
