"""Reading rule bases with few requests: an SMC lists names, so that each rule costs one.

What a run has read of a list, its other tasks know. Before it writes and after, a task asks again for the order and for
the rules that it is about to change, or has changed: it relies on its memory for no other purpose than to tell these.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from piste.converge.reading import listed, reading
from piste.forcepoint import references
from piste.forcepoint.smc import Smc


@dataclass(frozen=True, slots=True)
class Read:
    """A rule as it was read: ``sure`` where this task did, not an earlier one of the run."""

    path: str
    document: dict[str, Any]
    sure: bool


Concerned = Callable[[Sequence[Read]], Collection[str]]
"""Of the rules of a list, as far as they are known, the paths of those to ask for again."""


class Reader:
    """What a run knows of the lists of one SMC."""

    def __init__(self, smc: Smc) -> None:
        self.smc = smc
        self._sure: set[str] = set()

    def read(self, place: str, concerned: Concerned | None = None) -> list[Read]:
        """The rules of the list at ``place``, in order. ``concerned`` has the SMC itself asked for the order and for
        those rules; without it the run's memory will do."""
        name, shared = _name(place), self.smc.shared
        with shared.lock(f"{name}-reading"):  # one task reads, the others then know
            known = shared.get(name) or {"order": None, "documents": {}}
            documents: dict[str, dict[str, Any]] = known["documents"]
            order = known["order"]
            if concerned or order is None:
                with reading(f"{self.smc.host}{place}"):
                    order = [references.path_of(entry["href"]) for entry in listed(self.smc.results(place))]
            unknown = [path for path in order if path not in documents]
            self._learn(documents, unknown)
            if concerned:
                again = set(concerned(self._told(order, documents))) - set(unknown)
                self._learn(documents, [path for path in order if path in again])
            told = self._told(order, documents)
            shared.put(
                name, {"order": [one.path for one in told], "documents": {one.path: one.document for one in told}}
            )
        return told

    def forget(self, place: str, paths: Collection[str]) -> None:
        """The list is about to be written: nobody relies any more on its order, or on what was read of these."""

        def change(known: Any) -> Any:
            kept = {path: one for path, one in (known or {}).get("documents", {}).items() if path not in paths}
            return {"order": None, "documents": kept}

        self.smc.shared.update(_name(place), change)

    def _learn(self, documents: dict[str, dict[str, Any]], paths: Sequence[str]) -> None:
        for path, document in zip(paths, self.smc.documents(paths), strict=True):
            documents.pop(path, None)
            if document is not None:
                documents[path] = document
        self._sure |= set(paths)

    def _told(self, order: Sequence[str], documents: dict[str, dict[str, Any]]) -> list[Read]:
        return [Read(path, documents[path], path in self._sure) for path in order if path in documents]


def _name(place: str) -> str:
    return f"rules-{hashlib.sha256(place.encode()).hexdigest()[:16]}"
