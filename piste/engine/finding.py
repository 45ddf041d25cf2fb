"""A finding: a judgment on a thing, a line for people, the same facts for programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

State = Literal["ok", "wrong", "unknown"]
Gravity = Literal["critical", "major", "minor"]
WORST: tuple[State, ...] = ("wrong", "unknown", "ok")
"""The states, the worst first."""
GRAVITIES: tuple[Gravity, ...] = get_args(Gravity)
"""The gravities, the worst first."""
NAMED = 6
"""Names that are written of a finding."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The judgment of a check, or of what was read.

    `id` is stable, `<system>.<check>` or `<subject>.<thing>`; `what` is what was seen; `todo` how to mend it, empty
    where all is well. A system that did not answer is *unknown*, never *ok*. `site` owns the thing, empty where it is
    the town's or this machine's. `evidence` is when and where it was seen, `who` the role that acts, `by` the day at
    which it is too late, `since` the moment at which it was first seen so (ISO 8601), `put_off`
    who puts it off, until when and why: it stays as it is. `asleep` names findings beside it that are not judged now,
    for their hours have the things off: what was wrong with them goes on. `names` are some of the accounts and
    objects of a system that `what` counts and never names: a paper that circulates has `what` alone. `code` is that of
    a rule by which `what` begins: engineers look it up, no room reads it.
    """

    id: str
    state: State
    what: str
    todo: str = ""
    site: str = ""
    gravity: Gravity = "major"
    evidence: str = ""
    who: str = ""
    by: str = ""
    since: str = ""
    put_off: str = ""
    asleep: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    code: str = ""

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> Finding:
        return cls(**{name: written[name] for name in cls.__slots__ if name in written})

    def to_json(self) -> dict[str, str]:
        """Give the facts of every finding, then the others that it has."""
        facts = asdict(self)
        always, never = ("id", "state", "what", "todo"), ("gravity", "asleep", "names", "code")
        return {name: value for name, value in facts.items() if name in always or (value and name not in never)}

    @property
    def whole(self) -> str:
        """Write what was seen with some of its names, for those who mend it."""
        if not self.names:
            return self.what
        return f"{self.what.removesuffix('.')}. Noms lus : {', '.join(self.names[:NAMED])}."

    @property
    def rank(self) -> tuple[int, int]:
        """Give its place among findings, the worst first."""
        return WORST.index(self.state), GRAVITIES.index(self.gravity)


def worst(states: Iterable[State]) -> State:
    """Give the worst of several states; *ok* where there is none."""
    seen = set(states)
    return next((state for state in WORST if state in seen), "ok")
