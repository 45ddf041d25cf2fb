"""GPOs in their two stores, the directory and SYSVOL, and the order of writes.

A change of content is never half visible: files first, then GPT.INI, then versions and extension lists in one write of
the directory. A marker in the folder says that a change is under way: the next run finishes an interrupted change.

Sources: MS-GPOL 2.2.2 (the object), 2.2.4 (its extension lists), 3.3.5 (creation and change).
Believed: [belief windows.replicas].
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from piste.engine.converge.errors import Conflict, Rejected
from piste.systems.windows import dn as dns
from piste.systems.windows.directory import Directory
from piste.systems.windows.gpo import acl, extensions
from piste.systems.windows.gpo.document import halves, with_version
from piste.systems.windows.gpo.part import FOLDERS, Pair, Side
from piste.systems.windows.gpo.stored import (
    ATTRIBUTES,
    EXTENSIONS,
    INI,
    MARKER,
    SIDES,
    Stored,
    attributes_of,
    stored_of,
)
from piste.systems.windows.refusals import Unread
from piste.systems.windows.searches import POLICIES
from piste.systems.windows.sysvol import DACL, GROUP, OWNER, InUse, Sysvol

ALL = OWNER | GROUP | DACL
_CONTAINERS = ("container", "groupPolicyContainer")


@dataclass(slots=True)
class Change:
    """Changes to write to one GPO.

    `files` are by path in the folder (None: to delete); `objects` by side and relative DN: before and after, None for
    absent; `bump` has the sides whose version goes up.
    """

    files: dict[str, bytes | None] = field(default_factory=dict)
    objects: dict[tuple[Side, str], tuple[dict[str, Any] | None, dict[str, Any] | None]] = field(default_factory=dict)
    pairs: dict[Side, frozenset[Pair]] = field(default_factory=dict)
    bump: set[Side] = field(default_factory=set)
    flags: int | None = None
    wql: str | None = None
    dacl: tuple[acl.Ace, ...] | None = None


class _Moved(Conflict):
    """Another writer changed the GPO since it was read; nothing of this change is written."""


def _busy(stored: Stored) -> Conflict:
    return Conflict(
        "quelqu’un d’autre est en train de la modifier",
        where=stored.name,
        why="Rien n’y a été écrit.",
        todo="Relancez quand il aura fini.",
    )


class Store:
    """All GPOs of a domain."""

    def __init__(self, directory: Directory, sysvol: Sysvol) -> None:
        self.directory, self.sysvol = directory, sysvol
        self.draw: Callable[[], str] = drawn
        """Draws the GUID of a new GPO, just before it is written."""

    @property
    def base(self) -> str:
        return f"{POLICIES.place},{self.directory.base}"

    def dn(self, guid: str) -> str:
        return f"CN={guid},{self.base}"

    # reading

    def of(self, guid: str) -> Stored | None:
        """Read a GPO from its object alone, by its GUID in braces; None where it is absent."""
        entry = self.directory.read(self.dn(guid), ATTRIBUTES, descriptor=ALL)
        return stored_of(entry) if entry else None

    def all(self) -> list[Stored]:
        """Every GPO of the domain from its object, with its 802.1X objects: two searches."""
        desired = "(objectClass=groupPolicyContainer)"
        entries = self.directory.search(self.base, desired, ATTRIBUTES, "one", descriptor=ALL)
        every = [stored_of(entry) for entry in entries]
        by_dn = {str(dns.folded(stored.dn)): stored for stored in every}
        by_folder = {FOLDERS[side].casefold(): side for side in SIDES}
        inner = "".join(f"(!(objectClass={name}))" for name in _CONTAINERS)
        for entry in self.directory.search(self.base, f"(&{inner})", ["*"]):
            steps = dns.split(entry.dn)
            for depth in range(2, len(steps)):
                side = by_folder.get(steps[depth - 1][1].casefold())
                owner = by_dn.get(str(dns.folded(dns.join(steps[depth:])))) if side else None
                if owner and side:
                    owner.objects[side][dns.join(steps[: depth - 1])] = attributes_of(entry)
        return every

    def load(self, stored: Stored) -> None:
        """Read the folder of a GPO: all its files and its descriptor."""
        tree = self.sysvol.tree(stored.path)
        stored.exists = bool(tree) or self.sysvol.exists(stored.path)
        paths = [path for path, size in tree.items() if size is not None]
        try:
            contents = {path: self.sysvol.read(f"{stored.path}/{path}") for path in paths if path == MARKER}
        except InUse as error:
            raise _busy(stored) from error
        contents |= {path: self.sysvol.read(f"{stored.path}/{path}") for path in paths if path != MARKER}
        stored.files = {path: raw for path, raw in contents.items() if raw is not None}
        raw = self.sysvol.descriptor(stored.path, folder=True) if stored.exists else None
        try:
            stored.folder = acl.parse(raw) if raw else None
        except ValueError as error:
            raise Unread("les droits de son dossier sont illisibles", where=stored.name, why=str(error)) from error

    def links(self, guid: str) -> list[str]:
        """DNs of the places to which a GPO is linked, in the domain and the sites of the forest."""
        desired = f"(gPLink=*{dns.literal(guid)}*)"
        places = (self.directory.base, f"CN=Sites,{self.directory.configuration}")
        return [entry.dn for place in places for entry in self.directory.search(place, desired)]

    # writing

    def create(self, name: str) -> Stored:
        """Create the object of a GPO, empty and without links; `write` makes its folder."""
        guid = self.draw()
        dn = self.dn(guid)
        domain = self.directory.name
        attributes: dict[str, list[str | int | bytes]] = {
            "displayName": [name],
            "flags": [0],
            "versionNumber": [0],
            "gPCFunctionalityVersion": [2],
            "gPCFileSysPath": [rf"\\{domain}\sysvol\{domain}\Policies\{guid}"],
            "showInAdvancedViewOnly": ["TRUE"],
        }
        self.directory.add(dn, ["top", "container", "groupPolicyContainer"], attributes)
        stored = self.of(guid)
        if stored is None:
            raise Conflict("a disparu aussitôt créée", where=name, todo="Relancez.")
        return stored

    def write(self, stored: Stored, change: Change) -> None:
        """Write a change to a GPO, in the order that never shows half of it."""
        versions = self._next(stored, change.bump)
        visible = bool(change.files or change.objects or versions != stored.version)
        if not stored.exists:
            self._make_folder(stored)
        if not visible:
            self._unmoved(stored, change)
        with self._marked(stored, change) if visible else nullcontext():
            self._fill(stored, change, versions)
        if visible or stored.marker is not None:
            self.sysvol.delete(f"{stored.path}/{MARKER}")

    def _fill(self, stored: Stored, change: Change, versions: int) -> None:
        for path, content in change.files.items():
            if content is None:
                self.sysvol.delete(f"{stored.path}/{path}")
            else:
                self.sysvol.write(f"{stored.path}/{path}", content)
        for (side, dn), (before, after) in change.objects.items():
            self._write_object(f"{dn},CN={FOLDERS[side]},{stored.dn}", before, after)
        if stored.file_version != versions:
            self.sysvol.write(f"{stored.path}/{INI}", with_version(stored.file(INI), versions))
        self._modify(stored, change, versions)
        self._guard(stored, change)

    def delete(self, stored: Stored) -> None:
        """Remove a GPO, folder first: an object without a folder still has its name."""
        self.sysvol.delete(stored.path)
        self.directory.delete(stored.dn, tree=True)

    def _unmoved(self, stored: Stored, change: Change) -> None:
        """Raise `_Moved` where another writer changed, since the reading, what this change writes."""
        entry = self.directory.read(stored.dn, ATTRIBUTES)
        now = None if entry is None else entry.number("versionNumber") & 0xFFFFFFFF
        moved = [] if now == stored.version else ["versionNumber"]
        for path in (*change.files, INI):
            raw = self.sysvol.read(f"{stored.path}/{path}") if stored.exists else None
            if raw != stored.files.get(path, stored.file(path)):
                moved.append(path)
        if moved:
            raise _Moved(
                f"modifiée par quelqu’un d’autre pendant le calcul : {', '.join(moved)}",
                where=stored.name,
                why="Rien n’y a été écrit.",
                todo="Relancez pour planifier sur l’état actuel.",
            )

    def _make_folder(self, stored: Stored) -> None:
        """Make the missing containers and folder of a GPO; its content inherits from the folder."""
        for side in SIDES:
            self._ensure(f"CN={FOLDERS[side]},{stored.dn}")
        self.sysvol.make_folder(stored.path)
        stored.folder = acl.of_folder(stored.descriptor)
        self._put_folder_descriptor(stored.path, stored.folder)
        for name in FOLDERS.values():
            self.sysvol.make_folder(f"{stored.path}/{name}")

    def _ensure(self, dn: str) -> None:
        """Make a container and its parents, where they are missing."""
        if self.directory.read(dn, []) is None:
            if not dns.same(dns.parent(dn), self.base):
                self._ensure(dns.parent(dn))
            self.directory.add(dn, ["top", "container"], {"showInAdvancedViewOnly": ["TRUE"]})

    def _next(self, stored: Stored, bump: Iterable[Side]) -> int:
        """Version to write: on the sides that change, above both the directory's and the folder's."""
        known, of_folder = halves(stored.version), halves(stored.file_version or 0)
        result = dict(known)
        for side in bump:
            result[side] = max(known[side], of_folder[side]) % 0xFFFF + 1
        return result["user"] << 16 | result["computer"]

    @contextmanager
    def _marked(self, stored: Stored, change: Change) -> Iterator[None]:
        """Mark a change as under way, so that nobody else begins a change.

        The marker of an interrupted change is taken over.
        """
        dropped = {side: extensions.format_pairs(stored.pairs(side) - pairs) for side, pairs in change.pairs.items()}
        marker = json.dumps({"sides": sorted(change.bump), "dropped": dropped}).encode()
        path, new = f"{stored.path}/{MARKER}", stored.marker is None
        try:
            with self.sysvol.hold(path, marker, new=new):
                self._unmoved(stored, change)
                yield
        except FileExistsError as error:
            raise _busy(stored) from error
        except _Moved:
            if new:
                self.sysvol.delete(path)
            raise

    def _write_object(self, dn: str, before: dict[str, Any] | None, after: dict[str, Any] | None) -> None:
        if after is None:
            self.directory.delete(dn)
            return
        classes = after["objectClass"]
        content = {name: _values(value) for name, value in after.items() if name != "objectClass"}
        if before is None:
            self._ensure(dns.parent(dn))
            self.directory.add(dn, classes, content)
        else:
            old = {name: _values(value) for name, value in before.items() if name != "objectClass"}
            names = old.keys() | content.keys()
            self.directory.modify(dn, {name: (old.get(name, []), content.get(name, [])) for name in sorted(names)})

    def _modify(self, stored: Stored, change: Change, version: int) -> None:
        """Write all attributes of the object at once, if the version that was read is still there."""
        desired: dict[str, tuple[list[Any], list[Any]]] = {}
        desired["versionNumber"] = ([_signed(stored.version)], [_signed(version)])
        for side, pairs in change.pairs.items():
            if pairs != stored.pairs(side):
                desired[EXTENSIONS[side]] = (_values(stored.lists[side]), _values(extensions.format_pairs(pairs)))
        if change.flags is not None:
            desired["flags"] = ([stored.flags], [change.flags])
        if change.wql is not None:
            desired["gPCWQLFilter"] = (_values(stored.wql), _values(change.wql))
        there = {name: (old if name.lower() in stored.present else [], new) for name, (old, new) in desired.items()}
        self.directory.modify(stored.dn, there)

    def _guard(self, stored: Stored, change: Change) -> None:
        """Write the descriptors: the object, the content of the folder, and last the folder.

        The folder is last because the next reading compares it.
        """
        descriptor = stored.descriptor
        if change.dacl is not None and change.dacl != descriptor.dacl:
            descriptor = acl.Descriptor(descriptor.control, change.dacl, descriptor.owner, descriptor.group)
            self.directory.put_descriptor(stored.dn, acl.build(acl.Descriptor(descriptor.control, change.dacl)), DACL)
        desired = acl.of_folder(descriptor)
        if stored.folder is not None and acl.same_access(stored.folder.dacl, desired.dacl):
            return
        for path, size in self.sysvol.tree(stored.path).items():
            inherited = acl.of_child(desired, is_folder=size is None)
            raw = acl.build(acl.Descriptor(inherited.control, inherited.dacl))
            self.sysvol.put_descriptor(f"{stored.path}/{path}", raw, folder=size is None, parts=DACL)
        self._put_folder_descriptor(stored.path, desired)

    def _put_folder_descriptor(self, path: str, descriptor: acl.Descriptor) -> None:
        """Write the descriptor of a folder; a delegate may not set the owner, and writes the list."""
        try:
            self.sysvol.put_descriptor(path, acl.build(descriptor), folder=True, parts=ALL)
        except Rejected:
            alone = acl.Descriptor(descriptor.control, descriptor.dacl)
            self.sysvol.put_descriptor(path, acl.build(alone), folder=True, parts=DACL)


def drawn() -> str:
    """Draw a GUID, in braces and upper case."""
    return f"{{{str(uuid.uuid4()).upper()}}}"


def _signed(version: int) -> int:
    """Version of a GPO as an integer of the directory, which has a sign."""
    return version - (1 << 32) if version >> 31 else version


def _values(value: Any) -> list[Any]:
    if isinstance(value, (list, tuple)):
        return list(value)
    return [] if value in (None, "") else [value]
