"""Faults on demand, and the requests and events that they strike."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

KINDS = ("status", "cut", "edit", "lie", "random")
_RANDOM_EFFECTS = (("status", "before"), ("status", "after"), ("cut", "before"), ("cut", "after"))


@dataclass(slots=True)
class Fault:
    """An armed fault.

    It strikes the `nth` request (counted from 1) with the method `method` (None: any) and a path that matches the
    regular expression `path`, then those that follow, `times` in all (None: for ever).

    kind         effect
    status       answers `status`, with Retry-After where `retry_after` is given, `body` where given
    cut          drops the connection
    edit         another administrator writes first: `edit` is a callable without argument, or
                 `{"method", "path", "body"}` with a path such as `/networks/N_1/switch/stp`
    lie          answers otherwise than the system is: `edit` is a callable of the document, or `{"at", "value"}` with a
                 place such as `result/0/name`
    random       strikes a share `rate` of requests with 502, 503, 504 or a cut, before or after (by `seed`)
    batch_fail   the n-th action batch fails with `body` as its error   } kinds of Meraki; each system
    batch_stuck  the n-th action batch never ends                       } gives its own kinds to `Faults`

    `when`: the request has its effect first (`after`) or no effect (`before`).
    """

    kind: str
    method: str | None = None
    path: str = ""
    nth: int = 1
    times: int | None = 1
    when: str = "before"
    status: int = 503
    retry_after: str | float | None = None
    body: str | None = None
    rate: float = 0.2
    seed: int = 1
    edit: Callable[..., Any] | Mapping[str, Any] | None = None
    seen: int = field(default=0, init=False)
    _draw: random.Random = field(default_factory=random.Random, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.when not in ("before", "after"):
            raise ValueError(f"moment inconnu : {self.when} (choix : before, after)")
        re.compile(self.path)
        self._draw.seed(self.seed)

    def strikes(self, method: str, path: str) -> Fault | None:
        """Count a request; return the effect that strikes it, or None."""
        if (self.method and self.method != method) or not re.search(self.path, path):
            return None
        self.seen += 1
        if self.seen < self.nth or (self.times is not None and self.seen >= self.nth + self.times):
            return None
        if self.kind != "random":
            return self
        if self._draw.random() >= self.rate:
            return None
        kind, when = self._draw.choice(_RANDOM_EFFECTS)
        return Fault(kind, when=when, status=self._draw.choice((502, 503, 504)))

    def as_dict(self) -> dict[str, Any]:
        shown = {f.name: getattr(self, f.name) for f in fields(self) if not f.name.startswith("_")}
        return {**shown, "edit": "callable" if callable(self.edit) else self.edit}


class Faults:
    """The armed faults of a system, oldest first.

    `own` are the kinds that strike an event of the system instead of a request.
    """

    def __init__(self, *own: str) -> None:
        self.own = own
        self.armed: list[Fault] = []

    def add(self, kind: str, **options: Any) -> Fault:
        """Arm a fault (options: the fields of `Fault`). Raises ValueError, TypeError."""
        kinds = (*KINDS, *self.own)
        if kind not in kinds:
            raise ValueError(f"panne inconnue : {kind} (choix : {', '.join(kinds)})")
        fault = Fault(kind, **options)
        self.armed.append(fault)
        return fault

    def clear(self) -> None:
        self.armed.clear()

    def on_request(self, method: str, path: str) -> list[Fault]:
        """Count a request; return the faults that strike it, edits first."""
        armed = [fault for fault in self.armed if fault.kind not in self.own]
        struck = [effect for fault in armed if (effect := fault.strikes(method, path))]
        return sorted(struck, key=lambda effect: effect.kind != "edit")

    def on_event(self, *kinds: str, method: str = "", path: str = "") -> Fault | None:
        """Count an event; return the first fault of some kinds that strikes it, or None."""
        armed = [fault for fault in self.armed if fault.kind in kinds]
        struck = [effect for fault in armed if (effect := fault.strikes(method, path))]
        return struck[0] if struck else None
