"""What a check of ``piste doctor`` finds: one line for people, the same facts for programs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

State = Literal["ok", "wrong", "unknown"]


@dataclass(frozen=True, slots=True)
class Finding:
    """``id`` is stable, ``<system>.<check>``; ``what`` is what was seen; ``todo`` how to mend it, empty where all is
    well. What did not answer is *unknown*, never *ok*."""

    id: str
    state: State
    what: str
    todo: str = ""

    def to_json(self) -> dict[str, str]:
        return asdict(self)
