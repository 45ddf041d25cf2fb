"""Records of other machines, brought into this journal as they were sealed.

A chain only grows: records that follow its head are taken, and a chain that went another way is refused. Nothing is
sealed anew, so the seals of the machine that worked stay the proof.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from piste.engine.converge.private import is_draft, private_folder, write_private
from piste.engine.converge.untrusted import read_plain
from piste.runs.records.chain import HEAD, ID, LOCK, PRUNED, Chain, Damaged, encode, locked_plain
from piste.runs.records.journal import Finding, base, chains, months, verify_chain
from piste.runs.records.record import Record

_STRANGE = "il n’a rien à faire dans le journal"


class NotImported(RuntimeError):
    """A journal that is damaged or went another way: nothing of it is taken."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("\n".join(map(str, findings)))
        self.findings = tuple(findings)


@dataclass(frozen=True, slots=True)
class Imported:
    """The runs that a chain has gained, and those of the other journal that nothing seals yet."""

    chain: str
    runs: tuple[str, ...]
    unsealed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Pair:
    """A chain of this journal, and a copy of the same chain of another."""

    mine: Chain
    copy: Chain
    unsealed: tuple[str, ...]


def bring(root: Path, source: Path, own: str, *, close: bool = False) -> list[Imported]:
    """Bring the chains of another journal into this journal, all or nothing.

    `own` is the node of this machine. With `close`, runs that nothing seals are sealed as interrupted: their machine is
    gone. Raises `NotImported`.
    """
    with tempfile.TemporaryDirectory(prefix="piste-journal-") as folder, ExitStack() as locks:
        pairs, findings = _copies(root, source, Path(folder), own, close=close)
        findings += [finding for pair in pairs for finding in _following(pair)[1]]
        _refuse(findings)
        for pair in pairs:  # judged again, now that nobody else writes: the first look makes no folder
            private_folder(pair.mine.folder)
            locks.enter_context(pair.mine.lock())
        judged = [(pair, *_following(pair)) for pair in pairs]
        _refuse([finding for _, _, wrong in judged for finding in wrong])
        for pair, following, _ in judged:
            for record in following:
                write_private(pair.mine.folder / f"{record['id']}.json", encode(record))
                pair.mine.set_head(record)
    return [Imported(pair.mine.name, tuple(r["id"] for r in following), pair.unsealed) for pair, following, _ in judged]


def _refuse(findings: Sequence[Finding]) -> None:
    if findings:
        raise NotImported(tuple(dict.fromkeys(findings)))


def _copies(root: Path, source: Path, folder: Path, own: str, *, close: bool) -> tuple[list[_Pair], list[Finding]]:
    """Copy each chain, and judge the copy, which nobody changes meanwhile."""
    pairs: list[_Pair] = []
    findings: list[Finding] = []
    for chain in chains(source):
        if not chain.is_named:
            findings.append(Finding(chain.name, "foreign", "ce n’est pas le nom d’une chaîne"))
        elif chain.node == own:
            findings.append(Finding(chain.name, "foreign", "cette chaîne est celle de ce poste, qui seul l’écrit"))
        else:
            copy = Chain(private_folder(folder / chain.environment / chain.node))
            with chain.lock():
                running, wrong = _copy(chain, copy)
            if close:
                copy.close_killed()
            findings += wrong or verify_chain(copy)
            unsealed = (*(path.stem for path in copy.open_records()), *running)
            pairs.append(_Pair(Chain(root / chain.environment / chain.node), copy, unsealed))
    return pairs, findings


def _copy(chain: Chain, target: Chain) -> tuple[list[str], list[Finding]]:
    """Copy the files of a chain; list the runs that go on, which stay there, and the faults."""
    running: list[str] = []
    findings: list[Finding] = []
    for path in sorted(chain.folder.iterdir()):
        if path.name == LOCK or is_draft(path):
            continue
        named = bool(ID.fullmatch(path.stem))
        if not (path.name in (HEAD, PRUNED) or (named and path.suffix in (".json", ".open"))):
            findings.append(Finding(f"{chain.name}/{path.name}", "foreign", _STRANGE))
            continue
        try:
            content, status = _content(path), path.lstat()
        except BlockingIOError:
            running.append(path.stem)
        except OSError as error:
            findings.append(Finding(f"{chain.name}/{path.name}", "unreadable", str(error.strerror)))
        else:
            write_private(target.folder / path.name, content)
            # A killed run ends at the time of its last line.
            os.utime(target.folder / path.name, (status.st_mtime, status.st_mtime))
    return running, findings


def _content(path: Path) -> bytes:
    if path.suffix != ".open":
        return read_plain(path)
    with locked_plain(path) as content:
        return content


def _following(pair: _Pair) -> tuple[list[Record], list[Finding]]:
    """List the records of a copy that follow this journal's head, and why to refuse them.

    What a former import wrote before it died, ahead of the head, is no reason: it is written again.
    """
    mine = pair.mine
    records = [record for _, record in months(pair.copy)]
    links = [record["hash"] for record in records]
    written = {f"{record['id']}.json" for record in records if _is_there(mine, record)}
    begun = not (mine.folder / HEAD).exists() and {path.name for path in mine.folder.glob("*.json")} <= written
    try:
        head, pruned = (None, None) if begun else (mine.head(), base(mine))
    except Damaged:
        return [], verify_chain(mine)
    last = head["last"] if head else None
    known = {record["hash"] for _, record in months(mine)} | ({pruned["last"]} if pruned else set())
    if last in links:
        following = records[links.index(last) + 1 :]
    elif not records or records[0]["previous"] == last:
        following = records
    elif links[-1] in known:
        return [], []  # an older copy of what is here
    else:
        return [], [_astray(mine, records, known)]
    ahead = {f"{record['id']}.json" for record in following} & written | ({HEAD} if begun else set())
    wrong = verify_chain(mine) if mine.folder.is_dir() else []
    return following, [finding for finding in wrong if finding.file.rpartition("/")[2] not in ahead]


def _is_there(chain: Chain, record: Record) -> bool:
    try:
        return read_plain(chain.folder / f"{record['id']}.json") == encode(record)
    except OSError:
        return False


def _astray(mine: Chain, records: Sequence[Record], known: set[str]) -> Finding:
    """Name the first record that the chain of this journal cannot take."""
    first = next(record for record in records if record["hash"] not in known)
    file = f"{mine.name}/{first['id']}.json"
    if first["previous"] is None or first["previous"] in known:
        return Finding(file, "foreign", "cette chaîne a pris une autre suite que celle du journal")
    return Finding(file, "missing", "ce qui le précède n’est ni là ni au journal : importez-le d’abord")
