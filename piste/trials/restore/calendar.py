"""The calendar of restores: proofs, what is due, what was never proven (F15).

A proof is a restore of the town's own systems (no rehearsal), whose record the town has signed, younger than the period
of its test.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Literal, TypedDict

from piste.engine.figure import Figure as Dated
from piste.engine.figure import share
from piste.engine.finding import Finding, State
from piste.readings.belief import Reading, Tried
from piste.town.model.dates import today
from piste.town.model.derived import Derived
from piste.town.model.restores import DEMANDED, RestoreTest
from piste.trials.restore.results import RestoreResult, results
from piste.trials.restore.signatures import Signature, signatures

Due = Literal["proven", "due", "overdue", "unsigned", "failed", "never"]
DUES: Mapping[Due, str] = {
    "proven": "prouvée",
    "due": "à refaire bientôt",
    "overdue": "échue",
    "unsigned": "à signer",
    "failed": "échouée",
    "never": "jamais prouvée",
}
NOTICE_DAYS = 30
"""Days before its end at which a proof is to be made again."""
COUNTED: frozenset[Due] = frozenset({"proven", "due"})


@dataclass(frozen=True, slots=True)
class Row:
    """A test in the calendar: `until` is the last day of its proof, or of the former."""

    test: RestoreTest
    due: Due
    until: str | None
    last: RestoreResult | None
    place: Path | None
    rehearsed: RestoreResult | None
    signed: Sequence[Signature] = ()


class Figure(TypedDict):
    """F15; `demanded` is the state of each restore that the tender demands."""

    proven: int
    declared: int
    demanded: dict[str, str]
    rehearsed: int


def calendar(town: Derived, environment: str, day: date | None = None) -> list[Row]:
    """List every declared test, as it stands on a day. Raises `UnreadableResult`."""
    tests = town.commune["restore_tests"] if town.commune else []
    kept = results(environment) if tests else []
    return [_row(test, [pair for pair in kept if of_test(test, pair[0])], day or today()) for test in tests]


def of_test(test: RestoreTest, result: RestoreResult) -> bool:
    """True where a result is of the test as declared: its name may be that of another now."""
    return (result.test, result.method, result.set) == (test["name"], test["method"], test["set"])


def figure(town: Derived, environment: str, day: date | None = None) -> Figure:
    """Compute F15: a restore counts where it is real, signed, and not over."""
    rows = calendar(town, environment, day)
    by_demand = {name: [row for row in rows if row.test["requirement"] == name] for name in DEMANDED}
    return Figure(
        proven=sum(row.due in COUNTED for row in rows),
        declared=len(rows),
        demanded={name: _best(its) for name, its in by_demand.items()},
        rehearsed=sum(row.rehearsed is not None for row in rows),
    )


def last(environment: str) -> dict[str, Tried[RestoreResult]]:
    """Give the last result of each test. Raises `UnreadableResult`."""
    return {result.test: Reading(result, datetime.fromisoformat(result.ended)) for result, _ in results(environment)}


def figures(town: Derived, environment: str) -> Iterator[Dated]:
    """Yield F15; a test that was never made is unknown."""
    rows = calendar(town, environment)
    proven, never = sum(row.due in COUNTED for row in rows), sum(row.due == "never" for row in rows)
    yield Dated("F15", share(proven, len(rows)), "%", proven, len(rows), never, said=f"F15 {proven} sur {len(rows)}")


def findings(town: Derived, environment: str, day: date | None = None) -> Iterator[Finding]:
    """Yield a finding a test, then one for each demanded restore that no test is declared for.

    Nothing is said of a town that declares no restore test.
    """
    if not town.commune or not town.commune["restore_tests"]:
        return
    rows, sites = calendar(town, environment, day), {entry["name"]: entry["site"] for entry in town.protection}
    for row in rows:
        state, name = STATES[row.due], row.test["name"]
        rehearsed = " (répétée au laboratoire)" if row.rehearsed and row.due == "never" else ""
        until = f", jusqu’au {date.fromisoformat(row.until):%d/%m/%Y}" if row.until else ""
        todo = "" if state == "ok" else _TODO[row.due].format(name=name, environment=environment)
        yield Finding(
            f"restores.{name}", state, f"{row.test['label']} : {DUES[row.due]}{until}{rehearsed}", todo,
            site=sites.get(row.test["set"] or "") or "", by=row.until or "",
            evidence=f"essai {row.last.id}" if row.last else "",
        )  # fmt: skip
    known = {row.test["requirement"] for row in rows}
    for demanded, label in DEMANDED.items():
        if demanded not in known:
            todo = "Déclarez un essai de cette exigence (restore_tests, docs/restaurations.md)."
            yield Finding(f"restores.{demanded}", "wrong", f"{label} : aucun essai n’est déclaré", todo)


STATES: Mapping[Due, State] = {
    "proven": "ok", "due": "ok", "overdue": "wrong", "unsigned": "wrong", "failed": "wrong", "never": "unknown",
}  # fmt: skip
_TODO: Mapping[Due, str] = {
    "overdue": "Refaites-le : piste restore test {name} --environment {environment}.",
    "unsigned": "Faites signer son procès-verbal : piste restore pv {name}, puis piste restore receive {name}.",
    "failed": "Corrigez, puis refaites-le : piste restore test {name} --environment {environment}.",
    "never": "Faites-le sur les vrais systèmes : piste restore test {name} --environment production.",
}


def _row(test: RestoreTest, kept: Sequence[tuple[RestoreResult, Path]], day: date) -> Row:
    real = [pair for pair in kept if not pair[0].rehearsal]
    rehearsed = next((result for result, _ in reversed(kept) if result.rehearsal and result.outcome == "proven"), None)
    last, place = real[-1] if real else (None, None)
    # Of the results that say something, the last; a silence gives nothing back and takes nothing back.
    said = next((result for result, _ in reversed(real) if result.outcome in ("proven", "failed")), None)
    for result, its_place in reversed(real):
        its = signatures(its_place, result)
        if result.outcome == "proven" and any(signature.party == "ville" for signature in its):
            end = _end(result, test)
            # A failure since then takes the proof back: today the system does not return.
            if said is not None and said.outcome == "failed":
                return Row(test, "failed", end.isoformat(), last, place, rehearsed)
            left = (end - day).days
            due: Due = "overdue" if left < 0 else "due" if left <= NOTICE_DAYS else "proven"
            if due == "overdue" and said is not result:
                due = "unsigned"
            return Row(test, due, end.isoformat(), result, its_place, rehearsed, its)
    if last is None:
        return Row(test, "never", None, None, None, rehearsed)
    return Row(test, "unsigned" if last.outcome == "proven" else "failed", None, last, place, rehearsed)


def _end(result: RestoreResult, test: RestoreTest) -> date:
    return datetime.fromisoformat(result.ended).date() + timedelta(days=test["every_days"])


def _best(rows: Sequence[Row]) -> str:
    """Give the best state of the tests of a demanded restore; `never` where there is none."""
    return next((due for due in DUES if any(row.due == due for row in rows)), "never")
