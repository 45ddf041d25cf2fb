"""The reading of the log of the print server: where it goes on, what came, what it says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time
from typing import Any

from piste.engine.clock import TOWN
from piste.engine.finding import Finding
from piste.readings import store
from piste.readings.belief import Reading, Tried
from piste.readings.table import SUBJECTS, Answer
from piste.sobriety.printing.log import PrintLog, cursor, folder_of, load
from piste.sobriety.printing.log import take as add
from piste.town.model.derived import Derived
from piste.town.model.freshness import ages

AGAIN = "piste printing read"


def variables(town: Derived, environment: str) -> dict[str, Any]:
    """Give the variables of the reading: where the last ended. Raises `UnreadableAccounting`."""
    return cursor(folder_of(environment))


def take(town: Derived, environment: str, answer: Answer) -> bool:
    """Add what came to what is kept; there may be nothing to count."""
    declared = town.commune["print_accounting"] if town.commune else None
    add(folder_of(environment), answer.content, town)
    return declared is None or bool(answer.content)


def tried(environment: str) -> dict[str, Tried[PrintLog]]:
    """Give the kept log by its server, as old as its last counted day.

    Raises `UnreadableAccounting`.
    """
    log = load(folder_of(environment))
    if log is None or log.through is None:
        return {}
    return {log.server: Reading(log, datetime.combine(datetime.fromisoformat(log.through), time(), TOWN))}


def findings(town: Derived, environment: str) -> Iterator[Finding]:
    """Yield a finding for the declared print server."""
    declared = town.commune["print_accounting"] if town.commune else None
    if declared is None:
        return
    known = store.last(SUBJECTS["printing"], environment, ages(town))
    server, last = next(iter(known.items()), ("", None))
    id_, name, log = f"printing.{server or 'log'}", server or "journal d’impression", load(folder_of(environment))
    if log is not None and log.off:  # so until it is lit again, whatever the day of its last count
        what = f"{name} : le journal est éteint, ce qui s’imprime ne se compte plus"
        yield Finding(id_, "wrong", what, "Rallumez-le (docs/impression.md), puis : piste printing read.")
    elif not isinstance(last, Reading):
        yield Finding(id_, "unknown", f"{name} : {last.why if last else 'jamais lu'}", AGAIN)
    else:
        yield Finding(id_, "ok", f"{name} : compté jusqu’au {last.value.through}")
