"""A task per domain: its kinds in the order of the table, over one connection.

All run in one process.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from piste.engine.converge.allowed import Allowed
from piste.engine.converge.errors import Fault, InvalidConfig, PisteError
from piste.engine.converge.module import Module
from piste.engine.converge.orphan import Orphan
from piste.engine.converge.orphans import answer
from piste.engine.converge.plan import State
from piste.engine.converge.request import Request
from piste.engine.converge.resource import UNSET, Field
from piste.engine.converge.run import Params, System, finish, module, run
from piste.engine.converge.secrets import Vault
from piste.engine.converge.spec import common_options
from piste.engine.converge.task_log import TaskLog
from piste.engine.converge.waiting import Holding
from piste.engine.kind import Kind
from piste.engine.transport.shared import planning_aside
from piste.runs.domains.everything import Everything
from piste.runs.domains.options import options_of, or_variable
from piste.runs.domains.outcome import Outcome
from piste.runs.domains.waits import Waits
from piste.systems.kinds import admitted, comes_before, of_domain
from piste.town.derived import derived, intent

_VARIABLES = {
    "secrets": "piste_secrets",
    "secrets_lock": "piste_secrets_lock",
    "plan": "piste_plan",
    "survey": "piste_survey",
}


@dataclass(slots=True)
class Task:
    """The request of a task to a domain: objects by kind, and the options that its kinds take."""

    params: Params
    state: str = "declared"
    intent: Mapping[str, Any] = field(default_factory=dict)
    backwards: bool = False
    """True where containers come after their contents."""
    config: dict[str, Sequence[Any]] = field(default_factory=dict)
    absent: dict[str, Sequence[str]] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    """Options of every kind that takes them."""
    of_kind: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Options of one kind."""
    touched: Collection[str] | None = None
    """The kinds to read, by their name in the saved plan that limits the task; None without a plan."""
    holder: str = ""
    """Owner of the place of the objects, where it is another than the task's."""

    @property
    def by_rule(self) -> bool:
        """True where the declaration decides, not the task."""
        return self.state == "declared"


class Domain:
    """A domain: the derived intent of an owner becomes tasks of its kinds.

    A subclass defines what is special about it.
    """

    name: str
    system: System
    """The system that the tasks of its kinds reach."""
    variables: Mapping[str, str] = {}
    """Variables of the environment that stand for other options, by option."""
    reached: Mapping[str, str] = {}
    """The variables of the environment that locate its systems, by option."""
    others: tuple[Field, ...] = ()
    """Options that locate another system, which some kinds also speak to."""
    options: tuple[Field, ...] = ()
    """Other options of a task; what the declaration derives replaces those that it leaves out."""
    taken: tuple[str, ...] = ()
    """Options that the intent holds under the same name."""
    environment: tuple[str, ...] = ()
    """Options that the intent of this environment depends on."""
    steps: tuple[str, ...] = ()
    """Steps that the usual run leaves out, and that a task asks for by name."""
    rehearses = False
    """True where nothing is written before all kinds have confirmed that they refuse nothing."""

    @property
    def kinds(self) -> tuple[Kind, ...]:
        return of_domain(self.name)

    def absent(self, intent: Mapping[str, Any]) -> Mapping[str, Sequence[str]]:
        """List what the declaration wants removed, by kind."""
        return {}

    def of_step(self, step: str, intent: Mapping[str, Any]) -> dict[str, Sequence[Any]]:
        """List the objects of a step, by kind."""
        return {kind.name: intent[kind.part] for kind in self.kinds if kind.step == step}

    def prepare(self, task: Task) -> None:
        """Complete the task with what the domain alone knows."""

    def state_of(self, kind: Kind) -> State:
        """Give the state in which a kind's declared objects are converged."""
        return "merged"

    def concerns(self, kind: Kind, task: Task) -> bool:
        """False where an owner has nothing to do with a kind."""
        return not kind.if_declared or bool(task.intent[kind.part])

    def admits(self, task: Task, owners: Collection[str]) -> bool:
        """True where the owner's objects admit the devices of some owners, whose ports rely on them."""
        return False

    def container_gone(self, connection: Any, task: Task) -> bool:
        """True where the container of the other kinds must go and has gone, with its contents."""
        return False

    def undeclared(self, connection: Any, everything: Everything, params: Params) -> Iterable[Orphan]:
        """List what the systems have and no owner declares."""
        return ()

    def refuse(self, kind: Kind, task: Task) -> None:
        """Raise where the domain must stop before a kind."""

    def modules(self) -> Mapping[str, Module]:
        """The module of the domain, and that of each of its kinds."""
        return _Modules(self)

    def module(self) -> Module:
        variables = {**self.reached, **self.variables, **_VARIABLES}
        systems = [option for option in (*self.system.options, *self.others) if option.name in self.reached]
        given = (*systems, *self.options, *options_of(self.kinds, self.steps, self.rehearses), *common_options())
        options = tuple(or_variable(option, variables.get(option.name)) for option in given)
        return Module(name=f"piste_{self.name}", options=options, run=self.run, writes=True, variables=variables)

    def run(self, params: Params, check: bool) -> dict[str, Any]:
        """Converge the domain for an owner, and put the results of its kinds together."""
        if params["state"] == "undeclared":
            return self._undeclared(params)
        tasks = self.asked(params)
        request = Request.of({**params, "config": (), "absent": (), "state": "merged", "rehearse": False}, check)
        request.owner = request.owner or params.get("site") or ""
        if tasks[0].by_rule and not request.as_found:
            request.as_found = derived(params["site"])["as_found"]
        if not any(True for task in tasks for _ in self._order(task)):
            return Outcome(params["state"]).result
        self._check_reached(params)
        waits = Waits(request.owner, self.name, params.get("step") or "")
        holding = partial(Holding, unfinished=waits.in_domain)
        request.holding = holding(awaited=waits.elsewhere)
        # An object that is given back is free once its contents have gone, which a rehearsal does not see.
        backwards = any(task.backwards for task in tasks)
        rehearses = params.get("rehearse") and not backwards and params["state"] != "gathered"
        with self.system.connected({**params, **tasks[0].options}, request.vault) as connection:
            if rehearses and not check:
                rehearsal = replace(request, rehearsal=True, holding=holding(awaited=waits.elsewhere))
                for task in tasks:
                    self.walk(connection, task, rehearsal, Outcome(task.state))
                request.holding.awaited = rehearsal.holding.waits
            elif not backwards:
                request.holding.ahead = lambda: self._awaits(params, tasks, request, holding())
            outcome = Outcome(params["state"])
            self._play(connection, tasks, request, outcome)
            waits.note(request.holding)
            finish(request, outcome.result)
        return {**outcome.result, "calls": dict(connection.calls)}

    def _awaits(self, params: Params, tasks: Sequence[Task], request: Request, holding: Holding) -> bool:
        """Tell whether anything of the task awaits a word, by a check of all its kinds."""
        looking = replace(request, check=True, survey=False, allowed=None, log=TaskLog(), holding=holding)
        try:
            with planning_aside(), self.system.connected({**params, **tasks[0].options}, request.vault) as connection:
                self._play(connection, tasks, looking, Outcome(params["state"]))
        except PisteError:  # the task itself comes to it, and says it
            return False
        return any(change.words for change in holding.waiting)

    def _play(self, connection: Any, tasks: Sequence[Task], request: Request, outcome: Outcome) -> None:
        for task in tasks:
            self.walk(connection, task, request, outcome)

    def _check_reached(self, params: Params) -> None:
        lacking = [(option, name) for option, name in self.reached.items() if not params.get(option)]
        if lacking:
            why = "attendu : donnez-le à la tâche, ou {} dans l’environnement"
            raise InvalidConfig([Fault(option, why.format(name)) for option, name in lacking])

    def _undeclared(self, params: Params) -> dict[str, Any]:
        """Name what nobody declares, in the sites that the run leaves out too."""
        if saved(params) is not None:
            return answer(self.name, tuple)
        self._check_reached(params)
        everything = Everything(self, {name: params[name] for name in self.environment if params.get(name)})
        given = {**params, **everything.options([name for name in self.taken if params.get(name) is None])}
        with self.system.connected(given, Vault(params["secrets"])) as connection:
            result = answer(self.name, lambda: self.undeclared(connection, everything, given))
        return {**result, "calls": dict(connection.calls)}

    def walk(self, connection: Any, task: Task, request: Request, outcome: Outcome) -> None:
        gone = task.backwards and self.container_gone(connection, task)
        empty: set[str] = set()
        for kind in self._order(task):
            if (gone and kind.within) or empty & {*kind.within}:
                if task.state == "gathered":
                    outcome.gathered(kind, [])
                continue
            try:
                self.refuse(kind, task)
                request.log.begins(kind.table.doc)
                result = run(kind.driver_class, connection, self._request(kind, task, request), _params(kind, task))
            except Exception as error:
                outcome.stopped(error, request)
                raise
            outcome.add(kind, result)
            if task.state == "gathered" and not result["gathered"]:
                empty.add(kind.module)

    def _order(self, task: Task) -> Iterator[Kind]:
        only = set(task.params.get("only") or ())
        step = task.params.get("step") or ""
        for kind in reversed(self.kinds) if task.backwards else self.kinds:
            if only and kind.name not in only:
                continue
            if task.touched is not None and (not task.touched or kind.table.name not in task.touched):
                continue
            if step:
                desired = kind.name in task.config
            elif kind.step:
                desired = False
            elif task.state == "gathered" and kind.unexported:
                desired = bool(only)
            elif task.state == "deleted":
                desired = bool(kind.closed) and self.concerns(kind, task)
            elif task.state == "merged":
                desired = kind.name in task.config or kind.name in task.absent
            elif task.by_rule:
                desired = kind.name in task.config and self.concerns(kind, task)
            else:
                desired = not task.intent or not kind.declared or self.concerns(kind, task)
            if desired:
                yield kind

    def _request(self, kind: Kind, task: Task, request: Request) -> Request:
        config, absent = list(task.config.get(kind.name) or ()), list(task.absent.get(kind.name) or ())
        # What comes later is named by what holds it, and not relied on: a network lists its devices.
        request = replace(request, left=[other for other in request.left if not comes_before(kind, other.kind)])
        # The repair of a drift writes: its plan says what, and nothing is left to look for.
        request = replace(request, compares=request.compares and task.touched is None)
        survey = request.survey and request.compares and kind.surveyed
        if task.state == "gathered":
            return replace(request, state="gathered", config=config, absent=(), survey=False)
        if task.state == "deleted":
            if kind.closed == "overridden":
                return replace(request, state="overridden", config=[], absent=())
            keys = [{name: item[name] for name in kind.table.key} for item in config]
            return replace(request, state="deleted", config=keys, absent=())
        state: State = self.state_of(kind) if task.by_rule else "merged"
        undoes = bool(task.params.get("undo"))
        return replace(request, state=state, config=config, absent=absent, survey=survey, undoes=undoes)

    def asked(self, params: Params) -> list[Task]:
        """List what the task asks.

        An undo makes again what disappeared before it gives the rest back.
        """
        if undo := params.get("undo"):
            return [
                self._task(params, self._of_undo(undo.get("restored") or {})),
                self._task(params, self._of_undo(undo.get("returned") or {}), backwards=True),
            ]
        given = {name: dict(params.get(name) or {}) for name in ("config", "absent")}
        return [self._task(params, given, backwards=params["state"] == "deleted")]

    def _task(self, params: Params, given: Mapping[str, dict[str, Any]], *, backwards: bool = False) -> Task:
        task = Task(params=params, state=params["state"], backwards=backwards)
        if site := params.get("site"):
            around = {name: params[name] for name in self.environment if params.get(name)}
            task.intent = intent(self.name, site, **around)
        task.options = {name: task.intent[name] for name in self.taken if name in task.intent}
        own = {field.name for field in self.options}
        task.options |= {name: value for name, value in params.items() if name in own and value is not None}
        if task.state in ("declared", "deleted"):
            self._by_rule(task)
        else:
            self._by_task(task, given)
        if task.by_rule and not params.get("step"):
            task.touched = self._touched(task)
        self.prepare(task)
        return task

    def _touched(self, task: Task) -> Collection[str] | None:
        """Name the kinds that the saved plan touches, and those that its operations rely on.

        Nothing else is read again. None without a plan.
        """
        plan = saved(task.params)
        if plan is None:
            return None
        touched = plan.kinds_of(task.params["site"])
        return {kind.table.name for kind in self.kinds} if self.admits(task, admitted(plan.operations)) else touched

    def _by_rule(self, task: Task) -> None:
        if not task.intent:
            raise InvalidConfig([Fault("site", f"attendu pour l’état « {task.state} » : il dit quoi faire")])
        if step := task.params.get("step"):
            task.config = self.of_step(step, task.intent)
        else:
            # A survey also looks for what the declaration cannot say.
            usual = [kind for kind in self.kinds if (kind.declared or task.params.get("survey")) and not kind.step]
            task.config = {kind.name: task.intent[kind.part] if kind.declared else [] for kind in usual}
            task.absent = dict(self.absent(task.intent))

    def _by_task(self, task: Task, given: Mapping[str, dict[str, Any]]) -> None:
        known = {kind.name for kind in self.kinds}
        strange = [f"{option}.{name}" for option, parts in given.items() for name in parts if name not in known]
        if strange:
            raise InvalidConfig([Fault(place, f"{self.name} n’a pas ce genre") for place in strange])
        task.config, task.absent = dict(given["config"]), dict(given["absent"])

    def _of_undo(self, parts: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """Read what an undo asks of the kinds of the domain, by module in its file."""
        mine = {kind.name: parts[kind.module] for kind in self.kinds if kind.module in parts}
        asked = ("config", "absent")
        return {option: {name: part.get(option) or [] for name, part in mine.items()} for option in asked}


class _Modules(Mapping[str, Module]):
    """The modules of a domain, made when asked for: a run pays only for the kinds that it uses."""

    def __init__(self, domain: Domain) -> None:
        self._domain, self._kinds = domain, {kind.module: kind for kind in domain.kinds}
        self._known: dict[str, Module] = {}

    def __getitem__(self, name: str) -> Module:
        if name not in self._known:
            own = name == f"piste_{self._domain.name}"
            self._known[name] = self._domain.module() if own else self._of(self._kinds[name])
        return self._known[name]

    def _of(self, kind: Kind) -> Module:
        return module(kind.module, self._domain.system, kind.driver_class)

    def __iter__(self) -> Iterator[str]:
        return iter((f"piste_{self._domain.name}", *self._kinds))

    def __len__(self) -> int:
        return 1 + len(self._kinds)


def saved(params: Params) -> Allowed | None:
    """Read the saved plan that limits the task to what it touches."""
    return Allowed.read(params.get("plan"))


def _params(kind: Kind, task: Task) -> dict[str, Any]:
    """Select the options that the kind takes.

    Another kind's options would narrow what it sees, or what it locks.
    """
    given = {**task.options, **task.of_kind.get(kind.name, {})}
    return {option.name: given[option.name] for option in kind.driver_class.options if option.name in given}


def optional(*fields: Field) -> tuple[Field, ...]:
    """Turn options of a kind into those of its domain.

    What a task leaves out comes from the declaration.
    """
    return tuple(replace(entry, required=False, default=UNSET) for entry in fields)
