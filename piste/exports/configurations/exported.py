"""The last export of a domain that was kept, read as a replay reads it.

It comes from the repositories of the configurations, or from a folder of an export. It is data: the forms of a replay
check it, and no name in it becomes a path.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from piste.exports.bag.exported import NotAnExport, read
from piste.exports.configurations.home import Home
from piste.exports.configurations.repository import written
from piste.readings.protection.copies import Copy, stamp

STORE, FOLDER = "configurations", "export"


class Kept(NamedTuple):
    """The content of a domain, as a replay takes it, and the copy that it comes from."""

    copy: Copy
    content: Any


def of_home(home: Home, domain: str, protected: str) -> Kept:
    """Read a domain as the last night kept it. Raises `Altered`, `NotAnExport`.

    Every object of the repository is verified. The age is that of the last whole reading of the domain: a night that
    changed nothing has no commit.
    """
    nights = home.nights()
    if not nights:
        raise NotAnExport("aucune nuit n’est gardée", where=str(home.folder), todo="piste configurations keep")
    night = nights[-1]
    night.repository.examine()
    note = home.note()
    read_at = note["read_at"].get(domain)
    files = {name: id_ for name, id_ in night.files.items() if name.startswith(f"{domain}/")}
    if not read_at or not files:
        raise NotAnExport(
            "aucune nuit n’a lu ce domaine en entier",
            where=f"{home.folder}, {domain}",
            why=note["unread"].get(domain, ""),
            todo="piste configurations keep",
        )
    with TemporaryDirectory(prefix="piste-export-") as folder:
        written(Path(folder), {name: night.repository.content(id_) for name, id_ in files.items()})
        content = read(Path(folder), domain)
    return Kept(_copy(protected, STORE, read_at, night.commit.id), content)


def of_folder(folder: Path, domain: str, kind: str, protected: str) -> Kept:
    """Read a domain from a folder of an export, as old as its file of `kind`.

    Raises `NotAnExport`.
    """
    content = read(folder, domain)
    moment = datetime.fromtimestamp((folder / domain / f"{kind}.yml").stat().st_mtime, UTC)
    return Kept(_copy(protected, FOLDER, stamp(moment), str(folder)), content)


def _copy(protected: str, store: str, taken_at: str, id_: str) -> Copy:
    return Copy(
        set=protected, store=store, taken_at=taken_at, size_bytes=None, id=id_, immutable_until=None, state="complete"
    )
