"""One call of one operation, and the register of the functions that answer them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lab.calls import Calls
from lab.clock import Clock, seconds
from lab.meraki.behaviour import Behaviour
from lab.meraki.errors import refused
from lab.meraki.world import Json, World, merge

if TYPE_CHECKING:
    from lab.meraki.simulator import MerakiSimulator


@dataclass(slots=True)
class Call:
    """What a handler is given: ids of the path, query, checked body, and the world to read or change."""

    simulator: MerakiSimulator
    ids: Mapping[str, str]
    query: Mapping[str, list[str]] = field(default_factory=dict)
    body: Json = field(default_factory=dict)

    @property
    def world(self) -> World:
        return self.simulator.world

    @property
    def behaviour(self) -> Behaviour:
        return self.simulator.behaviour

    @property
    def clock(self) -> Clock:
        return self.simulator.clock

    @property
    def calls(self) -> Calls:
        return self.simulator.calls

    @property
    def network(self) -> Json:
        return self.world.network(self.ids["networkId"])

    @property
    def device(self) -> Json:
        return self.world.device(self.ids["serial"])

    def one(self, name: str) -> str | None:
        """Return the only value of a query parameter, or None."""
        return next(iter(self.query.get(name, ())), None)

    def many(self, name: str) -> list[str]:
        """Return the values of an array parameter, written `name[]` or `name`."""
        return [*self.query.get(f"{name}[]", ()), *self.query.get(name, ())]

    def moment(self, name: str) -> float | None:
        """Return a moment given in the query, in seconds since 1970."""
        text = self.one(name)
        try:
            return None if text is None else seconds(text)
        except ValueError:
            raise refused(f"'{name}' must be an ISO 8601 date") from None

    def updated(self, current: Json, initial: Json) -> Json:
        """Return an object after this PUT: partial, or full where the behaviour says so; secrets hashed."""
        return merge(initial if self.behaviour.full_put else current, self.world.sealed(self.body))  # type: ignore[no-any-return]


Handler = Callable[[Call], Any]
HANDLERS: dict[str, Handler] = {}


def answers(*names: str) -> Callable[[Handler], Handler]:
    """Register a function as the one that answers these operations."""

    def register(handler: Handler) -> Handler:
        HANDLERS.update(dict.fromkeys(names, handler))
        return handler

    return register
