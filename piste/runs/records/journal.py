"""The journal read back: its chains, their records in order, its findings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal

from piste.engine.converge.moments import ahead
from piste.engine.converge.untrusted import NotPlain, read_plain
from piste.runs.records.chain import (
    HEAD,
    HEAD_SHAPE,
    ID,
    LOCK,
    PRUNED,
    PRUNED_SHAPE,
    Chain,
    Damaged,
    fingerprint,
    read_open,
    read_sealed,
)
from piste.runs.records.record import RECORD, TEXT, Record, Shape, fits

What = Literal["altered", "missing", "unreadable", "foreign"]
LABELS: dict[What, str] = {
    "altered": "altéré",
    "missing": "maillon manquant",
    "unreadable": "illisible",
    "foreign": "étranger",
}
_SHAPES: dict[str, Shape] = {HEAD: HEAD_SHAPE, PRUNED: PRUNED_SHAPE}
_ENDED = 20
"""Newest records whose end is looked at: a clock that was set back during a run."""
_END = re.compile(rb'"ended":"([^"\\]*)"')
_LINKS: Shape = {"id?": str, "environment?": str, "node?": str, "previous?": TEXT, "hash?": TEXT}
"""The shape that a damaged record needs to have a place in the chain."""
_KEPT = [name.removesuffix("?") for name in _LINKS]


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault of the journal: the file, within the journal or the export, and the fault."""

    file: str
    what: What
    message: str

    def __str__(self) -> str:
        return f"{self.file} : {LABELS[self.what]}, {self.message}"


class UnknownRun(LookupError):
    """No record, or several, for a name; the text lists them."""


def chains(root: Path) -> list[Chain]:
    """List every chain under a journal, by environment and node; a symbolic link is none."""
    folders = (folder for folder in sorted(root.glob("*/*")) if folder.is_dir())
    return [Chain(folder) for folder in folders if not (folder.is_symlink() or folder.parent.is_symlink())]


def in_progress(root: Path) -> list[Record]:
    """List the headers of the runs whose record is not sealed yet."""
    headers = []
    for path in (path for chain in chains(root) for path in chain.open_records()):
        with suppress(OSError):  # closed meanwhile, or no plain file
            headers.append({**read_open(read_plain(path))[0], "id": path.stem})
    return headers


def latest(root: Path, environment: str | None = None, last: int = 0) -> list[Record]:
    """List the readable records, oldest first; `last` keeps the newest, 0 keeps all."""
    return [record for path in _paths(root, environment)[-last:] if (record := readable(path))]


def newest(root: Path, environment: str) -> Iterator[Record]:
    """Read the readable records of an environment, newest first, each when it is asked for.

    A record that began or ended in the future is left out: a clock was wrong, or somebody wrote it. What was before it
    holds.
    """
    return (record for record in _begun(root, environment) if not ahead(str(record["ended"])))


def future(root: Path, environment: str) -> list[str]:
    """List the ids of the records that began in the future, and of the newest that ended there."""
    begun_ahead = [path.stem for path in reversed(_paths(root, environment)) if _ahead(path)]
    newest_begun = begun(root, environment)[: -_ENDED - 1 : -1]
    return begun_ahead + [path.stem for path in newest_begun if (end := _end(path)) and ahead(end)]


def _end(path: Path) -> str:
    """Read the end of a record alone, which may be long; no name of a task comes before."""
    with suppress(OSError):
        if match := _END.search(read_plain(path)):
            return match[1].decode("utf-8", "replace")
    return ""


def begun(root: Path, environment: str) -> list[Path]:
    """List the files of records, oldest first, without those that began in the future."""
    return [path for path in _paths(root, environment) if not _ahead(path)]


def _begun(root: Path, environment: str) -> Iterator[Record]:
    return (record for path in reversed(begun(root, environment)) if (record := readable(path)))


def _ahead(path: Path) -> bool:
    """Tell whether a record began in the future, or at no moment: it would stay the newest."""
    begun = path.stem.partition("-")[0]
    try:
        return ahead(datetime.fromisoformat(begun))
    except ValueError:
        return True


def _paths(root: Path, environment: str | None) -> list[Path]:
    return sorted(
        (
            path
            for chain in chains(root)
            if environment in (None, chain.environment)
            for path in chain.folder.glob("*.json")
            if ID.fullmatch(path.stem)
        ),
        key=lambda path: path.stem,
    )


def find(root: Path, run: str) -> Record:
    """Find the record of a run by its id or the beginning of it. Raises `UnknownRun`."""
    begun = [path for chain in chains(root) for path in chain.folder.glob("*.json") if path.stem.startswith(run)]
    matches = [path for path in begun if ID.fullmatch(path.stem)]
    if len(matches) != 1:
        known = ", ".join(sorted(path.stem for path in matches))
        reason = f"plusieurs exécutions commencent ainsi : {known}" if matches else "aucune exécution de ce nom"
        raise UnknownRun(f"« {run} » : {reason}. « piste journal list » les liste.")
    record = readable(matches[0])
    if record is None:
        raise UnknownRun(f"{matches[0]} est illisible. « piste journal verify » dit ce qui ne va pas.")
    return record


def readable(path: Path) -> Record | None:
    """Read a record that has the form of a record, altered or not; None elsewhere."""
    try:
        return read_sealed(path, RECORD)
    except Damaged as damaged:
        return damaged.content if fits(damaged.content, RECORD) else None
    except FileNotFoundError:  # removed by retention meanwhile
        return None


def reached(chain: Chain) -> set[str]:
    """List the ids of the runs to which the head of the chain leads through unaltered records."""
    sealed: dict[str, tuple[str, str]] = {}
    link, ids = "", set()
    with suppress(Damaged):
        link = str((chain.head() or {}).get("last"))
    for path in chain.folder.glob("*.json"):
        with suppress(Damaged, FileNotFoundError):
            content = read_sealed(path, RECORD)
            sealed[content["hash"]] = (content["id"], str(content["previous"]))
    while known := sealed.get(link):
        run, link = known
        ids.add(run)
    return ids


def base(chain: Chain) -> Record | None:
    """Read what retention has removed: its `last` record, `month` and count of `records`.

    None where it removed nothing. Raises `Damaged`.
    """
    try:
        return read_sealed(chain.folder / PRUNED, PRUNED_SHAPE)
    except FileNotFoundError:
        return None


def limit(retention_months: int, today: date) -> str:
    """Compute the last month beyond retention: its whole months stay, and the current month."""
    count = today.year * 12 + today.month - 1 - retention_months - 1
    return f"{count // 12:04}-{count % 12 + 1:02}"


def today() -> date:
    return datetime.now(UTC).date()


def months(chain: Chain) -> Iterator[tuple[str, Record]]:
    """List the records of a chain in order, each with the month in which it entered the chain.

    A killed run that the next month closes belongs to that month: an exported month does not change afterwards.
    The records of a damaged chain come as far as their links lead.
    """
    try:
        pruned = base(chain)
    except Damaged as damaged:
        pruned = damaged.content if fits(damaged.content, PRUNED_SHAPE) else None
    month, link = (pruned.get("month", ""), pruned.get("last")) if pruned else ("", None)
    following = {record["previous"]: record for record in _records(chain).values()}
    while link in following:
        record = following.pop(link)
        month, link = max(month, str(record["ended"])[:7]), record["hash"]
        yield month, record


def _records(chain: Chain) -> dict[str, Record]:
    """Read the readable records, by file name."""
    records = {}
    for path in sorted(chain.folder.glob("*.json")):
        if ID.fullmatch(path.stem) and (record := readable(path)):
            records[path.name] = record
    return records


def verify(root: Path) -> list[Finding]:
    """Recompute every hash and link of every chain, and list the faults by file."""
    known = {chain.folder for chain in chains(root)} | {chain.folder.parent for chain in chains(root)}
    entries = (path for pattern in ("*", "*/*") for path in sorted(root.glob(pattern)))
    strays = [path for path in entries if path not in known and (path.is_symlink() or not path.is_dir())]
    findings = [_foreign(path.relative_to(root).as_posix()) for path in strays]
    for chain in chains(root):
        with chain.lock():
            findings += verify_chain(chain)
    return findings


def verify_chain(chain: Chain, shape: Shape = RECORD) -> list[Finding]:
    """Recompute every hash and link of a chain; `shape` is that of its records."""
    return _Check(chain, shape).run()


def _foreign(file: str, message: str = "il n’a rien à faire dans le journal") -> Finding:
    return Finding(file, "foreign", message)


class _Check:
    """A chain under examination."""

    def __init__(self, chain: Chain, shape: Shape) -> None:
        self.chain, self.shape = chain, shape
        self.findings: list[Finding] = []
        self.by_link: dict[str, str] = {}
        sealed = {path.name: self._unseal(path) for path in sorted(chain.folder.iterdir()) if self._belongs(path)}
        self.head: Record = sealed.pop(HEAD, None) or {}
        self.pruned: Record = sealed.pop(PRUNED, None) or {}
        self.records = {name: record for name, record in sealed.items() if record is not None}
        self.names = set(sealed)
        self.unsealed = {f"{path.stem}.json" for path in chain.open_records()}
        """Records whose run left its open file: it died, or found no place, before it named them the last."""

    def run(self) -> list[Finding]:
        self._places()
        self._links()
        self._ends()
        self._retention()
        return self.findings

    def add(self, name: str, what: What, message: str) -> None:
        """Keep one finding a file: the first explains the others."""
        file = f"{self.chain.name}/{name}"
        if not any(finding.file == file for finding in self.findings):
            self.findings.append(Finding(file, what, message))

    def _belongs(self, path: Path) -> bool:
        named = bool(ID.fullmatch(path.stem))
        if path.suffix == ".json" and (named or path.name in (HEAD, PRUNED)):
            return True
        if path.name == LOCK:
            return False
        if not (path.suffix == ".open" and named):
            self.add(path.name, "foreign", "il n’a rien à faire dans le journal")
            return False
        # A run in progress or killed: nothing seals it yet, but it names its environment and node.
        try:
            header = read_open(read_plain(path))[0]
        except FileNotFoundError:
            return False
        except NotPlain as error:
            self.add(path.name, "unreadable", str(error.strerror))
            return False
        expected = {"id": path.stem, "environment": self.chain.environment, "node": self.chain.node}
        if header and {name: header.get(name) for name in expected} != expected:
            self.add(path.name, "foreign", "il dit être une autre exécution")
        return False

    def _unseal(self, path: Path) -> Record | None:
        try:
            content = read_sealed(path, _SHAPES.get(path.name, self.shape))
            identities = {str(content["hash"])}
        except FileNotFoundError:
            return None
        except Damaged as damaged:
            what: What = "unreadable" if damaged.content is None else "altered"
            self.add(path.name, what, damaged.why or "ce n’est pas du JSON")
            if damaged.content is None or not fits(damaged.content, _SHAPES.get(path.name, _LINKS)):
                return None
            content = damaged.content
            # An altered record keeps its place by the hash in it and by its true hash.
            identities = {fingerprint(content)} | ({content["hash"]} if content.get("hash") else set())
        if path.name in _SHAPES:
            return content
        self.by_link |= dict.fromkeys(identities, path.name)
        # The links alone are kept: a journal may be larger than the memory.
        return {name: content[name] for name in _KEPT if name in content}

    def _places(self) -> None:
        expected = (self.chain.environment, self.chain.node)
        for name, record in self.records.items():
            if (record.get("environment"), record.get("node")) != expected:
                self.add(name, "foreign", "il appartient à une autre chaîne")
            elif f"{record.get('id')}.json" != name:
                self.add(name, "foreign", "son nom n’est pas celui de son exécution")

    def _links(self) -> None:
        """Check that every record follows a record, retention or nothing, and no two the same."""
        known = {*self.by_link, self.pruned.get("last")}
        placed = {(r["previous"], r.get("hash")) for r in self.records.values() if "previous" in r}
        claims = Counter(place for place, _ in placed)
        on_the_way = self._way_back()
        for name, record in self.records.items():
            previous = record.get("previous")
            if previous not in known:
                self.add(name, "missing", f"celui qui le précède n’est plus là (empreinte {str(previous)[:12]}…)")
            elif claims[previous] > 1 and name not in on_the_way:
                self.add(name, "foreign", "un autre tient déjà sa place dans la chaîne")

    def _way_back(self) -> set[str]:
        """List the names of the records that the head leads to, as far as the links go."""
        way: set[str] = set()
        link = self.head.get("last")
        while (name := self.by_link.get(str(link))) and name not in way:
            way.add(name)
            link = self.records[name].get("previous")
        return way

    def _ends(self) -> None:
        """Check that the chain ends at its head: nothing is cut off before, nothing added after."""
        if not self.head:
            if self.names - self.unsealed:
                self.add(HEAD, "missing", "il dit où finit la chaîne")
            return
        last, name = self.head.get("last"), f"{self.head.get('id')}.json"
        ends = last in self.by_link or last == self.pruned.get("last")
        named = any(finding.file == f"{self.chain.name}/{name}" for finding in self.findings)
        if not ends and name not in self.names:
            self.add(name, "missing", "c’était le dernier de la chaîne")
        elif not ends and not named:
            self.add(HEAD, "altered", "il ne mène pas à l’exécution qu’il nomme, telle qu’elle est")
        elif self.by_link.get(str(last), name) != name:
            self.add(HEAD, "altered", "il ne nomme pas l’exécution à laquelle il mène")
        for other, record in self.records.items():
            if record.get("previous") == last and other not in self.unsealed:
                self.add(other, "foreign", "il vient après la fin de la chaîne")

    def _retention(self) -> None:
        """Check that nothing went before the shortest retention that the town may declare."""
        if not self.pruned:
            return
        # Imported here: the model costs half a second, which most journals need not pay.
        from piste.town.model.schema import SHORTEST_RETENTION

        if self.pruned["month"] > limit(SHORTEST_RETENTION, today()):
            self.add(PRUNED, "altered", f"{self.pruned['month'][:7]} n’est pas au-delà de la durée de conservation")
