"""The border between Ansible and our modules: the only place that knows both.

A module process costs about 180 ms of CPU and an action plugin 12, so each module runs in Ansible's worker:
`action_plugins/x.py` holds three lines and this dispatcher does the rest. `library/x.py` runs the same function in a
process of its own, for callers outside our playbooks.
"""

from __future__ import annotations

import atexit
import ctypes
import gc
import json
import multiprocessing
import os
import signal
import ssl
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache, reduce
from importlib import import_module
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.module_utils.basic import AnsibleModule, _load_params
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase
from ansible.plugins.loader import filter_loader, test_loader

from piste.engine.converge import belief
from piste.engine.converge.errors import Fault, InvalidConfig, Misused, PisteError
from piste.engine.converge.module import Module
from piste.engine.converge.private import close_mask, not_written, refused_by_disk
from piste.engine.converge.task_log import (
    NOT_RECORDED,
    RECORD,
    RECORDER,
    TASK,
    WAIVED,
    trace_lost,
    unrecorded,
    untraced,
)
from piste.engine.kind import OF_THE_TOWN
from piste.engine.transport.shared import Shared, at_end, run_folder
from piste.engine.transport.witness import CAPTURE, READ_ONLY, is_read_only
from piste.runs import captured
from piste.runs.modules import PLACES
from piste.runs.plans.conditions import (
    check_environment,
    check_trace,
    check_vault,
    check_waiver,
    check_write,
    is_asked,
)  # fmt: skip
from piste.runs.plans.gate import refuse_shut
from piste.runs.records.chain import stamp
from piste.runs.records.recorder import user
from piste.runs.records.unrecorded import note
from piste.systems.beliefs.known import Environment
from piste.systems.forcepoint.session import close_sessions
from piste.systems.kinds import of_domain

# Whatever a run drives, it first ends what a killed run has left open.
at_end(close_sessions)


class _Modules(Mapping[str, Module]):
    """The modules by name, each imported from its place when it is asked for."""

    def __getitem__(self, name: str) -> Module:
        module: Module = import_module(PLACES[name]).MODULES[name]
        return module

    def __iter__(self) -> Iterator[str]:
        return iter(PLACES)

    def __len__(self) -> int:
        return len(PLACES)


MODULES: Mapping[str, Module] = _Modules()

MASK = "********"
_PR_SET_PDEATHSIG = 1
"""From `linux/prctl.h`."""
_LIBRARY = ctypes.CDLL(None)
_FRENCH = (
    ("missing required arguments: ", "il manque "),
    (" found in ", " dans "),
    (". Supported parameters include: ", " n’est pas une option d’ici, où elles sont "),
)
"""What Ansible says of an option that lacks or is unknown, and our words."""


def action(name: str) -> type[ActionBase]:
    """Make the action plugin of a module.

    Its import in the parent process makes the run's folder, and its workers inherit the mask.
    """
    close_mask()
    run_folder()
    _watch_the_end()
    _load_filters()
    _load_tls()
    module = MODULES[name]
    _load_drivers(name)
    validator = None if module.chosen else ArgumentSpecValidator(module.surface_spec)
    # A collection in a worker would walk all that it has of its parent, and so copy it.
    gc.freeze()
    return type("ActionModule", (_Action,), {"module": module, "validator": validator, "__module__": __name__})


@cache
def _watch_the_end() -> str:
    """Watch the end of this run; give the name of its note, which its workers inherit.

    The folder may be that of a command that runs several.
    """
    missed, owner = f"missed-{os.getpid()}", os.getpid()
    atexit.register(_end_unrecorded, missed, owner)
    return missed


def _end_unrecorded(missed: str, owner: int) -> None:
    """End with 1 a run that no callback recorded, as the recorder ends what it lost.

    Ansible asks nothing but a callback at the end of a run.
    """
    if os.getpid() == owner and _trace_of_run().get(missed):
        atexit.unregister(_end_unrecorded)
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(1)


def _trace_of_run() -> Shared:
    return Shared(run_folder(), "trace")


@cache
def _load_filters() -> None:
    """Load the filters and tests of Jinja once, before the workers: each would load them all."""
    filter_loader.get("default")
    test_loader.get("defined")


@cache
def _load_tls() -> None:
    """Have OpenSSL load its algorithms before the workers: the first context of a process does."""
    ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _load_drivers(name: str) -> None:
    """Import the drivers that sites need, once: each worker would import them again.

    What is the town's alone has a single worker.
    """
    for kind in of_domain(name.removeprefix("piste_")):
        if not kind.step and not (kind.if_declared and kind.unclosed == OF_THE_TOWN):
            kind.driver_class  # noqa: B018


class _Action(ActionBase):  # type: ignore[misc]
    module: Module
    validator: ArgumentSpecValidator | None = None
    """That of the module, made before the workers; None where a task chooses what the module means."""
    _supports_check_mode = True
    _supports_diff = True
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        hidden: list[str] = []
        remark, waived = "", False
        try:
            _end_with_parent()
            self.module = self.module.meant(plain(self._task.args))
            self._check_task()
            super().run(tmp, task_vars)
            waived = check_waiver(task_vars or {})
            environment = check_environment(task_vars or {})
            check_vault(environment)
            belief.known_by(Environment(environment, bool((task_vars or {}).get("piste_beliefs_strict"))))
            os.environ[TASK] = json.dumps(self._named(task_vars or {}))
            refuse_read_only(self.module, self._task.args, bool(self._task.check_mode), task_vars or {})
            if self.module.writes_now(self._task.args, bool(self._task.check_mode)):
                refuse_shut()
                check_write(task_vars or {}, self.module.waits)
                remark = self._check_trace(environment, task_vars or {})
            self._apply_environment()
            self._take_variables(task_vars or {})
            given = plain(self._task.args)
            hidden = secret_values(self.module.argument_spec, given)
            params = checked(self.module, given, self.validator)
            if os.environ.get(CAPTURE):
                secrets = self._templar.template((task_vars or {}).get(captured.SECRETS) or {})
                result = captured.run(self.module, params, bool(self._task.check_mode), hidden, plain(secrets))
            else:
                result = self.module.run(params, bool(self._task.check_mode))
            if not self._task.diff:
                result.pop("diff", None)
        except PisteError as error:
            result = error.to_json()
        except AnsibleActionFail as error:
            result = {"failed": True, "msg": str(error), "code": InvalidConfig.code, "kind": InvalidConfig.kind}
        except (Exception, SystemExit) as error:
            result = {"failed": True, "msg": f"{type(error).__name__} : {error}", "code": "PISTE-E099", "kind": "error"}
            if refused_by_disk(error):
                result = not_written(error).to_json()
            if not isinstance(error, SystemExit):
                result["exception"] = _trace(error)
        if os.environ.get(RECORDER) != str(os.getppid()):
            # A service that runs playbooks may name its own callbacks in the place of those of ansible.cfg.
            remark, result["unrecorded"] = remark or unrecorded(NOT_RECORDED, waived=waived), NOT_RECORDED
            if not waived:
                with suppress(OSError):
                    _trace_of_run().put(_watch_the_end(), True)
        if remark:
            result["warnings"] = [*result.get("warnings", ()), remark]
        masked: dict[str, Any] = mask(result, hidden)
        return masked

    def _take_variables(self, variables: Mapping[str, Any]) -> None:
        """Fill in what the task leaves out and a variable of the environment gives."""
        reads = self._task.args.get("state") == "gathered"
        for option, name in self.module.variables.items():
            # A task that only reads needs no secret, and what it reads must not be masked.
            if reads and option == "secrets":
                continue
            if self._task.args.get(option) is None and name in variables:
                value = self._templar.template(variables[name])
                if value not in (None, ""):
                    self._task.args[option] = value

    def _check_trace(self, environment: str, variables: Mapping[str, Any]) -> str:
        """Refuse a write without a record; note it, once a run, where a person lets it be so."""
        lost = check_trace(variables)
        if not lost:
            return ""
        os.environ[WAIVED] = "1"
        reason = str(variables["piste_without_journal"])
        line = f"{stamp(datetime.now(UTC))} {user()} : « {environment} » est écrit sans trace au journal. {reason}"
        _trace_of_run().once("noted", lambda: note(environment, line))
        return f"{line}. {lost}"

    def _named(self, variables: Mapping[str, Any]) -> dict[str, str]:
        host = str(variables.get("inventory_hostname", ""))
        return {"host": host, "task": str(self._task.get_name()), "module": self.module.name}

    def _check_task(self) -> None:
        for wrong, why in ((self._task.async_val, "async"), (self._task.become, "become")):
            if wrong:
                raise Misused(
                    f"« {why} » n’a pas de sens ici : la tâche parle au système depuis ce poste",
                    where=self.module.name,
                    todo=f"Retirez « {why} » de la tâche ou du jeu.",
                )

    def _apply_environment(self) -> None:
        """Apply the task's environment to the worker, a process of this task alone."""
        for block in self._task.environment or []:
            for key, value in (self._templar.template(block) or {}).items():
                os.environ[str(key)] = str(value)


def refuse_read_only(module: Module, params: Mapping[str, Any], check: bool, variables: Mapping[str, Any]) -> None:
    """Refuse a task that writes where the process, or the inventory of an auditor, is read-only."""
    if is_asked(variables, "piste_read_only"):
        os.environ[READ_ONLY] = "1"  # The transports of this worker refuse then too.
    if is_read_only() and module.writes_now(params, check):
        from piste.systems.questions import read_only

        raise read_only(module.name)


def _end_with_parent() -> None:
    """Have the kernel end this worker when the process that started it dies.

    A worker has a session of its own: if Ansible and its group were killed, it would write to the end of its task.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    _LIBRARY.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent.pid:  # It died before the kernel was asked.
        os.kill(os.getpid(), signal.SIGKILL)


def plain(value: Any) -> Any:
    """Convert to Python's own types.

    Ansible's carry tags that JSON and YAML writers do not know.
    """
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return int(value)
    return float(value) if isinstance(value, float) else value


def checked(module: Module, given: Mapping[str, Any], validator: ArgumentSpecValidator | None = None) -> dict[str, Any]:
    """Check what a task gives, as plain data, by the spec of its module; give it complete.

    Ansible's own values would be copied with their tags, which takes longer than the check. Raises `InvalidConfig` with
    all faults.
    """
    validated = (validator or ArgumentSpecValidator(module.surface_spec)).validate(dict(given))
    faults = [reduce(lambda said, words: said.replace(*words), _FRENCH, text) for text in validated.error_messages]
    if faults:
        raise InvalidConfig([Fault(module.name, fault) for fault in faults])
    return {**given, **validated.validated_parameters}


def secret_values(spec: Mapping[str, Any], params: Mapping[str, Any]) -> list[str]:
    """List every text under an option marked `no_log`, longest first."""
    texts: set[str] = set()
    for name, entry in spec.items():
        value = params.get(name)
        if value is None:
            continue
        if entry.get("no_log"):
            texts |= _texts(value)
        elif entry.get("options") and isinstance(value, Mapping):
            texts |= set(secret_values(entry["options"], value))
    return sorted((text for text in texts if text), key=len, reverse=True)


def _texts(value: Any) -> set[str]:
    if value is None:
        return set()
    if isinstance(value, Mapping):
        return set().union(*(_texts(inner) for inner in value.values())) if value else set()
    if isinstance(value, list):
        return set().union(*(_texts(inner) for inner in value)) if value else set()
    # An error shows a text as Python or JSON writes it, and a reader may have stripped the space around it.
    text = str(value)
    return {text, text.strip(), repr(text)[1:-1], json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]}


def mask(value: Any, hidden: list[str]) -> Any:
    """Replace every hidden text in `value`, wherever it stands, keys included."""
    if not hidden:
        return value
    if isinstance(value, str):
        for text in hidden:
            value = value.replace(text, MASK)
        return value
    if isinstance(value, Mapping):
        return {mask(key, hidden): mask(inner, hidden) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [mask(inner, hidden) for inner in value]
    return value


def _trace(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))


def main(name: str) -> None:
    """Run a module in a process of its own, as Ansible runs any module."""
    given = {option: value for option, value in _load_params().items() if not option.startswith("_ansible_")}
    module = MODULES[name]
    if record := os.environ.get(RECORD):  # without a record it writes nothing, so nothing is asked of it
        belief.known_by(Environment(Path(record).parent.parent.name))
    try:
        module = module.meant(given)
        checked(module, given)
    except PisteError as error:
        print(json.dumps(mask(error.to_json(), secret_values(module.argument_spec, given)), ensure_ascii=False))
        raise SystemExit(1) from None
    ansible = AnsibleModule(argument_spec=module.surface_spec, supports_check_mode=True)
    run_folder()
    try:
        writes = module.writes_now(ansible.params, bool(ansible.check_mode))
        # A record is a playbook's, and so is the variable that lets a task write without it.
        if writes and (lost := trace_lost(os.environ, os.environ.get(RECORDER, ""))):
            raise untraced(lost)
        result = module.run(plain(ansible.params), bool(ansible.check_mode))
    except PisteError as error:
        ansible.fail_json(**error.to_json())
    except Exception as error:
        what = f"{type(error).__name__} : {error}"
        ansible.fail_json(msg=what, code="PISTE-E099", kind="error", exception=_trace(error))
    for warning in result.pop("warnings", ()):
        ansible.warn(warning)
    ansible.exit_json(**result)
