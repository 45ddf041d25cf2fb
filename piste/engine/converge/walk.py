"""The walk of every module, from gather to verify.

gather → normalise → plan → (check stops here) → look again → apply → verify.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from piste.engine.converge import belief, diff
from piste.engine.converge.as_found import is_nowhere, lay_over
from piste.engine.converge.diverged import diverged
from piste.engine.converge.driver import Driver
from piste.engine.converge.errors import (
    AnswerLost,
    Conflict,
    Fault,
    Interrupted,
    InvalidConfig,
    Misused,
    PisteError,
    Unreachable,
    Unreadable,
)
from piste.engine.converge.memory import Memory, recall, written
from piste.engine.converge.normalise import declared, declared_keys
from piste.engine.converge.overlay import restrict, union
from piste.engine.converge.plan import Item, Operation, Plan, changed_fields, plan
from piste.engine.converge.progress import Progress
from piste.engine.converge.reading import FAULTS, reading, why
from piste.engine.converge.request import Request
from piste.engine.converge.secrets import as_references
from piste.engine.converge.split import Split, split
from piste.engine.converge.survey import strangers, survey
from piste.engine.converge.values import stable
from piste.engine.converge.waiting import REMOVALS, awaits
from piste.engine.converge.withhold import withhold
from piste.engine.words import agreed

LOST_ANSWERS = 8
"""Times that a walk may look again and go on after an answer was lost."""


def converge(driver: Driver, request: Request) -> dict[str, Any]:
    """Run the walk and give its result as plain data.

    Keys: changed, operations, summary, contents, diff, withheld, refused, stays, warnings, gathered, orphans, survey. A
    rehearsal goes as far as check mode, and refuses as the run does. Check mode has nothing to rehearse.
    """
    if not request.rehearsal:
        return Walk(driver, request).run()
    if not request.check:
        request.check = True
        Walk(driver, request).run()
    return {"changed": False, "operations": [], "rehearsal": True}


def export(driver: Driver, owner: str, desired: Sequence[Item] = (), *, fresh: bool = False) -> list[Item]:
    """Read all that is live, or the objects named in `desired`, in the form of `config`."""
    with reading(f"{driver.resource.system} {driver.scope}".strip()):
        items = driver.gather(desired, whole=True, fresh=fresh).values()
    return [driver.exported(item, owner) for item in items]


class Walk:
    def __init__(self, driver: Driver, request: Request) -> None:
        self.driver, self.request, self.resource = driver, request, driver.resource
        driver.only_declared = request.state == "merged" and not request.survey
        self.vault = request.vault
        self.memory = request.memory or Memory(None, request.vault)
        as_found = request.as_found.get(driver.resource.system) or {}
        self.nowhere = is_nowhere(driver.resource, as_found, driver.scope)
        self.config, absent, self.astray = lay_over(driver.resource, request.config, request.absent, as_found)
        self.absent = declared_keys(driver.resource, absent)
        self.desired: list[Item] = []
        self.live: Mapping[str, Item] = {}
        self.withheld: list[str] = []
        self.contents: list[dict[str, Any]] = []
        self.unnoted = ""
        """What could not be noted of the beliefs that a write has shown."""
        self.unread = False
        """Nothing is claimed, so nothing was read: the driver has no remark."""
        self.kept: set[str] = set()
        """Places of what waits: nothing is planned there, not even a repair."""

    def _reading(self) -> AbstractContextManager[None]:
        return reading(f"{self.resource.system} {self.driver.scope}".strip())

    def _gather(self, desired: Sequence[Item], *, fresh: bool) -> dict[str, Item]:
        with self._reading():
            return self.driver.gather(desired, whole=False, fresh=fresh)

    def _check(self, desired: Sequence[Item]) -> Sequence[Fault]:
        with self._reading():
            return self.driver.check(desired)

    def run(self) -> dict[str, Any]:
        if self.request.survey and not self.request.check:
            raise Misused("un relevé (survey) n’écrit jamais", todo="Lancez-le avec --check, ou check_mode: true.")
        writes = self.request.state not in ("gathered", "deleted")
        check = (self._check,) if writes else ()
        self.config = self._without_what_waits(self.config) if writes and not self.request.compares else self.config
        desired = declared(self.resource, self.config, self.vault, self.request.owner, *check)
        if self.nowhere:
            return self._result(Plan(), gathered=[] if self.request.state == "gathered" else None)
        if self.request.state == "gathered":
            return self._result(Plan(), gathered=as_references(export(self.driver, self.request.owner, desired)))
        self._check_absent(desired)
        if not desired and not self.absent and self.request.state != "overridden" and not self.request.survey:
            self.unread = True
            return self._result(Plan())
        self.live = self._gather([*desired, *map(self.resource.named, self.absent)], fresh=False)
        if self.request.state == "deleted":
            self.desired = desired
        else:
            with self._reading():
                whole = self.driver.inherited(desired, self.live)
            self.desired, lacking = withhold(self.resource, whole, self.live, self.driver.lacks)
            self.withheld += lacking
        whole_plan = self._plan(self.live)
        parts = split(self, whole_plan)
        planned = parts.rest
        self.driver.retain([waiting.operation for waiting in parts.waiting])
        self._keep_to_the_saved_plan(parts)
        self.withheld += [*parts.lines, *self.driver.foreseen]
        if self.request.check:
            self.driver.announce(whole_plan if self.request.compares or self.request.holding.stopped else planned)
        elif planned:
            if not self.driver.new_place:
                self._look_again(planned)
            self._note_contents(planned)
            self.request.log.foresee(planned, self.contents)
            self._write(planned)
        result = self._result(planned)
        if self.request.check:
            result |= {"changed": bool(whole_plan), "summary": diff.summary(whole_plan)}
            result["operations"] = parts.to_json(whole_plan)
            stays = [{"kind": self.resource.name, "key": key} for key in self.driver.stays]
            result |= {name: said for name, said in (("refused", [*self.driver.foreseen]), ("stays", stays)) if said}
        if orphans := strangers(self.request, self.driver, desired, self.live, whole_plan):
            result["orphans"] = orphans
            result["warnings"] += [f"{orphan['kind']} {orphan['key']} : {orphan['why']}" for orphan in orphans]
        if self.request.survey:
            with self._reading():
                result["survey"] = survey(self.driver, desired, self.live, self.request.owner)
        return result

    def _note_contents(self, planned: Plan) -> None:
        with self._reading():
            self.contents = [
                {"owner": operation.owner, "kind": operation.kind, "key": operation.key, "holds": holds}
                for operation in planned.operations
                if operation.action == "delete" and (holds := self.driver.contents(operation.key))
            ]

    def _write(self, planned: Plan) -> None:
        """Apply and verify; add to an error what was done before it."""
        rested = belief.rests_on(self.driver, planned.operations)
        try:
            self._apply(planned)
            try:
                self._verify(planned)
            except PisteError as error:
                error.operations = tuple(operation.to_json() for operation in planned.operations)
                raise
            self.unnoted = belief.proven(rested, planned.operations, self.request.owner)
        except PisteError as error:
            error.contents = tuple(self.contents) if error.operations else ()
            raise

    def _check_absent(self, desired: Sequence[Item]) -> None:
        both = {self.resource.key_of(item) for item in desired} & set(self.absent)
        if both and self.request.state != "deleted":
            raise InvalidConfig([Fault(f"absent[{key}]", "déclaré aussi dans config") for key in sorted(both)])

    def _result(self, planned: Plan, gathered: list[Any] | None = None) -> dict[str, Any]:
        remarks = () if self.unread else self.driver.remarks()
        result: dict[str, Any] = {
            "changed": bool(planned),
            "operations": [operation.to_json() for operation in planned.operations],
            "summary": diff.summary(planned),
            "contents": self.contents,
            "diff": diff.diffs(planned, self.resource.fields),
            "withheld": self.withheld,
            "warnings": [*planned.notes, *self.withheld, *self._astray(), *remarks, *filter(None, [self.unnoted])],
        }
        if gathered is not None:
            result["gathered"] = gathered
        return result

    def _astray(self) -> list[str]:
        why = "gardé comme trouvé (as_found), mais aucune règle ne le déclare plus : retirez l’entrée"
        return [f"{self.resource.name} {key} : {why}" for key in self.astray]

    def _plan(self, live: Mapping[str, Item], desired: Sequence[Item] | None = None) -> Plan:
        driver = self.driver
        planned = plan(
            self.resource,
            self.desired if desired is None else desired,
            self._recall(live),
            owner=self.request.owner,
            state=self.request.state,
            absent=self.absent,
            free=driver.free,
            reset=driver.reset,
            label=driver.label,
            renamed=driver.traced(self.desired, live),
        )
        free = [operation for operation in planned.operations if operation.place not in self.kept]
        return replace(planned, operations=tuple(driver.ordered(free)))

    def _recall(self, live: Mapping[str, Item]) -> dict[str, Item]:
        desired = {self.resource.key_of(item): item for item in self.desired}
        names = {place: key for key, place in self.driver.traced(self.desired, live).items()}
        result = {}
        for place, item in live.items():
            key = names.get(place, place)
            address = self._address(key)
            result[place] = recall(self.resource.fields, item, desired.get(key, {}), self.memory, self.vault, address)
        return result

    def _address(self, key: str) -> str:
        parts = (self.resource.system, self.resource.name, self.driver.scope, key)
        return "/".join(part for part in parts if part)

    def _keep_to_the_saved_plan(self, parts: Split) -> None:
        allowed = self.request.allowed
        if allowed is None:
            return
        others = [operation.name for operation in parts.rest.operations if operation.to_json() not in allowed]
        awaited = [waiting.operation for waiting in parts.waiting]
        others += [operation.name for operation in awaited if not allowed.holds(operation.to_json())]
        if others:
            raise Conflict(
                f"le plan enregistré ne prévoit pas : {', '.join(others)}",
                where=self.request.owner,
                why="La situation a changé depuis, rien n’a été écrit.",
                todo="Refaites le plan, relisez-le, puis appliquez-le.",
            )

    def needed(self, planned: Plan) -> dict[str, str]:
        """List the words that a plan still wants, each with its reason."""
        removals = [removed for operation in planned.operations if (removed := self.removed(operation))]
        with self._reading():
            needed = dict(self.driver.guarded(planned.operations)) if planned else {}
            needed |= belief.awaited(self.driver, planned.operations)
        if len(removals) > self.request.max_removals:
            needed[REMOVALS] = (
                f"{agreed(len(removals), 'retrait(s) demandé(s)')}, "
                f"{self.request.max_removals} au plus sans confirmation : {', '.join(removals)}"
            )
        confirmed = set(self.request.confirm)
        return {word: why for word, why in needed.items() if not belief.accepts(confirmed, word)}

    def without(self, waiting: Sequence[Operation]) -> Plan:
        """Plan again without some operations: their objects keep what they have."""
        keys, places = {operation.key for operation in waiting}, {operation.place for operation in waiting}
        self.kept |= places
        rest = [item for item in self.desired if self.resource.key_of(item) not in keys]
        self._check(rest)
        if self.request.state != "deleted":
            # A kept object is not taken for undeclared, nor its slot for free.
            rest += [dict(self.live[place]) for place in sorted(places) if place in self.live]
        self.desired, self.absent = rest, [key for key in self.absent if key not in places]
        return self._plan(self.live)

    def _without_what_waits(self, config: Sequence[Any]) -> list[Any]:
        """Leave out what relies on an object that an earlier kind of the task lets wait."""
        kept, left = [], [other for other in self.request.left if other.kind != self.resource.name]
        waiting = [*left, *(change.operation for change in self.request.holding.waiting)]
        for item in config:
            declared_item = isinstance(item, Mapping)
            other = next((other for other in waiting if declared_item and awaits(self.driver, item, other)), None)
            if other is None:
                kept.append(item)
            elif other not in left:
                named = "/".join(str(item.get(part, "?")) for part in self.resource.key)
                self.withheld.append(f"{self.resource.name} {named} : repose sur {other.kind} {other.name}, qui attend")
        return kept

    def removed(self, operation: Operation) -> str:
        """Name what people lose by an operation: the removed object, or that of a slot taken over."""
        if operation.action in ("delete", "reset"):
            return operation.name
        place = operation.place
        kept = {operation.key, self.driver.traced(self.desired, self.live).get(operation.key)}
        taken_over = place not in kept and not self.driver.free(place, self.live[place])
        return place if taken_over else ""

    def _look_again(self, planned: Plan) -> None:
        """Read again what is about to be written, and stop if it moved: no write is conditional."""
        now = self._recall(self._gather_again(planned, self._touched(planned)))
        moved = [operation.name for operation in planned.operations if self._moved(operation, now.get(operation.place))]
        if moved:
            raise Conflict(
                f"modifié par quelqu’un d’autre depuis le calcul du plan : {', '.join(moved)}",
                where=self.request.owner,
                why="Rien n’a été écrit.",
                todo="Relancez pour planifier sur l’état actuel.",
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
        """Name the documents of their own that the operation leaves alone: they are not read again."""
        changed = changed_fields(operation)
        return {part.name for part in self.resource.parts if part.name not in changed}

    def _touched(self, planned: Plan) -> list[Item]:
        """List the desired items that the plan touches, limited to the documents that it writes."""
        by_key = {operation.key: operation for operation in planned.operations}
        items = []
        for item in self.desired:
            operation = by_key.get(self.resource.key_of(item))
            if operation:
                unread = self._unchanged_parts(operation)
                items.append({name: value for name, value in item.items() if name not in unread})
        return items

    def _gather_again(self, planned: Plan, desired: Sequence[Item]) -> dict[str, Item]:
        """Read the live state of the desired items, and of those that the plan removes."""
        named = {self.resource.key_of(item) for item in desired}
        removed = [
            {name: operation.before[name] for name in self.resource.key if name in operation.before}
            for operation in planned.operations
            if operation.before and (operation.key not in named or operation.place in self.absent)
        ]
        return self._gather([*desired, *removed], fresh=True)

    def _apply(self, planned: Plan) -> None:
        progress = Progress(planned, self._remember)
        todo: Sequence[Operation] = planned.operations
        lost: PisteError
        for _ in range(LOST_ANSWERS):
            try:
                self.driver.apply(todo, progress)
                return
            except (AnswerLost, Unreadable) as error:
                lost = error
            except FAULTS as error:
                lost = AnswerLost("la réponse à une écriture ne se lit pas", where=self.request.owner, why=why(error))
                lost.answered, lost.__cause__ = True, error
            except Exception as error:
                raise self._interrupted(error, progress, todo) from error
            todo = self._replan(lost, progress, todo)
            if not todo:
                return
        what = "le système ne répond plus de façon fiable"
        raise self._interrupted(Unreachable(what, where=self.request.owner, why=lost.why), progress, todo) from lost

    def _remember(self, operations: Iterable[Operation]) -> None:
        entries: dict[str, str] = {}
        for operation in operations:
            if operation.after is not None:
                entries |= written(self.resource.fields, operation.after, self.vault, self._address(operation.key))
        self.memory.store(entries)

    def _replan(self, lost: PisteError, progress: Progress, todo: Sequence[Operation]) -> tuple[Operation, ...]:
        """Plan what is left after a write whose outcome is unknown."""
        try:
            left = self._plan(self._gather(self.desired, fresh=True)).operations
        except PisteError as error:
            raise self._interrupted(error, progress, todo) from lost
        again = any(operation.action == "create" and progress.touched(operation) for operation in left)
        if again and getattr(lost, "answered", True):
            raise self._interrupted(lost, progress, todo) from lost  # if asked for again, it could be made twice
        known = {operation.key for operation in (*progress.applied, *left)}
        progress.count(*(operation for operation in todo if operation.key not in known))
        return left

    def _interrupted(self, cause: Exception, progress: Progress, todo: Sequence[Operation]) -> Interrupted:
        done = {operation.key for operation in progress.applied}
        rest = [operation.name for operation in todo if operation.key not in done]
        refused = set(cause.objects if isinstance(cause, PisteError) else ()) or set(rest[:1])
        stopped = Interrupted(
            cause,
            [operation.name for operation in progress.applied],
            [name for name in rest if name in refused],
            [name for name in rest if name not in refused],
        )
        stopped.operations = progress.to_json()
        return stopped

    def _verify(self, planned: Plan) -> None:
        desired = self._touched(planned)
        live = self._gather_again(planned, desired)
        keys = {operation.key for operation in planned.operations}
        left = [operation for operation in self._plan(live, desired).operations if operation.key in keys]
        if left:
            raise diverged(planned, left, self.request.owner)
