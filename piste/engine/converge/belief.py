"""Beliefs about a system that no public source proves, as data.

A belief says where it shows and how a person settles it. It is never relied on silently. Its first use on a system
needs a model that is read there: something of the same form, which the system's own console wrote. Without a model it
needs a word of confirmation, which the record of the run keeps; where nobody could vouch for it, the write is refused.
What was written once is a model for the next run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

WORD = "unproven"
"""The word of `confirm` that accepts a belief: alone, or with the place and the name."""


@dataclass(frozen=True, slots=True)
class Belief:
    """A belief about a system.

    `sign` finds it in a text, live or about to be written. `what` and `settle` are sentences for people. `source` says
    what is known of it and what is not.
    """

    name: str
    what: str
    settle: str
    source: str
    sign: re.Pattern[str]

    def word(self, place: str) -> str:
        return f"{WORD}:{place}/{self.name}"

    def why(self, place: str) -> str:
        return f"{place} : {self.what} ; rien de public ne le prouve, et le système n’en a aucun exemple. {self.settle}"


def unsettled(beliefs: Sequence[Belief], written: Iterable[str], live: Iterable[str]) -> Iterator[Belief]:
    """List the beliefs that the new texts rely on and that no live text shows."""
    known, new = list(live), list(written)
    for belief in beliefs:
        if any(map(belief.sign.search, new)) and not any(map(belief.sign.search, known)):
            yield belief
