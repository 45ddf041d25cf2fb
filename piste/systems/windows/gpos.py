"""Driver of group policy objects (GPOs), whose key is their display name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from piste.engine.converge.errors import Ambiguous, Fault, InvalidConfig, PisteError, Rejected
from piste.engine.converge.overlay import without_removals
from piste.engine.converge.plan import Item, Operation, Plan, project
from piste.engine.converge.progress import Progress
from piste.systems.windows import dn as dns
from piste.systems.windows import gpo_asked
from piste.systems.windows.backup import write_backup, write_migration_table
from piste.systems.windows.backup_documents import Saved
from piste.systems.windows.connection import Connection
from piste.systems.windows.directory import Directory
from piste.systems.windows.driver import DirectoryDriver, spelt_as
from piste.systems.windows.gpo import acl
from piste.systems.windows.gpo.defects import defects, halted, repaired
from piste.systems.windows.gpo.definitions import names
from piste.systems.windows.gpo.document import changes, comment_bytes
from piste.systems.windows.gpo.dot1x import missing_service
from piste.systems.windows.gpo.foreign import decoded, encoded
from piste.systems.windows.gpo.options import OPTIONS
from piste.systems.windows.gpo.part import Content, Side
from piste.systems.windows.gpo.remarks import remarks
from piste.systems.windows.gpo.side import Parts, filled
from piste.systems.windows.gpo.store import Change, Store
from piste.systems.windows.gpo.stored import COMMENT, OFF, SIDES, Stored
from piste.systems.windows.gpo.table import RESTS, table
from piste.systems.windows.gpo_backups import MIGRATION_TABLE, mappings, saved
from piste.systems.windows.gpo_links import AWAITED
from piste.systems.windows.names import Names
from piste.systems.windows.sysvol import Sysvol
from piste.systems.windows.wmi_names import UNFILTERED, WmiNames

PROTECTED = {
    "{31B2F340-016D-11D2-945F-00C04FB984F9}": "Default Domain Policy",
    "{6AC1786C-016F-11D2-945F-00C04FB984F9}": "Default Domain Controllers Policy",
}
"""The two GPOs of every domain, which it needs (MS-GPOL 3.2.5.1.4)."""


class Linked(PisteError):
    """Refusal to remove a GPO that is still linked."""

    code = "PISTE-E044"
    kind = "refused"


PARTS = Parts(names())


@dataclass(slots=True)
class _Live:
    stored: Stored
    sides: dict[Side, dict[str, Any]]
    item: Item


class Gpos(DirectoryDriver):
    resource = table(PARTS)
    options = OPTIONS
    rests = RESTS

    def __init__(
        self,
        directory: Directory,
        owner: str,
        *,
        everything: bool = False,
        prefix: Sequence[str] = (),
        backup_dir: str | None = None,
        signed: str | None = None,
        admx: str | None = None,
        sysvol: Sysvol | None = None,
    ) -> None:
        super().__init__(directory, owner, everything=everything)
        self.parts = PARTS
        if admx:
            self.parts = Parts(names(admx))
            self.resource = table(self.parts)
        self.misread: list[Fault] = []
        self.signed = signed
        self.waiting: dict[str, str] = {}  # what a GPO waits for, whose program is not signed
        self.sysvol = sysvol or Sysvol(directory)
        self.store = Store(directory, self.sysvol)
        self.filters = WmiNames(directory)
        self.prefix, self.backup_dir = tuple(map(dns.fold, prefix)), backup_dir or ""
        self.live: dict[str, _Live] = {}
        self.declared: dict[str, Item] = {}
        self.broken: dict[str, list[str]] = {}
        """Defects of live GPOs that nothing declared ends."""
        self.closed: list[str] = []
        """Errors of the GPOs that a reading of all of them could not open."""

    @classmethod
    def needs(cls, connection: Connection) -> Mapping[str, Any]:
        return {"sysvol": connection.sysvol}

    @property
    def calls(self) -> dict[str, int]:
        return {name: count + self.sysvol.calls[name] for name, count in super().calls.items()}

    def asked(self, config: Iterable[Any]) -> list[Any]:
        """Read the scripts that the task gives as files, and the programs that it names."""
        return [self._asked(item) if isinstance(item, Mapping) else item for item in config]

    def _asked(self, item: Mapping[str, Any]) -> dict[str, Any]:
        result, faults, waits = gpo_asked.whole(item, self.signed)
        self.misread += faults
        if waits:
            self.waiting[str(item.get("name"))] = waits
        return result

    def lacks(self, item: Item) -> str:
        """Say which signed program a GPO waits for."""
        return self.waiting.get(item["name"], "")

    def owned(self, name: str, stored: Stored) -> bool:
        """True for a GPO that the owner may remove without naming it."""
        return bool(self.prefix) and dns.fold(name).startswith(self.prefix) and stored.guid not in PROTECTED

    # reading

    def gather(self, desired: Sequence[Item], *, whole: bool, fresh: bool) -> dict[str, Item]:
        self.declared = {item["name"]: item for item in desired}
        self.filters = WmiNames(self.directory, fresh=fresh)
        self.live, self.closed, self.broken = {}, [], {}
        every = whole and not desired
        stored_gpos = self.store.all()
        for name in {*map(dns.fold, self.waiting)} - {dns.fold(stored.name) for stored in stored_gpos}:
            self.directory.shared.plan_object(AWAITED, name, True)  # its links wait with it
        for name, stored in self.called(stored_gpos):
            if name in self.declared or every or (self.everything and not whole and self.owned(name, stored)):
                try:
                    self.store.load(stored)
                except Rejected as error:
                    if name in self.declared:
                        raise
                    self.closed.append(f"gpo {name} : {error}")
                    continue
                self.live[name] = self._read(name, stored, self.declared.get(name, {}))
        items = {name: live.item for name, live in self.live.items()}
        if whole:
            if self.backup_dir and (backed_up := self._back_up(live.stored for live in self.live.values())):
                write_migration_table(Path(self.backup_dir) / MIGRATION_TABLE, mappings(backed_up))
            return {name: _without(item, "defects") for name, item in items.items()}
        return items

    def called(self, every: Sequence[Stored]) -> Iterator[tuple[str, Stored]]:
        """List each GPO under its name as declared; namesakes add their GUID to it."""
        spelling = {dns.fold(name): name for name in self.declared}
        by_name: dict[str, list[Stored]] = {}
        for stored in sorted(every, key=lambda stored: (dns.fold(stored.name), stored.guid)):
            by_name.setdefault(dns.fold(stored.name), []).append(stored)
        for folded, same in by_name.items():
            if len(same) == 1:
                yield spelling.get(folded, same[0].name), same[0]
                continue
            if folded in spelling:
                raise Ambiguous(
                    f"{len(same)} stratégies s’appellent « {same[0].name} »",
                    where=", ".join(stored.guid for stored in same),
                    todo="Renommez l’une dans la console de gestion des stratégies, ou supprimez-la par son nom suivi "
                    f'de son identifiant (absent: ["{same[0].name} {same[0].guid}"]).',
                )
            for stored in same:
                name = f"{stored.name} {stored.guid}"
                yield spelling.get(dns.fold(name), name), stored

    def _read(self, name: str, stored: Stored, desired: Item) -> _Live:
        contents = {which: stored.content(which) for which in SIDES}
        sides = {which: self.parts.read(content, self.names) for which, content in contents.items()}
        item: Item = {
            "name": name,
            "comment": stored.comment,
            **{which: {"enabled": not stored.flags & OFF[which], **sides[which]} for which in SIDES},
            "filtering": self._named(acl.filtering(stored.descriptor.dacl), desired.get("filtering", ())),
            "exempt": self._named(acl.exempt(stored.descriptor.dacl), desired.get("exempt", ())),
            "wmi_filter": self._filter(stored.wql, desired.get("wmi_filter")),
        }
        if lacking := defects(stored, contents, self.parts, self.directory.sid):
            mended = self._mended(lacking, contents, desired) if desired else lacking
            item |= {"defects": mended} if mended else {}
            self.broken[name] = [defect for defect in lacking if defect not in mended]
        if others := stored.others:
            item["foreign"] = {path: encoded(raw) for path, raw in others.items()}
        return _Live(stored, sides, item)

    def _mended(self, present: list[str], contents: Mapping[Side, Content], desired: Item) -> list[str]:
        """Defects that the declaration ends: it writes again the illegible documents that it fills."""
        value, people = without_removals(self.resource.fields, desired), _Expected(self.names)
        written = {
            which: self.parts.written(filled(value.get(which, {}), self.resource.field(which).of), people, content)
            for which, content in contents.items()
        }
        return repaired(present, contents, written)

    def _filter(self, reference: str, desired: str | None) -> str | None:
        """Name of a GPO's WMI filter, as the declaration spells it."""
        name = self.filters.name(reference)
        return name if name is None or desired is None else spelt_as([desired], name)

    def _named(self, sids: Sequence[str], desired: Iterable[str]) -> list[str]:
        """Names of SIDs, as the declaration spells them."""
        self.names.learn(sids=sids)
        return sorted(spelt_as(desired, self.names.name(sid)) for sid in sids)

    # before the first write

    def check(self, desired: Sequence[Item]) -> list[Fault]:
        people = _Expected(self.names)
        self.names.learn(accounts={name for item in desired for field in _PEOPLE for name in item.get(field, ())})
        faults = list(self.misread)
        for item in desired:
            path = f"config[{item.get('name', '?')}]"
            for field in _PEOPLE:
                for name in item.get(field, ()):
                    if not people.known(name):
                        faults.append(Fault(f"{path}.{field}", f"« {name} » n’existe pas dans l’annuaire"))
            name = item.get("wmi_filter")
            if name and not self.filters.known(name):
                faults.append(Fault(f"{path}.wmi_filter", f"le filtre WMI « {name} » n’existe pas"))
            for which in SIDES:
                faults += self.parts.faults(which, item.get(which, {}), f"{path}.{which}", people)
        return faults

    def guarded(self, operations: Sequence[Operation]) -> dict[str, str]:
        """Refuse a wired policy without its service, which may be live already: look at the whole."""
        faults = [
            fault
            for operation in operations
            if operation.after is not None and self.declared.get(operation.key, {}).get("computer", {}).get("wired")
            for fault in missing_service(self._after(operation)["computer"], f"config[{operation.key}].computer")
        ]
        if faults:
            raise InvalidConfig(faults)
        return super().guarded(operations)

    def _after(self, operation: Operation) -> Item:
        """GPO as an operation leaves it, whole."""
        live = self.live.get(operation.place)
        return project(Plan((operation,)), {operation.place: live.item} if live else {})[operation.key]

    def refusals(self, operations: Sequence[Operation]) -> list[str]:
        gone = [operation for operation in operations if operation.action == "delete"]
        reasons = [
            f"{operation.key} : le domaine ne s’en passe pas, elle ne se supprime pas"
            for operation in gone
            if self.live[operation.place].stored.guid in PROTECTED
        ]
        if gone and not self.backup_dir:
            reasons.append("backup_dir manque : une stratégie ne se supprime pas sans sauvegarde")
        return [*reasons, *(line for kept in operations if kept.action != "delete" for line in self._unwritable(kept))]

    def _unwritable(self, operation: Operation) -> Iterator[str]:
        """List what no document can hold, before the first write and with the live content."""
        live, after, people = self.live.get(operation.place), self._after(operation), _Expected(self.names)
        for which in SIDES:
            content = live.stored.content(which) if live else Content(which, "")
            before = live.sides[which] if live else {}
            value = filled(after.get(which, {}), self.resource.field(which).of)
            for fault in self.parts.unwritable(content, before, value, people):
                yield f"{operation.key}, {which} : {fault}"

    def guards(self, operations: Sequence[Operation]) -> dict[str, str]:
        return {
            f"gpo_deletion:{operation.key}": "elle sera supprimée avec tout ce qu’elle contient, après sauvegarde"
            for operation in operations
            if operation.action == "delete"
        }

    def announce(self, planned: Plan) -> None:
        super().announce(planned)
        for operation in planned.operations:
            live = self.live.get(operation.place)
            if live and (operation.action == "delete" or "wmi_filter" in (operation.after or {})):
                self.directory.shared.plan_object(UNFILTERED, dns.normal(live.stored.dn), {})

    # writing

    def apply(self, operations: Sequence[Operation], progress: Progress) -> None:
        self._prepare_removals([operation for operation in operations if operation.action == "delete"])
        for operation in operations:
            with self.sending(progress, operation):
                self._apply(operation)
            progress.done(operation)

    def _apply(self, operation: Operation) -> None:
        if operation.action == "delete":
            self.store.delete(self.live[operation.place].stored)
            return
        if operation.place not in self.live:
            self.live[operation.place] = self._created(operation)
        live = self.live[operation.place]
        self.store.write(live.stored, self._change(live, self._after(operation)))

    def _created(self, operation: Operation) -> _Live:
        return self._read(operation.key, self.store.create(operation.key), operation.after or {})

    def _prepare_removals(self, operations: Sequence[Operation]) -> None:
        """Refuse to remove linked GPOs, then back up the others: all are safe before any is removed."""
        stored = [self.live[operation.place].stored for operation in operations]
        for gpo in stored:
            places = [dns.path_of(dn, self.directory.base) for dn in self.store.links(gpo.guid)]
            if places:
                raise Linked(
                    f"est encore liée à {', '.join(places)}",
                    where=gpo.name,
                    why="Rien n’a été supprimé.",
                    todo="Retirez d’abord ces liens.",
                )
        self._back_up(stored)

    def _back_up(self, stored: Iterable[Stored]) -> list[Saved]:
        moment = datetime.now(UTC)
        backed_up = [saved(gpo, self.directory, self.names, self.filters) for gpo in stored]
        for gpo in backed_up:
            write_backup(Path(self.backup_dir), gpo, moment)
        return backed_up

    def _change(self, live: _Live, after: Item) -> Change:
        stored, change = live.stored, Change()
        for which in SIDES:
            self._change_side(change, live, which, after.get(which, {}))
        if after.get("comment", "") != live.item["comment"]:
            change.files[COMMENT] = comment_bytes(after["comment"])
        old, new = live.item.get("foreign", {}), after.get("foreign", {})
        change.files |= {path: decoded(text) for path, text in new.items() if old.get(path) != text}
        change.files |= {path: None for path in old if path not in new}
        flags = stored.flags & ~(OFF["user"] | OFF["computer"])
        change.flags = flags | sum(bit for which, bit in OFF.items() if not after.get(which, {}).get("enabled", True))
        if after.get("wmi_filter") != live.item["wmi_filter"]:
            change.wql = self.filters.reference(after.get("wmi_filter"))
        people = {
            field: self._sids(after[field]) if after[field] != live.item[field] else None
            for field in _PEOPLE
            if field in after
        }
        unreadable = not acl.readable(stored.descriptor.dacl, self.directory.sid)
        if any(sids is not None for sids in people.values()) or unreadable:
            change.dacl = acl.filtered(stored.descriptor.dacl, people.get("filtering"), people.get("exempt"))
        return change

    def _sids(self, names: Iterable[str]) -> list[str]:
        return [self.names.sid(name) for name in names]

    def _change_side(self, change: Change, live: _Live, which: Side, after: Mapping[str, Any]) -> None:
        stored = live.stored
        old = stored.content(which)
        value = filled(after, self.resource.field(which).of)
        new = self.parts.changed(old, live.sides[which], value, self.names)
        new.pairs -= halted(stored, which) - self.parts.needed(new)
        files = changes(stored.of_side(which), old, new)
        change.files |= {stored.side_path(which, path): raw for path, raw in files.items()}
        objects = {
            (which, dn): (old.objects.get(dn), new.objects.get(dn))
            for dn in sorted(old.objects.keys() | new.objects.keys())
            if old.objects.get(dn) != new.objects.get(dn)
        }
        change.objects |= objects
        change.pairs[which] = new.pairs
        moved = stored.unsettled(which) or new.pairs != stored.pairs(which)
        if files or objects or moved:
            change.bump.add(which)

    def remarks(self) -> list[str]:
        left = [f"gpo {name} : {defect}" for name, faults in self.broken.items() for defect in faults]
        others = (remarks(self.resource, name, live.item, self.declared.get(name)) for name, live in self.live.items())
        return [*self.closed, *left, *(line for lines in others for line in lines)]


_PEOPLE = ("filtering", "exempt")


class _Expected:
    """Live principals, and the groups that the run has planned, which have only a name."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.name, self.unit, self.unit_dn = names.name, names.unit, names.unit_dn
        self.coming = {dns.fold(name) for name in names.directory.shared.planned("group")}

    def sid(self, name: str) -> str:
        return "S-1-0-0" if dns.fold(name) in self.coming else self.names.sid(name)

    def known(self, name: str) -> bool:
        try:
            return bool(self.sid(name))
        except KeyError:
            return False


def _without(item: Item, name: str) -> Item:
    return {key: value for key, value in item.items() if key != name}
