"""The authors of changes: runs of Piste, as the journal knows them, or somebody outside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from piste.exports.configurations.objects import Difference
from piste.runs.records.journal import newest
from piste.runs.records.record import Record


class Run(NamedTuple):
    """A run that wrote an object: its id and its account."""

    id: str
    user: str


class Authors(NamedTuple):
    """The runs that wrote a difference; `outside` is what none of them wrote.

    `outside` names fields, or is `*` where no run explains the difference at all.
    """

    runs: tuple[Run, ...]
    outside: tuple[str, ...]


Written = Mapping[tuple[str, str], Sequence[tuple[Record, Mapping[str, Any]]]]
"""The operations of runs by kind and key, each with its record, oldest first."""


def written(root: Path, environment: str, since: str, until: str) -> Written:
    """Read the operations of the runs that wrote between two moments (UTC)."""
    operations: dict[tuple[str, str], list[tuple[Record, Mapping[str, Any]]]] = {}
    for record in newest(root, environment):
        if str(record["ended"]) < since:
            break
        if record["check"] or str(record["started"]) > until:
            continue
        for task in reversed(record["tasks"]):
            for operation in reversed(task["operations"]):
                if not task["check"]:
                    operations.setdefault((operation["kind"], operation["key"]), []).insert(0, (record, operation))
    return operations


def authors(difference: Difference, operations: Written) -> Authors:
    """Find the runs that explain a difference, and what they leave unexplained."""
    thing = difference.thing
    own = [
        (record, operation)
        for record, operation in operations.get((thing.kind, thing.key), ())
        if thing.owner in ("", operation["owner"])
    ]
    outside = ("*",) if not own else tuple(_unexplained(difference, [operation for _, operation in own]))
    runs = dict.fromkeys(Run(str(record["id"]), str(record["user"] or "")) for record, _ in own)
    return Authors(tuple(runs) if outside != ("*",) else (), outside)


def _unexplained(difference: Difference, operations: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    """List the fields that no operation left as they are now; `*` for the object itself."""
    last = operations[-1]
    if difference.action == "delete":
        return () if last["action"] in ("delete", "reset") else ("*",)
    if last["action"] == "delete":
        return ("*",)
    if difference.action == "create":
        return () if any(operation["action"] == "create" for operation in operations) else ("*",)
    left = [name for name in difference.fields if not _left_so(name, difference.after or {}, operations)]
    return ("*",) if left == list(difference.fields) and left else left


def _left_so(name: str, now: Mapping[str, Any], operations: Iterable[Mapping[str, Any]]) -> bool:
    """Tell whether the last operation on a field left it as it is.

    A value that an export writes in another form (a secret) counts as left so.
    """
    touching = [op for op in operations if name in op["fields"] or op["action"] in ("create", "reset")]
    if not touching:
        return False
    after = touching[-1]["content"]["after"] or {}
    value, wanted = now.get(name), after.get(name)
    return not isinstance(value, str | int | bool) or not isinstance(wanted, str | int | bool) or value == wanted
