"""Reading ordered lists with few calls: a list tells names, not contents, and each rule is a document of its own.

Where a task is about sections, what stands outside them is only planned around: it is known by its name alone, until
something is to be written and the whole list is read. A header has no name, so every entry without one is read.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from piste.forcepoint.rule_codec import UNNAMED, is_header
from piste.forcepoint.smc import Smc

Document = dict[str, Any]
_OUTSIDE: Mapping[str, Any] = {cell: {"none": True} for cell in ("sources", "destinations", "services")}


class Listed(NamedTuple):
    """An entry of a list: where its document is, and its name."""

    path: str
    name: str


def read[At](
    smc: Smc, lists: Mapping[At, Sequence[Listed]], sections: Mapping[At, Collection[str]]
) -> dict[At, list[tuple[str, Document]]]:
    """Path and document of each rule of the lists, in order; ``sections`` has the texts of those asked for, for the
    lists of which nothing else is."""
    nameless = {
        at: [one.path for one in entries if at not in sections or not one.name or UNNAMED.fullmatch(one.name)]
        for at, entries in lists.items()
    }
    found = _documents(smc, nameless)
    found |= _documents(
        smc,
        {
            at: [path for path in _inside(entries, found, sections[at]) if path not in found]
            for at, entries in lists.items()
            if at in sections
        },
    )
    return {
        at: [
            (one.path, document)
            for one in entries
            if (document := found.get(one.path, {"name": one.name, **_OUTSIDE})) is not None
        ]
        for at, entries in lists.items()
    }


def _documents[At](smc: Smc, paths: Mapping[At, Sequence[str]]) -> dict[str, Document | None]:
    every = [path for some in paths.values() for path in some]
    return dict(zip(every, smc.documents(every), strict=True))


def _inside(entries: Sequence[Listed], found: Mapping[str, Document | None], sections: Collection[str]) -> list[str]:
    """What stands under the headers; all of the list where one of them is not seen."""
    known = {path: document for path, document in found.items() if document is not None}
    headers = {path: str(document.get("comment") or "") for path, document in known.items() if is_header(document)}
    if not set(sections) <= set(headers.values()):
        return [one.path for one in entries]
    inside, paths = False, []
    for one in entries:
        if one.path in headers:
            inside = headers[one.path] in sections
        elif inside:
            paths.append(one.path)
    return paths
