"""One GPO as read: its object in the directory, and its folder in SYSVOL.

Sources: MS-GPOL 2.2.2 (the object), 2.2.4 (extension lists), 3.2.5.1 (flags).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from piste.systems.windows import dn as dns
from piste.systems.windows.entry import Entry
from piste.systems.windows.gpo import acl, extensions
from piste.systems.windows.gpo.document import comment_of, content_of, halves, version_of
from piste.systems.windows.gpo.part import FOLDERS, Content, Pair, Side

SIDES: tuple[Side, ...] = ("computer", "user")
INI, COMMENT, MARKER = "GPT.INI", "GPO.cmt", "piste.pending"

EXTENSIONS: Mapping[Side, str] = {"computer": "gPCMachineExtensionNames", "user": "gPCUserExtensionNames"}
OFF: Mapping[Side, int] = {"user": 1, "computer": 2}
"""Bit of `flags` that switches a side off."""

ATTRIBUTES = (
    "displayName",
    "cn",
    "flags",
    "versionNumber",
    "gPCWQLFilter",
    *EXTENSIONS.values(),
)


@dataclass(slots=True)
class Stored:
    """One GPO as read. `files` are those of the whole folder, by path."""

    dn: str
    guid: str
    name: str
    flags: int
    version: int
    wql: str
    lists: dict[Side, str]
    descriptor: acl.Descriptor
    present: frozenset[str] = frozenset()
    """Attributes that the object has, in lower case."""
    objects: dict[Side, dict[str, dict[str, Any]]] = field(default_factory=lambda: {"computer": {}, "user": {}})
    exists: bool = False
    files: dict[str, bytes] = field(default_factory=dict)
    folder: acl.Descriptor | None = None

    @property
    def path(self) -> str:
        return f"Policies/{self.guid}"

    def file(self, name: str) -> bytes | None:
        """Content of a file of the folder, whatever the case of its name."""
        return next((raw for path, raw in self.files.items() if path.casefold() == name.casefold()), None)

    @property
    def file_version(self) -> int | None:
        return version_of(self.file(INI))

    @property
    def comment(self) -> str:
        return comment_of(self.file(COMMENT))

    @property
    def marker(self) -> dict[str, Any] | None:
        """Marker of an interrupted change; None without any."""
        raw = self.file(MARKER)
        if raw is None:
            return None
        try:
            marker = json.loads(raw)
        except (ValueError, RecursionError):
            return {}
        return marker if isinstance(marker, dict) else {}

    def of_side(self, side: Side) -> dict[str, bytes]:
        """Files of a side, by path relative to its folder."""
        start = f"{FOLDERS[side]}/".casefold()
        return {path[len(start) :]: raw for path, raw in self.files.items() if path.casefold().startswith(start)}

    def side_path(self, side: Side, path: str) -> str:
        """Path in the folder of a file of a side, with the live spelling of the side's folder."""
        name = FOLDERS[side]
        known = next((live for live in self.files if live.casefold().startswith(f"{name}/".casefold())), name)
        return f"{known[: len(name)]}/{path}"

    @property
    def others(self) -> dict[str, bytes]:
        """Files of no side, except those that the store writes."""
        own = {INI.casefold(), COMMENT.casefold(), MARKER.casefold()}
        starts = tuple(f"{name}/".casefold() for name in FOLDERS.values())
        return {
            path: raw
            for path, raw in self.files.items()
            if path.casefold() not in own and not path.casefold().startswith(starts)
        }

    def pairs(self, side: Side) -> frozenset[Pair]:
        try:
            return extensions.parse(self.lists[side])
        except ValueError:
            return frozenset()

    def unsettled(self, side: Side) -> bool:
        """True where the version of a side is not reliable.

        GPT.INI and the directory disagree about it, or a change was interrupted.
        """
        if halves(self.file_version or 0)[side] != halves(self.version)[side]:
            return True
        marker = self.marker
        if marker is None:
            return False
        sides = marker.get("sides")
        return side in sides if isinstance(sides, list) else True

    def content(self, side: Side) -> Content:
        return content_of(side, self.guid, self.of_side(side), self.objects[side], self.pairs(side))


_DESCRIPTOR = "nTSecurityDescriptor"


def stored_of(entry: Entry) -> Stored:
    guid = dns.split(entry.dn)[0][1].upper()
    return Stored(
        dn=entry.dn,
        guid=guid,
        name=entry.text("displayName") or guid,
        flags=entry.number("flags"),
        version=entry.number("versionNumber") & 0xFFFFFFFF,
        wql=entry.text("gPCWQLFilter") or "",
        lists={side: entry.text(name) or "" for side, name in EXTENSIONS.items()},
        descriptor=entry.read(_DESCRIPTOR, acl.parse) if entry.raw(_DESCRIPTOR) else acl.Descriptor(0, ()),
        present=frozenset(map(str.lower, entry.names)),
    )


_OF_THE_SYSTEM = frozenset(
    name.casefold()
    for name in (
        "cn", "distinguishedName", "dSCorePropagationData", "instanceType", "name", "objectCategory", "objectGUID",
        "showInAdvancedViewOnly", "uSNChanged", "uSNCreated", "whenChanged", "whenCreated",
    )
)  # fmt: skip


def attributes_of(entry: Entry) -> dict[str, Any]:
    """Attributes of an object that the system did not set: a text, or a list of several texts."""
    attributes: dict[str, Any] = {"objectClass": entry.shown("objectClass")}
    for name in entry.names:
        if name.casefold() not in _OF_THE_SYSTEM and name.casefold() != "objectclass":
            values = entry.shown(name)
            attributes[name] = values[0] if len(values) == 1 else values
    return attributes
