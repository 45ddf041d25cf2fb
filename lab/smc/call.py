"""A call, its answer, its handlers, and the translation between hrefs and references."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from lab.beyond import without
from lab.clock import Clock
from lab.faults import Faults
from lab.http import of_json
from lab.smc.behaviour import Behaviour
from lab.smc.checks import Checker
from lab.smc.errors import refused
from lab.smc.world import MARK, Json, World, key_of, mark

_PATH = re.compile(r"^(?:/\d+\.\d+)?/elements/(?:[^/?]+/\d+/)*[^/?]+/(\d+)$")
_HREF = re.compile(r"^https?://[^/]+/\d+\.\d+/(?:elements|system)/")


def question(method: str, path: str, about: str = "") -> str:
    """Name a question by its path below the version, and by the element that its body names."""
    return f"{method} {path} {about}".strip()


def identity(item: Any) -> str:
    """Name an item of a list of an answer: by what it refers to, by number, by name."""
    if not isinstance(item, Mapping):
        return str(item)
    if len(item) == 1 and isinstance(only := next(iter(item.values())), Mapping):
        return f"{next(iter(item))} {identity(only)}"
    own = ("interface_id", "nodeid", "nicid", "nic_id", "address", "element", "ip")
    for names in (("href",), own, ("name",), ("rel",)):
        if known := [str(item[name]) for name in names if isinstance(item.get(name), (str, int))]:
            return " ".join(known)
    return ""


@dataclass(slots=True)
class Answer:
    """The answer of a handler: `value` is JSON with references, or bytes."""

    status: int = 200
    value: Any = None
    etag: str = ""
    location: str = ""
    content_type: str = "application/json"


Action = Callable[["Call", Json], Answer]
Hook = Callable[["Call", Json], None]
View = Callable[["Call", Json, Json], Json]


class Handlers:
    """The functions that work on elements: the tables of `lab/smc/handlers.py`, by kind."""

    def __init__(
        self,
        actions: Sequence[tuple[str, str, Collection[str] | None, Action]],
        created: Mapping[str, Hook],
        changed: Mapping[str, Hook],
        shown: Mapping[str, View],
        links: Sequence[tuple[str, str, str]],
    ) -> None:
        self._actions = actions
        self.created, self.changed, self.shown = created, changed, shown
        self.links: dict[str, list[tuple[str, str]]] = {}
        for kind, rel, path in links:
            self.links.setdefault(kind, []).append((rel, path))

    def action(self, method: str, name: str, kind: str) -> Action | None:
        return next((action for verb, action in self._named(name, kind) if verb == method), None)

    def knows(self, name: str, kind: str) -> bool:
        """Tell whether an element of a kind has an action of a name, whatever its verb."""
        return any(self._named(name, kind))

    def _named(self, name: str, kind: str) -> list[tuple[str, Action]]:
        return [
            (method, action)
            for method, known, kinds, action in self._actions
            if known == name and (kinds is None or kind in kinds)
        ]


@dataclass(slots=True)
class Call:
    """A request, with the state and the rules that its handler works on.

    base      scheme and host as the client wrote them
    api       the version of the API that was asked
    accounts  administrators by name, with their password
    extras    fields that a captured system showed at this address, and the simulator does not have
    """

    world: World
    clock: Clock
    behaviour: Behaviour
    faults: Faults
    accounts: dict[str, str]
    handlers: Handlers
    method: str
    api: str
    base: str
    admin: str
    query: Mapping[str, list[str]] = field(default_factory=dict)
    content: bytes = b""
    if_match: str = ""
    if_none_match: str = ""
    content_type: str = ""
    accept: str = ""
    extras: Json = field(default_factory=dict)

    @property
    def now(self) -> int:
        """Milliseconds since 1970, the unit of the system."""
        return int(self.clock.now() * 1000)

    @property
    def smc(self) -> str:
        return self.behaviour.smc_version

    def value(self, name: str) -> str | None:
        """Return the only value of a query parameter, or None."""
        return next(iter(self.query.get(name, ())), None)

    def flag(self, name: str, default: bool = False) -> bool:
        given = self.value(name)
        return default if given is None else given.lower() == "true"

    @property
    def raw(self) -> str:
        return self.content.decode("utf-8", "replace")

    @property
    def checker(self) -> Checker:
        return Checker(self.raw, self.behaviour.unknown_attributes)

    def body(self) -> Json:
        """Decode the request's JSON object, hrefs turned into references. Raises ApiError."""
        if not self.content.strip():
            return {}
        try:
            value = of_json(self.content)
        except ValueError:
            raise refused("Invalid JSON format.") from None
        if not isinstance(value, dict):
            raise refused("Invalid JSON format: an object is expected.")
        return without(self.inward(value), self.extras, identity)  # type: ignore[no-any-return]

    def inward(self, value: Any) -> Any:
        """Turn the hrefs of this SMC in a value into references; drop links. Raises ApiError."""
        if isinstance(value, str):
            return self._reference(value)
        if isinstance(value, Mapping):
            return {key: self.inward(item) for key, item in value.items() if key != "link"}
        return [self.inward(item) for item in value] if isinstance(value, list) else value

    def outward(self, value: Any) -> Any:
        """Turn the references in a value into hrefs for this client; drop keys with `_`."""
        if isinstance(value, str):
            return self.href(self.world.path(self.world[key_of(value)])) if value.startswith(MARK) else value
        if isinstance(value, dict):
            return {key: self.outward(item) for key, item in value.items() if not key.startswith("_")}
        return [self.outward(item) for item in value] if isinstance(value, list) else value

    def href(self, path: str) -> str:
        return f"{self.base}/{self.api}{path}"

    @staticmethod
    def stamp(milliseconds: int) -> str:
        """Write a moment as the system does: `2026-11-24 09:00:00 (GMT)`."""
        return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S (GMT)")

    def _reference(self, text: str) -> str:
        if not (_HREF.match(text) if self.base else text.startswith("/elements/")):
            return text
        # An href to another host or scheme is no reference of this server.
        match = _PATH.match(text.removeprefix(self.base)) if text.startswith(f"{self.base}/") else None
        record = self.world.get(int(match[1])) if match else None
        if record is None or record["trashed"]:
            raise refused("Invalid reference.", f"Element {text} does not exist.")
        return mark(record["key"])
