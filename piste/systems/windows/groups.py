"""Groups, by the name of their account.

Sources: MS-ADTS 2.2.12 (`groupType`), 3.1.1.8.4 (conditions of a change of type), MS-SAMR 3.1.1.6 (names).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from piste.engine.converge.errors import Fault
from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.progress import Progress
from piste.engine.converge.resource import Field, Resource
from piste.engine.words import agreed
from piste.systems.windows import dn as dns
from piste.systems.windows.directory import Value
from piste.systems.windows.driver import OWNED, DirectoryDriver, described, sorted_items, spelt_as, text_change, twice
from piste.systems.windows.entry import Entry
from piste.systems.windows.names import CHUNK
from piste.systems.windows.searches import CRITICAL
from piste.systems.windows.well_known import PRIVILEGED, PRIVILEGED_OF_DOMAIN, WELL_KNOWN

SCOPES: Mapping[str, int] = {"global": 2, "domain_local": 4, "universal": 8}
_CONTAINS: Mapping[str, frozenset[str]] = {
    "global": frozenset({"global"}),
    "universal": frozenset({"global", "universal"}),
    "domain_local": frozenset(SCOPES),
}
"""Scopes of the groups that a group of each scope may contain (MS-SAMR 3.1.1.8.5)."""
SECURITY = 0x80000000
_NAME = re.compile(r'[^"/\\\[\]:;|=,+*?<>@\x00-\x1f]{1,64}')
"""Form of the name of an account (MS-SAMR 3.1.1.6); 64 characters, since its common name is the same."""


def account(name: str) -> str:
    """Return a declared name. Raises ValueError where no account can have it."""
    if name not in WELL_KNOWN.values() and (not _NAME.fullmatch(name) or not name.strip(" .") or name.endswith(".")):
        raise ValueError(name)
    return name


GROUPS = Resource(
    system="ad",
    name="group",
    doc="Groupe",
    parents={"organizational_unit": "ou"},
    daily=frozenset({"members"}),
    fields=(
        Field("name", "Name of its account (sAMAccountName); its identity.", required=True, normalise=account),
        Field(
            "formerly",
            "Former names of the group. A group that still has a former name is renamed, and keeps its rights.",
            type="list",
            path_only=True,
        ),
        Field("ou", "Place of the group, as a path. Without it a new group goes to C(base).", normalise=dns.spelt),
        Field("description", "Description; null clears it.", nullable=True, default=None, minimum=1, maximum=1024),
        Field("mail", "Address to write to its members; null clears it.", nullable=True, default=None, minimum=1),
        Field("scope", "Scope: where the group has rights, and its members.", choices=tuple(SCOPES), default="global"),
        Field(
            "category",
            "Category: a group with rights, or a mere mailing list.",
            choices=("security", "distribution"),
            default="security",
        ),
        Field(
            "members",
            "Members, by account name, C(true) each; null removes a member. Other members stay, unless the state is "
            "C(replaced) or C(overridden). A computer's name ends in C($).",
            type="map",
            elements="bool",
            choices=(True,),
            default={},
        ),
    ),
)
_GROUP = "(objectCategory=group)"
_TEXTS = ("description", "mail")


class Groups(DirectoryDriver):
    resource = GROUPS
    options = OWNED

    def gather(self, desired: Sequence[Item], *, whole: bool, fresh: bool) -> dict[str, Item]:
        asked = {item["name"]: item for item in desired}
        renamed = {old: name for name, item in asked.items() for old in item.get("formerly", ())}
        self.raw, items = {}, {}
        entries = self._read([*asked, *renamed])
        self.names.learn(
            objects={dn for entry in entries.values() for dn in entry.texts("member")},
            accounts={member for item in asked.values() for member in item.get("members", {})},
        )
        for name, entry in entries.items():
            key = renamed.get(name, name)
            if key in self.raw:
                raise twice(self.resource.name, key, [self.path(self.raw[key].dn), self.path(entry.dn)])
            self.raw[key] = entry
            items[key] = self._item(name, entry, asked.get(key, {}))
        return sorted_items(items)

    def _read(self, named: Sequence[str]) -> dict[str, Entry]:
        """Return live groups by name.

        Named groups come from the whole domain, where a name is unique. A task that covers all the owner's groups adds
        those of the owner's place, but for the groups that a domain is created with.
        """
        attributes = ("sAMAccountName", "objectSid", "groupType", "member", CRITICAL, *_TEXTS)
        terms = list(map(self.names.filter_of, named))
        asked = [f"(&{_GROUP}(|{''.join(terms[at : at + CHUNK])}))" for at in range(0, len(terms), CHUNK)]
        places = [(self.directory.base, desired) for desired in asked]
        if self.everything:
            places.append((self.dn(self.base), _GROUP))
        groups: dict[str, Entry] = {}
        for place, desired in places:
            for entry in self.directory.search(place, desired, attributes):
                name = spelt_as(named, self.names.name_of_entry(entry))
                if name in named or self._owned(entry):
                    if name in groups and not dns.same(groups[name].dn, entry.dn):
                        raise twice(self.resource.name, name, [self.path(groups[name].dn), self.path(entry.dn)])
                    groups[name] = entry
        return groups

    def _owned(self, entry: Entry) -> bool:
        place = dns.above(self.path(entry.dn))
        of_domain = any(attribute == "CN" for attribute, _ in dns.steps(place)) or entry.text(CRITICAL) == "TRUE"
        return self.mine(place) and not of_domain

    def _item(self, name: str, entry: Entry, desired: Item) -> Item:
        kind = entry.read("groupType", int)
        spelling = {dns.normal(self._dn_of(member)): member for member in desired.get("members", {})}
        members = {spelling.get(dns.normal(dn), self.names.name_of(dn)): True for dn in entry.texts("member")}
        ou = dns.above(self.path(entry.dn))
        same = "ou" in desired and dns.folded_path(ou) == dns.folded_path(desired["ou"])
        item: Item = {
            "name": name,
            "ou": desired["ou"] if same else ou,
            **{field: entry.text(field) for field in _TEXTS},
            "scope": _scope_of(kind),
            "category": _category_of(kind),
            "members": dict(sorted(members.items())),
        }
        return item | ({"formerly": desired["formerly"]} if "formerly" in desired else {})

    def _dn_of(self, member: str) -> str:
        """Return the DN of a member; empty for an unknown member."""
        try:
            return self.names.dn_of(member)
        except KeyError:
            return ""

    def ordered(self, operations: Sequence[Operation]) -> Sequence[Operation]:
        """Sort operations: creations, changes, deletions.

        A new group comes after the new groups that are its members.
        """
        new = {operation.key: operation for operation in operations if operation.action == "create"}
        placed: dict[str, Operation] = {}

        def place(operation: Operation, above: tuple[str, ...] = ()) -> None:
            for member in (operation.after or {}).get("members", ()):
                if member in new and member not in placed and member not in above:
                    place(new[member], (*above, operation.key))
            placed[operation.key] = operation

        for operation in new.values():
            if operation.key not in placed:
                place(operation)
        changes = [operation for operation in operations if operation.action == "update"]
        return [*placed.values(), *changes, *(operation for operation in operations if operation.action == "delete")]

    def leaves(self, operation: Operation) -> bool:
        return operation.after is None or operation.after.get("ou") != (operation.before or {}).get("ou")

    # before the first write

    def check(self, desired: Sequence[Item]) -> list[Fault]:
        items = [item for item in desired if "name" in item]
        scopes = {dns.fold(item["name"]): item.get("scope", "") for item in items}
        comes = scopes.keys() | {dns.fold(name) for name in self.directory.shared.planned(self.resource.name)}
        missing = self.absent_places(item["ou"] for item in items if "ou" in item)
        mentioned = {member for item in items for member in item.get("members") or ()}
        if mentioned:
            self.names.learn(accounts=mentioned | {item["name"] for item in items})
        faults = []
        for item in items:
            faults += self.not_mine(item, "ou", missing)
            for member, stays in (item.get("members") or {}).items():
                if not stays:
                    continue
                if dns.fold(member) not in comes and not self._dn_of(member):
                    faults.append(self.fault(item, f"members[{member}]", "inconnu dans ce domaine"))
                    continue
                outer, inner = (self._scope(name, scopes) for name in (item["name"], member))
                if outer and inner and inner not in _CONTAINS[outer]:
                    what = f"un groupe {outer} ne contient pas de groupe {inner}"
                    faults.append(self.fault(item, f"members[{member}]", what))
        return faults

    def _scope(self, name: str, declared: Mapping[str, str]) -> str:
        """Return the scope that a group has or will have.

        It is empty for an account that is no group, and for a group that another task only plans. `declared` maps the
        task's groups to their scopes, empty where they declare none.
        """
        if scope := declared.get(dns.fold(name)):
            return scope
        known = self.names.known(name)
        if known is None:
            return str(self.resource.field("scope").default) if dns.fold(name) in declared else ""
        return _scope_of(known.group_type) if known.group_type else ""

    def refusals(self, operations: Sequence[Operation]) -> list[str]:
        refusals = []
        for operation in operations:
            if operation.action == "create":
                if self.base == dns.ROOT and "ou" not in (operation.after or {}):
                    refusals.append(f"« {operation.key} » n’existe pas, et sa place (ou) n’est pas donnée")
                continue
            entry = self.raw[operation.key]
            place = dns.above(self.path(entry.dn))
            if not self.mine(place):
                refusals.append(f"« {operation.key} » est hors de ce que possède « {self.owner} » : {place}")
            elif operation.action == "delete" and entry.text(CRITICAL) == "TRUE":
                refusals.append(f"« {operation.key} » fait partie du domaine lui-même")
        return refusals

    def guards(self, operations: Sequence[Operation]) -> dict[str, str]:
        guards = {}
        for operation in operations:
            before, after = operation.before or {}, operation.after or {}
            if operation.action == "delete" and before["members"]:
                guards[f"members:{operation.key}"] = f"le groupe a {agreed(len(before['members']), 'membre(s)')}"
            if before.get("members", {}) != after.get("members", {}) and (rules := self._rules(operation)):
                guards[f"privileged:{operation.key}"] = f"ses membres administrent le domaine ({', '.join(rules)})"
        return guards

    def _rules(self, operation: Operation) -> list[str]:
        """Return the privileged groups among a group and the groups that contain it, at any depth."""
        entry = self.raw.get(operation.key)
        if entry is None or operation.action == "create":
            return []
        holders = f"(member:1.2.840.113556.1.4.1941:={dns.literal(entry.dn)})"
        chain = [entry, *self.directory.search(self.directory.base, holders, ("sAMAccountName", "objectSid"))]
        sids = [group.read("objectSid", dns.sid_text) for group in chain if group.raw("objectSid")]
        own = {f"{self.directory.sid}-{number}" for number in PRIVILEGED_OF_DOMAIN}
        return sorted({self.names.name(sid) for sid in sids if sid in PRIVILEGED | own})

    # writing

    def apply(self, operations: Sequence[Operation], progress: Progress) -> None:
        later: list[Operation] = []
        for operation in operations:
            with self.sending(progress, operation):
                whole = self._apply(operation)
            if whole:
                progress.done(operation)
            else:
                progress.begun([operation])
                later.append(operation)
        for operation in later:  # groups that contain each other: all exist by now
            dn = self.names.dn_of(operation.key)
            members = [self.names.dn_of(member) for member in (operation.after or {})["members"]]
            entry = self.directory.read(dn, ("member",))
            there = {dns.normal(member) for member in entry.texts("member")} if entry else set()
            missing = [member for member in members if dns.normal(member) not in there]
            with self.sending(progress, operation):
                self.directory.modify(dn, {"member": ([], missing)})
            progress.done(operation)

    def _apply(self, operation: Operation) -> bool:
        """Write an operation; return False for a new group whose members do not all exist yet."""
        if operation.action == "create":
            return self._create(operation)
        if operation.action == "delete":
            self.directory.delete(self.raw[operation.key].dn)
        else:
            self._update(operation)
        return True

    def _create(self, operation: Operation) -> bool:
        """Create a group; return True where all its members exist."""
        item = operation.after or {}
        members = {member: self._dn_of(member) for member in item.get("members", {})}
        dn = dns.child(operation.key, self.dn(item.get("ou", self.base)))
        attributes: dict[str, Sequence[Value]] = {
            "sAMAccountName": [operation.key],
            "groupType": [_kind(item.get("scope", "global"), item.get("category", "security"))],
            "member": [dn for dn in members.values() if dn],
            **described(item, *_TEXTS),
        }
        self.directory.add(dn, ["top", "group"], attributes)
        self.names.forget(operation.key)
        return all(members.values())

    def _update(self, operation: Operation) -> None:
        entry, before, after = self.raw[operation.key], operation.before or {}, operation.after or {}
        dn = entry.dn
        changes: dict[str, Any] = {name: text_change(entry, name, after[name]) for name in _TEXTS if name in after}
        if before["name"] != after["name"]:
            changes["sAMAccountName"] = text_change(entry, "sAMAccountName", after["name"])
        if before.get("members", {}) != after.get("members", {}):
            changes["member"] = self._member_change(entry, before["members"], after["members"])
        self.directory.modify(dn, changes)
        for kind, goal in _steps(entry.read("groupType", int), after):
            self.directory.modify(dn, {"groupType": ([kind], [goal])})
        name = after["name"] if before["name"] != after["name"] else dns.split(dn)[0][1]
        place = self.dn(after["ou"]) if after.get("ou") != before.get("ou") else dns.parent(dn)
        if not dns.same(to := dns.child(name, place), dn):
            self.directory.move(dn, to)

    def _member_change(
        self, entry: Entry, before: Mapping[str, bool], after: Mapping[str, bool]
    ) -> tuple[Sequence[Value], Sequence[Value]]:
        """Return the members to remove, as the directory spells them, and the members to add."""
        live = {dns.normal(dn): dn for dn in entry.texts("member")}
        goes = [self.names.dn_of(member) for member in before if member not in after]
        comes = [self.names.dn_of(member) for member in after if member not in before]
        return [live.get(dns.normal(dn), dn) for dn in goes], comes


def _scope_of(group_type: int) -> str:
    """Return the scope of a `groupType`.

    Built-in groups have another bit, and are local to the domain.
    """
    return next((word for word, bit in SCOPES.items() if group_type & bit), "domain_local")


def _category_of(group_type: int) -> str:
    return "security" if group_type & SECURITY else "distribution"


def _kind(scope: str, category: str) -> int:
    """Return a `groupType`, a signed number of 32 bits."""
    bits = SCOPES[scope] | (SECURITY if category == "security" else 0)
    return bits - (1 << 32) if bits & SECURITY else bits


def _steps(kind: int, after: Item) -> Iterator[tuple[int, int]]:
    """Yield `(from, to)` changes of type, from the live type to the desired type.

    A global group becomes domain local, or the reverse, by way of universal.
    """
    old = (_scope_of(kind), _category_of(kind))
    new = (after.get("scope", old[0]), after.get("category", old[1]))
    way = [("universal", new[1]), new] if {old[0], new[0]} == {"global", "domain_local"} else [new]
    for start, goal in pairwise([old, *way]):
        if start != goal:
            yield (kind if start == old else _kind(*start)), _kind(*goal)
