"""The last author of an element, by its history in the SMC.

Source: vendor's library 1.0.34, `smc.core.resource.History` (`modifier_name`, `last_modification_time`; SMC 6.3.2 and
later). It is a snapshot, not a log: it says who modified the element last, whatever the field. The audit log of the
SMC is behind another interface, that of its logs, which Piste does not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from piste.engine.converge.authors import OPTIONS, Author, said
from piste.engine.converge.errors import Rejected
from piste.engine.converge.module import Module
from piste.engine.converge.reading import text
from piste.engine.transport.subjects import subject
from piste.systems.forcepoint.connection import FORCEPOINT
from piste.systems.forcepoint.living import moment
from piste.systems.forcepoint.smc import Smc

ELEMENT = "dernière modification de l’élément"
MOST = 100
"""Most elements whose history is read, each in a read of its own: no list has it."""
_TYPES = {"element": "", "log_server": "log_server/"}
"""The kinds that are elements of their own, with what makes their key a reference."""


def read(smc: Smc, params: Mapping[str, Any]) -> dict[str, Any]:
    """Read the history of the elements; give the author of each object, in their order."""
    named = [_reference(changed) for changed in params["objects"]]
    paths = dict.fromkeys(path for ref in named if ref and (path := smc.path(ref)))
    asked = list(paths)[:MOST]
    known = dict(zip(asked, smc.map(lambda path: _history(smc, path), asked), strict=True))
    return {"authors": [said(_author(known.get(smc.path(ref)) if ref else None)) for ref in named]}


def _reference(changed: Mapping[str, Any]) -> str:
    """Give the reference of an object that is there and is an element, else nothing."""
    there = changed["action"] != "create" and changed["kind"] in _TYPES
    return f"{_TYPES[changed['kind']]}{changed['key']}" if there else ""


def _history(smc: Smc, path: str) -> Mapping[str, Any] | None:
    try:
        return smc.get(f"{path}/history")
    except Rejected:
        return None  # An element without a history has no author; the others have theirs.


def _author(history: Mapping[str, Any] | None) -> Iterator[Author]:
    written = (history or {}).get("last_modification_time") or ""
    # The library reads milliseconds; published answers have a text in GMT.
    if history and (when := moment(written.replace(" (GMT)", "+00:00") if isinstance(written, str) else written)):
        yield Author(text(history.get("modifier_name") or ""), when, ELEMENT)


MODULES: Mapping[str, Module] = subject("smc_authors", FORCEPOINT, read, *OPTIONS)
