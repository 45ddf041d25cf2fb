"""The collection: one listing of the share, then the files that are new or have changed.

Every file is data that nobody vouches for. A refused file is named with its reason, and never hides the last good
report.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple, Protocol

from piste.engine.clock import in_town
from piste.engine.converge.moments import ahead
from piste.readings.computers.judge import UNKNOWN
from piste.readings.computers.kept import Collection, Kept, Measure, Refused, added
from piste.readings.computers.report import FILE, LONGEST, Report, Unreadable, read
from piste.systems.windows.shares import Entry, NotRead, Taken

MOST, NAMED = 20_000, 200
"""Names of a listing beyond which it is not read on; refused files that are named."""
SHOWN = 80
"""Signs of a file's name that a finding shows."""
BLANK = frozenset({
    "", "0", "none", "default string", "to be filled by o.e.m.", "system serial number", "not specified", "n/a",
    "chassis serial number", "not applicable", "123456789", "unknown",
})  # fmt: skip
"""Serial numbers that makers leave on many computers: they name none of them."""


class Tree(Protocol):
    """A share as a collection reads it (`piste.systems.windows.shares.Share`)."""

    def entries(self, folder: str) -> Iterator[list[Entry]]: ...
    def taken(self, path: str, most: int, *, deduplicated: bool = False) -> Taken: ...


class Listed(NamedTuple):
    """A computer of the inventory, with the SID of its account in the directory, if any."""

    name: str
    serial: str | None
    sid: str | None = None


@dataclass(slots=True)
class _Reading:
    """A collection that goes on: what is believed, what is refused, what was read."""

    before: Mapping[str, Measure]
    inventory: Mapping[str, Listed]
    sids: frozenset[str]
    now: datetime
    measures: dict[str, Measure]
    refused: dict[str, str] = field(default_factory=dict)
    files: int = 0
    read: int = 0
    why: str = ""


def collected(
    tree: Tree, folder: str, before: Kept, computers: Iterable[Listed], now: datetime, owners: str = ""
) -> Kept:
    """Collect what the share has, and add it to what is kept.

    `owners` says in French why the directory gave no account. Raises `Unreachable`, `NotRead`.
    """
    inventory = {computer.name.upper(): computer for computer in computers}
    measures = _known(before, inventory)
    sids = frozenset(computer.sid for computer in inventory.values() if computer.sid)
    reading = _Reading(measures, inventory, sids, now, dict(measures))
    for entry in _listed(tree, folder, reading):
        if why := _believe(tree, folder, entry, reading):
            reading.refused[entry.name] = why
    _one_serial_each(reading)
    return Kept(_collection(reading, before.collection, owners), reading.measures)


def silent(before: Kept, computers: Iterable[Listed], why: str) -> Kept:
    """Note that the share did not answer; what is kept stays."""
    names = {computer.name.upper() for computer in computers}
    return Kept(before.collection, _known(before, names), why[:500])


def _known(before: Kept, names: Container[str]) -> dict[str, Measure]:
    """Forget the computers that are no longer in the inventory."""
    return {name: measure for name, measure in before.measures.items() if name in names}


def _listed(tree: Tree, folder: str, reading: _Reading) -> Iterator[Entry]:
    """List the share once, whole, before any file is read."""
    entries: list[Entry] = []
    for part in tree.entries(folder):
        entries += part
        if len(entries) > MOST:
            reading.why = f"plus de {MOST} noms dans le partage : la suite n’est pas lue"
            break
    reading.files = len(entries)
    return iter(sorted(entries[:MOST], key=lambda entry: entry.name))


def _believe(tree: Tree, folder: str, entry: Entry, reading: _Reading) -> str:
    """Take a file into what is known; give the reason where it is refused."""
    if entry.kind not in ("file", "dedup"):
        return "ce n’est pas un fichier ordinaire"
    match = FILE.fullmatch(entry.name)
    if match is None:
        return "le nom n’est pas celui d’un poste (POSTE.json)"
    name = match["computer"]
    if name not in reading.inventory:
        return UNKNOWN
    if not 0 < entry.size <= LONGEST:
        return f"plus de {LONGEST // 1024} Kio" if entry.size > 0 else "fichier vide"
    last, computer = reading.before.get(name), reading.inventory[name]
    if last and (last.written, last.size) == (entry.written, entry.size) and (last.owner == "its" or not computer.sid):
        return ""
    if last and last.owner == "its" and not reading.sids:
        return ""  # no account to check: what was checked stays, and the file is read another day
    reading.read += 1
    try:
        path = "\\".join(part for part in (folder, entry.name) if part)
        taken = tree.taken(path, LONGEST + 1, deduplicated=entry.kind == "dedup")
        report = read(taken.content, entry.name)
    except (NotRead, Unreadable) as reason:
        return str(reason)
    owner = _owner(computer, taken.owner, reading)
    if owner.why and last and last.owner == "unchecked":
        del reading.measures[name]  # believed while nothing could check it: perhaps of the same hand
    if why := owner.why or _out_of_time(report, last, reading.now):
        return why
    made = Measure(written=entry.written, size=entry.size, owner=owner.state, report=report, days=[])
    reading.measures[name] = added(last, made)
    return ""


def _out_of_time(report: Report, last: Measure | None, now: datetime) -> str:
    if ahead(report.taken_at, now):
        return f"daté de l’avenir ({in_town(report.taken_at)})"
    if last and report.taken_at < last.report.taken_at:
        return f"plus ancien que le dernier ({in_town(report.taken_at)}, après {in_town(last.report.taken_at)})"
    return ""


class _Owner(NamedTuple):
    state: Literal["its", "unchecked"]
    why: str = ""


def _owner(computer: Listed, owner: str | None, reading: _Reading) -> _Owner:
    """Compare the owner of a file with the account of its computer."""
    if not reading.sids:
        return _Owner("unchecked")
    if owner is None:
        # The creator of a file may close its descriptor to its readers (MS-SMB2 2.2.13.2.2).
        given = computer.sid is not None and any(measure.owner == "its" for measure in reading.before.values())
        return _Owner("unchecked", "son propriétaire ne se lit pas, celui des autres si" if given else "")
    if computer.sid is None and owner not in reading.sids:
        return _Owner("unchecked")
    if owner != computer.sid:
        return _Owner("unchecked", "le fichier appartient à un autre compte que celui du poste")
    return _Owner("its")


def _one_serial_each(reading: _Reading) -> None:
    """Refuse the reports that share a serial number, but that of its rightful computer.

    By right: the inventory gives it, else it had it before.
    """
    holders: dict[str, list[str]] = defaultdict(list)
    for name, measure in reading.measures.items():
        if (serial := _serial(measure.report.serial)) not in BLANK:
            holders[serial].append(name)
    before = {name: _serial(measure.report.serial) for name, measure in reading.before.items()}
    for serial, names in holders.items():
        if len(names) == 1:
            continue
        rightful = [name for name in names if _serial(reading.inventory[name].serial) == serial]
        rightful = rightful or [name for name in names if before.get(name) == serial]
        for name in names if len(rightful) > 1 else sorted({*names} - {*rightful}):
            others = ", ".join(other for other in names if other != name)
            reading.refused[f"{name}.json"] = f"même numéro de série que {others}"
            if before.get(name, serial) != serial:
                reading.measures[name] = reading.before[name]
            else:
                del reading.measures[name]


def _serial(serial: str | None) -> str:
    return (serial or "").strip().casefold()


def _collection(reading: _Reading, last: Collection | None, owners: str) -> Collection:
    since = {(refused.file, refused.why): refused.since for refused in last.refused} if last else {}
    refused = [
        Refused(file=file, why=why, since=since.get((file, why), reading.now))
        for file, why in sorted((shown(name), why) for name, why in reading.refused.items())
    ]
    unchecked = sum(measure.owner == "unchecked" for measure in reading.measures.values())
    if not owners and unchecked:
        owners = f"propriétaire non vérifié pour {unchecked} fichier(s) : ni le serveur ni l’annuaire ne le donne"
    return Collection(
        taken_at=reading.now, state="partial" if reading.why else "complete", why=reading.why, files=reading.files,
        read=reading.read, refused=refused[:NAMED], more=max(0, len(refused) - NAMED), owners=owners,
    )  # fmt: skip


def shown(name: str) -> str:
    """Write the name of a file that anybody may have chosen."""
    text = name.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    return "".join(sign if sign.isprintable() else "�" for sign in text)[:SHOWN]
