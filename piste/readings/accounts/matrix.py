"""The matrix person × system × right, and the table of a system that nothing reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from piste.engine.converge.errors import InvalidConfig, Misused
from piste.engine.tables import Column, Form, day_of, read
from piste.readings.accounts.judgment import Row, System
from piste.readings.accounts.kept import Live, imported
from piste.readings.accounts.systems import SOURCES, systems
from piste.town.model.dates import now
from piste.town.model.derived import Derived
from piste.town.model.wording import closest

COLUMNS = (
    "person", "holder", "system", "account", "kind", "rights", "roles", "second_factor", "last_use", "key_from", "ends",
    "reviewed_on", "active", "state", "why", "read_at",
)  # fmt: skip
_WORDS = {"yes": True, "oui": True, "no": False, "non": False, "": None}


def rows(every: Sequence[System]) -> Iterator[dict[str, Any]]:
    """Give a line for each account, and a line for each system that was not read."""
    for system in every:
        if system.why:
            yield dict.fromkeys(COLUMNS) | {"system": system.name, "state": "unknown", "why": system.why}
        for row in system.rows:
            yield line(row)


def line(row: Row) -> dict[str, Any]:
    live, declared = row.live, row.declared
    return {
        "person": persons(row) or None,
        "holder": declared["holder"] if declared else None,
        "system": row.system,
        "account": row.login,
        "kind": declared["kind"] if declared else None,
        "rights": row.rights,
        "roles": ", ".join(live["roles"]) if live else None,
        "second_factor": live["mfa"] if live else None,
        "last_use": live["used_at"] if live else None,
        "key_from": live["key_from"] if live else None,
        "ends": (declared["until"] if declared else None) or (live["ends"] if live else None),
        "reviewed_on": declared["reviewed_on"] if declared else None,
        "active": live["active"] if live else False,
        "state": row.state,
        "why": " ; ".join(fault.said for fault in row.faults) or None,
        "read_at": row.read_at.isoformat(),
    }


def persons(row: Row) -> str:
    """Name who signs in: the declared persons, else the name that the system shows."""
    if row.declared is None:
        return ""
    shown = row.live["other_names"][:1] if row.live and row.declared["kind"] == "nominative" else []
    return ", ".join(row.declared["persons"] or shown)


def _yes_or_no(text: str) -> bool | None:
    """Read yes or no; an empty cell is unknown. Raises ValueError."""
    if text.strip().casefold() not in _WORDS:
        raise ValueError("yes, no, ou rien si personne ne le sait")
    return _WORDS[text.strip().casefold()]


def _right(text: str) -> str | None:
    if text not in ("all", "some", "read", ""):
        raise ValueError("all, some, read, ou rien si personne ne le sait")
    return text or None


def _day(text: str) -> str | None:
    return day_of(text) if text else None


IMPORTED = Form(
    (
        Column("account", "Name that it signs in with.", required=True),
        Column("name", "Name that people read."),
        Column("rights", "all, some or read.", form=_right),
        Column("roles", "Its roles, in the words of the system."),
        Column("second_factor", "Whether it has a second factor.", form=_yes_or_no),
        Column("last_use", "Day of its last use.", form=_day),
        Column("ends", "Its last day.", form=_day),
        Column("person", "Whether somebody signs in with it.", form=_yes_or_no),
    ),
    rows=5000,
)


def take_in(town: Derived, environment: str, system: str, path: Path) -> int:
    """Keep the accounts of a system that a table lists; count them.

    Raises `Misused`, `InvalidConfig`.
    """
    known = systems(town)
    if system not in known or SOURCES[known[system]].subject:
        raise Misused(f"« {system} » n’est pas un système dont on veut les comptes", todo=closest(system, known))
    table = read(path, IMPORTED)
    if table.faults:
        raise InvalidConfig(table.located(path.name))
    accounts = [_live(row.values) for row in table.rows]
    if left := imported(environment, system, accounts, now()):
        raise Misused(f"les comptes de {', '.join(left)} n’ont pas été gardés : une lecture plus récente l’est déjà")
    return len(accounts)


def _live(cells: Any) -> Live:
    rights, last = cells["rights"], cells["last_use"]
    return Live(
        name=cells["account"], other_names=[cells["name"]] if cells["name"] else [],
        whole=None if rights is None else rights == "all", person=cells["person"] is not False, reads=rights == "read",
        active=True, roles=[cells["roles"]] if cells["roles"] else [], mfa=cells["second_factor"],
        used_at=f"{last}T00:00:00+00:00" if last else None, key_from=None, ends=cells["ends"],
    )  # fmt: skip
