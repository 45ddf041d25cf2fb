"""Decisions sealed in the journal, beside those that are declared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from piste.engine.converge.untrusted import read_plain
from piste.engine.repository import git_state
from piste.runs.records.chain import ID, Chain, Damaged, new_id, read_sealed, stamp
from piste.runs.records.journal import Finding, chains, verify_chain
from piste.runs.records.record import RECORD, Record, compose
from piste.runs.records.recorder import node_name, user

Entry = Mapping[str, Any]


class Compared(NamedTuple):
    """The differences of declared and sealed decisions.

    A decision is known by its thing and its day.
    `unread` are the records that are no longer what was sealed: what they said is unknown.
    """

    unsealed: list[Entry]
    altered: list[Entry]
    removed: list[Entry]
    unread: list[str]


def compare(root: Path, environment: str, declared: Iterable[Entry], today: str) -> Compared:
    """Compare the declared decisions with those of the journal. Raises `OSError`.

    A decision of tomorrow is not taken yet.
    """
    sealed, unread = _sealed(root, environment)
    every = list(declared)
    known, named = {*map(_key, sealed)}, {*map(_key, every)}
    gone = [entry for entry in sealed if entry not in every]
    return Compared(
        [entry for entry in every if _key(entry) not in known and entry["done"] <= today],
        [entry for entry in gone if _key(entry) in named],
        [entry for entry in gone if _key(entry) not in named],
        unread,
    )


def seal_decisions(root: Path, environment: str, entries: Iterable[Entry], command: list[str]) -> None:
    """Seal decisions in a record of the journal, which touches no system. Raises `OSError`."""
    now = datetime.now(UTC)
    node, (commit, clean) = node_name(), git_state()
    header = {
        "id": new_id(now), "environment": environment, "node": node, "user": user(), "started": stamp(now),
        "command": command, "commit": commit, "clean": clean, "check": True,
        "decisions": [dict(entry) for entry in entries],
    }  # fmt: skip
    chain = Chain(root / environment / node)
    chain.finish(chain.start(header), compose(header, [], None, stamp(datetime.now(UTC))))


def faults(root: Path, environment: str) -> list[Finding]:
    """Verify the chains of an environment: nothing is sealed after what has changed."""
    return [fault for chain in chains(root) if chain.environment == environment for fault in verify_chain(chain)]


def _key(entry: Entry) -> tuple[str, str]:
    return entry["decision"], entry["done"]


def _sealed(root: Path, environment: str) -> tuple[list[Record], list[str]]:
    """Read the sealed decisions, and the names of the records of decisions that have changed."""
    sealed: list[Record] = []
    unread: list[str] = []
    paths = [path for chain in chains(root) if chain.environment == environment for path in chain.folder.glob("*.json")]
    for path in sorted(path for path in paths if ID.fullmatch(path.stem)):
        # Long records of runs have no decision: their hash is not computed for this.
        with suppress(FileNotFoundError):
            if b'"decisions":[' not in read_plain(path):
                continue
            try:
                sealed += read_sealed(path, RECORD).get("decisions", [])
            except Damaged:
                unread.append(path.name)
    return sealed, unread
