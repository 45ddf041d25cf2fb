"""Export of the journal by month: the anchor over all chains, its signature, retention.

An export is a folder named by its month: `records.jsonl` (the sealed records, one a line), `runs.csv`,
`operations.csv`, `anchor.json` (the head of every chain and the SHA-256 of the files, sealed) and, with a key,
`anchor.sig`. A month that is over gives the same bytes each time it is exported.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from piste.engine.cells import as_csv
from piste.engine.converge.private import private_folder, write_private
from piste.engine.converge.text import as_cell
from piste.engine.converge.untrusted import LONGEST, opened_plain, read_plain
from piste.runs.records.chain import ID, PRUNED, Chain, Damaged, encode, read_sealed, seal, unseal
from piste.runs.records.journal import Finding, What, base, chains, months, verify_chain
from piste.runs.records.record import FORMAT, Record, Shape
from piste.runs.records.signature import is_signed, sign

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

LONGEST_EXPORT = 4 * 2**30
"""Most bytes that are read of a file of an export."""
_ANCHOR: Shape = {
    "month": str,
    "heads": [{"environment": str, "node": str, "last": str, "records": int}],
    "files": dict.fromkeys((RECORDS, RUNS, OPERATIONS), str),
}


def export(root: Path, month: str, folder: Path, key: Path | None = None) -> Path:
    """Write a month (`2026-11`) into `folder/<month>`, return its path. Raises `SigningFailed`."""
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
    """Give the last record of a chain at the end of a month, and its records of that month.

    There is no head before the first record.
    """
    try:
        pruned = base(chain)
    except Damaged:
        pruned = None  # said by the check of the chain
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
    lines = ([_cell(row.get(column)) for column in columns] for row in rows)
    return as_csv([columns, *lines]).encode("utf-8", "backslashreplace")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return as_cell(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


class _Export:
    """An exported month under examination: its anchor (empty where it is none) and its findings."""

    def __init__(self, folder: Path, public_key: Path | None) -> None:
        self.folder, self.findings = folder, list[Finding]()
        self.anchor: Record = self._anchor()
        if self.anchor:
            self._signature(public_key)
            self._files()

    @property
    def month(self) -> str:
        return str(self.anchor.get("month", ""))

    def add(self, name: str, what: What, message: str) -> None:
        self.findings.append(Finding(f"{self.folder.name}/{name}", what, message))

    def head_of(self, chain: Chain) -> Record:
        """Give the head that the anchor names for a chain; empty where it names none."""
        own = (chain.environment, chain.node)
        return next((head for head in self.anchor["heads"] if (head["environment"], head["node"]) == own), {})

    def records_of(self, chain: Chain) -> list[Record]:
        """List the readable records of a chain in this month."""
        records = []
        with suppress(OSError), opened_plain(self.folder / RECORDS, LONGEST_EXPORT) as handle:
            while line := handle.readline(LONGEST + 1):
                with suppress(Damaged):
                    records.append(unseal(line))
        own = (chain.environment, chain.node)
        return [record for record in records if (record.get("environment"), record.get("node")) == own]

    def _anchor(self) -> Record:
        try:
            return read_sealed(self.folder / ANCHOR, _ANCHOR)
        except FileNotFoundError:
            self.add(ANCHOR, "missing", "l’export n’a plus son ancre")
        except Damaged as damaged:
            what: What = "altered" if damaged.content else "unreadable"
            self.add(ANCHOR, what, damaged.why or "l’ancre n’est plus celle qui a été écrite")
        return {}

    def _signature(self, public_key: Path | None) -> None:
        if not public_key:
            return
        try:
            read_plain(self.folder / SIGNATURE)
        except FileNotFoundError:
            self.add(SIGNATURE, "missing", "l’ancre n’est pas signée")
        except OSError as error:
            self.add(SIGNATURE, "unreadable", str(error.strerror))
        else:
            if not is_signed(self.folder / ANCHOR, self.folder / SIGNATURE, public_key):
                self.add(SIGNATURE, "altered", "la signature n’est pas celle de cette ancre par cette clé")

    def _files(self) -> None:
        for name, expected in self.anchor["files"].items():
            try:
                digest = _digest(self.folder / name)
            except FileNotFoundError:
                self.add(name, "missing", "l’ancre le nomme et il n’est plus là")
            except OSError as error:
                self.add(name, "unreadable", str(error.strerror))
            else:
                if digest != expected:
                    self.add(name, "altered", "l’ancre lui donne une autre empreinte")
        for path in sorted(self.folder.iterdir()):
            if path.name not in {ANCHOR, SIGNATURE, *self.anchor["files"]}:
                self.add(path.name, "foreign", "l’ancre ne le nomme pas")


def _digest(path: Path) -> str:
    """Compute the SHA-256 of a plain file, no longer than a month may be."""
    with opened_plain(path, LONGEST_EXPORT) as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def verify_exports(
    folders: Sequence[Path], root: Path, public_key: Path | None = None, *, alone: bool = False
) -> list[Finding]:
    """Verify exported months and, unless `alone`, compare them to the journal they come from."""
    given = [_Export(folder, public_key) for folder in folders]
    findings = [finding for export in given for finding in export.findings]
    if alone:
        return findings
    for export in given:
        for head in export.anchor.get("heads", ()):
            findings += _rewritten(Chain(root / head["environment"] / head["node"]), head, export, given)
    return list(dict.fromkeys(findings))


def verify_export(folder: Path, root: Path, public_key: Path | None = None) -> list[Finding]:
    return verify_exports([folder], root, public_key)


def _rewritten(chain: Chain, head: Record, export: _Export, given: Sequence[_Export]) -> Iterator[Finding]:
    """Check that the journal still leads where the anchor says it did at the end of the month."""
    if not (chain.is_named and chain.name.count("/") == 1):
        yield Finding(f"{export.folder.name}/{ANCHOR}", "altered", "une chaîne y a un nom qui n’en est pas un")
        return
    if not chain.folder.is_dir():
        yield Finding(chain.name, "missing", f"l’ancre de {export.month} fixe cette chaîne, et elle n’est plus là")
        return
    try:
        pruned = base(chain)
    except Damaged:
        return  # said of the chain itself
    if pruned and export.month <= pruned["month"]:
        if said := _unproven(chain, pruned, export, given):
            yield Finding(f"{chain.name}/{PRUNED}", *said)
        return
    last, count = (pruned["last"] if pruned else None), 0
    for current, record in months(chain):
        count += current == export.month
        if current <= export.month:
            last = record["hash"]
    if (last, count) != (head["last"], head["records"]):
        yield Finding(chain.name, "altered", f"la chaîne n’est plus celle que l’ancre de {export.month} a fixée")


def _unproven(chain: Chain, pruned: Record, export: _Export, given: Sequence[_Export]) -> tuple[What, str] | None:
    """Check that the export of each month holds the records that retention has removed from it.

    Nothing else seals them.
    """
    month = pruned["month"]
    proof = next((other for other in given if other.month == month), None)
    if proof is None:
        return "missing", f"l’export de {month} prouve seul ce qui a été retiré : donnez-le aussi (--export)"
    records = proof.records_of(chain)
    exported = {str(record["id"]): record["hash"] for record in records}
    if proof.head_of(chain).get("last") != pruned["last"] or pruned["last"] not in exported.values():
        return "altered", f"ce qu’il dit retiré n’est pas ce que l’ancre de {month} a fixé"
    if not exported.keys() <= set(pruned["ids"]) or pruned["records"] < len(exported):
        return "altered", f"il ne compte pas les exécutions que l’export de {month} contient"
    return None


@dataclass(frozen=True, slots=True)
class Pruned:
    """The months that retention removes or has removed from a chain, and how many records."""

    chain: str
    months: tuple[str, ...]
    records: int


class NotPrunable(RuntimeError):
    """A month that is not wholly exported, or a chain that does not verify: nothing is removed."""


def prune(
    root: Path, beyond: str, exports: Path, public_key: Path | None = None, *, write: bool = True
) -> list[Pruned]:
    """Remove from each chain the months up to `beyond`; each must lie whole in `exports`.

    With `write` false, list what would go and remove nothing. Raises `NotPrunable`.
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
        raise NotPrunable(f"{month} n’a pas été exporté dans {exports}. Lancez piste journal export --month {month}.")
    if findings := verify_export(folder, root, public_key):
        raise NotPrunable("\n".join(map(str, findings)))
    exported = set((folder / RECORDS).read_bytes().splitlines(keepends=True))
    absent = [record["id"] for record in records if encode(record) not in exported]
    if absent:
        raise NotPrunable(f"l’export de {month} ne contient pas {', '.join(absent)}. Exportez le mois de nouveau.")


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
    # Written first: the chain now begins after them, and the next run finishes a run cut short here.
    write_private(chain.folder / PRUNED, encode(seal(gone)))
    _sweep(chain)


def _sweep(chain: Chain) -> None:
    """Remove the files of the records that no longer belong to the chain."""
    try:
        pruned = base(chain)
    except Damaged:
        return  # said by the check of the chain
    for name in pruned["ids"] if pruned else ():
        if ID.fullmatch(name):
            (chain.folder / f"{name}.json").unlink(missing_ok=True)
