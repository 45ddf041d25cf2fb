"""Reading rule bases with few requests: an SMC lists names, so that each rule costs one.

What a run has read of a list, its other tasks know: a site's section asks again, before it writes and after, for its
own rules alone. Order is never taken from memory then.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from piste.forcepoint import references
from piste.forcepoint.policy_table import told_id
from piste.forcepoint.rule_codec import Rule, is_rule
from piste.forcepoint.rules import section_at, window
from piste.forcepoint.smc import Smc


@dataclass(frozen=True, slots=True)
class Read:
    """A rule as it was read: ``sure`` where it was by this very question."""

    path: str
    document: dict[str, Any]
    sure: bool


class Reader:
    """What a run knows of the lists of one SMC."""

    def __init__(self, smc: Smc) -> None:
        self.smc = smc

    def read(self, place: str, scopes: Collection[str], *, fresh: bool) -> list[Read]:
        """The rules of the list at ``place``, in order. ``fresh`` asks the SMC for the order and for what ``scopes``
        are about; the rest may be what another task of the run has read."""
        name, shared = _name(place), self.smc.shared
        with shared.lock(f"{name}-reading"):  # one task reads, the others then know
            known = shared.get(name) or {"order": None, "documents": {}}
            documents: dict[str, dict[str, Any]] = known["documents"]
            order = known["order"]
            if fresh or order is None:
                content = self.smc.get(place) or {}
                order = [references.path_of(entry["href"]) for entry in content.get("result", ())]
            sure = self._learn(documents, [path for path in order if path not in documents])
            if fresh:
                there = [path for path in order if path in documents]
                outline = [_outline(documents[path]) for path in there]
                mine = {there[at] for scope in scopes for at in _concerned(outline, scope)}
                sure |= self._learn(documents, [path for path in there if path in mine - sure])
            order = [path for path in order if path in documents]
            kept = {path: documents[path] for path in order}
            shared.put(name, {"order": order, "documents": kept})
        return [Read(path, kept[path], path in sure) for path in order]

    def forget_order(self, place: str) -> None:
        """The list is about to be written: nobody relies on its order any more."""
        self.smc.shared.update(_name(place), lambda known: {**known, "order": None} if known else None)

    def _learn(self, documents: dict[str, dict[str, Any]], paths: Sequence[str]) -> set[str]:
        for path, document in zip(paths, self.smc.documents(paths), strict=True):
            documents.pop(path, None)
            if document is not None:
                documents[path] = document
        return set(paths)


def _name(place: str) -> str:
    return f"rules-{hashlib.sha256(place.encode()).hexdigest()[:16]}"


def _outline(document: dict[str, Any]) -> Rule:
    """As much of a rule as tells whose it is."""
    comment = str(document.get("comment") or "")
    return {"id": told_id(comment)[1]} if is_rule(document) else {"section": comment}


def _concerned(outline: Sequence[Rule], scope: str) -> list[int]:
    """Positions of what a scope is about, the header of a section among them."""
    header = section_at(outline, scope.partition(":")[2]) if scope.startswith("section:") else None
    return [*([] if header is None else [header]), *window(outline, scope)]
