"""Where handlers are registered: actions by verb and name, and what a kind does when it is made or shown."""

from __future__ import annotations

from collections.abc import Callable, Collection

from lab.smc.call import Answer, Call
from lab.smc.world import Json

Action = Callable[[Call, Json], Answer]
Hook = Callable[[Call, Json], None]
View = Callable[[Call, Json, Json], Json]

ACTIONS: dict[tuple[str, str], list[tuple[frozenset[str] | None, Action]]] = {}
CREATED: dict[str, list[Hook]] = {}
SHOWN: dict[str, View] = {}
# What the system does by itself once an element is changed.
CHANGED: dict[str, Hook] = {}
# What a link of a kind leads to: (rel, path below the element).
LINKS: dict[str, list[tuple[str, str]]] = {}


def action(method: str, name: str, kinds: Collection[str] | None = None) -> Callable[[Action], Action]:
    """Register what `method <element>/name` does, for some kinds or for all; links tell it."""

    def register(handler: Action) -> Action:
        known = None if kinds is None else frozenset(kinds)
        ACTIONS.setdefault((method, name), []).append((known, handler))
        for kind in known or ():
            link(kind, name, name)
        return handler

    return register


def link(kind: str, rel: str, path: str) -> None:
    told = LINKS.setdefault(kind, [])
    if (rel, path) not in told:
        told.append((rel, path))


def found_action(method: str, name: str, kind: str) -> Action | None:
    return next((h for kinds, h in ACTIONS.get((method, name), ()) if kinds is None or kind in kinds), None)


def known_action(name: str, kind: str) -> bool:
    """Tell whether an element of a kind has an action of a name, whatever its verb."""
    methods = ("GET", "POST", "PUT", "DELETE")
    return any(found_action(method, name, kind) for method in methods)


def created(*kinds: str) -> Callable[[Hook], Hook]:
    """Register what the system does by itself once an element of some kinds is made."""

    def register(hook: Hook) -> Hook:
        for kind in kinds:
            CREATED.setdefault(kind, []).append(hook)
        return hook

    return register


def shown(*kinds: str) -> Callable[[View], View]:
    """Register what an answer adds to the attributes of some kinds."""

    def register(view: View) -> View:
        SHOWN.update(dict.fromkeys(kinds, view))
        return view

    return register
