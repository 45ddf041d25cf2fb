"""The last author of an object of Prism Central, by its audits.

Source: Nutanix v4 API, namespace `monitoring` (`serviceability/audits`: `Audit`, `UserReference`, `OperationType`,
`Status`), as in the vendor's Python client 4.3.2. An audit names the object and not its fields: it says who changed it
last, whatever the field. Audits are never trimmed, so the newest pages alone are read, and no filter is relied on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import islice
from typing import Any

from piste.engine.converge.authors import OPTIONS, Author, said
from piste.engine.converge.module import Module
from piste.engine.converge.moments import stamped, written
from piste.engine.converge.reading import listed, mapped, reading, text
from piste.engine.transport.subjects import subject
from piste.systems.kinds import KINDS
from piste.systems.nutanix.affinity import KINDS as AFFINITY
from piste.systems.nutanix.connection import PRISM_CENTRAL
from piste.systems.nutanix.prism import AUDITS, Prism

PAGES = 10
"""Most pages that are read: an object whose change is older has no author."""
CHANGE = "dernière modification de l’objet"
POWER = frozenset({"POWERSTATECHANGE", "ON", "OFF"})
_DONE = {"create": "DELETE", "delete": "CREATE"}
"""The operation that a plan would take back, of an object that has gone or has come."""
_NO_CHANGE = frozenset({"DELETE", "LOGIN", "LOGOUT", "VALIDATE", "EXPORT", "DOWNLOAD", "MIGRATE", "HA", "START", "END"})
_FAILED = frozenset({"FAILED", "ABORTED"})


def read(prism: Prism, params: Mapping[str, Any]) -> dict[str, Any]:
    """Read the newest audits once; give the authors of each object, in the order of the objects."""
    since = written(prism.transport.now() - timedelta(days=params["days"]).total_seconds())
    with reading(f"{prism.host} {AUDITS.path}"):
        audits = [*_newest(prism, since)]
        return {"authors": [said(_authors(prism, changed, audits)) for changed in params["objects"]]}


def _newest(prism: Prism, since: str) -> Iterator[Mapping[str, Any]]:
    """Yield the audits since a moment, the newest first.

    Raises ValueError where they come in no order.
    """
    last = ""
    for _, audits in islice(prism.pages(AUDITS, orderby="creationTime desc"), PAGES):
        for audit in map(mapped, audits):
            at = stamped(audit["creationTime"])
            if last and at > last:
                raise ValueError("the audits are in no order")
            if at < since:
                return
            last = at
            yield audit


def _authors(prism: Prism, changed: Mapping[str, Any], audits: list[Mapping[str, Any]]) -> Iterator[Author]:
    """Yield the last who did to an object what a plan would take back."""
    names, gone = _names(prism, changed), changed["action"] == "create"
    mine = [audit for audit in audits if audit.get("status") not in _FAILED and names & {*_about(audit, gone=gone)}]
    if changed["action"] in _DONE:
        mine = [audit for audit in mine if audit.get("operationType") == _DONE[changed["action"]]]
        # Objects of two kinds may have had the same name: a name alone does not say which has gone.
        yield from map(_author, mine[:1] if len({*map(_kind, mine)}) == 1 else ())
        return
    power = [audit for audit in mine if audit.get("operationType") in POWER]
    other = [audit for audit in mine if audit.get("operationType") not in POWER | _NO_CHANGE]
    yield from map(_author, power[:1] if "power" in changed["fields"] else ())
    yield from map(_author, other[:1] if {*changed["fields"]} - {"power"} else ())


def _author(audit: Mapping[str, Any]) -> Author:
    user = mapped(audit.get("userReference") or {})
    return Author(text(user.get("name") or ""), stamped(audit["creationTime"]), CHANGE)


def _kind(audit: Mapping[str, Any]) -> str:
    return str(mapped(audit.get("sourceEntity") or {}).get("type"))


def _names(prism: Prism, changed: Mapping[str, Any]) -> set[str]:
    """Give the id of an object that is there; the name of an object that has gone."""
    if changed["action"] == "create":
        return {str(changed["key"])}
    tables = (kind.table for kind in KINDS if kind.module.startswith("prism_"))
    table = next(table for table in tables if table.name == changed["kind"])
    collections = AFFINITY.values() if changed["kind"] == "affinity_policy" else [table.endpoint.collection]
    return {
        text(document["extId"])
        for collection in collections
        for document in prism.all(collection)
        if "/".join(text(document[part]) for part in table.key) == changed["key"]
    }


def _about(audit: Mapping[str, Any], *, gone: bool) -> Iterator[str]:
    """Yield the ids of what an audit is about, or the names of what has gone."""
    for entity in map(mapped, (audit.get("sourceEntity") or {}, *listed(audit.get("affectedEntities")))):
        yield str(entity.get("name" if gone else "extId"))


MODULES: Mapping[str, Module] = subject("prism_authors", PRISM_CENTRAL, read, *OPTIONS)
