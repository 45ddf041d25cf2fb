"""Operations that a saved plan allows, and the rest of an operation that a dead run began."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from piste.engine.converge.errors import Misused
from piste.engine.converge.plan import Operation, identity_of
from piste.engine.converge.untrusted import parse_json, read_plain
from piste.engine.converge.values import stable

Described = Mapping[str, Any]
OBJECT = ("system", "owner", "kind", "key")
LEFT = "laissé de côté"
"""Why an operation of a saved plan waits, where a part without it is applied."""


def object_of(described: Described) -> tuple[str, ...]:
    """Name the object of an operation, whatever the operation does to it."""
    return tuple(str(described[name]) for name in OBJECT)


def is_waiting(described: Described) -> bool:
    """Tell whether an operation of a plan waits, for a word or for another operation."""
    return bool(described.get("waiting"))


def is_left(described: Described) -> bool:
    """Tell whether the part of a plan leaves an operation."""
    return described.get("waiting") == LEFT


def named(described: Described) -> str:
    """Name the object of an operation: owner, kind, label."""
    return f"{described['owner']} / {described['kind']} {described['label']}"


def operation_of(described: Described) -> Operation:
    """Make an operation again from its JSON form."""
    kept = {name: described[name] for name in (*OBJECT, "action", "label")}
    return Operation(**kept, **described["content"], slot=described.get("slot"))


class Allowed:
    """The operations of a saved plan, in their JSON form; those that wait are not allowed."""

    def __init__(self, operations: Iterable[Described]) -> None:
        every = tuple(operations)
        self.operations = tuple(described for described in every if not is_waiting(described))
        self.left = tuple(operation_of(described) for described in every if is_left(described))
        """The operations that the part of a plan leaves, of all owners."""
        self._waiting_objects = {object_of(described) for described in every if is_waiting(described)}
        self._retained = {object_of(o) for o in every if is_waiting(o) and not is_left(o)}
        self._identities = set()
        self._by_object: dict[tuple[str, ...], list[Described]] = {}
        for described in self.operations:
            self._identities.add(identity_of(described))
            self._by_object.setdefault(object_of(described), []).append(described)

    @classmethod
    def read(cls, path: str | None) -> Allowed | None:
        """Read the file of a plan; None without a file. Raises `Misused`."""
        if not path:
            return None
        try:
            return cls(parse_json(read_plain(Path(path)))["operations"])
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            why, todo = f"{type(error).__name__} : {error}", "Refaites-le (piste plan)."
            raise Misused("le plan enregistré ne se lit pas", where=path, why=why, todo=todo) from None

    def kinds_of(self, owner: str) -> frozenset[str]:
        """Name the kinds of an owner's objects, those kept waiting included: they hold others back."""
        return frozenset(kind for _, whose, kind, _ in (*self._by_object, *self._retained) if whose == owner)

    def holds(self, described: Described) -> bool:
        """Tell whether the plan holds the object of an operation back."""
        return object_of(described) in self._waiting_objects

    def __contains__(self, described: Described) -> bool:
        if identity_of(described) in self._identities:
            return True
        return any(finishes(described, saved) for saved in self._by_object.get(object_of(described), ()))


def finishes(now: Described, saved: Described) -> bool:
    """Tell whether `now` is the rest of `saved`, after a run that died had written a part of it.

    Both lead to the same values; `now` starts from a mixture of the values before and after. A document is written
    whole, so whole fields are mixed. A field of an object that was just made may be empty. A secret that was written
    and not yet noted is unknown. An object that goes may have lost contents that the same plan removed before it, such
    as the rules of a section of its policy.
    """
    before, after = now["content"]["before"], now["content"]["after"]
    old, new = saved["content"]["before"], saved["content"]["after"]
    if now["action"] == saved["action"] == "delete":
        return _left(before, old)
    if before is None or after is None or new is None:
        return False
    for name in {*before, *after}:
        was, becomes = before.get(name), after.get(name)
        if _same(was, becomes):
            continue
        if not _same(becomes, new.get(name)):
            return False
        untouched = _empty(was) if old is None else _same(was, old.get(name))
        if not untouched and not _same(was, _unknown(was, becomes)):
            return False
    return True


def _same(left: Any, right: Any) -> bool:
    return stable(left) == stable(right)


def _left(now: Any, saved: Any) -> bool:
    """Tell whether `now` has nothing that `saved` has not, in the same order."""
    if isinstance(now, Mapping) and isinstance(saved, Mapping):
        return all(name in saved and _left(value, saved[name]) for name, value in now.items())
    if isinstance(now, list) and isinstance(saved, list):
        rest = iter(saved)
        return all(any(_same(entry, other) for other in rest) for entry in now)
    return _same(now, saved)


def _empty(value: Any) -> bool:
    return all(map(_empty, value.values())) if isinstance(value, Mapping) else not value


def _unknown(was: Any, value: Any) -> Any:
    """Copy `value`, its secrets as unknown as they are in `was`."""
    if isinstance(value, Mapping) and isinstance(was, Mapping):
        if set(value) == set(was) == {"secret", "fingerprint"}:
            return {**value, "fingerprint": "inconnue"}
        return {name: _unknown(was.get(name), inner) for name, inner in value.items()}
    if isinstance(value, list) and isinstance(was, list) and len(was) == len(value):
        return [_unknown(*pair) for pair in zip(was, value, strict=True)]
    return value
