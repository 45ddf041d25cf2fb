"""Values that Piste says to the supervision: runs, drift, ends of certificates. No secret."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, TypedDict

from piste.readings.belief import Reading
from piste.sites.status import RECORDS, is_drift

if TYPE_CHECKING:
    from piste.readings.certificates.kept import Certificates
    from piste.runs.records.record import Record
    from piste.town.model.site import Commune

RUNS = "Piste runs by trapper"
"""The template of the host that says what Piste does."""
OUTCOMES: Mapping[str, int] = {"ok": 0, "changes": 0, "error": 1, "unknown": 3, "refused": 4, "killed": 5, "partial": 6}
"""The number of an outcome: the exit code of its verb, but from `killed` on: a run that was stopped has none."""


class Value(TypedDict):
    """A value of an item; `clock` is its second, since 1970."""

    host: str
    key: str
    value: int
    clock: int


def values(commune: Commune, records: Iterable[Record], readings: Certificates) -> list[Value]:
    """Give the values of an environment, from its newest records and its last reading."""
    share = commune["supervision"]
    if share is None:
        return []
    hosts = [other["name"] for other in share["others"] if RUNS in other["templates"]]
    said = list(_of_runs(islice(records, RECORDS))) if hosts else []
    of_runs = [
        Value(host=host, key=f"piste.{key}", value=value, clock=clock) for host in hosts for key, value, clock in said
    ]
    return [*of_runs, *_of_certificates(commune, readings)]


def _of_runs(records: Iterable[Record]) -> Iterator[tuple[str, int, int]]:
    """Yield key, value, second of the last real run, and of the last drift of all domains.

    A drift that did not read everything has no count: what it has not read may differ.
    """
    awaited = {"run", "drift"}
    for record in records:
        sort = "drift" if is_drift(record) else "" if record["check"] else "run"
        if sort not in awaited:
            continue
        awaited.remove(sort)
        clock, outcome = _second(record["ended"]), OUTCOMES[record["outcome"]]
        count = sum(len(task["operations"]) for task in record["tasks"])
        yield f"{sort}.outcome", outcome, clock
        if sort == "run" or not outcome:
            yield f"{sort}.count", count, clock
        if not awaited:
            return


def _of_certificates(commune: Commune, readings: Certificates) -> Iterator[Value]:
    """Yield the end of each certificate read where it is served, and its count of faults."""
    # Imported here: an environment that reads no certificate needs no judge.
    from piste.readings.certificates.kept import judged

    for item in judged(commune["certificates"], readings):
        read = readings.known.get(item.certificate["name"])
        if item.facts and isinstance(read, Reading) and item.certificate["host"]:
            host = f"certificat-{item.certificate['name']}"
            clock = int(read.read_at.timestamp())
            end = _second(item.facts["not_after"])
            yield Value(host=host, key="piste.certificate.not_after", value=end, clock=clock)
            yield Value(host=host, key="piste.certificate.faults", value=len(item.faults), clock=clock)


def _second(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp())
