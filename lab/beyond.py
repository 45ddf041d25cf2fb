"""Common parts of systems made of captured answers: answers, secrets, unknown fields.

Unknown fields are found when the system is made, served with its answers, and taken back from a write. Extras of an
answer are a tree: a list of its value for a field that the simulator lacks, a map of the fields or of the items below
for another. The item of a list has the name that `named` gives it; an item without a name has no extras.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any, Protocol

Json = dict[str, Any]
Named = Callable[[Any], str]
SECRET = "secret:"
"""The beginning of what a capture has in the place of a secret; its path in the vault follows, if it has one."""


class Captured(Protocol):
    """An answer of a capture (`piste.exports.capture.store.Answer`)."""

    @property
    def method(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def query(self) -> list[tuple[str, str]]: ...
    @property
    def body(self) -> Any: ...
    @property
    def status(self) -> int: ...
    @property
    def answer(self) -> Any: ...


def with_secrets(value: Any, secrets: Mapping[str, str]) -> Any:
    """Put the lab's value in the place of a secret that the capture names, else a made-up value."""
    if isinstance(value, Mapping):
        return {key: with_secrets(item, secrets) for key, item in value.items()}
    if isinstance(value, list):
        return [with_secrets(item, secrets) for item in value]
    if not isinstance(value, str) or not value.startswith(SECRET):
        return value
    path = value.removeprefix(SECRET)
    return secrets.get(path) or made_up(path)


def made_up(path: str) -> str:
    """Give the value of a secret that the lab does not have: always the same for a path."""
    return "inconnu-" + hashlib.sha256(path.encode()).hexdigest()[:12]


def missing(
    captured: Any,
    shown: Any,
    where: str,
    leave: Callable[[str], None],
    *,
    named: Named,
    ours: Collection[str] = (),
    whole: bool = True,
) -> Any:
    """Give the captured fields that the simulator does not show.

    A line is left for each value that differs. `ours` are fields that name the lab itself. `whole` is false for an
    answer that a filter has cut.
    """
    again = partial(missing, leave=leave, named=named, ours=ours)
    if isinstance(captured, Mapping) and isinstance(shown, Mapping):
        extras: Json = {}
        for key, value in captured.items():
            if key not in shown:
                extras[key] = [value]
            elif key not in ours and (below := again(value, shown[key], f"{where} {key}")):
                extras[key] = below
        return extras
    if isinstance(captured, list) and isinstance(shown, list) and all(isinstance(item, Mapping) for item in captured):
        known = {named(item): item for item in shown}
        extras = {}
        for rank, item in enumerate(captured):
            name = named(item)
            other = known.get(name) if name else shown[rank] if rank < len(shown) else None
            if other is None:
                leave(f"{where} : {name or rank} n’y est pas")
            elif (below := again(item, other, f"{where} {name}")) and name:
                extras[name] = below
        if whole and len(shown) > len(captured):
            leave(f"{where} : le laboratoire en montre {len(shown)}, et non {len(captured)}")
        return extras
    if captured != shown:
        leave(f"{where} : {shown!r:.60}, et non {captured!r:.60}")
    return {}


def joined(shown: Any, extras: Any, named: Named) -> Any:
    """Join to an answer the fields that the simulator does not have."""
    if isinstance(extras, list):
        return extras[0]
    if isinstance(shown, list):
        return [joined(item, extras[named(item)], named) if named(item) in extras else item for item in shown]
    if not isinstance(shown, Mapping):
        return shown
    below = {
        key: joined(shown[key], extra, named)
        for key, extra in extras.items()
        if key in shown and isinstance(extra, dict)
    }
    return {**{key: extra[0] for key, extra in extras.items() if isinstance(extra, list)}, **shown, **below}


def without(body: Any, extras: Any, named: Named) -> Any:
    """Take back from a body the fields that only an answer of `joined` could give it."""
    if isinstance(body, list) and isinstance(extras, Mapping):
        return [without(item, extras.get(named(item), {}), named) for item in body]
    if not isinstance(body, Mapping) or not isinstance(extras, Mapping):
        return body
    return {
        key: without(value, extras.get(key, {}), named)
        for key, value in body.items()
        if not (isinstance(extras.get(key), list) and extras[key][0] == value)
    }
