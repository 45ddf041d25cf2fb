"""The result of a domain: the results of its kinds, put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from piste.engine.converge.errors import PisteError
from piste.engine.converge.request import Request
from piste.engine.kind import Kind

_LISTS = ("operations", "summary", "contents", "diff", "withheld", "warnings", "orphans")
"""Lists of the result that join those of all kinds."""


class Outcome:
    """The results of the kinds of a domain, put together."""

    def __init__(self, state: str) -> None:
        self.result: dict[str, Any] = {"changed": False, **{name: [] for name in _LISTS}, "surveys": [], "kinds": {}}
        if state == "gathered":
            self.result["gathered"] = {}

    def add(self, kind: Kind, result: Mapping[str, Any]) -> None:
        self.result["changed"] |= result["changed"]
        for name in _LISTS:
            self.result[name] += result.get(name) or []
        if result.get("survey"):
            self.result["surveys"].append(result["survey"])
        if "gathered" in result:
            self.gathered(kind, result["gathered"])
        self.result["kinds"][kind.name] = len(result["operations"])
        for name in ("refused", "stays"):
            if result.get(name):
                self.result[name] = [*self.result.get(name, ()), *result[name]]
        if result.get("apart"):
            self.result.setdefault("apart", {})[kind.name] = result["apart"]

    def gathered(self, kind: Kind, items: Sequence[Any]) -> None:
        self.result["gathered"][kind.name] = list(items)

    def stopped(self, error: Exception, request: Request) -> None:
        """Add to an error what the kinds before it have done, or planned."""
        if request.rehearsal:
            return
        done = self.result["summary"]
        if isinstance(error, PisteError):
            error.operations = (*self.result["operations"], *error.operations)
            error.contents = (*self.result["contents"], *error.contents)
            error.waiting = () if request.check else tuple(waiting.to_json() for waiting in request.holding.waiting)
            lists = ("withheld", "warnings", "orphans", "surveys", "kinds")
            error.earlier = {name: self.result[name] for name in lists}
            if done and not request.check:
                listing = "".join(f"\n  {line}" for line in done)
                error.todo = f"{error.todo}\nFait avant l’arrêt, et qui reste fait :{listing}"
