"""The run of a playbook through ansible-runner, and the results of our modules."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Callable, Mapping
from contextlib import closing, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from piste.engine.converge.task_log import STEPS, unrecorded, untraced
from piste.engine.repository import ROOT
from piste.engine.transport.shared import private_folder
from piste.runs.modules import COLLECTION
from piste.runs.plans.gate import GATE, Gate
from piste.runs.plans.stop import Stopped, noted
from piste.runs.plans.trace import LOST, WAIVED
from piste.systems.kinds import DOMAINS, of_domain


@dataclass(frozen=True, slots=True)
class Order:
    """An order to run: playbook, environment, limit. `extra` are variables of the command line.

    `tags` limit it to tasks that have one.
    """

    playbook: str
    environment: str = "lab"
    limit: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)
    tags: str = ""

    def options(self, *, check: bool, **more: Any) -> list[str]:
        options = ["-i", "inventories/town", "-i", f"inventories/{self.environment}"]
        if self.limit:
            options += ["-l", self.limit]
        if self.tags:
            options += ["--tags", self.tags]
        if check:
            options += ["--check", "--diff"]
        if extra := {**self.extra, **WAIVED, **more}:
            options += ["-e", json.dumps(extra, ensure_ascii=False, sort_keys=True)]
        return options

    def command(self, *, check: bool, **more: Any) -> list[str]:
        """The equivalent command, with plain Ansible."""
        return ["ansible-playbook", self.played, *self.options(check=check, **more)]

    @property
    def played(self) -> str:
        """The playbook as Ansible finds it: the repository's own, else that of the collection."""
        if (ROOT / self.playbook).is_file():
            return self.playbook
        return f"{COLLECTION}.{'.'.join(Path(self.playbook).with_suffix('').parts[1:])}"


@dataclass(frozen=True, slots=True)
class Trouble:
    """A task that did not end well: `kind` is *unknown*, *refused*, *error* or *partial*.

    `domain` is that of its role, empty for a role that is of no domain.
    """

    host: str
    task: str
    kind: str
    message: str
    domain: str = ""


@dataclass(slots=True)
class Played:
    operations: list[dict[str, Any]] = field(default_factory=list)
    waiting: list[dict[str, Any]] = field(default_factory=list)
    """The operations that the run kept waiting; check mode marks them among its operations."""
    withheld: list[str] = field(default_factory=list)
    stays: list[dict[str, str]] = field(default_factory=list)
    """Live objects that are left where they are until a step of its own; `withheld` says why."""
    refused: list[str] = field(default_factory=list)
    """What check mode foresees that the run refuses; `withheld` has it too."""
    warnings: list[str] = field(default_factory=list)
    orphans: list[dict[str, str]] = field(default_factory=list)
    places: list[dict[str, Any]] = field(default_factory=list)
    surveys: list[dict[str, Any]] = field(default_factory=list)
    findings: list[dict[str, str]] = field(default_factory=list)
    trials: list[dict[str, str]] = field(default_factory=list)
    routers: list[Any] = field(default_factory=list)
    lenders: list[dict[str, Any]] = field(default_factory=list)
    located: list[dict[str, Any]] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    failed: dict[str, list[str]] = field(default_factory=dict)
    """The messages of the troubles, by role; a task outside of a role has an empty name there."""
    remarks: dict[str, list[str]] = field(default_factory=dict)
    """The warnings, by role."""
    done: set[str] = field(default_factory=set)
    """The modules with a task that ended well, or that its condition skipped."""
    hosts: list[str] = field(default_factory=list)
    calls: dict[str, int] = field(default_factory=lambda: {"reads": 0, "writes": 0})
    unrecorded: list[str] = field(default_factory=list)
    """Why the run has no record, or not all of it; its warnings have it too."""

    @property
    def outcome(self) -> str:
        """Give the gravest outcome: `refused`, `error`, `unknown`, `partial`, `changes` or `ok`."""
        kinds = {trouble.kind for trouble in self.troubles}
        worst = next((kind for kind in ("refused", "error", "unknown", "partial") if kind in kinds), "")
        return worst or ("changes" if self.operations else "ok")

    @property
    def drift(self) -> str:
        """Give the outcome of a drift: an orphan counts as a change."""
        return "changes" if self.outcome == "ok" and self.orphans else self.outcome


@dataclass(frozen=True, slots=True)
class Step:
    """A task that ended on a host, or came to a kind: its role, its actions done or planned."""

    host: str
    role: str
    task: str
    actions: tuple[str, ...] = ()
    failed: bool = False
    modules: tuple[str, ...] = ()
    """The modules of the kinds that the task finished."""
    kind: str = ""
    """The kind that a running task is at; empty for a task that ended."""
    over: bool = False
    """True at the end of a play: whatever the host had to do, it has done or failed."""


Watch = Callable[[Step], None]
Judge = Callable[[Played], Watch]


def play(
    order: Order, *, check: bool, watch: Watch = lambda step: None, judge: Judge | None = None, **more: Any
) -> Played:
    """Run the order; `watch` hears of each task that ends, and of the end of each play.

    With a `judge`, the same start of Ansible first runs the order in check mode, and writes only what the judge has
    accepted: it gives who watches the application, or raises. The result is that of the application.

    A failure on a system is a trouble of the result. Raises `Stopped` where somebody has stopped the run, `Misused`
    where the environment has no vault, or a vault that does not open.
    """
    # Imported here: runner costs 0.2 s, which no other verb should pay.
    import ansible_runner

    from piste.runs.plans.conditions import check_vault, refuse_closed_vault

    check_vault(order.environment)
    played, ended, began = Played(), False, datetime.now(UTC)

    def hear(event: Mapping[str, Any]) -> bool:
        nonlocal played, ended
        going.heard(int(event.get("pid") or 0))
        _note(played, event, steps.watch)
        if event["event"] != "playbook_on_stats":
            return False
        if gate and gate.undecided:
            if not going.asked:
                steps.read()
                _note_lost(played)
                verification, played = played, Played()
                steps.watch, steps.unrecorded = gate.decide(verification) or watch, played.unrecorded
        else:
            ended = True
        return False

    with (
        noted() as going,
        private_folder("piste-runner-") as private,
        closing(Gate(private / "gate", judge)) if judge else nullcontext() as gate,
    ):
        steps = Steps(private / "steps", watch, played.unrecorded)
        options = order.options(check=check, **more)

        def overdue() -> bool:
            steps.read()
            return going.overdue()

        finished = ansible_runner.run(
            private_data_dir=str(private),
            project_dir=str(ROOT),
            playbook=order.played,
            cmdline=shlex.join([*options, order.played] if gate else options),
            envvars={
                "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
                # A timer calls piste by its path, in an environment that nobody has activated.
                "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
                STEPS: str(steps.path),
                **({GATE: str(gate.path)} if gate else {}),
                # Runner looks for callbacks in a folder of its own only, whatever ansible.cfg says.
                "ANSIBLE_CALLBACK_PLUGINS": str(ROOT / "callback_plugins"),
                # Runner would drop a longer result, and a plan of many operations would have none.
                "MAX_EVENT_RES": str(sys.maxsize),
                # Runner would accept any machine that answers in the place of a station or a collector.
                "ANSIBLE_HOST_KEY_CHECKING": "True",
            },
            event_handler=hear,
            status_handler=_keep_no_environment,
            cancel_callback=overdue,
            suppress_env_files=True,
            # Runner would have Ansible write the facts of a host to a file, and read it again for each task.
            fact_cache_type="memory",
            quiet=True,
        )
        steps.read()
        lost = _note_lost(played)
        if gate and gate.refusal:
            raise gate.refusal
        unverified = gate is not None and gate.undecided
        if gate and not unverified and not ended and not played.hosts and lost and not WAIVED:
            LOST.clear()  # The refusal says it.
            raise untraced(played.unrecorded[0])
        # A run that only lacks its record ends with 1, unless a person lets it: any other end has a reason of its own.
        without_record = lost and not WAIVED and finished.rc == 1
        # Without its statistics, Ansible died: what a host said before explains nothing of what was not reached.
        died = finished.rc != 0 and not ended
        failed = finished.rc != 0 and not played.troubles and not without_record
        if (died or failed or unverified) and not going.asked:
            said = _last_words(finished)
            refuse_closed_vault(order.environment, said)
            played.troubles.append(Trouble("", order.playbook, "error", said))
            played.failed.setdefault("", []).append(said)
    if going.asked:
        wrote = not check and not unverified
        raise Stopped(writing=wrote, written=_written_since(began, order.environment) if wrote else "")
    if judge and unverified:
        judge(played)
    return played


def _note_lost(played: Played) -> list[str]:
    """Say to the result and to the command what the journal lacks of a pass; give these lines."""
    lost = [unrecorded(why, waived=bool(WAIVED)) for why in dict.fromkeys(played.unrecorded)]
    played.warnings += [line for line in lost if line not in played.warnings]
    LOST.extend(line for line in lost if line not in LOST and not WAIVED)
    return lost


def _written_since(began: datetime, environment: str) -> str:
    """Say what a run that somebody stopped has written, by the record that it closed."""
    from piste.runs.records.chain import journal_folder, stamp
    from piste.runs.records.journal import latest
    from piste.runs.records.readable import totals

    newest = latest(journal_folder(), environment, last=1)
    if not newest or newest[0]["outcome"] != "killed" or str(newest[0]["started"]) < stamp(began):
        return ""
    record = newest[0]
    if not any(task["operations"] for task in record["tasks"]):
        return "Aucune opération n’était commencée."
    return f"Fait ou commencé : {totals(record)} (piste journal show {record['id']})."


class Steps:
    """Notes of a run on its way, read from a file: kinds of its tasks, loss of its record."""

    def __init__(self, path: Path, watch: Watch, unrecorded: list[str]) -> None:
        self.path, self.watch, self.unrecorded, self._read = path, watch, unrecorded, 0
        path.touch(mode=0o600)

    def read(self) -> None:
        """Report the new lines; an unfinished line waits."""
        with open(self.path, "rb") as file:
            file.seek(self._read)
            fresh = file.read()
        whole = fresh[: fresh.rfind(b"\n") + 1]
        self._read += len(whole)
        for line in whole.splitlines():
            try:
                said = json.loads(line)
            except ValueError:  # A full disk has cut a line, and the next one follows it.
                continue
            if "unrecorded" in said:
                self.unrecorded.append(said["unrecorded"])
            else:
                self.watch(Step(said["host"], "", "", kind=said["kind"]))


def _keep_no_environment(status: Mapping[str, Any], runner_config: Any) -> None:
    """Remove the command that runner notes: the environment of the shell may hold secrets."""
    if status["status"] == "running":
        (Path(runner_config.artifact_dir) / "command").unlink()


def _last_words(finished: Any) -> str:
    if finished.rc is None:
        return "Ansible a été tué avant sa fin : mémoire épuisée, ou kill. Relancez la même commande."
    try:
        return str(finished.stdout.read())[-2000:].strip()
    except OSError:
        return "Ansible s’est arrêté sans rien dire"


def _note(played: Played, event: Mapping[str, Any], watch: Watch) -> None:
    data = event.get("event_data") or {}
    kind, host, task = event["event"], str(data.get("host") or ""), str(data.get("task") or "")
    if kind in ("playbook_on_play_start", "playbook_on_stats"):
        # A host where all went well leaves a play without a word.
        for known in played.hosts:
            watch(Step(known, "", "", over=True))
    # A role of the collection has its name before its own.
    role, module = (str(data.get(name) or "").rpartition(".")[2] for name in ("role", "task_action"))
    if kind in ("runner_on_ok", "runner_on_skipped"):
        played.done.add(module)
    if kind not in ("runner_on_ok", "runner_on_failed", "runner_on_unreachable"):
        return
    if host not in played.hosts:
        played.hosts.append(host)
    result = data.get("res") or {}
    items = [item for item in result.get("results") or [] if isinstance(item, Mapping)]
    # The last role repeats, host by host, what a rescued task has already said.
    if kind != "runner_on_ok" and role != "conclusion":
        # Of a loop, the item that failed has the reason.
        for why in [item for item in items if item.get("failed")] or [result]:
            said = str(why.get("msg", ""))
            domain = role if role in DOMAINS else ""
            played.troubles.append(Trouble(host, task, str(why.get("kind", "error")), said, domain))
            played.failed.setdefault(role, []).append(said)
    for part in (result, *items):
        played.operations += part.get("operations") or []
        played.findings += part.get("findings") or []
        played.withheld += [f"{host} : {line}" for line in part.get("withheld") or []]
    played.waiting += result.get("waiting") or []
    played.stays += result.get("stays") or []
    played.trials += result.get("trials") or []
    played.routers += result.get("routers") or []
    played.lenders += result.get("lenders") or []
    played.located += result.get("located") or []
    # What a declaration has left is named by its task, and again by the end of a drift.
    named = {(orphan["kind"], orphan["key"]) for orphan in played.orphans}
    played.orphans += [new for new in result.get("orphans") or [] if (new["kind"], new["key"]) not in named]
    played.places += result.get("places") or []
    played.surveys += [survey] if (survey := result.get("survey")) else result.get("surveys") or []
    played.refused += map(str, result.get("refused") or [])
    if warnings := [*map(str, result.get("warnings") or [])]:
        played.warnings += warnings
        played.remarks.setdefault(role, []).extend(warnings)
    played.unrecorded += [result["unrecorded"]] if result.get("unrecorded") else []
    for name, count in (result.get("calls") or {}).items():
        played.calls[name] = played.calls.get(name, 0) + count
    # Ansible's check of the arguments of a role is no step of ours.
    if module != "validate_argument_spec":
        actions = tuple(operation["action"] for operation in result.get("operations") or [])
        failed = kind != "runner_on_ok"
        watch(Step(host, role, task, actions, failed, _ended(module, result, failed=failed)))


def _ended(module: str, result: Mapping[str, Any], *, failed: bool) -> tuple[str, ...]:
    """List the modules of the kinds that a task finished, those before a failure included."""
    if "kinds" in result:
        return tuple(kind.module for kind in of_domain(module.removeprefix("piste_")) if kind.name in result["kinds"])
    return () if failed else (module,)
