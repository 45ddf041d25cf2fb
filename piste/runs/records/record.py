"""The content of a record: tasks, outcome, counts, command without secrets. No Ansible."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from piste.engine.converge.plan import SYMBOLS

FORMAT = 1
KINDS = ("error", "unknown", "refused", "partial")
"""Ways to fail, the gravest first: the outcome of a run is the gravest of its tasks."""
OUTCOMES = ("ok", "changes", *KINDS, "killed")
_READINGS = ("piste_files", "glpi_export")
"""Modules that only write on this machine what was read of a system."""
AUTHORED = ("assert", "fail")
"""Modules whose message the author of the playbook wrote, and which conclude on other tasks."""
MASK = "********"

Record = dict[str, Any]
Entry = dict[str, Any]

Shape = Any
"""The form of a value: a type, a choice of shapes or texts, a list of a shape, or a dict of the least keys.

A key that ends with a question mark may be absent."""
Check = Callable[[Any], bool]
TEXT = (str, type(None))
_STATUSES = frozenset({"ok", "changed", "failed", "unreachable", "skipped", "killed"})
OPERATION: Shape = {
    **dict.fromkeys(("system", "owner", "kind", "key", "label", "before", "after"), str),
    "action": frozenset(SYMBOLS),
    "fields": [str],
    "content": dict.fromkeys(("before", "after"), (dict, type(None))),
    "slot?": TEXT,
    "words?": [str],
}
CONTENT: Shape = {"owner": str, "kind": str, "key": str, "holds": dict}
TASK: Shape = {
    **dict.fromkeys(("host", "task", "module"), str),
    **dict.fromkeys(("kind", "code", "message"), TEXT),
    "status": _STATUSES,
    "check": bool,
    "operations": [OPERATION],
    "withheld": [str],
    "calls": {"reads": int, "writes": int},
    "contents?": [CONTENT],
    "waiting?": [OPERATION],
}
FORESEEN: Shape = {"host": str, "task?": str, "module?": str, "operations": [OPERATION], "contents?": [CONTENT]}
HEADER: Shape = {
    "id": str,
    **dict.fromkeys(("environment?", "node?"), str),
    **dict.fromkeys(("user?", "started?", "commit?", "limit?", "plan?", "outside_window?"), TEXT),
    **dict.fromkeys(("clean?", "check?"), (bool, type(None))),
    **dict.fromkeys(("command?", "tags?"), ([str], type(None))),
    "approval?": {"author": str, "by": [str], "request": TEXT, "rules": str, "at": str},
    "decisions?": [{**dict.fromkeys(("decision", "done", "who", "why"), str), "until": TEXT}],
    "without_journal?": str,
    "unrecorded?": [str],
    "left?": [str],
}
RECORD: Shape = {
    **HEADER,
    **dict.fromkeys(("environment", "node", "ended", "hash"), str),
    **dict.fromkeys(("user", "started", "commit", "limit", "plan", "declaration", "previous"), TEXT),
    **dict.fromkeys(("clean", "check"), (bool, type(None))),
    "command": ([str], type(None)),
    "outcome": frozenset(OUTCOMES),
    "tasks": [TASK],
    "counts": dict.fromkeys(("create", "update", "delete", "reset", "withheld", "failed", "reads", "writes"), int),
}

_UNKNOWN: Record = dict.fromkeys(
    ("user", "started", "command", "commit", "clean", "limit", "tags", "check", "plan", "outside_window")
)
_SHOWN = re.compile(
    r"piste_(plan|undo|change|restore|hosts|waves|network_names|outside_window|without_journal|uncommitted|forgotten|reading|change_windows)|\w+_(confirm|formerly)"
)
"""Extra variables without secrets; the value of any other variable is masked."""
KEPT_BY = "piste_reading"
"""The variable by which a run says that what it reads is to be kept, and by which reader."""
_WITHHELD = "message laissé à la sortie d’Ansible : il peut citer un secret"


def task_entry(
    host: str, task: str, module: str, status: str, *, check: bool, result: Mapping[str, Any]
) -> tuple[Entry, str | None]:
    """Compose the entry of a task of a host, and the digest of the declaration where it gave it.

    `status` is ok, changed, failed, unreachable, skipped or killed. The items of a loop are put together.
    Only the messages that our dispatcher has masked, and those of the author of a playbook, are kept.
    """
    module = module.rpartition(".")[2]
    looped = result.get("results")
    parts = [part for part in looped if isinstance(part, Mapping)] if isinstance(looped, list) else []
    parts = parts or [result]
    failed = status in ("failed", "unreachable")
    culprit = next((part for part in parts if part.get("code")), {})
    said = culprit or (result if module in AUTHORED else {})
    message = str(said.get("msg") or _WITHHELD) if failed else None
    declaration = next((str(part["declaration"]) for part in parts if part.get("declaration")), None)
    kept = {name: [entry for part in parts for entry in part.get(name) or []] for name in ("contents", "waiting")}
    return {
        "host": host,
        "task": task,
        "module": module,
        "status": status,
        "check": check,
        "kind": _text(culprit.get("kind")) if failed else None,
        "code": _text(culprit.get("code")) if failed else None,
        "message": message,
        "operations": [operation for part in parts for operation in part.get("operations") or []],
        "withheld": [str(line) for part in parts for line in part.get("withheld") or []],
        "calls": _calls(parts),
        **{name: entries for name, entries in kept.items() if entries},
    }, declaration


def _text(value: Any) -> str | None:
    """Give the message of a task of any module, as text."""
    return None if value is None else str(value)


def killed_task(foreseen: Mapping[str, Any]) -> Entry:
    """Compose a task that died while it wrote, with the operations it had begun, done or not."""
    host, task, module = (str(foreseen.get(name, "")) for name in ("host", "task", "module"))
    return task_entry(host, task, module, "killed", check=False, result=foreseen)[0]


def fits(value: Any, shape: Shape) -> bool:
    """Tell whether a value has the shape that its users rely upon."""
    return _check(shape)(value)


_checks: dict[int, tuple[Shape, Check]] = {}
"""The check of each shape, by its identity, with the shape that keeps it."""


def _check(shape: Shape) -> Check:
    if id(shape) not in _checks:
        _checks[id(shape)] = shape, _made(shape)
    return _checks[id(shape)][1]


def _made(shape: Shape) -> Check:
    """Make the check of a shape, once: a journal has a hundred thousand values."""
    if isinstance(shape, list):
        of_element = _made(shape[0])
        return lambda value: isinstance(value, list) and all(map(of_element, value))
    if isinstance(shape, dict):
        every = [(name.removesuffix("?"), name.endswith("?"), _made(inner)) for name, inner in shape.items()]
        return lambda value: (
            isinstance(value, dict)
            and all(of_inner(value[name]) if name in value else optional for name, optional, of_inner in every)
        )
    if isinstance(shape, frozenset):
        return lambda value: isinstance(value, str) and value in shape
    if isinstance(shape, tuple) and not all(isinstance(choice, type) for choice in shape):
        choices = [_made(choice) for choice in shape]
        return lambda value: any(of_choice(value) for of_choice in choices)
    return lambda value: isinstance(value, shape)


def is_own_account(task: Entry) -> bool:
    """Tell whether a task itself gave its operations: its process neither died nor went astray."""
    return task["status"] not in ("failed", "unreachable") or task["code"] not in (None, "PISTE-E099")


def _calls(parts: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    total = {"reads": 0, "writes": 0}
    for part in parts:
        for name, count in (part.get("calls") or {}).items():
            total[name] = total.get(name, 0) + int(count)
    return total


def compose(
    header: Mapping[str, Any], tasks: Sequence[Entry], declaration: str | None, ended: str, outcome: str | None = None
) -> Record:
    """Compose a record, not yet sealed in a chain. Without `outcome`, it is that of the tasks."""
    return {
        **_UNKNOWN,
        **header,
        "format": FORMAT,
        "ended": ended,
        "declaration": declaration,
        "tasks": list(tasks),
        "outcome": outcome or outcome_of(tasks),
        "counts": _counts(tasks),
    }


def outcome_of(tasks: Iterable[Entry]) -> str:
    """Give the gravest failure; else say whether something changed on a system, or would have."""
    failures: dict[str, list[Entry]] = {}
    changed = False
    for task in tasks:
        changed |= task["status"] == "changed" and task["module"] not in _READINGS
        if task["status"] in ("failed", "unreachable"):
            failures.setdefault(task["host"], []).append(task)
    kinds = {kind for failed in failures.values() for kind in _kinds(failed)}
    return next((kind for kind in KINDS if kind in kinds), "changes" if changed else "ok")


def _kinds(failed: Sequence[Entry]) -> set[str]:
    """Give the failure of a host; a task that concludes on others does not count beside them."""
    causes = [task for task in failed if task["module"] not in AUTHORED] or failed
    return {task["kind"] or ("unknown" if task["status"] == "unreachable" else "error") for task in causes}


def _counts(tasks: Sequence[Entry]) -> dict[str, int]:
    actions = [operation["action"] for task in tasks for operation in task["operations"]]
    return {
        **{action: actions.count(action) for action in ("create", "update", "delete", "reset")},
        "withheld": sum(len(task["withheld"]) for task in tasks),
        "failed": sum(task["status"] in ("failed", "unreachable") for task in tasks),
        "reads": sum(task["calls"]["reads"] for task in tasks),
        "writes": sum(task["calls"]["writes"] for task in tasks),
    }


def command_line(argv: Sequence[str], extra_vars: Iterable[str], module_args: str | None = None) -> list[str]:
    """Give the command as typed, without the values that may be secrets.

    `extra_vars` and `module_args` are the texts that Ansible has read from `argv`. They are masked where an argument
    is such a text, or an option that ends with it (`-ex=y`, `--extra-vars=x=y`).
    """
    hidden = {text: _masked(text) for text in extra_vars if text}
    if module_args:
        hidden[module_args] = MASK
    shown = [_without(argument, hidden) for argument in argv]
    return [shown[0].rpartition("/")[2], *shown[1:]] if shown else []


def _without(argument: str, hidden: Mapping[str, str]) -> str:
    for text in sorted(hidden, key=len, reverse=True):
        if argument == text or (argument.startswith("-") and argument.endswith(text)):
            return argument.removesuffix(text) + hidden[text]
    return argument


def _masked(text: str) -> str:
    """Mask a text of `-e`: the name of a file, JSON, or `key=value` pairs."""
    if text.startswith("@"):
        return text
    if text.lstrip().startswith("{"):
        try:
            given = json.loads(text)
        except ValueError:
            return MASK
        return json.dumps({name: value if _SHOWN.fullmatch(name) else MASK for name, value in given.items()})
    pairs = re.findall(r"(\w+)=((?:'[^']*'|\"[^\"]*\"|\\.|[^\s'\"\\])*)(?=\s|$)", text)
    if " ".join(f"{name}={value}" for name, value in pairs) != " ".join(text.split()):
        return MASK
    return " ".join(f"{name}={value if _SHOWN.fullmatch(name) else MASK}" for name, value in pairs)
