"""The monthly export of network and authentication logs to the town's store (CCTP 3.3.3).

An export is a folder named by its month: a file of JSON lines a stream and day, `days.csv`, `SHA256SUMS`. It is made
under another name and takes its own when it is whole: an export that was cut is resumed, none is ever overwritten.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from piste.engine.cells import as_csv, cell
from piste.engine.converge.errors import Misused
from piste.engine.converge.locks import locked
from piste.engine.converge.private import private_folder, write_private
from piste.engine.converge.untrusted import opened_plain
from piste.readings.logs.errors import NotExported
from piste.readings.logs.judgment import MONTHS
from piste.readings.logs.seals import SealedDay, read_seals
from piste.readings.logs.tree import DAMAGED, DayFile, Tree, Unreadable, chunks
from piste.town.model.logs.derived import EXPORTED, LogStream

SUMS, DAYS, LOCK = "SHA256SUMS", "days.csv", ".lock"
COLUMNS = ("stream", "class", "day", "file", "lines", "bytes", "sha256", "first", "last")
LONGEST_LINE = 2**20
"""Bytes of a line; what is longer is cut into several messages."""
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_SUM = re.compile(r"([0-9a-f]{64})  ([A-Za-z0-9._-]{1,255})")
_SUMS_LONGEST = 64 * 2**20


class Export(NamedTuple):
    """An exported month: its folder, its files, and whether it was there already."""

    folder: Path
    files: int
    was_there: bool


def export(
    environment: str, streams: Sequence[LogStream], tree: Tree, month: str, store: Path, now: datetime
) -> Export:
    """Export a month that is over into `store/<month>`. Raises `NotExported`, `Misused`."""
    if not MONTH.fullmatch(month):
        raise Misused(f"« {month} » n’est pas un mois de la forme 2026-11")
    if month >= f"{now:%Y-%m}":
        raise NotExported(f"{month} n’est pas fini", todo="Attendez la fin du mois : un export ne se refait pas.")
    private_folder(store)
    target, draft = store / month, store / f".{month}.part"
    with locked(store / LOCK, f"export {store}", 10.0, mode=0o600):
        if target.is_dir():
            whole = owed(environment, streams).get(month, frozenset())
            if faults := list(check_export(target, whole=True, files=whole)):
                todo = "Gardez-le, et exportez ailleurs (--to) : rien n’est remplacé."
                why = " ; ".join(faults[:5])
                raise NotExported(f"{month} est déjà exporté, et n’est pas intact", why=why, todo=todo)
            return Export(target, len(_sums(target)), True)
        private_folder(draft)
        days = list(_days(environment, streams, tree, month))
        names = [_written(draft, stream, file, seal) for stream, file, seal in days]
        write_private(draft / DAYS, _table(days, names))
        lines = [f"{_digest(draft / name)}  {name}\n" for name in sorted([*names, DAYS])]
        write_private(draft / SUMS, "".join(lines).encode("ascii"))
        for stray in draft.iterdir():
            if stray.name not in {*names, DAYS, SUMS}:
                stray.unlink()
        os.rename(draft, target)
    return Export(target, len(names) + 1, False)


def _days(
    environment: str, streams: Sequence[LogStream], tree: Tree, month: str
) -> Iterator[tuple[LogStream, DayFile, SealedDay]]:
    """Yield the days of a month with their seals. Raises `NotExported` for an unsealed day."""
    sealed = read_seals(environment).days
    taken = [stream for stream in streams if stream["log_class"] in EXPORTED]
    wanted = [(stream, file) for stream in taken for file in tree.days.get(stream["name"], ())]
    wanted = [(stream, file) for stream, file in wanted if str(file.day).startswith(month)]
    if bare := [file.name for _, file in wanted if (file.stream, str(file.day)) not in sealed]:
        todo = "Scellez d’abord : piste logs seal."
        raise NotExported(f"{month} n’est pas scellé", why=", ".join(bare[:5]), todo=todo)
    there = {_name(file.stream, str(file.day)) for _, file in wanted}
    if lost := sorted(owed(environment, streams).get(month, frozenset()) - there):
        todo = "Rendez ces jours d’une sauvegarde : piste logs check."
        raise NotExported(f"{month} a des jours scellés qui ne sont plus là", why=", ".join(lost[:5]), todo=todo)
    if not wanted:
        raise NotExported(f"{month} n’a aucun journal de réseau ni d’authentification", todo="Vérifiez le mois.")
    for stream, file in wanted:
        yield stream, file, sealed[file.stream, str(file.day)]


def owed(environment: str, streams: Sequence[LogStream]) -> dict[str, frozenset[str]]:
    """List the files that the export of each month owes: its sealed days, but those deleted."""
    sealed, taken = read_seals(environment), {s["name"] for s in streams if s["log_class"] in EXPORTED}
    files: dict[str, set[str]] = {}
    for name, day in sealed.days:
        if name in taken and (name, day) not in sealed.deleted:
            files.setdefault(day[:7], set()).add(_name(name, day))
    return {month: frozenset(names) for month, names in files.items()}


def _name(stream: str, day: str) -> str:
    return f"{stream.replace('/', '.')}.{day}.jsonl.gz"


def _written(draft: Path, stream: LogStream, file: DayFile, seal: SealedDay) -> str:
    """Write a day as JSON lines unless it is there; give its name. Raises `NotExported`."""
    name = _name(file.stream, str(file.day))
    if (draft / name).is_file():
        return name
    unfinished = draft / f"{name}.draft"
    digest = hashlib.sha256()
    try:
        with unfinished.open("wb") as raw:
            # No date and no name within: the same day gives the same bytes.
            with gzip.GzipFile("", "wb", 6, raw, mtime=0) as out:
                for line in _lines(file, digest):
                    out.write(_message(stream, line))
            raw.flush()
            os.fsync(raw.fileno())
    except DAMAGED as error:
        raise NotExported(f"{file.name} ne s’exporte pas", why=str(error)) from None
    if digest.hexdigest() != seal["sha256"]:
        unfinished.unlink()
        todo = "Cherchez qui l’a changé : piste logs check."
        raise NotExported(f"{file.name} n’est plus ce qui a été scellé", todo=todo)
    unfinished.chmod(0o600)
    os.replace(unfinished, draft / name)
    return name


def _lines(file: DayFile, digest: hashlib._Hash) -> Iterator[bytes]:
    """Yield the lines of a day, of a bounded length each, and feed its digest."""
    rest = b""
    for chunk in chunks(file.path):
        digest.update(chunk)
        *whole, rest = (rest + chunk).split(b"\n")
        yield from whole
        while len(rest) > LONGEST_LINE:
            yield rest[:LONGEST_LINE]
            rest = rest[LONGEST_LINE:]
    if rest:
        yield rest


def _message(stream: LogStream, line: bytes) -> bytes:
    said = {"source": stream["source"], "site": stream["site"], "line": line.decode("utf-8", "backslashreplace")}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace") + b"\n"


def _table(days: Sequence[tuple[LogStream, DayFile, SealedDay]], names: Sequence[str]) -> bytes:
    lines: list[Sequence[str]] = [COLUMNS]
    for (stream, file, seal), name in zip(days, names, strict=True):
        row = {**seal, "class": stream["log_class"], "file": name, "day": file.day}
        lines.append([cell(row[column]) for column in COLUMNS])
    return as_csv(lines).encode()


def _digest(path: Path) -> str:
    with opened_plain(path, 2**40) as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _sums(folder: Path) -> dict[str, str]:
    """Read the digests of an export by file. Raises `Unreadable`."""
    try:
        with opened_plain(folder / SUMS, _SUMS_LONGEST) as handle:
            text = handle.read().decode("ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"{SUMS} ne se lit pas ({error})") from None
    matches = [_SUM.fullmatch(line) for line in text.splitlines()]
    if not matches or not all(matches):
        raise Unreadable(f"{SUMS} n’a pas la forme attendue")
    return {match[2]: match[1] for match in matches if match}


def check_export(folder: Path, *, whole: bool, files: Collection[str] = ()) -> Iterator[str]:
    """Yield the faults of an exported month, which owes `files`; `whole` digests each again."""
    try:
        sums = _sums(folder)
    except Unreadable as error:
        yield str(error)
        return
    yield from (f"{name} n’y est pas" for name in sorted({DAYS, *files} - sums.keys()))
    for name, expected in sums.items():
        path = folder / name
        try:
            if not path.is_file() or path.is_symlink():
                yield f"{name} manque"
            elif whole and _digest(path) != expected:
                yield f"{name} est altéré"
        except OSError as error:
            yield f"{name} ne se lit pas ({error.strerror})"


def expected_months(today: date) -> list[str]:
    """List the last twelve months that are over."""
    count = today.year * 12 + today.month - 1
    return [f"{number // 12:04}-{number % 12 + 1:02}" for number in range(count - MONTHS, count)]


def sound_months(
    store: Path, months: Iterable[str], files: Mapping[str, Collection[str]], *, whole: bool
) -> list[str] | None:
    """List the months whose export is sound and has the `files` that it owes; None unread."""
    if not os.access(store, os.R_OK | os.X_OK):
        return None
    return [
        month
        for month in months
        if (store / month).is_dir() and not any(check_export(store / month, whole=whole, files=files.get(month, ())))
    ]


def beyond(store: Path, most_days: int, today: date) -> list[str]:
    """List the exported months whose last day is older than the longest retention."""
    if not os.access(store, os.R_OK | os.X_OK):
        return []
    ends = [(path.name, _last_day(path.name)) for path in sorted(store.iterdir()) if MONTH.fullmatch(path.name)]
    return [name for name, end in ends if (today - end).days > most_days]


def _last_day(month: str) -> date:
    year, number = map(int, month.split("-"))
    return date.fromordinal(date(year + number // 12, number % 12 + 1, 1).toordinal() - 1)
