"""Months of the journal taken out of it: export, the anchor over all chains, its signature, and retention.

An export is a folder named by its month: ``records.jsonl`` (the sealed records, one a line), ``runs.csv``,
``operations.csv``, ``anchor.json`` (the head of every chain and the SHA-256 of the files, sealed) and, with a key,
``anchor.sig``. Exported again, a month that is over gives the same bytes.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from piste.converge.text import as_cell
from piste.runs.chain import ID, PRUNED, Chain, Damaged, encode, private_folder, seal, unseal, write_private
from piste.runs.journal import Finding, What, base, chains, months, verify_chain
from piste.runs.record import FORMAT, Record
from piste.runs.signature import is_signed, sign

RECORDS, RUNS, OPERATIONS, ANCHOR, SIGNATURE = (
    "records.jsonl",
    "runs.csv",
    "operations.csv",
    "anchor.json",
    "anchor.sig",
)
RUN_COLUMNS = (
    "id", "environment", "node", "user", "started", "ended", "command", "commit", "clean", "declaration", "limit",
    "tags", "check", "plan", "outcome", "create", "update", "delete", "reset", "withheld", "failed", "reads", "writes",
    "hash",
)  # fmt: skip
OPERATION_COLUMNS = (
    "run", "environment", "node", "user", "ended", "check", "host", "task", "module", "status", "system", "owner",
    "kind", "key", "label", "action", "fields", "before", "after",
)  # fmt: skip


def export(root: Path, month: str, folder: Path, key: Path | None = None) -> Path:
    """Write a month (``2026-11``) into ``folder/<month>``, its path is returned. Raises SigningFailed."""
    records: list[Record] = []
    heads = []
    for chain in chains(root):
        with chain.lock():
            head, mine = _head(chain, month)
        records += mine
        heads += [head] if head else []
    target = private_folder(folder / month)
    files = {
        RECORDS: b"".join(encode(record) for record in records),
        RUNS: _table(RUN_COLUMNS, (_run_row(record) for record in records)),
        OPERATIONS: _table(OPERATION_COLUMNS, (row for record in records for row in _operation_rows(record))),
    }
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    files[ANCHOR] = encode(seal({"format": FORMAT, "month": month, "heads": heads, "files": digests}))
    for name, content in files.items():
        write_private(target / name, content)
    (target / SIGNATURE).unlink(missing_ok=True)
    if key:
        sign(target / ANCHOR, target / SIGNATURE, key)
    return target


def _head(chain: Chain, month: str) -> tuple[Record | None, list[Record]]:
    """Where a chain stood at the end of the month, and its records of the month; no head before its first record."""
    pruned = base(chain)
    last, mine = (pruned["last"] if pruned else None), []
    for current, record in months(chain):
        if current <= month:
            last = record["hash"]
        if current == month:
            mine.append(record)
    known = {"environment": chain.environment, "node": chain.node, "last": last, "records": len(mine)}
    return (known if last else None), mine


def _run_row(record: Record) -> dict[str, Any]:
    return {**record, **record["counts"], "command": " ".join(record["command"] or [])}


def _operation_rows(record: Record) -> Iterable[dict[str, Any]]:
    run = {name: record[name] for name in ("environment", "node", "user", "ended")} | {"run": record["id"]}
    for task in record["tasks"]:
        for operation in task["operations"]:
            yield {**run, **task, **operation, **operation.get("content", {})}


def _table(columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> bytes:
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(columns)
    table.writerows([_cell(row.get(column)) for column in columns] for row in rows)
    return text.getvalue().encode("utf-8", "backslashreplace")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return as_cell(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def verify_export(folder: Path, root: Path, public_key: Path | None = None) -> list[Finding]:
    """What is wrong with an exported month, alone and beside the journal that it was taken from."""
    findings: list[Finding] = []

    def add(name: str, what: What, message: str) -> None:
        findings.append(Finding(f"{folder.name}/{name}", what, message))

    try:
        anchor = unseal((folder / ANCHOR).read_bytes())
    except FileNotFoundError:
        add(ANCHOR, "missing", "l'export n'a plus son ancre")
        return findings
    except Damaged as damaged:
        add(ANCHOR, "altered" if damaged.content else "unreadable", "l'ancre n'est plus celle qui a été écrite")
        return findings
    if public_key and not (folder / SIGNATURE).exists():
        add(SIGNATURE, "missing", "l'ancre n'est pas signée")
    elif public_key and not is_signed(folder / ANCHOR, folder / SIGNATURE, public_key):
        add(SIGNATURE, "altered", "la signature n'est pas celle de cette ancre par cette clé")
    for name, expected in anchor["files"].items():
        path = folder / name
        if not path.exists():
            add(name, "missing", "l'ancre le nomme et il n'est plus là")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != expected:
            add(name, "altered", "l'ancre lui donne une autre empreinte")
    for path in sorted(folder.iterdir()):
        if path.name not in {ANCHOR, SIGNATURE, *anchor["files"]}:
            add(path.name, "foreign", "l'ancre ne le nomme pas")
    if chains(root):
        findings += [finding for head in anchor["heads"] if (finding := _rewritten(head, anchor["month"], root))]
    return findings


def _rewritten(head: Record, month: str, root: Path) -> Finding | None:
    """The anchor holds the journal too: it must still lead where it did at the end of that month."""
    chain = Chain(root / head["environment"] / head["node"])
    try:
        pruned = base(chain)
    except Damaged:
        return None  # said of the chain itself
    if pruned and month <= pruned["month"]:
        return None
    last = pruned["last"] if pruned else None
    for current, record in months(chain):
        if current <= month:
            last = record["hash"]
    if last == head["last"]:
        return None
    return Finding(chain.name, "altered", f"la chaîne n'est plus celle que l'ancre de {month} a fixée")


@dataclass(frozen=True, slots=True)
class Pruned:
    """What retention removes of a chain, or has removed: months, and how many records."""

    chain: str
    months: tuple[str, ...]
    records: int


class NotPrunable(RuntimeError):
    """A month that is not exported as it must be, or a chain that does not verify: nothing is removed from it."""


def limit(retention_months: int, today: date) -> str:
    """The last month that is beyond retention: as many whole months stay as it says, and the current one."""
    count = today.year * 12 + today.month - 1 - retention_months - 1
    return f"{count // 12:04}-{count % 12 + 1:02}"


def prune(
    root: Path, beyond: str, exports: Path, public_key: Path | None = None, *, write: bool = True
) -> list[Pruned]:
    """Remove from each chain the months up to ``beyond``, each of which must lie exported, whole, in ``exports``.

    With ``write`` false only say what would go. Raises :class:`NotPrunable`.
    """
    removed = []
    for chain in chains(root):
        with chain.lock():
            if write:
                _sweep(chain)
            old = [(month, record) for month, record in months(chain) if month <= beyond]
            if not old:
                continue
            if findings := verify_chain(chain):
                raise NotPrunable("\n".join(map(str, findings)))
            names = tuple(dict.fromkeys(month for month, _ in old))
            for month in names:
                mine = [record for current, record in old if current == month]
                _check_exported(month, mine, exports, root, public_key)
            if write:
                _remove(chain, old)
        removed.append(Pruned(chain.name, names, len(old)))
    return removed


def _check_exported(month: str, records: Sequence[Record], exports: Path, root: Path, public_key: Path | None) -> None:
    folder = exports / month
    if not folder.is_dir():
        raise NotPrunable(f"{month} n'a pas été exporté dans {exports}. Lancez piste journal export --month {month}.")
    if findings := verify_export(folder, root, public_key):
        raise NotPrunable("\n".join(map(str, findings)))
    exported = set((folder / RECORDS).read_bytes().splitlines(keepends=True))
    absent = [record["id"] for record in records if encode(record) not in exported]
    if absent:
        raise NotPrunable(f"l'export de {month} ne contient pas {', '.join(absent)}. Exportez le mois de nouveau.")


def _remove(chain: Chain, old: Sequence[tuple[str, Record]]) -> None:
    known = base(chain)
    month, last = old[-1]
    gone = {
        "format": FORMAT,
        "environment": chain.environment,
        "node": chain.node,
        "month": month,
        "last": last["hash"],
        "records": (known["records"] if known else 0) + len(old),
        "ids": [record["id"] for _, record in old],
    }
    # Written first: from here on the chain begins after them, and a run cut short here is finished by the next.
    write_private(chain.folder / PRUNED, encode(seal(gone)))
    _sweep(chain)


def _sweep(chain: Chain) -> None:
    """Remove the files of the records that the chain no longer counts as its own."""
    try:
        pruned = base(chain)
    except Damaged:
        return  # said by the check of the chain
    for name in pruned["ids"] if pruned else ():
        if ID.fullmatch(name):
            (chain.folder / f"{name}.json").unlink(missing_ok=True)
