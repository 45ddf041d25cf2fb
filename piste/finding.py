"""What a check of ``piste doctor`` finds: one line for people, the same facts for programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

State = Literal["ok", "wrong", "unknown"]


@dataclass(frozen=True, slots=True)
class Finding:
    """``id`` is stable, ``<system>.<check>``; ``what`` is what was seen; ``todo`` how to mend it, empty where all is
    well. What did not answer is *unknown*, never *ok*."""

    id: str
    state: State
    what: str
    todo: str = ""

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Finding:
        return cls(found["id"], found["state"], found["what"], found["todo"])

    def to_json(self) -> dict[str, str]:
        return asdict(self)
