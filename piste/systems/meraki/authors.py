"""The authors of changes, by the change log of the organization.

Source: Dashboard API, `getOrganizationConfigurationChanges`. An entry names a network, an SSID, a page, a label, an old
and a new value. Of a change made through the API, the label is a verb and the address of the document, and the values
are JSON: so says the published example alone [inferred]. What pages call their changes is documented nowhere: the SSID
that an entry names is all that is believed of them, and never the field. What fits no entry has no author.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from piste.engine.converge.authors import OPTIONS, Author, said
from piste.engine.converge.module import Module
from piste.engine.converge.moments import stamped
from piste.engine.converge.normalise import from_wire
from piste.engine.converge.reading import FAULTS, mapped, optional, text
from piste.engine.converge.resource import Field, Resource
from piste.engine.converge.secrets import Vault
from piste.engine.converge.values import stable
from piste.engine.transport.subjects import subject
from piste.systems.kinds import KINDS
from piste.systems.meraki.connection import MERAKI
from piste.systems.meraki.dashboard import Dashboard

PAGE = 5000
_OF_SSID = "a modifié ce SSID, rien ne dit quoi"
_ADDRESS = re.compile(r"(POST|PUT|DELETE) (?:/api/v\d+)?(/\S+)")
_VERBS = {"create": ("DELETE",), "delete": ("POST",)}
"""The verbs of the change that an operation would take back; of any other operation, `PUT` and `POST`."""
type Wire = Mapping[str, Any]


class Change(NamedTuple):
    """An entry of the log; `verb` and `address` are empty for a change made on a page."""

    author: Author
    network: str
    ssid: int | None
    verb: str
    address: str
    old: Wire
    new: Wire


class Document(NamedTuple):
    """A document of an object: its address, its fields that differ, as they are live.

    It has a name where an id that nobody declares is in its address: an entry must then say the name. `live` has the
    fields that differ by their wire names, each with its value.
    """

    address: re.Pattern[str]
    live: Mapping[str, tuple[Field, Any]]
    name: str = ""


def read(dashboard: Dashboard, params: Mapping[str, Any]) -> dict[str, Any]:
    """Read the log once; give the authors of each object, in the order of the objects."""
    query = {"timespan": int(params["days"]) * 86_400}
    log = dashboard.pages(f"/organizations/{dashboard.organization}/configurationChanges", PAGE, query)
    changes = sorted(map(_change, log), key=lambda change: change.author.when, reverse=True)
    ids = {str(network["name"]): str(network["id"]) for network in dashboard.networks()}
    tables = {kind.table.name: kind.table for kind in KINDS if kind.module.startswith("meraki_")}
    return {
        "authors": [
            said(_authors(changed, changes, ids.get(changed["within"], ""), tables[changed["kind"]]))
            for changed in params["objects"]
        ]
    }


def _change(entry: Any) -> Change:
    entry = mapped(entry)
    page, label = (optional(text, entry.get(name)) or "" for name in ("page", "label"))
    name, mail = (optional(text, entry.get(key)) or "" for key in ("adminName", "adminEmail"))
    verb, address = match.groups() if (match := _ADDRESS.fullmatch(label)) else ("", "")
    number = entry.get("ssidNumber")
    return Change(
        Author(f"{name} <{mail}>" if mail else name, stamped(entry["ts"]), " : ".join(filter(None, (page, label)))),
        str(entry.get("networkId") or ""),
        number if type(number) is int else None,
        verb,
        address,
        _values(entry.get("oldValue")),
        _values(entry.get("newValue")),
    )


def _values(written: Any) -> Wire:
    try:
        values = json.loads(written) if isinstance(written, str) else written
    except (ValueError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}


def _authors(
    changed: Mapping[str, Any], changes: Sequence[Change], network: str, table: Resource
) -> Iterator[Author]:
    ids = {**changed["after"], **changed["before"], **table.named(changed["key"])}
    ids |= {"network_id": network} if network else {}
    number = ids.get(table.slot_field) if table.slots else None
    verbs = _VERBS.get(changed["action"], ("PUT", "POST"))
    for change in changes:
        if not change.address and network and number is not None and (change.network, change.ssid) == (network, number):
            yield change.author._replace(how=f"{_OF_SSID} ({change.author.how})" if change.author.how else _OF_SSID)
    for document in _documents(changed, ids, table):
        yield from _last(document, [change for change in changes if change.verb in verbs and _is_of(change, document)])


def _is_of(change: Change, document: Document) -> bool:
    named = not document.name or document.name in (change.new.get("name"), change.old.get("name"))
    return named and bool(document.address.fullmatch(change.address))


def _last(document: Document, changes: Sequence[Change]) -> Iterator[Author]:
    """Yield who wrote each field last, where that is what is live; else the last change."""
    if not document.live:
        yield from (change.author for change in changes[:1])
    left = {*document.live}
    for change in changes:
        # An entry may give the whole document: a value that is the same before and after was not written.
        here = {name for name in left & change.new.keys() if change.old.get(name, left) != change.new[name]}
        if any(_is_live(change.new[name], *document.live[name]) for name in here):
            yield change.author
        left -= here


def _is_live(value: Any, field: Field, live: Any) -> bool:
    """Tell whether a value of the log is what the system has now, in normal form."""
    try:
        return stable(from_wire([field], {field.wire_name: value}, Vault(), {}, {})[field.name]) == stable(live)
    except (*FAULTS, ValueError):
        return False


def _documents(changed: Mapping[str, Any], ids: Mapping[str, Any], table: Resource) -> Iterator[Document]:
    """Yield the documents of an object that an operation would change."""
    at, key = table.endpoint, changed["key"]
    if changed["action"] in ("create", "delete"):
        for template in dict.fromkeys(filter(None, (at.read, at.target))):
            yield Document(_address(template, ids), {}, key if _is_open(template, ids) or template == at.read else "")
        return
    fields = [field for field in table.fields if field.name in changed["fields"]]
    documents = [(at, tuple(field for field in fields if field.part is None), changed["before"], changed["after"])]
    for field in fields:
        if field.part:
            parts = (content.get(field.name) or {} for content in (changed["before"], changed["after"]))
            documents.append((field.part, field.of, *parts))
    for place, of, before, after in documents:
        # A secret is in no log, and of a reference the log has the id.
        plain = [field for field in of if field.name in before and not (field.ref or field.secret)]
        plain = [field for field in plain if stable(before[field.name]) != stable(after.get(field.name))]
        if (live := {field.wire_name: (field, before[field.name]) for field in plain}) and place.target:
            yield Document(_address(place.target, ids), live, key if _is_open(place.target, ids) else "")


def _is_open(template: str, ids: Mapping[str, Any]) -> bool:
    """Tell whether an address has an id that nobody declares."""
    return any(name not in ids for name in re.findall(r"\{(\w+)\}", template))


def _address(template: str, ids: Mapping[str, Any]) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", template)
    known = [re.escape(str(ids[name])) if name in ids else "[^/]+" for name in parts[1::2]]
    fixed = map(re.escape, parts[::2])
    return re.compile("".join(part for pair in zip(fixed, [*known, ""], strict=True) for part in pair))


MODULES: Mapping[str, Module] = subject("meraki_authors", MERAKI, read, *OPTIONS)
