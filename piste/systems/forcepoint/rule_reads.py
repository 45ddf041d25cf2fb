"""Reads of rule bases in few requests: an SMC lists names only, each rule costs a request.

The run remembers, by section, what its tasks have read of a list. A task loads and decodes its own section, and the
others only where it has something to write. Before and after a write, a task asks the SMC again for the order and for
the rules concerned: the memory only shows which rules these are. Tasks that write policies exclude each other (the
lock `policies` of the machine), so that a list does not change between two loads.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any

from piste.engine.converge.reading import listed, reading
from piste.systems.forcepoint import bulk, references
from piste.systems.forcepoint.bulk import Document
from piste.systems.forcepoint.rule_base import RuleBase, Section, split
from piste.systems.forcepoint.rule_codec import Rule, called
from piste.systems.forcepoint.rules import Live, copies, named
from piste.systems.forcepoint.smc import Smc

Decode = Callable[[str, Mapping[str, Any]], Rule]
"""Function from the path and the document of a rule to the rule as people write it."""
Concerned = Callable[[RuleBase], Collection[str]]
"""Function from the list as the run knows it to the paths of the rules to read again."""


class Reader:
    """Policies and lists of one SMC, as the run knows them.

    A `certain` reader asks the SMC for every rule of a list that it reads again, whatever earlier tasks have read; it
    writes nothing.
    """

    def __init__(self, smc: Smc, *, certain: bool = False) -> None:
        self.smc, self.certain = smc, certain
        self._sure: set[str] = set()
        """Paths of the rules that this task has read one by one, with their ETag."""

    def policies(self, paths: Sequence[str], *, fresh: bool) -> list[Document | None]:
        """Read the documents of some policies; the run remembers them for the tasks of all sites."""

        def ask(path: str) -> Document | None:
            if fresh:
                self.forget_policy(path)
            document: Document | None = self.smc.shared.once(_policy(path), lambda: self.smc.document(path))
            return document

        return self.smc.map(ask, paths)

    def forget_policy(self, path: str) -> None:
        """Forget a policy that is about to be written."""
        self.smc.shared.forget(_policy(path))

    def read(self, place: str, decode: Decode, concerned: Concerned | None = None, *, alone: bool = False) -> RuleBase:
        """Read the list at `place`, from the run's memory where that is enough.

        With `concerned`, the SMC is asked again for the order and for these rules. Unknown rules are read in bulk, or
        each rule `alone`.
        """
        name, shared = _name(place), self.smc.shared
        with shared.lock(f"{name}-reading"):  # a single task reads for all
            head = shared.get(name) or {"sections": [], "copied": [], "forgotten": []}
            if concerned is None and head["forgotten"] is None:
                return self._remembered(name, head, decode)
            before = self._remembered(name, head, decode)
            dropped = set(head["forgotten"] or ())
            known = {live.path: live.raw for live in before if not self.certain and live.path not in dropped}
            with reading(f"{self.smc.host}{place}"):
                order = [references.path_of(entry["href"]) for entry in listed(self.smc.results(place))]
            unknown = [path for path in order if path not in known]
            self._learn(known, unknown, self._alone(unknown) if alone else bulk.documents(self.smc, {place: unknown}))
            base = self._base(order, known, decode)
            if concerned and not self.certain:
                touched = set(concerned(base)) - (self._sure & set(unknown))
                again = [path for path in order if path in touched]
                self._learn(known, again, self._alone(again))
                base = self._base(order, known, decode)
            self._remember(name, head, before, base)
        return base

    def forget(self, place: str, paths: Collection[str]) -> None:
        """Forget the order of a list that is about to be written, and these rules."""

        def change(head: Any) -> Any:
            return head and {**head, "forgotten": sorted({*(head["forgotten"] or ()), *paths})}

        self.smc.shared.update(_name(place), change)

    def _alone(self, paths: Sequence[str]) -> dict[str, Document | None]:
        return dict(zip(paths, self.smc.documents(paths), strict=True))

    def _learn(self, known: dict[str, Document], paths: Sequence[str], now: Mapping[str, Document | None]) -> None:
        for path in paths:
            known.pop(path, None)
            document = now[path]
            if document is not None:
                known[path] = document
                (self._sure.add if "etag" in document else self._sure.discard)(path)

    def _base(self, order: Sequence[str], known: Mapping[str, Document], decode: Decode) -> RuleBase:
        lives = [self._live(path, known[path], decode) for path in order if path in known]
        copied = sorted({live.brief["id"] for live in copies(lives)})
        return RuleBase(split(named(lives)), copied)

    def _live(self, path: str, document: Document, decode: Decode) -> Live:
        with reading(path):
            brief = called(document)
        return Live("", brief, document, path, sure=path in self._sure, decode=decode)

    # the run's memory: a head that lists the sections, and the rules of each

    def _remembered(self, name: str, head: Mapping[str, Any], decode: Decode) -> RuleBase:
        load = partial(self._load, name, decode)
        sections = [Section(title, start, partial(load, start)) for title, start in head["sections"]]
        return RuleBase(sections, head["copied"])

    def _load(self, name: str, decode: Decode, start: str) -> list[Live]:
        return [
            Live(key, brief, document, path, made, path in self._sure, decode)
            for path, key, brief, made, document in self.smc.shared.get(_part(name, start)) or ()
        ]

    def _remember(self, name: str, head: Mapping[str, Any], before: RuleBase, now: RuleBase) -> None:
        """Write the sections that changed.

        The list is marked as forgotten meanwhile: a task that dies in between leaves no mixture that passes for it.
        """
        shared = self.smc.shared
        old = {section.start: _lines(section) for section in before.sections}
        changed = [section for section in now.sections if old.get(section.start) != _lines(section)]
        if changed:
            shared.put(name, {**head, "forgotten": head["forgotten"] or []})
        for section in changed:
            shared.put(_part(name, section.start), _lines(section))
        sections = [(section.title, section.start) for section in now.sections]
        shared.put(name, {"sections": sections, "copied": now.copied, "forgotten": None})


def _lines(section: Section) -> list[list[Any]]:
    return [[live.path, live.key, live.brief, live.made, live.raw] for live in section.lives]


def _name(place: str) -> str:
    return f"rules-{_digest(place)}"


def _policy(path: str) -> str:
    return f"policy-{_digest(path)}"


def _part(name: str, start: str) -> str:
    return f"{name}-{_digest(start)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
