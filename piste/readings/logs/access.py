"""Rights on the tree: its owner, the declared groups, nobody else (modes, access lists)."""

from __future__ import annotations

import errno
import grp
import os
import pwd
import stat
import struct
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from piste.engine.finding import Finding
from piste.engine.words import agreed
from piste.readings.logs.tree import Tree
from piste.town.model.logs.derived import TownLogs

_LIST = "system.posix_acl_access"
_USER, _GROUP_HERE, _GROUP, _MASK = 0x02, 0x04, 0x08, 0x10
_VERSION = 2
_SHOWN = 5


class _Rights(NamedTuple):
    """The rights of an entry of the tree: its mode, and those that its access list adds."""

    mode: int
    owner: int
    group: int
    users: Mapping[int, int]
    groups: Mapping[int, int]
    """Rights of each group by its number, its own included, as the mask leaves them."""


def findings(logs: TownLogs, folder: Path, tree: Tree) -> Iterator[Finding]:
    """Judge the rights of the tree, of each stream's folder and of its newest day."""
    accounts, absent = _accounts(logs)
    if absent:
        what = f"cette machine ne connaît pas {', '.join(absent)} : la lecture par la DSI et le DPO n’y est pas jugée"
        yield Finding("logs.access", "unknown", what, "Lancez piste logs check sur le collecteur.")
        return
    faults: list[str] = []
    for path, name, readers in _places(logs, folder, tree):
        try:
            faults += [f"{name} {fault}" for fault in _faults(_rights(path), logs, accounts, readers)]
        except OSError as error:
            faults.append(f"{name} : ses droits ne se lisent pas ({error.strerror})")
    if faults:
        rest = f" ; et {agreed(len(faults) - _SHOWN, 'autre(s)')}" if len(faults) > _SHOWN else ""
        todo = "Rejouez playbooks/collector.yml, qui pose les droits déclarés."
        yield Finding("logs.access", "wrong", " ; ".join(faults[:_SHOWN]) + rest, todo)
        return
    labels = ", ".join(reader["label"] for reader in logs["readers"])
    yield Finding("logs.access", "ok", f"lisible par {labels}, et par nul autre")


def _accounts(logs: TownLogs) -> tuple[dict[str, int], list[str]]:
    """Give the number of the owner (`*`) and of each declared group, and what is unknown here."""
    known: dict[str, int] = {}
    absent: list[str] = []
    try:
        known["*"] = pwd.getpwnam(logs["collector"]["owner"]).pw_uid
    except KeyError:
        absent.append(logs["collector"]["owner"])
    for name in (logs["collector"]["group"], *(reader["unix_group"] for reader in logs["readers"])):
        try:
            known[name] = grp.getgrnam(name).gr_gid
        except KeyError:
            absent.append(name)
    return known, absent


def _places(logs: TownLogs, folder: Path, tree: Tree) -> Iterator[tuple[Path, str, Sequence[str]]]:
    """Yield the places to judge, each with the groups of those who must read it."""
    groups = {reader["name"]: reader["unix_group"] for reader in logs["readers"]}
    yield folder, str(folder), list(groups.values())
    for stream in logs["streams"]:
        days = tree.days.get(stream["name"])
        if not days:
            continue
        readers = [groups[name] for name in stream["readers"] if name in groups]
        yield folder / stream["name"], stream["name"], readers
        yield days[-1].path, days[-1].name, readers


def _rights(path: Path) -> _Rights:
    status = path.stat(follow_symlinks=False)
    try:
        raw = os.getxattr(path, _LIST, follow_symlinks=False)
    except OSError as error:
        if error.errno not in (errno.ENODATA, errno.ENOTSUP):
            raise
        raw = b""
    return rights_of(status, raw)


def rights_of(status: os.stat_result, raw: bytes) -> _Rights:
    """Read a mode and an access list as the kernel writes it: version, then entries."""
    mode = stat.S_IMODE(status.st_mode)
    users: dict[int, int] = {}
    groups, mask = {status.st_gid: mode >> 3 & 7}, 7
    if len(raw) >= 4 and struct.unpack_from("<I", raw)[0] == _VERSION:
        for place in range(4, len(raw) - 7, 8):
            tag, rights, number = struct.unpack_from("<HHI", raw, place)
            if tag == _USER:
                users[number] = rights
            elif tag == _GROUP_HERE:
                groups[status.st_gid] = rights
            elif tag == _GROUP:
                groups[number] = rights
            elif tag == _MASK:
                mask = rights
    masked = {number: rights & mask for number, rights in groups.items()}
    return _Rights(mode, status.st_uid, status.st_gid, {n: r & mask for n, r in users.items()}, masked)


def _faults(rights: _Rights, logs: TownLogs, accounts: Mapping[str, int], readers: Sequence[str]) -> Iterator[str]:
    if rights.owner not in (0, accounts["*"]):
        yield f"n’est pas à {logs['collector']['owner']}"
    if rights.mode & 0o007:
        yield "est ouvert à tous"
    declared = {accounts[logs["collector"]["group"]], *(accounts[name] for name in readers)}
    for number, right in rights.groups.items():
        if right and number not in declared and number != 0:
            yield f"est ouvert au groupe {_name(number)}, que rien ne déclare"
        elif right & 2:
            yield f"peut être écrit par le groupe {_name(number)}"
    if rights.users:
        yield f"est ouvert à {len(rights.users)} comptes nommés"
    for name in readers:
        if not rights.groups.get(accounts[name], 0) & 4:
            yield f"n’est pas lisible par {name}"


def _name(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)
