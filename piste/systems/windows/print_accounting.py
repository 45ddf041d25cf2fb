"""The accounting of a print server, from the event log of its print service.

Event 307 ends a job: its queue and the pages of its document, without its copies. Event 805 precedes it where the
server renders the job: copies, and colour as the driver was asked for. Neither has the sides of a job nor its paper:
pages count as A4, duplex is unknown. The channel is off on a new server, and holds 1 MiB.

Counting happens on the server: no name of a person, of a document or of a computer leaves it.

Sources: MS-RPRN 2.2.1.15.5 and 2.2.1.15.6 (the data of events 307 and 805); System.Diagnostics.Eventing.Reader.
Believed: [belief windows.print_log], [belief windows.print_event_307], [belief windows.print_event_805],
[belief windows.print_counter], [belief windows.print_log_cleared].
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from piste.engine.converge.errors import PisteError
from piste.engine.converge.module import Module
from piste.engine.converge.reading import reading
from piste.engine.converge.resource import Field
from piste.engine.converge.secrets import Vault
from piste.engine.finding import Finding
from piste.systems.windows.print_queues import PRINT_SERVER
from piste.systems.windows.winrm import Session
from piste.town.model.dates import now

LOG = "Microsoft-Windows-PrintService/Operational"
BATCH = 5_000
"""Events that a snippet counts in one run."""
BATCHES = 60
"""Most runs of the snippet in one task: a log of 64 MiB has about 120 000 events."""
SMALL = 16 * 2**20
"""Bytes under which the log of a town may not last from one reading to the next."""
SIZE = 64 * 2**20
_CHECK = "winrm.print_log"
_COUNTS = ("jobs", "pages", "copied", "mono", "color")
_TODO = f"Sur le serveur : wevtutil sl {LOG} /e:true /ms:{SIZE}"


def accounting(session: Session, queues: Sequence[str], after: int, after_at: str | None) -> dict[str, Any]:
    """Return what the log says after a record of a moment, counted by queue and day.

    A log without this record was cleared or wrapped around: all that it has is new, and `lost` is true. `complete` is
    false where the log has more events than a task reads.
    """
    names = list(queues)
    first = session.run("print_log_read", after=after, queues=names, limit=BATCH)
    lost = after > 0 and (not first.get("anchor_at") or _moment(first["anchor_at"]) != after_at)
    if lost:
        after = 0
        first = session.run("print_log_read", after=0, queues=names, limit=BATCH)
    answer = first
    days: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: dict.fromkeys(_COUNTS, 0))
    last, last_at, more = after, None, True
    for turn in range(BATCHES):
        if turn:
            answer = session.run("print_log_read", after=last, queues=names, limit=BATCH)
        for line in answer["days"]:
            total = days[_day(line["day"]), line["queue"]]
            for name in _COUNTS:
                total[name] += _count(line[name])
        more, moved = answer["more"], answer["last"] > last
        last, last_at = answer["last"], answer.get("last_at") or last_at
        if not (more and moved):
            break
    return {
        "server": session.host,
        "enabled": first["enabled"], "mode": first["mode"], "size": first["size"],
        "lost": lost, "oldest_at": _moment(first["oldest_at"]) if first.get("oldest_at") else None,
        "last": last, "last_at": _moment(last_at) if last_at else None, "complete": not more,
        "read_at": now().isoformat(timespec="seconds"),
        "days": [{"day": day, "queue": queue, **days[day, queue]} for day, queue in sorted(days)],
    }  # fmt: skip


def _day(text: str) -> str:
    return datetime.strptime(text, "%Y-%m-%d").date().isoformat()


def _moment(text: str) -> str:
    """Return a moment of .NET in UTC, to the second; it has seven decimals."""
    moment = datetime.fromisoformat(text[:19]).replace(tzinfo=UTC)
    return moment.isoformat(timespec="seconds")


def _count(value: int) -> int:
    if not 0 <= value < 2**40:
        raise ValueError(value)
    return value


def checks(session: Session) -> Iterator[Finding]:
    """Yield the findings of the log, from its settings."""
    try:
        answer = session.run("print_log_read", after=0, queues=[], limit=1)
    except PisteError as error:
        what = f"{session.host} : le journal des impressions ne se lit pas ({error.why or error.what})"
        yield Finding(_CHECK, "unknown", what, "Admettez le compte parmi les lecteurs des journaux du serveur.")
        return
    yield from findings({**answer, "server": session.host})


def findings(answer: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield what is wrong with the log: off, too small, or that stops when it is full."""
    name, host = _CHECK, answer["server"]
    if not answer["enabled"]:
        what = f"{host} : le journal des impressions est éteint, personne ne saura ce qui s’y imprime"
        yield Finding(name, "wrong", what, _TODO)
    elif answer["size"] < SMALL:
        what = f"{host} : le journal des impressions ne garde que {answer['size'] // 2**20} Mio, des jours se perdront"
        yield Finding(name, "wrong", what, _TODO)
    elif answer["mode"] == "Retain":
        what = f"{host} : plein, le journal des impressions n’écrira plus rien (Retain)"
        yield Finding(name, "wrong", what, f"Sur le serveur : wevtutil sl {LOG} /rt:false")
    else:
        yield Finding(name, "ok", f"{host} : le journal des impressions est allumé ({answer['size'] // 2**20} Mio)")


def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    with PRINT_SERVER.connected(params, Vault({})) as session, reading(session.host):
        after = max(0, params.get("after") or 0)
        answer = accounting(session, params.get("queues") or (), after, params.get("after_at"))
        result = [finding.to_json() for finding in findings(answer)]
    return {"changed": False, "accounting": answer, "findings": result, "calls": dict(session.calls)}


MODULES: Mapping[str, Module] = {
    "win_print_accounting": Module(
        name="win_print_accounting",
        options=(
            *PRINT_SERVER.options,
            Field("queues", "Declared queues; others count without name, unless shared.", type="list"),
            Field("after", "Record of the log after which to count; 0 counts the whole log.", type="int", default=0),
            Field("after_at", "Moment of this record; another one says that the log was cleared."),
        ),
        run=_run,
    )
}
