"""Organizational units, by their path from the domain's root.

Sources: MS-ADA3 `organizationalUnit`, MS-ADTS 3.1.1.5 (add, modify DN, delete).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from piste.engine.converge.errors import Conflict, Fault, Rejected
from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.progress import Progress
from piste.engine.converge.resource import Field, Resource
from piste.engine.converge.walk import export
from piste.systems.windows import dn as dns
from piste.systems.windows.driver import (
    GONE,
    OWNED,
    RETAINED,
    DirectoryDriver,
    described,
    nowhere,
    sorted_items,
    spellings,
    text_change,
    twice,
)
from piste.systems.windows.entry import Entry
from piste.systems.windows.gpo.acl import parse
from piste.systems.windows.gpo_links import GpoLinks
from piste.systems.windows.protection import keep_children, keeps_children, protect, protected, unprotect
from piste.systems.windows.refusals import INSUFFICIENT_RIGHTS
from piste.systems.windows.searches import CRITICAL, DACL, DESCRIPTOR, PLACES

LONGEST = 64
"""Characters of a unit's name (MS-ADA3, attribute `ou`)."""


def unit_path(path: str) -> str:
    """Return a unit's declared path in its canonical spelling.

    Raises ValueError for the root, for a container, and for what is no path.
    """
    steps = dns.steps(path)
    if not steps or any(attribute != "OU" for attribute, _ in steps):
        raise ValueError(path)
    return dns.written(steps)


ORGANIZATIONAL_UNITS = Resource(
    system="ad",
    name="organizational_unit",
    doc="Unité d’organisation",
    key=("path",),
    nested="/",
    fields=(
        Field(
            "path",
            "Path from the domain's root, C(Ville/Ecoles/ecole-jaures); its identity. C(\\\\/) is a slash in a name.",
            required=True,
            normalise=unit_path,
        ),
        Field(
            "formerly",
            "Former paths of the unit. A unit that is still at a former path is moved, with all its contents.",
            type="list",
            normalise=unit_path,
            path_only=True,
        ),
        Field("description", "Description; null clears it.", nullable=True, default=None, minimum=1, maximum=1024),
        Field("protected", "True to protect it from accidental deletion.", type="bool", default=False),
    ),
)


class OrganizationalUnits(DirectoryDriver):
    resource = ORGANIZATIONAL_UNITS
    options = OWNED

    def __init__(self, *place: Any, **options: Any) -> None:
        super().__init__(*place, **options)
        self.unkept: set[str] = set()
        """Parents whose children could not be protected."""
        self.renamed: dict[str, str] = {}
        """Declared path of each unit, by each of its former paths."""
        self.before: dict[str, str] = {}
        """Path of each live unit once its parents have moved, by key, as last read."""

    def gather(self, desired: Sequence[Item], *, whole: bool, fresh: bool) -> dict[str, Item]:
        asked = {item["path"]: item for item in desired}
        self.renamed = {old: path for path, item in asked.items() for old in item.get("formerly", ())}
        spelling = spellings(asked)
        self.raw, self.before, items = {}, {}, {}
        for entry in self.directory.find(PLACES, self.dn(self.base), fresh=fresh):
            live = self.path(entry.dn)
            if live == dns.ROOT:
                continue
            path = self._moved(live, strict=False)
            key = path if path in asked else spelling.get(dns.folded_path(path), path)
            if not self.mine(live) or (entry.text(CRITICAL) == "TRUE" and key not in asked):
                continue
            if key in items:
                raise twice(self.resource.name, key, [self.path(self.raw[key].dn), live])
            self.raw[key], self.before[key] = entry, self._moved(live, strict=True)
            moves = dns.folded_path(self.before[key]) != dns.folded_path(key)
            items[key] = {
                "path": self.before[key] if moves else key,
                "description": entry.text("description"),
                "protected": entry.read(DESCRIPTOR, protected),
            }
            if "formerly" in asked.get(key, {}):
                items[key]["formerly"] = asked[key]["formerly"]
        return sorted_items(items)

    def _moved(self, path: str, *, strict: bool) -> str:
        """Return the path of a unit once its parents (and itself, unless `strict`) have moved."""
        steps = dns.steps(path)
        for length in range(len(steps) - strict, 0, -1):
            old = dns.folded_path(dns.written(steps[:length]))
            for former, new in self.renamed.items():
                if dns.folded_path(former) == old:
                    return dns.written([*dns.steps(new), *steps[length:]])
        return path

    def ordered(self, operations: Sequence[Operation]) -> Sequence[Operation]:
        """Sort operations: creations and changes from the root down, then deletions from the leaves."""
        stays = sorted((operation for operation in operations if operation.action != "delete"), key=_depth)
        goes = sorted((operation for operation in operations if operation.action == "delete"), key=_depth, reverse=True)
        return [*stays, *goes]

    def contents(self, key: str) -> dict[str, Any]:
        """Return the links of policies of a unit; any other content must be deleted before the unit."""
        links = export(GpoLinks(self.directory, self.owner, key), self.owner, fresh=True)
        return {"ad_gpo_links": {"config": links}} if links else {}

    def remarks(self) -> list[str]:
        return [
            f"« {path} » n’a pas pu être protégé contre la suppression de ce qu’il contient : droits insuffisants"
            for path in sorted(self.unkept)
        ]

    def leaves(self, operation: Operation) -> bool:
        return operation.after is None or operation.after.get("path") != (operation.before or {}).get("path")

    # before the first write

    def check(self, desired: Sequence[Item]) -> list[Fault]:
        items = [item for item in desired if "path" in item]
        here = Counter(dns.folded_path(item["path"]) for item in items)
        above = {dns.above(item["path"]) for item in items}
        missing = self.absent_places(path for path in above if dns.folded_path(path) not in here)
        faults = []
        for item in items:
            faults += self.not_mine(item, "path")
            if (place := dns.above(item["path"])) in missing:
                faults.append(self.fault(item, "path", nowhere(place)))
            if here[dns.folded_path(item["path"])] > 1:
                faults.append(self.fault(item, "path", "déclaré deux fois : l’annuaire ignore casse et accents"))
            if len(dns.steps(item["path"])[-1][1]) > LONGEST:
                faults.append(self.fault(item, "path", f"le nom a plus de {LONGEST} caractères"))
        return faults

    def refusals(self, operations: Sequence[Operation]) -> list[str]:
        """Refuse to delete a unit that still has contents: they would go with it.

        The unit of an object whose removal awaits a word waits too: it is not refused.
        """
        leaving = (operation for operation in operations if operation.key in self.raw and self.leaves(operation))
        gone = {dns.normal(self.raw[operation.key].dn) for operation in leaving}
        for kind in (GONE, f"{RETAINED}-{self.owner}"):
            gone |= self.directory.shared.planned(kind).keys()
        refusals = []
        for operation in operations:
            if operation.action == "delete":
                contents = self.directory.search(self.raw[operation.key].dn, "(objectClass=*)", ("objectClass",), "one")
                left = [entry for entry in contents if dns.normal(entry.dn) not in gone]
                if left:
                    refusals.append(f"« {operation.key} » contient encore {_listing(left)}")
        return refusals

    def guards(self, operations: Sequence[Operation]) -> dict[str, str]:
        return {
            f"protected:{operation.key}": "l’unité est protégée contre la suppression accidentelle"
            for operation in operations
            if operation.action == "delete" and (operation.before or {}).get("protected")
        }

    # writing

    def apply(self, operations: Sequence[Operation], progress: Progress) -> None:
        for operation in operations:
            with self.sending(progress, operation):
                if operation.action == "create":
                    self._create(operation.key, operation.after or {})
                elif operation.action == "delete":
                    self._delete(operation.key)
                else:
                    self._update(operation.key, operation.before or {}, operation.after or {})
            progress.done(operation)

    def _create(self, path: str, item: Mapping[str, object]) -> None:
        dn = self.dn(path)
        self.directory.add(dn, ["top", "organizationalUnit"], described(item, "description"))
        if item.get("protected"):
            self._protect(dn)

    def _update(self, key: str, before: Item, after: Item) -> None:
        dn = self.dn(self.before[key])
        if self.before[key] != after["path"] and before["path"] != after["path"]:
            self.directory.move(dn, self.dn(after["path"]))
            dn = self.dn(after["path"])
        if "description" in after:
            change = text_change(self.raw[key], "description", after["description"])
            self.directory.modify(dn, {"description": change})
        if after.get("protected") != before.get("protected"):
            if after["protected"]:
                self._protect(dn)
            else:
                self._unprotect(dn)

    def _delete(self, key: str) -> None:
        dn = self.raw[key].dn
        if self.raw[key].read(DESCRIPTOR, protected):
            self._unprotect(dn)
        self.directory.delete(dn)

    def _protect(self, dn: str) -> None:
        self.directory.put_descriptor(dn, protect(self._descriptor(dn)))
        above = dns.parent(dn)
        if keeps_children(self._descriptor(above)):
            return
        try:
            self.directory.put_descriptor(above, keep_children(self._descriptor(above)))
        except Rejected as error:
            if error.status != INSUFFICIENT_RIGHTS:
                raise
            self.unkept.add(self.path(above))  # the parent belongs to somebody else

    def _unprotect(self, dn: str) -> None:
        self.directory.put_descriptor(dn, unprotect(self._descriptor(dn)))

    def _descriptor(self, dn: str) -> bytes:
        """Read the descriptor anew: it is replaced whole, and the parents may have moved."""
        entry = self.directory.read(dn, (), descriptor=DACL)
        if entry is None:
            raise Conflict("l’unité n’est plus là", where=dn, todo="Relancez pour planifier sur l’état actuel.")
        entry.read(DESCRIPTOR, parse)
        return entry.raw(DESCRIPTOR)[0]


def _depth(operation: Operation) -> int:
    return len(dns.steps(operation.key))


def _listing(entries: Iterable[Entry]) -> str:
    """Count the contents of a unit by class: `2 group, 1 computer`."""
    count = Counter((entry.texts("objectClass") or ["objet"])[-1] for entry in entries)
    return ", ".join(f"{number} {kind}" for kind, number in sorted(count.items()))
