"""The event log of a print service: what `Get-WinEvent` reads of it, names included.

Events have the content of real servers (person, document, computer), so that a test sees whether any of it leaves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Event = dict[str, Any]
ZONE = ZoneInfo("Europe/Paris")
LOG_BYTES = 67_108_864
"""The size that the town gives the log; Windows gives 1 MiB, and leaves it off."""
PERSONS = ("adurand", "mlefevre", "sbenali", "ktraore")
DOCUMENTS = ("Arrêté d’expulsion M. Dupont.docx", "Bulletin de salaire.pdf", "Courrier.odt", "Dossier RSA.xlsx")
COMPUTERS = ("\\\\PC-HDV-017", "\\\\PC-CCAS-003", "\\\\TC-MED-002")
DAYS = 45
"""Days of printing that a server of the lab remembers."""


def log(*, enabled: bool = True, size: int = LOG_BYTES) -> dict[str, Any]:
    return {"enabled": enabled, "mode": "Circular", "size": size, "next": 1, "job": 1, "events": []}


def printed(
    log: dict[str, Any], queue: str, at: datetime, pages: int, *, copies: int | None = 1, color: int = 1
) -> None:
    """Add a job: its rendering (event 805), unless `copies` is None, then its end (event 307)."""
    job, rank = log["job"], log["job"]
    log["job"] += 1
    person, document = PERSONS[rank % len(PERSONS)], DOCUMENTS[rank % len(DOCUMENTS)]
    if copies is not None:
        _add(log, 805, at, {"JobId": job, "Copies": copies, "Color": color})
    port = f"10.93.2.{rank % 200}"
    _add(log, 307, at, [job, document, person, COMPUTERS[rank % len(COMPUTERS)], queue, port, 4096 * pages, pages])


def _add(log: dict[str, Any], number: int, at: datetime, values: Any) -> None:
    moment = at.astimezone(UTC).isoformat(timespec="milliseconds")
    log["events"].append({"record": log["next"], "id": number, "at": moment, "values": values})
    log["next"] += 1


def wrap(log: dict[str, Any], kept: int) -> None:
    """Write over the oldest events, but for some."""
    log["events"] = log["events"][-kept:]


def clear(log: dict[str, Any], *, restart: bool = False) -> None:
    """Clear the log; with `restart`, its records are numbered from 1 again."""
    log["events"] = []
    if restart:
        log["next"] = 1


def lived(queues: Sequence[str], now: datetime) -> dict[str, Any]:
    """Return a log in which the queues printed on working days until now, each at its own pace."""
    made = log()
    first = (now - timedelta(days=DAYS)).replace(hour=9, minute=0, second=0, microsecond=0)
    for ago in range(DAYS):
        day = first + timedelta(days=ago)
        if day.weekday() > 4 or day > now:
            continue
        for rank, queue in enumerate(queues):
            if (ago + rank) % (1 + rank % 3) == 0:
                printed(made, queue, day + timedelta(minutes=rank), 2 + rank % 5, color=1 + (ago + rank) % 4 // 3)
    return made


def read(log: Mapping[str, Any], shared: Iterable[str], given: Mapping[str, Any]) -> dict[str, Any]:
    """Answer the snippet `print_log_read` as a host would."""
    events, after = log["events"], given["after"]
    answer = {"enabled": log["enabled"], "mode": log["mode"], "size": log["size"], "last": after}
    if events:
        answer["oldest_at"] = events[0]["at"]
    if anchor := next((event for event in events if event["record"] == after), None):
        answer["anchor_at"] = anchor["at"]
    known = {name.casefold(): name for name in (*shared, *given["queues"])}
    asked = [event for event in events if event["record"] > after and event["id"] in (307, 805)][: given["limit"]]
    rendered: dict[int, Mapping[str, int]] = {}
    days: dict[tuple[str, str], dict[str, Any]] = {}
    for event in asked:
        values = event["values"]
        if event["id"] == 805:
            rendered[values["JobId"]] = values
            continue
        queue = known.get(values[4].casefold(), "")
        day = datetime.fromisoformat(event["at"]).astimezone(ZONE).date().isoformat()
        begun = {"queue": queue, "day": day, "jobs": 0, "pages": 0, "copied": 0, "mono": 0, "color": 0}
        total = days.setdefault((day, queue), begun)
        job = rendered.pop(values[0], {"Copies": 0, "Color": 0})
        total["jobs"] += 1
        total["pages"] += max(job["Copies"], 1) * values[7]
        total["copied"] += job["Copies"] > 0
        total["mono"] += job["Color"] == 1
        total["color"] += job["Color"] == 2
        answer |= {"last": event["record"], "last_at": event["at"]}
    more = len(asked) == given["limit"]
    if asked and (answer["last"] == after or not more):
        answer |= {"last": asked[-1]["record"], "last_at": asked[-1]["at"]}
    return {**answer, "more": more, "days": list(days.values())}
