"""Records for the town's staff: a line for a run, or a run by site, module and object."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from piste.engine.clock import in_town
from piste.engine.converge.plan import SYMBOLS
from piste.engine.converge.text import on_one_line
from piste.engine.words import agreed
from piste.runs.changes import changes, waiting
from piste.runs.records.record import Entry, Record

OUTCOMES: Mapping[str, str] = {
    "ok": "rien à changer",
    "changes": "modifié",
    "error": "en erreur",
    "unknown": "sans réponse",
    "refused": "refusé",
    "partial": "partiel",
    "killed": "interrompu",
}
STATUSES: Mapping[str, str] = {
    "ok": "conforme",
    "changed": "modifié",
    "failed": "en échec",
    "unreachable": "sans réponse",
    "skipped": "passé",
    "killed": "arrêté en pleine écriture, en tout ou en partie fait",
}


def outcome(record: Record) -> str:
    if record["check"] and record["outcome"] == "changes":
        return "à modifier"
    return OUTCOMES[record["outcome"]]


def totals(record: Record) -> str:
    """Write the counts, `+12 ~51 -0`, and those withheld where there are any."""
    counts = record["counts"]
    removed = counts["delete"] + counts["reset"]
    text = f"{SYMBOLS['create']}{counts['create']} {SYMBOLS['update']}{counts['update']} {SYMBOLS['delete']}{removed}"
    return text + (f" ?{counts['withheld']}" if counts["withheld"] else "")


def line(record: Record) -> str:
    mode = "essai" if record["check"] else "réel"
    where = f"{record['environment']}/{record['node']}"
    parts = (
        f"{record['id']}  {where:<20} {record['user'] or '?':<10} {mode:<5}  {outcome(record):<14}",
        f"{totals(record):<16} {record['limit'] or 'tous les sites'}",
    )
    return on_one_line("  ".join(parts))


def text(record: Record) -> Iterator[str]:
    """Write the whole record, by site, module and object."""
    yield f"Exécution {record['id']} : {outcome(record)} ({totals(record)})"
    for label, value in heading(record):
        yield f"  {label:<15} {on_one_line(value)}"
    by_host = sorted(record["tasks"], key=lambda task: str(task["host"]))
    for host, tasks in groupby(by_host, key=lambda task: str(task["host"])):
        yield ""
        yield on_one_line(host)
        for task in tasks:
            yield from _task(task)


def heading(record: Record) -> Iterator[tuple[str, str]]:
    """Yield who ran what, when, from where: a label and its words."""
    clean = {True: "", False: ", avec des modifications non validées", None: ""}[record["clean"]]
    yield "environnement", f"{record['environment']}, depuis {record['node']}"
    yield "par", record["user"] or "inconnu"
    yield "du", f"{in_town(record['started']) if record['started'] else 'inconnu'} au {in_town(record['ended'])}"
    yield "commande", shlex.join(record["command"] or [])
    yield "mode", "essai, rien n’est écrit (--check)" if record["check"] else "réel"
    yield "dépôt", f"{record['commit'] or 'inconnu'}{clean}"
    yield "déclaration", record["declaration"] or "non calculée"
    if record["limit"]:
        yield "limité à", record["limit"]
    if record["plan"]:
        yield "plan", record["plan"]
    if approval := record.get("approval"):
        request = f", demande de fusion {approval['request']}" if approval["request"] else ""
        yield "proposé par", f"{approval['author']}{request}"
        yield "approuvé par", f"{', '.join(approval['by']) or 'personne'}, contrôlé le {in_town(approval['at'])}"
    for entry in record.get("decisions", ()):
        yield "décision", f"{entry['decision']}, le {entry['done']} par {entry['who']} : {entry['why']}"
    for line in record.get("left", ()):
        yield "laissé", line
    if record.get("outside_window"):
        yield "hors fenêtre", record["outside_window"]
    if record.get("without_journal"):
        yield "même sans trace", record["without_journal"]
    for line in record.get("unrecorded", ()):
        yield "avant elle", line
    counts = record["counts"]
    yield "appels", f"{agreed(counts['reads'], 'lecture(s)')}, {agreed(counts['writes'], 'écriture(s)')}"


def _task(task: Entry) -> Iterator[str]:
    predicted = task["check"] and task["status"] == "changed"
    status = "à modifier" if predicted else STATUSES[task["status"]]
    status = OUTCOMES["partial"] if task["kind"] == "partial" else status
    yield on_one_line(f"  {task['module']} : {status} ({task['task'].rpartition(' : ')[2]})")
    if task["message"]:
        yield from (f"    ! {on_one_line(part)}" for part in str(task["message"]).splitlines())
    for operation in task["operations"]:
        yield on_one_line(f"    {_object(operation)}")
        yield from (on_one_line(f"        {change}") for change in changes(operation, removed=True))
    for other in task.get("waiting", ()):
        yield on_one_line(f"    ? {_object(other)}")
    yield from (on_one_line(f"    ? {withheld}") for withheld in task["withheld"])


def _object(operation: Mapping[str, Any]) -> str:
    return f"{SYMBOLS[operation['action']]} {operation['kind']} {operation['label']}{waiting(operation)}"
