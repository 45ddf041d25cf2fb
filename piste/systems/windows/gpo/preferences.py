"""Group Policy Preferences: the `preferences` section of a side (MS-GPPREF).

The name of an item is its object: `P:`, `\\\\srv\\imprimante`, `HKLM\\Key!Value`. Where a document has several items
for the same object (one per group, by targeting), ` #label` distinguishes them. The label stands in the item's `name`,
which clients ignore; without a label it is the beginning of the `uid`.

Content without a form in YAML stays in its document, in place: other kinds of items, an item with a password or with
children, a document that breaks its schema.
Believed: [belief windows.preferences].
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from lxml import etree

from piste.engine.converge.errors import Fault, InvalidConfig
from piste.engine.converge.resource import UNSET, Field
from piste.systems.windows.gpo import targeting
from piste.systems.windows.gpo.guid import derived
from piste.systems.windows.gpo.part import Content, Pair, Principals, Side
from piste.systems.windows.gpo.preference_items import (
    ACTIONS,
    LABEL,
    attributes_of,
    joined,
    name_of,
    named,
    parted,
    password_in,
    shown_name,
    without_once,
)
from piste.systems.windows.gpo.preference_kind import BITS, Kind
from piste.systems.windows.gpo.preference_table import DOCUMENTS, KINDS
from piste.systems.windows.gpo.schema import violation
from piste.systems.windows.gpo.xml import append, elements, local, remove

if TYPE_CHECKING:
    from lxml.etree import _Element

_IMAGES = {"C": "0", "R": "1", "U": "2", "D": "3"}
_ITEM = (
    Field("enabled", "The item counts; false keeps it there, without effect.", type="bool", default=True),
    Field("description", "Free text, for who reads the GPO.", default=""),
    Field("stop_on_error", "An error here stops the other items of this kind.", type="bool", default=False),
    Field("user_context", "Act as who is logged on, not as the system.", type="bool", default=False),
    Field("remove_when_unapplied", "Take it back where the GPO no longer applies.", type="bool", default=False),
    Field("apply_once", "Apply once and never again.", type="bool", default=False),
    Field("targeting", "Conditions, all of which must hold.", type="list", of=targeting.fields()),
    Field("attributes", "Attributes of the item that have no field here, in Windows' own words.", type="dict"),
)
_ACTION = Field("action", "What to do with it.", choices=tuple(ACTIONS), default="update")


def entry_fields(kind: Kind) -> tuple[Field, ...]:
    """Fields of an entry of a kind."""
    return (
        *((_ACTION,) if kind.has_action else ()),
        *(attribute.field for attribute in kind.attributes),
        *(kind.body.fields if kind.body else ()),
        *_ITEM,
    )


def _field(kind: Kind) -> Field:
    fields = entry_fields(kind)
    return Field(
        kind.name, kind.doc, type="map", of=fields, normalise_key=kind.normalise_key, caseless=True, default={}
    )


class Preferences:
    """The part `preferences` of one side. `now` dates the items that change."""

    def __init__(self, side: Side, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.sides = frozenset({side})
        self.kinds = tuple(kind for kind in KINDS if side in kind.sides)
        self.now = now
        self.field = Field(
            "preferences",
            "Group Policy Preferences, by kind and by what each item acts on. The order of processing is kept; new "
            "items come last.",
            type="dict",
            of=tuple(map(_field, self.kinds)),
        )

    def take(self, content: Content, principals: Principals) -> dict[str, dict[str, Any]] | None:
        by_kind: dict[str, dict[str, Any]] = {}
        for kind in self.kinds:
            path = _path(content, kind.document.path)
            root = content.preferences.get(path)
            if root is None or violation(kind.document.root, root):
                continue
            spread_disabled(root)
            items = named(root, kind, principals)
            for key, (_, value) in items.items():
                by_kind.setdefault(kind.name, {})[key] = value
            for item, _ in items.values():
                remove(root, item)
            if items and not len(root):
                del content.preferences[path]
        return by_kind or None

    def put(self, content: Content, before: Any, after: Any, principals: Principals) -> None:
        for kind in self.kinds:
            old, new = (before or {}).get(kind.name) or {}, (after or {}).get(kind.name) or {}
            if old != new:
                self._put_kind(content, kind, old, new, principals)

    def pairs(self, content: Content) -> frozenset[Pair]:
        """Pairs of every document that has an item, of any kind."""
        present = {
            path.casefold() for path, root in content.preferences.items() if next(elements(root), None) is not None
        }
        announced = (document for document in DOCUMENTS if document.path.casefold() in present)
        return frozenset(pair for document in announced for pair in document.pairs)

    def check(self, value: Any, path: str, principals: Principals) -> list[Fault]:
        faults = []
        for kind in self.kinds:
            entries = (value or {}).get(kind.name) or {}
            for key, entry in entries.items():
                where = f"{path}.{kind.name}[{key}]"
                if entry is not None:
                    faults += _check_entry(kind, key, entry, where, principals)
        return faults

    def _put_kind(
        self, content: Content, kind: Kind, old: Mapping[str, Any], new: Mapping[str, Any], principals: Principals
    ) -> None:
        path = _path(content, kind.document.path)
        root = content.preferences.get(path)
        if root is None:
            root = etree.Element(kind.document.root, clsid=kind.document.clsid)
        _sound(root, kind, path)
        items = named(root, kind, principals)
        spread_disabled(root)
        for key, (item, _) in items.items():
            if key in old and key not in new:
                remove(root, item)
            elif LABEL in key:
                # The label must outlive the namesakes that made it necessary.
                item.set("name", shown_name(kind, key, dict(attributes_of(item))))
        for key, value in new.items():
            if key in items and old.get(key) == value:
                continue
            if key in items:
                item = items[key][0]
            else:
                item = etree.Element(kind.element, clsid=kind.clsid)
                item.set("name", "")
                append(root, item)
            self._write(item, kind, key, value, content, principals)
        if next(elements(root), None) is None:
            content.preferences.pop(path, None)
        else:
            _sound(root, kind, path)
            content.preferences[path] = root

    def _write(
        self, item: _Element, kind: Kind, key: str, value: Mapping[str, Any], content: Content, principals: Principals
    ) -> None:
        properties = item.find("Properties")
        if properties is None:
            properties = etree.SubElement(item, "Properties")
        wires = _wires(kind, key, value, principals)
        _set(properties, wires, kind.order)
        if kind.body:
            kind.body.put(properties, value, principals)
        attributes = dict(attributes_of(item))
        item.set("name", shown_name(kind, key, attributes))
        if kind.status:
            item.set("status", kind.status(attributes))
        item.set("image", kind.image(attributes) if kind.image else _IMAGES[attributes.get("action", "U")])
        item.set("changed", self.now().strftime("%Y-%m-%d %H:%M:%S"))
        seed = f"{content.gpo}/{content.side}/{kind.name}/{key}"
        if not item.get("uid"):
            item.set("uid", derived(seed))
        _optional(item, "desc", value.get("description", ""))
        item.set("bypassErrors", BITS[not value.get("stop_on_error", False)])
        for name, wire in (("user_context", "userContext"), ("remove_when_unapplied", "removePolicy")):
            _optional(item, wire, "1" if value.get(name) else "")
        _optional(item, "disabled", "" if value.get("enabled", True) else "1")
        self._write_filters(item, value, seed, principals)

    def _write_filters(self, item: _Element, value: Mapping[str, Any], seed: str, principals: Principals) -> None:
        filters = item.find("Filters")
        once = None if filters is None else filters.find("FilterRunOnce")
        if filters is not None and targeting.take(without_once(filters), principals) != (value.get("targeting") or []):
            item.remove(filters)
            filters = None
        if filters is None and (value.get("targeting") or value.get("apply_once")):
            filters = etree.SubElement(item, "Filters")
            targeting.put(filters, value.get("targeting") or (), principals)
        if filters is None:
            return
        present = filters.find("FilterRunOnce")
        if value.get("apply_once") and present is None:
            known = once.get("id") if once is not None else None
            mark = {"hidden": "1", "not": "0", "bool": "AND", "id": known or derived(seed, "once")}
            etree.SubElement(filters, "FilterRunOnce", mark)
        elif not value.get("apply_once") and present is not None:
            filters.remove(present)
        if not len(filters):
            item.remove(filters)


def exposes(root: _Element) -> bool:
    """True for a document with a password, which the whole domain can read (MS14-025)."""
    return any(map(password_in, root.iter("*")))


def remains(content: Content) -> list[str]:
    """Describe in French what is left in the documents of preferences, and why."""
    roots = {document.path.casefold(): document.root for document in DOCUMENTS}
    result = []
    for path, root in content.preferences.items():
        broken = violation(roots[path.casefold()], root) if path.casefold() in roots else ""
        result += [broken] if broken else []
        for item in elements(root):
            secret = ", avec un mot de passe lisible par tous" if exposes(item) else ""
            result.append(f"{local(item)} « {name_of(item)} »{secret}")
    return result


def _path(content: Content, path: str) -> str:
    """Path of a document as the GPO spells it."""
    return next((known for known in content.preferences if known.casefold() == path.casefold()), path)


def _sound(root: _Element, kind: Kind, path: str) -> None:
    broken = violation(kind.document.root, root)
    if broken:
        raise InvalidConfig(
            [Fault(path, f"le document ne respecte pas son schéma ({broken}) : corrigez-le ou ôtez-le du GPO")]
        )


def _wires(kind: Kind, key: str, value: Mapping[str, Any], principals: Principals) -> dict[str, str]:
    """Attributes of `Properties` for a value."""
    wires = dict(kind.identity.parts(parted(key)[0], principals))
    if kind.has_action:
        wires["action"] = ACTIONS[value.get("action", "update")]
    for attribute in kind.attributes:
        given = value.get(attribute.field.name, attribute.field.default)
        if given is not UNSET:
            wires[attribute.field.wire_name] = attribute.write(given)
    return wires | {str(name): str(text) for name, text in (value.get("attributes") or {}).items()}


def _set(element: _Element, wires: Mapping[str, str], order: tuple[str, ...]) -> None:
    """Give an element these attributes.

    Present attributes keep their place, new attributes come in the editor's order. An unknown empty attribute stays: it
    says nothing.
    """
    for name, text in list(element.attrib.items()):
        if str(name) not in wires and text:
            del element.attrib[name]
    for name in (*(wire for wire in order if wire in wires), *(wire for wire in wires if wire not in order)):
        element.set(name, wires[name])


def _optional(item: _Element, name: str, text: str) -> None:
    if text:
        item.set(name, text)
    elif name in item.attrib:
        del item.attrib[name]


def spread_disabled(root: _Element) -> None:
    """Disable each item instead of the whole document, so that an item can be enabled."""
    if root.get("disabled") == "1":
        del root.attrib["disabled"]
        for item in elements(root):
            item.set("disabled", "1")


def _check_entry(kind: Kind, key: str, entry: Mapping[str, Any], where: str, principals: Principals) -> list[Fault]:
    faults = []
    if key != joined(*parted(key)):
        faults.append(Fault(where, f"« {key} » s’écrit « {joined(*parted(key))} »"))
    try:
        kind.identity.parts(parted(key)[0], principals)
    except KeyError:
        faults.append(Fault(where, f"« {key} » n’existe pas dans l’annuaire"))
    except ValueError:
        faults.append(Fault(where, f"« {key} » n’a pas la forme d’un nom de {kind.name}"))
    if any(name.casefold() == "cpassword" for name in entry.get("attributes") or {}):
        message = "un mot de passe n’a pas sa place dans un GPO : tous peuvent le lire"
        faults.append(Fault(f"{where}.attributes", message))
    if entry.get("remove_when_unapplied") and kind.has_action and entry.get("action", "update") != "replace":
        faults.append(Fault(f"{where}.action", "remove_when_unapplied demande l’action replace"))
    wrong = kind.values(entry) if kind.values else ""
    if wrong:
        faults.append(Fault(where, wrong))
    if kind.body:
        faults += kind.body.check(entry, where, principals)
    return faults + targeting.check(entry.get("targeting") or (), f"{where}.targeting", principals)


COMPUTER_PREFERENCES, USER_PREFERENCES = Preferences("computer"), Preferences("user")
