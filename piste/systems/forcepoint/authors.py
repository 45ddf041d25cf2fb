"""The last author of an element or of a rule, by its history in the SMC.

Source: vendor's library 1.0.34, `smc.core.resource.History` (`modifier_name`, `last_modification_time`; SMC 6.3.2 and
later), which a rule has too (`smc.policy.rule.Rule.history`, SMC 6.5 and later). It is a snapshot, not a log: it says
who modified the element last, whatever the field. The audit log of the SMC is behind another interface, that of its
logs, which Piste does not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from piste.engine.converge.authors import OPTIONS, Author, said
from piste.engine.converge.errors import Rejected
from piste.engine.converge.module import Module
from piste.engine.converge.reading import mapped, text
from piste.engine.transport.subjects import subject
from piste.systems.forcepoint.connection import FORCEPOINT
from piste.systems.forcepoint.living import moment
from piste.systems.forcepoint.references import path_of
from piste.systems.forcepoint.rule_table import LISTS
from piste.systems.forcepoint.smc import Smc

ELEMENT = "dernière modification de l’élément"
RULE = "dernière modification de la règle {}"
MOST = 100
"""Most elements and rules whose history is read, each in a read of its own: no list has it."""
GONE = Author("", "", "le SMC ne garde rien d’une règle retirée ou déplacée")
_TYPES = {"element": "", "log_server": "log_server/"}
"""The kinds that are elements of their own, with what makes their key a reference."""


def read(smc: Smc, params: Mapping[str, Any]) -> dict[str, Any]:
    """Read the history of elements and rules; give the authors of each object, in their order."""
    lists: dict[str, list[tuple[str, str]]] = {}
    objects = [[*_noted(smc, changed, lists)] for changed in params["objects"]]
    asked = [*dict.fromkeys(path for noted in objects for path, _ in noted if path)][:MOST]
    known = dict(zip(asked, smc.map(lambda path: _history(smc, path), asked), strict=True))
    authors = (
        (author for path, how in noted for author in ([GONE] if not path else _author(known.get(path), how)))
        for noted in objects
    )
    return {"authors": [said(some) for some in authors]}


def _noted(smc: Smc, changed: Mapping[str, Any], lists: dict[str, list[tuple[str, str]]]) -> Iterator[tuple[str, str]]:
    """Yield the paths whose history tells of an object, and its words; no path where none tells.

    `lists` has the rules of the lists that were read: names and paths.
    """
    if (ref := _reference(changed)) and (path := smc.path(ref)):
        yield path, ELEMENT
    content = {**changed["after"], **changed["before"]}
    policy = smc.path(f"{content['type']}/{content['name']}") if changed["kind"] == "policy" else ""
    for name, entry in LISTS.items() if policy else ():
        live, declared = (side.get(name) or [] for side in (changed["before"], changed["after"]))
        differing = {str(rule["name"]) for rule in live if rule not in declared and rule.get("name")}
        place = f"{policy}/{entry.type}"
        if differing and place not in lists:
            results = [mapped(rule) for rule in smc.results(place) or ()]
            lists[place] = [(text(rule["name"]), path_of(text(rule["href"]))) for rule in results]
        yield from ((path, RULE.format(rule)) for rule, path in lists.get(place, ()) if rule in differing)
        if _untold(live, declared):
            yield "", ""


def _untold(live: Sequence[Mapping[str, Any]], declared: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether a rule has gone or moved: no history says that."""
    there = {rule.get(name) for rule in live for name in ("id", "name")} - {None}
    gone = any(not {rule.get("id"), rule.get("name")} & there for rule in declared)
    return gone or [rule for rule in live if rule in declared] != [rule for rule in declared if rule in live]


def _reference(changed: Mapping[str, Any]) -> str:
    """Give the reference of an object that is there and is an element, else nothing."""
    there = changed["action"] != "create" and changed["kind"] in _TYPES
    return f"{_TYPES[changed['kind']]}{changed['key']}" if there else ""


def _history(smc: Smc, path: str) -> Mapping[str, Any] | None:
    try:
        return smc.get(f"{path}/history")
    except Rejected:
        return None  # An element without a history has no author; the others have theirs.


def _author(history: Mapping[str, Any] | None, how: str) -> Iterator[Author]:
    written = (history or {}).get("last_modification_time") or ""
    # The library reads milliseconds; published answers have a text in GMT.
    if history and (when := moment(written.replace(" (GMT)", "+00:00") if isinstance(written, str) else written)):
        yield Author(text(history.get("modifier_name") or ""), when, how)


MODULES: Mapping[str, Module] = subject("smc_authors", FORCEPOINT, read, *OPTIONS)
