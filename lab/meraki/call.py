"""The call of an operation, and the type of the functions that answer it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lab.calls import Calls
from lab.clock import Clock, seconds
from lab.faults import Faults
from lab.meraki.behaviour import Behaviour
from lab.meraki.errors import refused
from lab.meraki.limits import Limits
from lab.meraki.operations import Operation
from lab.meraki.world import Json, World, merge

Perform = Callable[[Operation, Mapping[str, str], Json], Any]
"""Check and run another operation, given the ids of its path and its body. Raises ApiError."""


@dataclass(slots=True)
class Call:
    """The ids of the path, the query, the checked body; the state and the rules to work on."""

    world: World
    clock: Clock
    behaviour: Behaviour
    limits: Limits
    faults: Faults
    calls: Calls
    perform: Perform
    ids: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, list[str]] = field(default_factory=dict)
    body: Json = field(default_factory=dict)

    @property
    def network(self) -> Json:
        return self.world.network(self.ids["networkId"])

    @property
    def device(self) -> Json:
        return self.world.device(self.ids["serial"])

    def value(self, name: str) -> str | None:
        """Return the only value of a query parameter, or None."""
        return next(iter(self.query.get(name, ())), None)

    def many(self, name: str) -> list[str]:
        """Return the values of an array parameter, written `name[]` or `name`."""
        return [*self.query.get(f"{name}[]", ()), *self.query.get(name, ())]

    def moment(self, name: str) -> float | None:
        """Return a moment given in the query, in seconds since 1970."""
        text = self.value(name)
        try:
            return None if text is None else seconds(text)
        except ValueError:
            raise refused(f"'{name}' must be an ISO 8601 date") from None

    def updated(self, current: Json, initial: Json) -> Json:
        """Return an object after this PUT, secrets hashed; `Behaviour.full_put` resets other keys."""
        return merge(initial if self.behaviour.full_put else current, self.world.sealed(self.body))  # type: ignore[no-any-return]


Handler = Callable[[Call], Any]
