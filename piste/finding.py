"""A finding of `piste doctor`: a line for people, the same facts for programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

State = Literal["ok", "wrong", "unknown"]


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer of a check.

    `id` is stable, `<system>.<check>`; `what` is what was seen; `todo` how to mend it, empty where all is well. A
    system that did not answer is *unknown*, never *ok*.
    """

    id: str
    state: State
    what: str
    todo: str = ""

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> Finding:
        return cls(written["id"], written["state"], written["what"], written["todo"])

    def to_json(self) -> dict[str, str]:
        return asdict(self)
