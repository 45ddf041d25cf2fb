"""Group policy objects (GPOs), known by their display name: the table, and what is there against what is declared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from piste.converge.errors import Ambiguous, Fault, PisteError
from piste.converge.plan import Item, Operation, Plan, project
from piste.converge.resource import Field, Resource, Shape
from piste.converge.walk import Driver
from piste.windows import dn as dns
from piste.windows.directory import Directory
from piste.windows.gpo import acl, side
from piste.windows.gpo.defects import defects, halted
from piste.windows.gpo.document import changes, comment_bytes
from piste.windows.gpo.foreign import FOREIGN, decoded, encoded
from piste.windows.gpo.part import Side
from piste.windows.gpo.store import Change, Store
from piste.windows.gpo.stored import COMMENT, OFF, SIDES, Stored
from piste.windows.names import Names
from piste.windows.sysvol import Sysvol
from piste.windows.wmi_names import WmiNames

EVERYBODY = "Authenticated Users"
PROTECTED = {
    "{31B2F340-016D-11D2-945F-00C04FB984F9}": "Default Domain Policy",
    "{6AC1786C-016F-11D2-945F-00C04FB984F9}": "Default Domain Controllers Policy",
}
"""The two GPOs that a domain is made with and cannot do without (MS-GPOL 3.2.5.1.4)."""


class Kept(PisteError):
    """A GPO that is not to be deleted."""

    code = "PISTE-E041"
    kind = "refused"


def _side(name: Side, doc: str) -> Field:
    return Field(name, doc, type="dict", of=side.fields(name))


GPOS = Resource(
    system="ad",
    name="gpo",
    doc="Stratégie de groupe",
    shape=Shape.COLLECTION,
    key=("name",),
    fields=(
        Field("name", "Display name, the identity: two of one name are refused.", required=True, maximum=255),
        Field("comment", "Comment, as the console shows it.", default="", maximum=2047),
        _side("computer", "What computers apply, whoever opens a session."),
        _side("user", "What users apply, on whatever computer."),
        Field(
            "filtering",
            "Groups, users or computers that apply the GPO, by name. All may still read it: a computer reads what its "
            "users apply.",
            type="list",
            unordered=True,
            default=[EVERYBODY],
        ),
        Field(
            "exempt",
            "Groups, users or computers that never apply it, whatever else they belong to.",
            type="list",
            unordered=True,
            default=[],
        ),
        Field("wmi_filter", "Name of the WMI filter that a computer must pass.", nullable=True, default=None),
        replace(FOREIGN.field, doc="Files beside both sides that Piste does not know, by path, as base64."),
        Field("defects", "What a live GPO is found to lack; never declared, always repaired.", type="list"),
        Field(
            "exclusive",
            "Whether the declared sections hold what is declared and nothing else. Otherwise what they hold besides "
            "stays, and is reported.",
            type="bool",
        ),
    ),
    exclusive="exclusive",
)


def asked(config: Iterable[Any]) -> list[Any]:
    """A task's ``config`` with what every declared GPO is asked besides: that it lack nothing."""
    return [{**item, "defects": []} if isinstance(item, Mapping) else item for item in config]


@dataclass(slots=True)
class _Live:
    stored: Stored
    sides: dict[Side, dict[str, Any]]
    item: Item


class Gpos(Driver):
    """The driver. ``mine`` tells by its name a GPO that the owner may remove without naming it."""

    resource = GPOS
    scope = ""

    def __init__(
        self,
        directory: Directory,
        sysvol: Sysvol,
        *,
        every: bool = False,
        mine: Callable[[str], bool] = lambda name: False,
        backup: Callable[[Sequence[Stored]], None] | None = None,
    ) -> None:
        self.directory, self.store = directory, Store(directory, sysvol)
        self.names, self.filters = Names(directory), WmiNames(directory)
        self.every, self.mine, self.backup = every, mine, backup
        self.live: dict[str, _Live] = {}
        self.declared: dict[str, Item] = {}

    # reading

    def gather(self, wanted: Sequence[Item], *, whole: bool, fresh: bool) -> dict[str, Item]:
        self.declared = {item["name"]: item for item in wanted}
        self.filters.forget()
        self.live = {}
        everything = whole and not wanted
        for name, stored in self._called(self.store.all()):
            if name in self.declared or everything or (self.every and self.mine(name)):
                self.store.load(stored)
                self.live[name] = self._read(name, stored, self.declared.get(name, {}))
        items = {name: live.item for name, live in self.live.items()}
        if whole:
            return {name: _without(item, "defects") for name, item in items.items()}
        return items

    def _called(self, found: Sequence[Stored]) -> Iterator[tuple[str, Stored]]:
        """Each GPO under its name as declared; one of several that share a name adds its GUID to it."""
        spelling = {dns.fold(name): name for name in self.declared}
        by_name: dict[str, list[Stored]] = {}
        for stored in sorted(found, key=lambda stored: (dns.fold(stored.name), stored.guid)):
            by_name.setdefault(dns.fold(stored.name), []).append(stored)
        for folded, same in by_name.items():
            if len(same) == 1:
                yield spelling.get(folded, same[0].name), same[0]
                continue
            if folded in spelling:
                raise Ambiguous(
                    f"{len(same)} stratégies s'appellent « {same[0].name} »",
                    where=", ".join(stored.guid for stored in same),
                    todo="Renommez l'une dans la console de gestion des stratégies, ou supprimez-la par son nom suivi "
                    f'de son identifiant (absent: ["{same[0].name} {same[0].guid}"]).',
                )
            for stored in same:
                name = f"{stored.name} {stored.guid}"
                yield spelling.get(dns.fold(name), name), stored

    def _read(self, name: str, stored: Stored, wanted: Item) -> _Live:
        contents = {which: stored.content(which) for which in SIDES}
        sides = {which: side.read(content, self.names) for which, content in contents.items()}
        lacking = defects(stored, contents, self.directory.sid)
        item: Item = {
            "name": name,
            "comment": stored.comment,
            **{which: {"enabled": not stored.flags & OFF[which], **sides[which]} for which in SIDES},
            "filtering": self._named(acl.filtering(stored.descriptor.dacl), wanted.get("filtering", ())),
            "exempt": self._named(acl.exempt(stored.descriptor.dacl), wanted.get("exempt", ())),
            "wmi_filter": self.filters.name(stored.wql),
            "defects": lacking,
        }
        if others := stored.others:
            item["foreign"] = {path: encoded(raw) for path, raw in others.items()}
        return _Live(stored, sides, item)

    def _named(self, sids: Sequence[str], wanted: Iterable[str]) -> list[str]:
        """Names of SIDs, as the declaration spells them."""
        self.names.learn(sids=sids)
        spelling = {dns.fold(name): name for name in wanted}
        found = [self.names.name(sid) for sid in sids]
        return sorted(spelling.get(dns.fold(name), name) for name in found)

    # before the first write

    def check(self, wanted: Sequence[Item]) -> list[Fault]:
        people = _Expected(self.names)
        self.names.learn(accounts={name for item in wanted for field in _PEOPLE for name in item.get(field, ())})
        found: list[Fault] = []
        for item in wanted:
            path = f"config[{item.get('name', '?')}]"
            for field in _PEOPLE:
                for name in item.get(field, ()):
                    if not people.known(name):
                        found.append(Fault(f"{path}.{field}", f"« {name} » n'existe pas dans l'annuaire"))
            name = item.get("wmi_filter")
            if name and not self.filters.known(name):
                found.append(Fault(f"{path}.wmi_filter", f"le filtre WMI « {name} » n'existe pas"))
            for which in SIDES:
                found += side.faults(which, item.get(which, {}), f"{path}.{which}", people)
        return found

    def guarded(self, operations: Sequence[Operation]) -> dict[str, str]:
        gone = [operation for operation in operations if operation.action == "delete"]
        for operation in gone:
            if self.live[operation.place].stored.guid in PROTECTED:
                raise Kept(
                    "ne se supprime pas : le domaine ne s'en passe pas",
                    where=operation.key,
                    todo="Retirez-la de absent.",
                )
        return {
            f"gpo_deletion:{operation.key}": "elle sera supprimée avec tout ce qu'elle contient, après sauvegarde"
            for operation in gone
        }

    def announce(self, planned: Plan) -> None:
        for operation in planned.operations:
            if operation.after is not None:
                self.directory.shared.plan_object(self.resource.name, operation.key, {})

    # writing

    def apply(self, operations: Sequence[Operation], done: Callable[[Operation], None]) -> None:
        self._prepare_removals([operation for operation in operations if operation.action == "delete"])
        for operation in operations:
            if operation.action == "delete":
                self.store.delete(self.live[operation.place].stored)
            else:
                live = self.live.get(operation.place) or self._created(operation)
                after = project(Plan((operation,)), {operation.place: live.item})[operation.key]
                self.store.write(live.stored, self._change(live, after))
            done(operation)

    def _created(self, operation: Operation) -> _Live:
        return self._read(operation.key, self.store.create(operation.key), operation.after or {})

    def _prepare_removals(self, operations: Sequence[Operation]) -> None:
        """Refuse to remove what is still linked, then back up what goes: nothing is removed before all is safe."""
        stored = [self.live[operation.place].stored for operation in operations]
        for one in stored:
            places = [dns.path_of(dn, self.directory.base) for dn in self.store.links(one.guid)]
            if places:
                raise Kept(
                    f"est encore liée à {', '.join(places)}",
                    where=one.name,
                    why="Rien n'a été supprimé.",
                    todo="Retirez d'abord ces liens.",
                )
        if stored and self.backup is not None:
            self.backup(stored)

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
        value = {name: section for name, section in after.items() if name != "enabled" and section not in ({}, None)}
        new = side.changed(old, live.sides[which], value, self.names)
        new.pairs -= halted(stored, which) - side.needed(new)
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
        return [line for name, live in self.live.items() for line in _remarks(name, live.item, self.declared.get(name))]


_PEOPLE = ("filtering", "exempt")


class _Expected:
    """The principals and units that are there, and those that the run has planned, known by name alone."""

    def __init__(self, names: Names) -> None:
        planned = names.directory.shared.planned
        self.names = names
        self.coming = {dns.fold(name) for name in planned("group")}
        self.places = {dns.folded_path(path) for path in planned("organizational_unit")}

    def name(self, sid: str) -> str:
        return self.names.name(sid)

    def sid(self, name: str) -> str:
        return "S-1-0-0" if dns.fold(name) in self.coming else self.names.sid(name)

    def unit(self, dn: str) -> str:
        return self.names.unit(dn)

    def unit_dn(self, path: str) -> str:
        if dns.folded_path(path) in self.places:
            return dns.dn_of(path, self.names.directory.base)
        return self.names.unit_dn(path)

    def known(self, name: str) -> bool:
        try:
            return bool(self.sid(name))
        except KeyError:
            return False


def _without(item: Item, name: str) -> Item:
    return {key: value for key, value in item.items() if key != name}


def _remarks(name: str, item: Item, wanted: Item | None) -> Iterator[str]:
    """What a GPO holds that nobody declared in the sections that somebody declares, and what stays foreign."""
    for defect in item["defects"] if wanted is None else ():
        yield f"gpo {name} : {defect}"
    for which in SIDES:
        for section, entries in item[which].items():
            claimed = (wanted or {}).get(which, {}).get(section)
            if section == FOREIGN.field.name:
                extra = sorted(entries)
            elif isinstance(entries, Mapping) and isinstance(claimed, Mapping):
                mine = {str(key).casefold() for key in claimed}
                extra = [key for key in entries if str(key).casefold() not in mine]
            else:
                continue
            if extra and not (wanted or {}).get("exclusive"):
                yield f"gpo {name} : {which}.{section} contient aussi, non déclaré et gardé : {', '.join(extra)}"
