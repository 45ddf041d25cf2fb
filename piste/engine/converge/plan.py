"""The planner: from the desired and the live items to the operations, in order.

It is pure, without I/O. A plan is a value: it prints as a diff, saves as JSON and is applied. Check mode is the same
walk, stopped before the first write.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from piste.engine.converge.errors import Missing
from piste.engine.converge.overlay import differing, overlay, restrict, union, without, without_removals
from piste.engine.converge.resource import Resource, Shape
from piste.engine.converge.secrets import without_values
from piste.engine.converge.values import stable

State = Literal["merged", "replaced", "overridden", "deleted", "gathered"]
STATES: tuple[State, ...] = ("merged", "replaced", "overridden", "deleted", "gathered")
Action = Literal["create", "update", "delete", "reset"]
SYMBOLS: Mapping[str, str] = {"create": "+", "update": "~", "delete": "-", "reset": "-"}

Item = dict[str, Any]
Live = Mapping[str, Item]
"""Live canonical items, by key."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One change of one object.

    `before` and `after` are canonical items, limited to what is declared and what changes with it; None where the
    object is not there. `label` is the name that people use; it is not part of the identity. `slot` is the key of the
    object's place before the operation, where it differs from `key` (a slot taken over or renamed).
    """

    system: str
    owner: str
    kind: str
    key: str
    action: Action
    before: Item | None
    after: Item | None
    label: str = ""
    slot: str | None = None

    @property
    def name(self) -> str:
        return self.label or self.key

    @property
    def place(self) -> str:
        return self.key if self.slot is None else self.slot

    def identity(self) -> tuple[str, str, str, str, str, str, str]:
        """Give what makes two operations equal: whose, what, and from which content to which."""
        return (
            self.system,
            self.owner,
            self.kind,
            self.key,
            self.action,
            digest(self.before),
            digest(self.after),
        )

    def to_json(self) -> dict[str, Any]:
        """Describe the operation as plain data for results, plans and records.

        Secrets are given by path and fingerprint.
        """
        described = {
            "system": self.system,
            "owner": self.owner,
            "kind": self.kind,
            "key": self.key,
            "label": self.name,
            "action": self.action,
            "fields": list(changed_fields(self)),
            "before": digest(self.before),
            "after": digest(self.after),
            "content": {"before": without_values(self.before), "after": without_values(self.after)},
        }
        return described if self.slot is None else {**described, "slot": self.slot}


IDENTITY = ("system", "owner", "kind", "key", "action", "before", "after")
"""Keys of an operation's JSON form that make its identity."""


def identity_of(described: Mapping[str, Any]) -> tuple[str, ...]:
    """Give the identity of an operation in its JSON form, equal to `Operation.identity`."""
    return tuple(str(described[name]) for name in IDENTITY)


@dataclass(frozen=True, slots=True)
class Plan:
    """Operations in the order in which they are applied, and the planner's notes."""

    operations: tuple[Operation, ...] = ()
    notes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.operations)


def plan(
    resource: Resource,
    desired: Sequence[Item],
    live: Live,
    *,
    owner: str,
    state: State = "merged",
    absent: Iterable[str] = (),
    free: Callable[[str, Item], bool] = lambda key, item: False,
    reset: Callable[[str, Item], Item] | None = None,
    label: Callable[[str, Item], str] = lambda key, item: "",
    renamed: Mapping[str, str] = MappingProxyType({}),
) -> Plan:
    """List the operations that bring `live` to `desired`, in the sense of `state`.

    `live` holds only what `owner` owns. `absent` names objects that must not be there, whatever the state. For
    resources with slots, `free` says whether a place may be taken. For slots and fixed objects, `reset` gives the
    content of an emptied object. `renamed` gives the live key of each desired object that somebody has renamed: it is
    changed where it is. Raises `Missing` for a fixed object that does not exist, and where no slot is left.
    """
    draft = _Draft(resource, live, owner, label, reset or _no_reset)
    gone = set(absent)
    retired = set(gone)
    if state == "deleted":
        retired |= {resource.key_of(item) for item in desired}
        desired = ()
    elif state == "overridden":
        kept = {resource.key_of(item) for item in desired}
        retired |= {key for key, item in live.items() if key not in kept and not free(key, item)}
    traced = {
        key: renamed[key]
        for key in map(resource.key_of, desired)
        if key in renamed and key not in live and renamed[key] not in gone
    }
    taken = set(traced.values())
    unplaced: list[str] = []
    for item in desired:
        key = resource.key_of(item)
        if key in live:
            draft.change(key, item, whole=state != "merged")
        elif key in traced:
            draft.change(key, item, whole=state != "merged", place=traced[key])
        elif resource.shape is Shape.COLLECTION:
            draft.create(key, item)
        elif resource.shape is Shape.SLOTS:
            place = _free_slot(resource, item, live, retired, taken, free, desired)
            if place is None:
                unplaced.append(f"« {key} »")
                continue
            taken.add(place)
            draft.take(place, key, item, whole=state != "merged")
        else:
            draft.faults.append(f"{resource.name} {key}")
    if draft.faults:
        raise Missing(
            f"n’existe pas : {', '.join(draft.faults)}",
            where=owner,
            todo="Vérifiez la déclaration (numéro, modèle) ou l’équipement.",
        )
    if unplaced:
        raise Missing(
            f"aucun emplacement libre pour {resource.name} {', '.join(unplaced)} ({resource.slots} au plus)",
            where=owner,
            todo="Retirez un objet inutile (absent: […]) puis relancez.",
        )
    for key in live:
        if key in retired and key not in taken:
            draft.retire(key)
    return Plan(tuple(draft.operations), tuple(draft.notes))


class _Draft:
    """A plan in the making."""

    def __init__(
        self,
        resource: Resource,
        live: Live,
        owner: str,
        label: Callable[[str, Item], str],
        reset: Callable[[str, Item], Item],
    ) -> None:
        self.resource, self.live, self.owner, self.label, self.reset = resource, live, owner, label, reset
        self.operations: list[Operation] = []
        self.notes: list[str] = []
        self.faults: list[str] = []

    def add(self, key: str, action: Action, before: Item | None, after: Item | None, slot: str | None = None) -> None:
        label = self.label(key, {**self.live.get(key if slot is None else slot, {}), **(after or before or {})})
        self.operations.append(
            Operation(self.resource.system, self.owner, self.resource.name, key, action, before, after, label, slot)
        )

    def change(self, key: str, item: Item, *, whole: bool, place: str | None = None) -> None:
        before = self.live[key if place is None else place]
        item, exact = self._order(item)
        after = overlay(self.resource.fields, before, item, whole=whole, exact=exact)
        if before.get(self.resource.repairs):
            after[self.resource.repairs] = []
        self._update(key, before, after, item, slot=place)
        for field in self.resource.fields:
            if not field.create_only or field.name not in item or field.name not in before:
                continue
            if stable(item[field.name]) != stable(before[field.name]):
                self.notes.append(
                    f"{self.resource.name} {key} : « {field.name} » est fixé à la création "
                    f"({before[field.name]} en place, {item[field.name]} déclaré), rien n’est changé"
                )

    def create(self, key: str, item: Item) -> None:
        item, _ = self._order(item)
        self.add(key, "create", None, without_removals(self.resource.fields, item))

    def take(self, place: str, key: str, item: Item, *, whole: bool) -> None:
        before = self.live[place]
        empty = overlay(self.resource.fields, before, self.reset(place, before), whole=False)
        after = overlay(self.resource.fields, empty, item, whole=whole)
        self._update(key, before, after, item, slot=place)
        slot = self.resource.slot_field
        if slot in item and item[slot] != before.get(slot):
            self.notes.append(
                f"{self.resource.name} {key} : l’emplacement {item[slot]} n’est pas libre, {before.get(slot)} est pris"
            )

    def _order(self, item: Item) -> tuple[Item, bool]:
        """Give the declared content, and whether its maps are exact."""
        name = self.resource.exclusive
        return {key: value for key, value in item.items() if key != name}, bool(name and item.get(name))

    def retire(self, key: str) -> None:
        before = self.live[key]
        if self.resource.shape is Shape.COLLECTION:
            self.add(key, "delete", before, None)
            return
        empty = self.reset(key, before)
        after = overlay(self.resource.fields, before, empty, whole=False)
        self._update(key, before, after, empty, action="reset")

    def _update(
        self, key: str, before: Item, after: Item, desired: Item, *, slot: str | None = None, action: Action = "update"
    ) -> None:
        """Plan a change of what is declared and what changes with it.

        Nothing is claimed of the rest of the object.
        """
        if stable(after) == stable(before):
            return
        place = (self.resource.slot_field,) if slot is not None or action == "reset" else ()
        names = {name: before[name] for name in (*self.resource.key, *place) if name in before}
        shape = union(names, union(desired, differing(before, after)))
        self.add(key, action, restrict(before, shape), restrict(after, shape), slot)


def _no_reset(key: str, item: Item) -> Item:
    return {}


def _free_slot(
    resource: Resource,
    item: Item,
    live: Live,
    retired: set[str],
    taken: set[str],
    free: Callable[[str, Item], bool],
    desired: Sequence[Item],
) -> str | None:
    """Choose the place of a new object.

    The declared slot comes first, if it is free or being emptied; else the first free slot.
    """
    kept = {resource.key_of(other) for other in desired}
    open_places = [
        key
        for key, content in live.items()
        if key not in taken and key not in kept and (free(key, content) or key in retired)
    ]
    reserved = {other.get(resource.slot_field) for other in desired} - {None}
    for key in open_places:
        if live[key].get(resource.slot_field) == item.get(resource.slot_field):
            return key
    for key in open_places:
        if live[key].get(resource.slot_field) not in reserved:
            return key
    return open_places[0] if open_places else None


def changed_fields(operation: Operation) -> tuple[str, ...]:
    """Name the fields whose content differs, in the order of the object."""
    return tuple(differing(operation.after or {}, operation.before or {}))


def digest(item: Item | None) -> str:
    """Compute a stable short digest of a canonical item; `-` for an absent object.

    Secrets count by fingerprint.
    """
    if item is None:
        return "-"
    return hashlib.sha256(stable(without_values(item)).encode()).hexdigest()[:16]


def project(planned: Plan, live: Live) -> dict[str, Item]:
    """Compute what `live` becomes once the plan is applied."""
    result = dict(live)
    for operation in planned.operations:
        if operation.place != operation.key:
            result.pop(operation.place, None)
        if operation.after is None:
            result.pop(operation.key, None)
        else:
            current = live.get(operation.place, {})
            result[operation.key] = union(without(current, operation.before or {}, operation.after), operation.after)
    return result
