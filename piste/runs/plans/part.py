"""A part of a saved plan: the objects that a person names, what they need, what is left."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from piste.engine.converge.allowed import LEFT, is_waiting, named, operation_of
from piste.engine.converge.errors import Misused
from piste.engine.converge.plan import Operation, changed_fields
from piste.engine.converge.waiting import refers
from piste.engine.words import agreed, some
from piste.runs.plans import saved
from piste.runs.plans.accounts import is_account
from piste.runs.plans.segments import tie
from piste.systems import kinds

Described = Mapping[str, Any]


class NoPart(Misused):
    """A part of a plan that cannot be done by itself, or names of no object of the plan."""

    code = "PISTE-E043"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a plan.

    `plan` is the plan whose other operations are left, `pulled` says what was added, and why.
    """

    plan: dict[str, Any]
    doing: Sequence[Described]
    left: Sequence[Described]
    pulled: Sequence[str] = ()

    @property
    def shown(self) -> dict[str, Any]:
        """The plan of the part alone, for display."""
        return {**self.plan, "operations": [*self.doing], "orphans": [], "withheld": []}

    def write(self) -> Path:
        """Keep the part beside its plan, under a seal of its own."""
        objects = json.dumps([named(described) for described in self.doing]).encode()
        digest = hashlib.sha256(objects).hexdigest()[:6]
        return saved.write(self.plan, saved.folder() / f"{self.plan['id']}.only-{digest}.json")


def part(plan: Mapping[str, Any], names: Sequence[str]) -> Part:
    """Make the part of a plan that does some objects, and all that they need. Raises `NoPart`."""
    if any(map(is_account, plan["operations"])):
        todo = "Retirez ou rendez un seul compte par un plan à lui (piste accounts)."
        raise NoPart("un plan de comptes se fait entier", todo=todo)
    order = _Order(plan["operations"])
    asked = _asked(plan["operations"], names)
    reasons = order.needed(asked)
    _refuse_waiting(plan["operations"], asked, reasons)
    doing = {*asked, *reasons}
    operations = [
        described if rank in doing else {**described, "waiting": LEFT}
        for rank, described in enumerate(plan["operations"])
    ]
    bare = {name: value for name, value in plan.items() if name != "seal"}
    return Part(
        {**bare, "operations": operations},
        [operations[rank] for rank in sorted(doing)],
        [described for rank, described in enumerate(plan["operations"]) if rank not in doing],
        [f"{named(operations[rank])} : {why}" for rank, why in sorted(reasons.items())],
    )


def names_of(described: Described) -> tuple[str, ...]:
    """List the names by which a person may mean an operation, the whole name first."""
    short = f"{described['kind']} {described['label']}"
    return named(described), f"{described['owner']}/{short}", short, str(described["label"])


def _asked(operations: Sequence[Described], names: Sequence[str]) -> list[int]:
    """Find the operations of each name. Raises `NoPart` for all that are unknown or ambiguous."""
    from piste.town.model.wording import closest

    ranks, faults = dict[int, None](), []
    for name in names:
        meant = [rank for rank, described in enumerate(operations) if name in names_of(described)]
        objects = dict.fromkeys(named(operations[rank]) for rank in meant)
        if len(objects) == 1:
            ranks.update(dict.fromkeys(meant))
        elif objects:
            faults.append(f"« {name} » désigne {agreed(len(objects), 'objet(s)')} : {some([*objects])}")
        else:
            known = [known for described in operations for known in names_of(described)]
            faults.append(f"« {name} » n’est pas un objet du plan. {closest(name, known)}".strip())
    if faults:
        raise NoPart(
            "la part demandée n’est pas dans le plan",
            todo="Nommez chaque objet comme piste plan show le nomme, « genre nom », ou « site / genre nom »."
            + "".join(f"\n  - {fault}" for fault in faults),
        )
    return [*ranks]


def _refuse_waiting(operations: Sequence[Described], asked: Iterable[int], reasons: Mapping[int, str]) -> None:
    """Refuse a part with an operation that the plan holds back."""
    kept_back = [
        f"{named(operations[rank])} : {operations[rank]['waiting']}"
        + (f" ({reasons[rank]})" if rank in reasons else "")
        for rank in dict.fromkeys((*asked, *reasons))
        if is_waiting(operations[rank])
    ]
    if kept_back:
        raise NoPart(
            "cette part demande ce que le plan retient",
            why="Rien n’a été écrit.",
            todo="Refaites le plan avec son mot (--confirm), ou retirez de --only ce qui en a besoin."
            + "".join(f"\n  - {line}" for line in kept_back),
        )


@dataclass(slots=True)
class _Order:
    """The operations of a plan in their order, and what each needs of the others."""

    described: Sequence[Described]
    operations: list[Operation] = field(init=False)
    owners: dict[tuple[str, str, str], set[str]] = field(default_factory=dict)
    """The owners of each object's name: several sites have an SSID of this name."""

    def __post_init__(self) -> None:
        self.operations = [operation_of(described) for described in self.described]
        for operation in self.operations:
            self.owners.setdefault((operation.system, operation.kind, operation.key), set()).add(operation.owner)

    def needed(self, asked: Sequence[int]) -> dict[int, str]:
        """Give what some operations need, through others too, with the reason of each."""
        reasons: dict[int, str] = {}
        through = [*asked]
        for rank in through:  # grows
            for other in range(len(self.operations)):
                if other in reasons or other in asked or other == rank:
                    continue
                if why := self._why(rank, other) or tie(self.operations[rank], self.operations[other]):
                    reasons[other] = f"{self.operations[rank].kind} {self.operations[rank].name} {why}"
                    through.append(other)
        return reasons

    def _why(self, rank: int, other: int) -> str:
        """Say why an operation needs another; empty where it does not."""
        this, that = self.operations[rank], self.operations[other]
        if this.system != that.system:
            return self._across(rank, other)
        kind = kinds.of_object(this.kind)
        if this.owner == that.owner and this.kind == that.kind and (why := self._beside(rank, other)):
            return why
        if kind.driver_class.finishes and kinds.of_object(that.kind).domain == kind.domain:
            return "clôt son domaine"
        if this.owner != that.owner and not self._is_alone(this, that):
            return ""
        if this.action in ("delete", "reset"):
            return "part, et il s’en sert" if _lets_go(that, this) else ""
        if not self._comes_first(other, rank):
            return ""
        named_anew = {*kinds.of_object(that.kind).table.key} & {*changed_fields(that)}
        if named_anew and this.owner == that.owner and kind.table.parents.get(that.kind) == "":
            return "en fait partie"
        return "le nomme" if kind.driver_class.follows(this, that) else ""

    def _beside(self, rank: int, other: int) -> str:
        """Say why an operation needs another of its kind and owner."""
        this, that = self.operations[rank], self.operations[other]
        if kinds.of_object(this.kind).driver_class.together:
            return "se fait d’un seul tenant avec lui"
        if this.place == that.key or that.place == this.key:
            return "partage son emplacement"
        if this.action != "delete" and that.action == "delete" and other < rank:
            return "vient après ce retrait"
        return "part, et il le remplace peut-être" if this.action == "delete" and that.action == "create" else ""

    def _across(self, rank: int, other: int) -> str:
        """Say why an operation needs that of another system: what admits devices, its groups."""
        this, that = self.operations[rank], self.operations[other]
        domain, theirs = (kinds.domain_of(self.described[at]) for at in (rank, other))
        if theirs == "access" and that.action != "delete" and kinds.admitted([self.described[rank]]):
            return "fait admettre ses appareils par lui"
        if domain == "access" and theirs == "directory" and that.action == "create":
            table = kinds.of_object(this.kind).table
            return "le nomme" if refers(table, this, replace(that, system=this.system)) else ""
        return ""

    def _comes_first(self, other: int, rank: int) -> bool:
        """Tell whether an operation is done before another; owners go kind after kind."""
        if self.operations[rank].owner == self.operations[other].owner:
            return other < rank
        return not kinds.comes_before(kinds.of_object(self.operations[rank].kind), self.operations[other].kind)

    def _is_alone(self, this: Operation, that: Operation) -> bool:
        """Tell whether a name means a single object, seen from another owner."""
        owners = self.owners[that.system, that.kind, that.key]
        return len(owners) == 1 and this.owner not in owners


def _lets_go(user: Operation, gone: Operation) -> bool:
    """Tell whether an operation ends the use of an object that goes."""
    if user.before is None:
        return False
    relies = kinds.of_object(user.kind).driver_class.relies
    there = replace(gone, action="create", after=gone.before)
    before = replace(user, action="update", after=user.before)
    return relies(before, there) and not (user.after is not None and relies(user, there))
