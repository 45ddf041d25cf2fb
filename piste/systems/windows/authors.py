"""The moments of changes of the directory, by its metadata: it does not say who made them.

Sources: MS-ADTS 3.1.1.4.5.13 (`msDS-ReplAttributeMetaData`, the last change of each attribute, as XML), MS-ADA3
(`whenChanged`, of the object as the controller has it). The owner of an object is not who changed it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from piste.engine.converge.authors import OPTIONS, Author, said
from piste.engine.converge.bounded import Unreadable, of_xml
from piste.engine.converge.module import Module
from piste.engine.converge.moments import stamped
from piste.engine.transport.subjects import subject
from piste.systems.windows import dn as dns
from piste.systems.windows.connection import ACTIVE_DIRECTORY, Connection
from piste.systems.windows.directory import Directory
from piste.systems.windows.entry import Entry

OBJECT = "dernière modification de l’objet"


class Sort(NamedTuple):
    """A kind: the class of its objects, the attributes of their name and of their fields.

    The key of a `placed` object is its path.
    """

    of: str
    named: str
    holds: Mapping[str, str]
    placed: bool = False


SORTS: Mapping[str, Sort] = {
    "group": Sort("group", "sAMAccountName", {"description": "description", "mail": "mail", "scope": "groupType",
                                              "category": "groupType"}),
    "gpo": Sort("groupPolicyContainer", "displayName", {}),
    "gpo_links": Sort("organizationalUnit", "ou", {"links": "gPLink", "order": "gPLink",
                                                   "block_inheritance": "gPOptions"}, placed=True),
    "organizational_unit": Sort("organizationalUnit", "ou", {"description": "description"}, placed=True),
    "wmi_filter": Sort("msWMI-Som", "msWMI-Name", {"description": "msWMI-Parm1", "queries": "msWMI-Parm2"}),
}  # fmt: skip
_CHANGED, _METADATA = "whenChanged", "msDS-ReplAttributeMetaData"


def read(domain: Connection, params: Mapping[str, Any]) -> dict[str, Any]:
    """Search the objects once; give the moments of each, in the order of the objects."""
    directory, objects = domain.directory, params["objects"]
    terms = dict.fromkeys(_term(SORTS[each["kind"]], each["key"]) for each in objects if each["kind"] in SORTS)
    names = dict.fromkeys(sort.named for sort in SORTS.values())
    entries = (
        directory.search(directory.base, f"(|{''.join(terms)})", ("objectClass", *names, _CHANGED, _METADATA))
        if terms
        else []
    )
    return {"authors": [said(_authors(each, entries, directory)) for each in objects]}


def _term(sort: Sort, key: str) -> str:
    name = (dns.steps(key) or [("", "")])[-1][1] if sort.placed else key
    return f"(&(objectClass={sort.of})({sort.named}={dns.literal(name)}))"


def _authors(changed: Mapping[str, Any], entries: Sequence[Entry], directory: Directory) -> Iterator[Author]:
    sort = SORTS.get(changed["kind"])
    mine = [entry for entry in entries if sort and _is(entry, sort, changed["key"], directory.base)]
    if sort is None or len(mine) != 1:
        return
    moments = dict(_moments(mine[0]))
    for attribute in dict.fromkeys(sort.holds.get(name, "") for name in changed["fields"]):
        if attribute in moments:
            yield Author("", moments[attribute], attribute)
        elif moment := mine[0].text(_CHANGED):
            yield Author("", _generalized(moment), OBJECT)


def _is(entry: Entry, sort: Sort, key: str, base: str) -> bool:
    if sort.of not in entry.texts("objectClass"):
        return False
    if sort.placed:
        return dns.same(entry.dn, dns.dn_of(key, base))
    return dns.fold(entry.text(sort.named) or "") == dns.fold(key)


def _moments(entry: Entry) -> Iterator[tuple[str, str]]:
    """Yield the attributes of an object with the moments of their last changes, if they read."""
    for text in entry.texts(_METADATA):
        with suppress(Unreadable, ValueError):
            root = of_xml(text.rstrip("\0").encode())
            yield root.findtext("pszAttributeName", ""), stamped(root.findtext("ftimeLastOriginatingChange", ""))


def _generalized(moment: str) -> str:
    """Read a moment of LDAP, `20261201092500.0Z`. Raises `ValueError`."""
    digits = moment.partition(".")[0]
    return stamped(f"{digits[:4]}-{digits[4:6]}-{digits[6:8]}T{digits[8:10]}:{digits[10:12]}:{digits[12:14]}+00:00")


MODULES: Mapping[str, Module] = subject("ad_authors", ACTIVE_DIRECTORY, read, *OPTIONS)
