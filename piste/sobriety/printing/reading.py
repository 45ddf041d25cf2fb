"""The reading of the log of the print server: where it goes on, what came, what it says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, time
from pathlib import Path
from typing import Any

from piste.engine.clock import DAY, TOWN, in_town
from piste.engine.converge.moments import ahead
from piste.engine.finding import Finding
from piste.readings import store
from piste.readings.belief import Doubted, Last, Reading, Unread, value
from piste.readings.former import Content, Former, of_file, private_place
from piste.readings.table import READERS, SUBJECTS, Answer
from piste.sobriety.printing.log import PrintLog, added
from piste.town.model.dates import now
from piste.town.model.derived import Derived
from piste.town.model.freshness import ages

SUBJECT, ANSWER = SUBJECTS["printing"], READERS["printing"].file
AGAIN = "piste printing read"


def stands(town: Derived, server: str) -> bool:
    """Tell whether the accounting of prints is declared."""
    return bool(town.commune and town.commune["print_accounting"])


def variables(town: Derived, environment: str) -> dict[str, Any]:
    """Give the variables of the reading: where the last ended. Raises `UnreadableReading`."""
    log = _before(environment)
    return {"print_log_after": log.last, "print_log_at": log.last_at} if log and log.last_at else {}


def take(town: Derived, environment: str, answer: Answer) -> bool:
    """Add what came to what is kept, else note the silence; there may be nothing to count."""
    declared = town.commune["print_accounting"] if town.commune else None
    if declared and answer.content:
        return keep(environment, added(_before(environment), answer.content, declared["keep_months"]))
    if declared:
        server = next(iter(store.last(SUBJECT, environment)), declared["server"])
        store.keep(SUBJECT, environment, {server: store.unanswered(answer, "le serveur d’impression n’a pas répondu")})
    return declared is None


def keep(environment: str, log: PrintLog) -> bool:
    """Replace the accounting, as old as its last counted day; tell whether it was taken.

    Raises `UnreadableReading`, `NotWritten`.
    """
    return store.keep_alone(SUBJECT, environment, log.server, Reading(log, _counted(log.through)))


def last(environment: str) -> PrintLog | None:
    """Give the accounting, whatever its age; None before the first. Raises `UnreadableReading`."""
    known = _last(environment)
    return None if known is None or isinstance(known, Unread) else value(known)


def former(environment: str) -> Mapping[Path, Former]:
    """Give the file in which earlier versions kept the accounting."""
    return of_file(private_place("printing", environment) / "log.json", _former)


def _former(kept: Mapping[str, Any]) -> Content:
    return {str(kept["server"]): Reading(dict(kept), _counted(kept["through"]))}


def _counted(through: str | None) -> datetime:
    return datetime.combine(datetime.fromisoformat(str(through)), time(), TOWN)


def _last(environment: str) -> Last[PrintLog] | None:
    return next(iter(store.last(SUBJECT, environment).values()), None)


def _before(environment: str) -> PrintLog | None:
    """Give what the next reading goes on from: nothing where it is spoilt."""
    known = _last(environment)
    spoilt = isinstance(known, Doubted) and not (known.read_at and ahead(known.read_at, now()))
    return None if known is None or isinstance(known, Unread) or spoilt else value(known)


def findings(town: Derived, environment: str) -> Iterator[Finding]:
    """Yield a finding for the declared print server."""
    declared = town.commune["print_accounting"] if town.commune else None
    if declared is None:
        return
    known = store.last(SUBJECT, environment, ages(town))
    server, last = next(iter(known.items()), ("", None))
    id_, name, log = f"printing.{server or 'log'}", server or "journal d’impression", _last(environment)
    if isinstance(log, Reading) and log.value.off:  # so until it is lit again, whatever the day of its last count
        what = f"{name} : le journal est éteint, ce qui s’imprime ne se compte plus"
        yield Finding(id_, "wrong", what, "Rallumez-le (docs/impression.md), puis : piste printing read.")
    elif not isinstance(last, Reading):
        yield Finding(id_, "unknown", f"{name} : {last.why if last else 'jamais lu'}", AGAIN)
    else:
        yield Finding(id_, "ok", f"{name} : compté jusqu’au {in_town(str(last.value.through), DAY)}")
