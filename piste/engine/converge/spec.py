"""Argument spec and documentation of a module, both from its table: they cannot disagree."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from piste.engine.converge.plan import STATES
from piste.engine.converge.resource import UNSET, Field, Resource

SECRET_NAME = "secret"


def argument_spec(fields: Sequence[Field], *, defaults: bool = True) -> dict[str, Any]:
    """Convert the fields to Ansible's argument spec.

    `defaults` keeps the defaults, which are those of a task's options; a table's defaults are the system's own.
    """
    return {entry.name: _spec(entry, defaults) for entry in fields}


def _spec(entry: Field, defaults: bool) -> dict[str, Any]:
    spec: dict[str, Any] = {"type": "dict" if entry.secret or entry.type == "map" else entry.type}
    if entry.required:
        spec["required"] = True
    if entry.choices:
        spec["choices"] = list(entry.choices)
    if entry.type == "list":
        spec["elements"] = "dict" if entry.of else entry.elements
    if entry.of and entry.type != "map":
        spec["options"] = argument_spec(entry.of, defaults=defaults)
    if entry.secret:
        spec["options"] = {SECRET_NAME: {"type": "str", "required": True}}
    if entry.no_log:
        spec["no_log"] = True
    if defaults and entry.default is not UNSET:
        spec["default"] = entry.default
    return spec


def documentation(fields: Sequence[Field], *, defaults: bool = True) -> dict[str, Any]:
    """Write the `options` of a DOCUMENTATION block."""
    return {entry.name: _document(entry, defaults) for entry in fields}


def _document(entry: Field, defaults: bool) -> dict[str, Any]:
    lines = [entry.doc]
    if entry.nullable:
        lines.append("Null is a value here, an absent key declares nothing.")
    if entry.unordered:
        lines.append("The order has no meaning.")
    if entry.type == "map":
        lines.append("The keys are free; null takes an entry away.")
        lines += _entry_lines(entry.of, "")
    if entry.create_only:
        lines.append("Taken into account at creation only.")
    if entry.secret:
        lines.append(f"Written C({{secret: {entry.secret}}}), never in clear.")
    if entry.guard:
        lines.append(f"Changing it on a live system asks for C(confirm: [{entry.guard}]).")
    if not defaults and entry.default is not UNSET:
        lines.append(f"The system's own default is C({_yaml(entry.default)}).")
    documented: dict[str, Any] = {"description": lines, **_spec(entry, defaults)}
    documented.pop("no_log", None)
    if entry.of and entry.type != "map":
        documented["suboptions"] = documentation(entry.of, defaults=defaults)
    if entry.secret:
        reference = "Path of the secret in the environment's secrets."
        documented["suboptions"] = {SECRET_NAME: {"description": [reference], "type": "str", "required": True}}
    documented.pop("options", None)
    return documented


def _entry_lines(fields: Sequence[Field], path: str) -> list[str]:
    """Describe the entries of a map, a line per field: Ansible has no way to document free keys."""
    lines: list[str] = []
    for entry in fields:
        kind = f"list of {'dict' if entry.of else entry.elements}" if entry.type == "list" else entry.type
        about = [kind, *(["required"] if entry.required else [])]
        if entry.choices:
            about.append("one of " + ", ".join(_yaml(choice) for choice in entry.choices))
        if entry.default is not UNSET:
            about.append(f"default {_yaml(entry.default)}")
        lines.append(f"C({path}{entry.name}) ({', '.join(about)}) {entry.doc}")
        lines += _entry_lines(entry.of, f"{path}{entry.name}.")
    return lines


def _yaml(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def task_options(resource: Resource, states: Sequence[str] = STATES) -> tuple[Field, ...]:
    """List the options of a converging module, around the table of its `config`."""
    return (
        Field(
            "config",
            f"Objects of the kind ({resource.name}), as a list: a playbook never loops over objects.",
            type="list",
            elements="dict",
            default=[],
        ),
        Field("state", _STATES, choices=tuple(states), default="merged"),
        Field(
            "absent",
            "Names of objects that must not be there, whatever the state.",
            type="list",
            default=[],
        ),
        *common_options(),
    )


def common_options() -> tuple[Field, ...]:
    """List the options of every converging module, whatever it converges."""
    return (
        Field("owner", "Site, or C(commune), to which the objects belong; it appears in plans and in secrets' paths."),
        Field(
            "confirm",
            "Guarded changes that are wanted, by the words that a refusal lists: C(uplink) for all of a kind, "
            "C(uplink:QZZZ-0005-0001/25) for one.",
            type="list",
            default=[],
        ),
        Field(
            "as_found",
            "What was found and is kept as it is, by system, kind and key: it takes the place of what C(config) says.",
            type="dict",
            default={},
        ),
        Field(
            "survey",
            "In check mode, also tell what is there and what of it the task does not declare.",
            type="bool",
            default=False,
        ),
        Field(
            "plan",
            "Saved plan to keep to: any other operation stops the task before it writes, and check mode names it. The "
            "task of a domain reads the kinds that the plan touches, and no other.",
            type="path",
        ),
        Field("max_removals", "Removals allowed without the word C(removals).", type="int", default=5),
        Field("secrets", "Values of the secrets, by path.", type="dict", default={}, no_log=True),
        Field(
            "secrets_lock",
            "File of the fingerprints of what was written and cannot be read back. Without it, such a value counts "
            "as unchanged.",
            type="path",
        ),
    )


REHEARSE = Field(
    "rehearse",
    "Only refuse what the task would refuse without it, so that nothing of the run is written before; a later task "
    "does the work. Does nothing in check mode.",
    type="bool",
    default=False,
)

_STATES = (
    "C(merged) changes only what is declared; C(replaced) also puts the other keys of declared objects back to their "
    "defaults; C(overridden) also removes the owner's undeclared objects; C(deleted) removes the declared objects; "
    "C(gathered) reads and changes nothing."
)
