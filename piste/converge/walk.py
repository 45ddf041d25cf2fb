"""The one walk of every module: gather → normalise → plan → (check stops here) → look again → apply → verify."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from piste.converge import diff
from piste.converge.errors import (
    AnswerLost,
    Conflict,
    Diverged,
    Fault,
    Guarded,
    Interrupted,
    InvalidConfig,
    PisteError,
    Unreachable,
)
from piste.converge.items import restrict, union
from piste.converge.memory import Memory, recall, written
from piste.converge.normalise import declared, declared_keys, exported
from piste.converge.plan import Item, Operation, Plan, State, changed_fields, plan
from piste.converge.resource import Resource
from piste.converge.secrets import Vault, as_references
from piste.converge.values import stable
from piste.converge.withhold import withhold

LOST_ANSWERS = 8
"""How many times a walk may look again and go on after an answer was lost."""


class Driver(Protocol):
    """What a vendor supplies for one kind of object: reading, writing, and what only it knows. A driver that inherits
    from here says only what is special about its kind."""

    resource: Resource
    scope: str

    def check(self, wanted: Sequence[Item]) -> Sequence[Fault]:
        """What is wrong in the declared items that their table cannot see: names that the system does not know, say.
        An item that has other faults may lack fields."""
        return ()

    def gather(self, wanted: Sequence[Item], *, whole: bool, fresh: bool) -> dict[str, Item]:
        """Live canonical items, by key, among those the owner owns. ``whole`` asks for every part of every object,
        ``fresh`` for the system's own answer rather than what the run already knows."""

    def free(self, key: str, item: Item) -> bool:
        """True for a slot that holds nothing."""
        return False

    def reset(self, key: str, item: Item) -> Item:
        """Content of an emptied slot or of a fixed object as the system made it."""
        return {}

    def label(self, key: str, item: Item) -> str:
        """What people call the object, where that is not its key."""
        return ""

    def lacks(self, item: Item) -> str:
        """What a wanted object waits for (it is then left alone and listed); empty where it waits for nothing."""
        return ""

    def ordered(self, operations: Sequence[Operation]) -> Sequence[Operation]:
        """The operations in the order in which the system takes them: what holds others first, say."""
        return operations

    def guarded(self, operations: Sequence[Operation]) -> dict[str, str]:
        """Operations that need a word of confirmation: ``word:key`` → why. What cannot be done at all is raised."""
        return {}

    def announce(self, planned: Plan) -> None:
        """In check mode, tell the later tasks of the run what will exist."""
        return

    def apply(self, operations: Sequence[Operation], done: Callable[[Operation], None]) -> None:
        """Write, in order; ``done`` is called for each operation once the system has accepted it whole."""

    def remarks(self) -> list[str]:
        """What a reader of the result should know: unknown keys met on the system, and the like."""
        return []


@dataclass(slots=True)
class Request:
    """What a task asks for."""

    config: Sequence[Any] = ()
    state: State = "merged"
    owner: str = ""
    absent: Sequence[str] = ()
    confirm: Sequence[str] = ()
    max_removals: int = 5
    check: bool = False
    planned: frozenset[tuple[str, ...]] | None = None
    """Identities of the operations of a saved plan: nothing else is then done."""
    vault: Vault = field(default_factory=Vault)
    memory: Memory | None = None


def converge(driver: Driver, request: Request) -> dict[str, Any]:
    """Run the walk; the result is plain data: changed, operations, summary, diff, withheld, warnings, gathered."""
    return _Walk(driver, request).run()


class _Walk:
    def __init__(self, driver: Driver, request: Request) -> None:
        self.driver, self.request, self.resource = driver, request, driver.resource
        self.vault = request.vault
        self.memory = request.memory or Memory(None, request.vault)
        self.absent = declared_keys(driver.resource, request.absent)
        self.wanted: list[Item] = []
        self.live: Mapping[str, Item] = {}
        self.withheld: list[str] = []

    def run(self) -> dict[str, Any]:
        writes = self.request.state not in ("gathered", "deleted")
        check = (self.driver.check,) if writes else ()
        wanted = declared(self.resource, self.request.config, self.vault, self.request.owner, *check)
        if self.request.state == "gathered":
            items = self.driver.gather(wanted, whole=True, fresh=False).values()
            owner = {"owner": self.request.owner}
            whole = [exported(self.resource.fields, item, owner) for item in items]
            return self._result(Plan(), gathered=as_references(whole))
        self._check_absent(wanted)
        keys = self.resource.key
        named = [dict(zip(keys, key.split("/", len(keys) - 1), strict=False)) for key in self.absent]
        self.live = self.driver.gather([*wanted, *named], whole=False, fresh=False)
        if self.request.state == "deleted":
            self.wanted = wanted
        else:
            self.wanted, self.withheld = withhold(self.resource, wanted, self.live, self.driver.lacks)
        planned = self._plan(self.live)
        self._keep_to_the_saved_plan(planned)
        self._guard(planned)
        if self.request.check:
            self.driver.announce(planned)
        elif planned:
            self._look_again(planned)
            self._apply(planned)
            self._verify(planned)
        return self._result(planned)

    def _check_absent(self, wanted: Sequence[Item]) -> None:
        both = {self.resource.key_of(item) for item in wanted} & set(self.absent)
        if both and self.request.state != "deleted":
            raise InvalidConfig([Fault(f"absent[{key}]", "déclaré aussi dans config") for key in sorted(both)])

    def _result(self, planned: Plan, gathered: list[Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = {
            "changed": bool(planned),
            "operations": [operation.to_json() for operation in planned.operations],
            "summary": diff.summary(planned),
            "diff": diff.diffs(planned),
            "withheld": self.withheld,
            "warnings": [*planned.notes, *self.withheld, *self.driver.remarks()],
        }
        if gathered is not None:
            result["gathered"] = gathered
        return result

    def _plan(self, live: Mapping[str, Item], wanted: Sequence[Item] | None = None) -> Plan:
        driver = self.driver
        planned = plan(
            self.resource,
            self.wanted if wanted is None else wanted,
            self._recall(live),
            owner=self.request.owner,
            state=self.request.state,
            absent=self.absent,
            free=driver.free,
            reset=driver.reset,
            label=driver.label,
        )
        return replace(planned, operations=tuple(driver.ordered(planned.operations)))

    def _recall(self, live: Mapping[str, Item]) -> dict[str, Item]:
        wanted = {self.resource.key_of(item): item for item in self.wanted}
        return {
            key: recall(self.resource.fields, item, wanted.get(key, {}), self.memory, self.vault, self._address(key))
            for key, item in live.items()
        }

    def _address(self, key: str) -> str:
        parts = (self.resource.system, self.resource.name, self.driver.scope, key)
        return "/".join(part for part in parts if part)

    def _keep_to_the_saved_plan(self, planned: Plan) -> None:
        if self.request.planned is None:
            return
        known = self.request.planned
        others = [operation.name for operation in planned.operations if operation.identity() not in known]
        if others:
            raise Conflict(
                f"le plan enregistré ne prévoit pas : {', '.join(others)}",
                where=self.request.owner,
                why="La situation a changé depuis, rien n'a été écrit.",
                todo="Refaites le plan, relisez-le, puis appliquez-le.",
            )

    def _guard(self, planned: Plan) -> None:
        removals = [removed for operation in planned.operations if (removed := self._removed(operation))]
        needed = dict(self.driver.guarded(planned.operations)) if planned else {}
        if len(removals) > self.request.max_removals:
            needed["removals"] = (
                f"{len(removals)} retrait(s) demandé(s), {self.request.max_removals} au plus sans confirmation : "
                + ", ".join(removals)
            )
        confirmed = set(self.request.confirm)
        open_guards = {
            word: why
            for word, why in needed.items()
            if word not in confirmed and word.partition(":")[0] not in confirmed
        }
        if open_guards and not self.request.check:
            raise Guarded(
                f"{len(open_guards)} changement(s) à confirmer, rien n'a été écrit",
                where=self.request.owner,
                todo="Si c'est voulu, confirmez-le par ces mots (confirm de la tâche, <domaine>_confirm du rôle, "
                "--confirm de piste plan) : "
                + str(sorted(open_guards))
                + "".join(f"\n  - {word} : {why}" for word, why in sorted(open_guards.items())),
            )
        self.withheld += [f"à confirmer ({word}) : {why}" for word, why in sorted(open_guards.items())]

    def _removed(self, operation: Operation) -> str:
        """What people lose by an operation: the object that is removed, or the one whose slot is taken over."""
        if operation.action in ("delete", "reset"):
            return operation.name
        place = operation.place
        taken_over = place != operation.key and not self.driver.free(place, self.live[place])
        return place if taken_over else ""

    def _look_again(self, planned: Plan) -> None:
        """The system has no conditional write: read again what is about to be written, and stop if it moved."""
        now = self._recall(self._gather_again(planned, self._touched(planned)))
        moved = [operation.name for operation in planned.operations if self._moved(operation, now.get(operation.place))]
        if moved:
            raise Conflict(
                f"modifié par quelqu'un d'autre depuis le calcul du plan : {', '.join(moved)}",
                where=self.request.owner,
                why="Rien n'a été écrit.",
                todo="Relancez pour planifier sur l'état actuel.",
            )

    def _moved(self, operation: Operation, now: Item | None) -> bool:
        if now is None or operation.before is None:
            return now is not None or operation.before is not None
        never_read = {part.name for part in self.resource.parts if part.name not in operation.before}
        unread = self._unchanged_parts(operation) | never_read
        before = {name: value for name, value in operation.before.items() if name not in unread}
        shape = {name: value for name, value in union(before, operation.after or {}).items() if name not in unread}
        return stable(restrict(now, shape)) != stable(restrict(before, shape))

    def _unchanged_parts(self, operation: Operation) -> set[str]:
        """Documents of their own that the operation leaves alone: they are not read again."""
        changed = changed_fields(operation)
        return {part.name for part in self.resource.parts if part.name not in changed}

    def _touched(self, planned: Plan) -> list[Item]:
        """The wanted items that the plan touches, limited to the documents that it writes."""
        by_key = {operation.key: operation for operation in planned.operations}
        items = []
        for item in self.wanted:
            operation = by_key.get(self.resource.key_of(item))
            if operation:
                unread = self._unchanged_parts(operation)
                items.append({name: value for name, value in item.items() if name not in unread})
        return items

    def _gather_again(self, planned: Plan, wanted: Sequence[Item]) -> dict[str, Item]:
        """What the system holds now of the wanted items and of those that the plan removes."""
        named = {self.resource.key_of(item) for item in wanted}
        removed = [
            {name: operation.before[name] for name in self.resource.key if name in operation.before}
            for operation in planned.operations
            if operation.before and (operation.key not in named or operation.place in self.absent)
        ]
        return self.driver.gather([*wanted, *removed], whole=False, fresh=True)

    def _apply(self, planned: Plan) -> None:
        applied: list[Operation] = []
        todo: Sequence[Operation] = planned.operations
        for _ in range(LOST_ANSWERS):
            try:
                self.driver.apply(todo, lambda operation: self._applied(operation, applied))
                return
            except AnswerLost as lost:
                todo = self._replan(lost, applied, todo)
                if not todo:
                    return
            except Exception as error:
                raise self._interrupted(error, applied, todo) from error
        raise self._interrupted(
            Unreachable("le système ne répond plus de façon fiable", where=self.request.owner), applied, todo
        )

    def _applied(self, operation: Operation, applied: list[Operation]) -> None:
        applied.append(operation)
        if operation.after is not None:
            self.memory.store(written(self.resource.fields, operation.after, self.vault, self._address(operation.key)))

    def _replan(self, lost: AnswerLost, applied: list[Operation], todo: Sequence[Operation]) -> tuple[Operation, ...]:
        """What is left to do after a write of which nobody knows whether it was done."""
        try:
            left = self._plan(self.driver.gather(self.wanted, whole=False, fresh=True)).operations
        except PisteError as error:
            raise self._interrupted(error, applied, todo) from lost
        known = {operation.key for operation in (*applied, *left)}
        applied += [operation for operation in todo if operation.key not in known]
        return left

    def _interrupted(self, cause: Exception, applied: list[Operation], todo: Sequence[Operation]) -> Interrupted:
        done = {operation.key for operation in applied}
        rest = [operation.name for operation in todo if operation.key not in done]
        refused = set(cause.objects if isinstance(cause, PisteError) else ()) or set(rest[:1])
        return Interrupted(
            cause,
            [operation.name for operation in applied],
            [name for name in rest if name in refused],
            [name for name in rest if name not in refused],
        )

    def _verify(self, planned: Plan) -> None:
        wanted = self._touched(planned)
        live = self._gather_again(planned, wanted)
        keys = {operation.key for operation in planned.operations}
        left = [operation for operation in self._plan(live, wanted).operations if operation.key in keys]
        if left:
            kept = " ; ".join(f"{operation.name} ({', '.join(changed_fields(operation))})" for operation in left)
            raise Diverged(
                f"écrit et accepté, mais le système a gardé autre chose : {kept}",
                where=self.request.owner,
                todo="Relancez avec --check --diff pour voir la différence ; la valeur déclarée n'est sans doute "
                "pas admise telle quelle par ce modèle ou cette version.",
            )
