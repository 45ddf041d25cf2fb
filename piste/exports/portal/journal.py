"""The journal on the portal: the last runs and plans, then a page a run with its changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from piste.engine.converge.diff import TITLES
from piste.engine.converge.reading import FAULTS
from piste.engine.words import agreed, some
from piste.exports.portal import plans
from piste.exports.portal.known import Known
from piste.exports.portal.page import LONG, Page, Part
from piste.exports.portal.places import JOURNAL, run_path
from piste.exports.portal.states import limit_text, moment, object_text, operations_text
from piste.papers.dossier.blocks import Block, Cell, Column, Fact, Facts, Section, Table, Text, optional
from piste.runs.changes import changes
from piste.runs.plans.show import WAITING
from piste.runs.records.chain import ID
from piste.runs.records.readable import STATUSES, heading, outcome
from piste.runs.records.record import Entry, Record

MOST, _LINES = 200, 6
"""Operations of a run that its page shows, and values of an operation; the others are counted."""


def pages(known: Known) -> Iterator[Page]:
    """Yield the page of the journal, then that of each run."""
    yield _list(known)
    for record in known.runs:
        if ID.fullmatch(record["id"]):
            yield _run(known, record)


def _list(known: Known) -> Page:
    title = agreed(len(known.runs), "dernière(s) exécution(s)") if known.runs else "Exécutions"
    table = Table.of(
        "runs", "Exécutions", known.runs, lambda record: record["id"],
        (Column("ended", "Finie le", 2), lambda record: Cell(moment(record["ended"]))),
        (Column("user", "Par", 1), lambda record: optional(record["user"])),
        (Column("mode", "Mode"), lambda record: Cell("essai" if record["check"] else "réelle")),
        (Column("outcome", "Issue", 1), lambda record: Cell(outcome(record))),
        (Column("counts", "Opérations", 1), lambda record: optional(_counted(record))),
        (Column("limit", "Sites", 2), lambda record: Cell(limit_text(known, record["limit"]))),
        (Column("id", "Ce qu’elle a changé", 2, code=True), run_cell),
        empty=known.nothing("journal", "Le journal de ce poste est vide."),
    )  # fmt: skip
    saved = [plans.table(known), *plans.consequences(known)]
    parts = [Part(Section("runs", title, [table])), Part(Section("plans", "Plans", saved))]
    return Page(JOURNAL, "Journal", parts, menu="Journal")


def run_cell(record: Record) -> Cell:
    """Lead to the page of a run; an altered record may have any number, which names no page."""
    return Cell(record["id"], link=run_path(record["id"]) if ID.fullmatch(record["id"]) else None)


def _run(known: Known, record: Record) -> Page:
    said = [("numéro", record["id"]), ("sites", limit_text(known, record["limit"]))]
    said += [line for line in heading(record) if line[0] != "limité à"]
    facts = [Fact(str(rank), label[:1].upper() + label[1:], optional(text)) for rank, (label, text) in
             enumerate(said)]  # fmt: skip
    title = "Ce qu’elle aurait changé" if record["check"] else "Ce qu’elle a changé"
    parts = [
        Part(Section("run", "L’exécution", [Facts("L’exécution", facts)])),
        Part(Section("changes", title, [*_changed(known, record)])),
    ]
    if troubled := [task for task in record["tasks"] if task["message"] or task["withheld"]]:
        parts.append(Part(Section("troubles", "Ce qui a échoué, ou attend un mot", [_troubles(known, troubled)])))
    name = f"Exécution du {moment(record['ended'])} : {outcome(record)}"
    lead = f"{_counted(record) or 'Aucune opération'}."
    return Page(run_path(record["id"]), name, parts, lead=lead, above=JOURNAL)


def _counted(record: Record) -> str:
    counts = record["counts"]
    removed = counts["delete"] + counts["reset"]
    symbols = {"+": counts["create"], "~": counts["update"], "-": removed, WAITING: counts["withheld"]}
    return operations_text(symbols)


def _changed(known: Known, record: Record) -> Iterator[Block]:
    """Yield a table an owner, as far as a page goes; the rest is counted."""
    by_host: dict[str, list[Mapping[str, Any]]] = {}
    for task in record["tasks"]:
        by_host.setdefault(task["host"], []).extend(task["operations"])
    left = MOST
    for host, operations in by_host.items():
        if not operations or left <= 0:
            continue
        table = Table.of(
            f"changes[{host}]", _named(known, host), operations[:left], lambda operation: str(operation["key"]),
            (Column("object", "Objet", 4), lambda operation: Cell(object_text(operation))),
            (Column("action", "Opération", 1), lambda operation: Cell(TITLES[operation["action"]])),
            (Column("values", "Valeurs", 6), lambda operation: optional(_values(operation))),
        )  # fmt: skip
        yield replace(table, folded=len(operations) > LONG)
        left -= len(operations)
    whole = sum(map(len, by_host.values()))
    if not whole:
        yield Text("Rien.")
    elif whole > MOST:
        yield Text(f"{MOST} opérations sur {whole} sont ici ; toutes : piste journal show {record['id']}.")


def _values(operation: Mapping[str, Any]) -> str:
    try:
        return some([line.strip() for line in changes(operation, removed=True)], _LINES, " ; ")
    except FAULTS:
        return "ne se lit pas : piste journal show"


def _troubles(known: Known, troubled: Sequence[Entry]) -> Table:
    return Table.of(
        "troubles", "Par site et par tâche", troubled, lambda task: f"{task['host']}/{task['task']}",
        (Column("host", "Site", 2), lambda task: Cell(_named(known, task["host"]))),
        (Column("task", "Tâche", 3), lambda task: Cell(task["task"].rpartition(" : ")[2])),
        (Column("status", "Issue", 2), lambda task: Cell(STATUSES[task["status"]])),
        (Column("message", "Message, ou ce qui attend", 6),
         lambda task: Cell(" ; ".join(filter(None, (task["message"], *task["withheld"]))))),
    )  # fmt: skip


def _named(known: Known, host: str) -> str:
    site = known.town.sites.get(host)
    return site["name"] if site else host
