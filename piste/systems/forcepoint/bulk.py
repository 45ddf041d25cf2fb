"""Bulk reads: many objects of a list in one request, where the answer is proven.

Source: the vendor's library 1.0.34 (`system_properties_metadata`). The list of system properties, asked with
`expand=true`, answers whole objects under `element`, since SMC 7.1.11, 7.3.5, 7.4.2 and 7.5.1. That other lists do
so is [belief smc.bulk_lists], and nothing relies on it. The plain list gives the objects and their order. A sample is
read by itself and must be equal. An SMC that ignores or refuses the question is not asked again in the run. An object
to export, install or write is always read by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from piste.engine.converge.errors import PisteError
from piste.engine.converge.reading import FAULTS, listed
from piste.engine.converge.values import stable
from piste.systems.forcepoint import references
from piste.systems.forcepoint.smc import Smc

EXPAND = {"expand": "true"}
"""The question [documented for system properties, belief smc.bulk_lists for every other list]."""
ENVELOPES = ("element", "result")
"""Keys that hold the objects of an answer [first: documented for system properties; second: belief smc.bulk_lists]."""
WORTH = 3
"""Fewest objects for which the question and its proof cost less than a read of each object."""
_REFUSED = "expand-refused"

Document = dict[str, Any]


def documents(smc: Smc, desired: Mapping[str, Sequence[str]]) -> dict[str, Document | None]:
    """Read the objects at some paths, given by their list; None for an object that is gone.

    An object that was read in bulk has no `etag`, and is read again by itself before it is written.
    """
    known: dict[str, Document | None] = {}
    for place, paths in desired.items():
        if len(paths) >= WORTH:
            with smc.shared.lock(_REFUSED + "-asking"):
                known |= _proven(smc, place, paths)
    rest = [path for paths in desired.values() for path in paths if path not in known]
    return known | dict(zip(rest, smc.documents(rest), strict=True))


def _proven(smc: Smc, place: str, paths: Sequence[str]) -> dict[str, Document | None]:
    """Read the objects of a list in one request, with a proof; nothing if bulk is refused.

    Where the proof fails, the result is the sample that was read by itself.
    """
    if smc.shared.get(_REFUSED):
        return {}
    there = _expanded(smc, place)
    same = {path: there[path] for path in paths if path in there}
    fullest = max(same, key=lambda path: len(stable(same[path])), default=paths[0] if there else "")
    proof: dict[str, Document | None] = {fullest: smc.document(fullest)} if fullest else {}
    if fullest in same and _bare(proof[fullest] or {}) == same[fullest]:
        return {**same, **proof}
    smc.shared.put(_REFUSED, True)
    return proof


def _expanded(smc: Smc, place: str) -> dict[str, Document]:
    """Read the objects of a list, by path; none where an entry is not a whole object."""
    try:
        response = smc.request("GET", place, query=EXPAND)
        content = response.document() if response.status < 400 else None
        entries = next(content[name] for name in ENVELOPES if name in content) if isinstance(content, dict) else ()
        return {_path(entry): _bare(entry) for entry in entries}
    except (PisteError, StopIteration, *FAULTS):
        return {}


def _path(entry: Mapping[str, Any]) -> str:
    """Path of an object. Raises a fault for an entry that only has a name and an address."""
    (itself,) = (link["href"] for link in listed(entry["link"]) if link.get("rel") == "self")
    return references.path_of(itself)


def _bare(document: Mapping[str, Any]) -> Document:
    return {name: value for name, value in document.items() if name != "etag"}
