"""Administrative templates of a site: a `PolicyDefinitions` folder as named policies.

`FILE.admx` defines policies by internal names (Policy Definition Files schema 1.0); `LANGUAGE/FILE.adml` holds the
texts of the editor. A policy is called `FILE:name`; its internal name and `Category/…/shown name` lead to it too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from lxml import etree

from piste.systems.windows.gpo import registry_pol
from piste.systems.windows.gpo.part import Side
from piste.systems.windows.gpo.policies import Names
from piste.systems.windows.gpo.policy import (
    BOTH,
    COMPUTER,
    USER,
    Element,
    Flag,
    Form,
    Lines,
    Listing,
    Number,
    Policy,
    Text,
    Words,
)
from piste.systems.windows.gpo.registry_pol import Entry

if TYPE_CHECKING:
    from lxml.etree import _Element

_CLASSES: Final[Mapping[str, frozenset[Side]]] = {"Machine": COMPUTER, "User": USER, "Both": BOTH}
_LONGEST: Final = 1023  # schema, "text element": the default of maxLength


def read(definitions: Mapping[str, bytes], resources: Mapping[str, bytes], table: Iterable[Policy]) -> Names:
    """Policies of `table` and of ADMX files.

    `resources` are the ADML files of one language; both are by file name. A policy that writes what a policy of the
    table writes becomes a synonym of it. Raises ValueError, in French, with the file and the reason, for a file that is
    no template.
    """
    files = [_File(name.removesuffix(".admx"), _root(name, raw)) for name, raw in sorted(definitions.items())]
    for name, raw in resources.items():
        for file in files:
            if name.casefold() == f"{file.name}.adml".casefold():
                for text in _root(name, raw).iter("{*}string"):
                    file.texts.setdefault(text.get("id", ""), (text.text or "").strip())
    known = {(side, place): policy.name for policy in table for side in policy.sides for place in policy.places()}
    policies = list(table)
    synonyms: dict[str, tuple[str, ...]] = {}
    categories = {key: category for file in files for key, category in file.categories()}
    for file in files:
        for element in file.root.iter("{*}policy"):
            policy = file.policy(element)
            better = {
                known[side, place] for side in policy.sides for place in policy.places() if (side, place) in known
            }
            if not better:
                policies.append(policy)
            path = "/".join((*_path(file.reference(element), categories), file.shown(element)))
            names = tuple(sorted(better)) or (policy.name,)
            for synonym in {element.get("name", ""), path, *((policy.name,) if better else ())}:
                synonyms[synonym.casefold()] = tuple(dict.fromkeys((*synonyms.get(synonym.casefold(), ()), *names)))
    return Names(policies, synonyms)


def _root(name: str, raw: bytes) -> _Element:
    """Root of a template.

    Microsoft ships namespaces that are no URI, and unknown encodings: both pass.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, load_dtd=False)
    root = etree.fromstring(raw, parser) if raw.strip() else None
    errors = [error for error in parser.error_log if error.domain_name != "NAMESPACE" and error.level_name != "WARNING"]
    if root is None or errors:
        reason = f"ligne {errors[0].line} : {errors[0].message}" if errors else "le fichier est vide"
        raise ValueError(f"{name} : {reason}")
    if root.getroottree().docinfo.doctype:
        raise ValueError(f"{name} : une déclaration DOCTYPE n’est pas admise")
    return root


Category = tuple[str, str]
"""Shown name, and reference to the parent, empty at the top."""


def _path(reference: str, categories: Mapping[str, Category]) -> list[str]:
    """Shown names of a category and of its parents, from the top."""
    path: list[str] = []
    while reference in categories and len(path) < len(categories):
        shown, reference = categories[reference]
        path.insert(0, shown)
    return path


@dataclass(slots=True)
class _File:
    name: str
    root: _Element
    texts: dict[str, str] = field(default_factory=dict)
    prefixes: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for kind in ("target", "using"):
            for namespace in self.root.iterfind(f"{{*}}policyNamespaces/{{*}}{kind}"):
                self.prefixes[namespace.get("prefix", "")] = namespace.get("namespace", "")
                if kind == "target":
                    self.prefixes[""] = namespace.get("namespace", "")

    def reference(self, element: _Element) -> str:
        """The category of an element, by namespace and name."""
        parent = next(element.iterchildren("{*}parentCategory"), None)
        return "" if parent is None else self._absolute(parent.get("ref", ""))

    def _absolute(self, reference: str) -> str:
        prefix, _, name = reference.rpartition(":")
        return f"{self.prefixes.get(prefix, prefix)}:{name}"

    def categories(self) -> Iterator[tuple[str, Category]]:
        for element in self.root.iter("{*}category"):
            yield self._absolute(element.get("name", "")), (self.shown(element), self.reference(element))

    def shown(self, element: _Element) -> str:
        """Displayed name; the internal name where the language lacks it."""
        name = element.get("displayName", "").removeprefix("$(string.").removesuffix(")")
        return self.texts.get(name, "") or element.get("name", "")

    def policy(self, element: _Element) -> Policy:
        key, name = element.get("key", ""), element.get("valueName", "")
        children = _children(element, "elements")
        elements = {child.get("id", ""): made for child in children if (made := _element(child, key))}
        stands_alone = bool(name) and not _is_element(name, key, elements)
        on = [*_switch(element, "enabledValue", key, name), *_list(element, "enabledList", key)]
        off = [*_switch(element, "disabledValue", key, name), *_list(element, "disabledList", key)]
        if stands_alone and not on and not off:
            on, off = [registry_pol.make(key, name, "dword", 1)], [registry_pol.deletion(key, name)]
        written = {registry_pol.identity(entry) for entry in off}
        off += [
            registry_pol.clearing(child.key)
            if isinstance(child.form, Listing)
            else registry_pol.deletion(child.key, child.name)
            for child in elements.values()
            if child.place not in written
        ]
        sides = _CLASSES.get(element.get("class", ""), BOTH)
        return Policy(
            f"{self.name}:{element.get('name', '')}", sides, elements, f"{self.name}.admx", tuple(on), tuple(off)
        )


def _children(element: _Element, name: str) -> Sequence[_Element]:
    group = next(element.iterchildren(f"{{*}}{name}"), None)
    return [] if group is None else list(group.iterchildren("*"))


def _is_element(name: str, key: str, elements: Mapping[str, Element]) -> bool:
    return any(element.place == (key.casefold(), name.casefold()) for element in elements.values())


def _value(element: _Element) -> int | str | None:
    """Content of a value: a number, a text, or None for a deletion."""
    for child in element.iterchildren("*"):
        match etree.QName(child).localname:
            case "decimal" | "longDecimal":
                return int(child.get("value", "0"))
            case "string":
                return child.text or ""
    return None


def _entry(key: str, name: str, value: int | str | None) -> Entry:
    if value is None:
        return registry_pol.deletion(key, name)
    return registry_pol.make(key, name, "sz" if isinstance(value, str) else "dword", value)


def _switch(element: _Element, which: str, key: str, name: str) -> list[Entry]:
    return [_entry(key, name, _value(child)) for child in element.iterchildren(f"{{*}}{which}") if name]


def _list(element: _Element, which: str, key: str) -> list[Entry]:
    return [
        _entry(item.get("key") or group.get("defaultKey") or key, item.get("valueName", ""), _value(value))
        for group in element.iterchildren(f"{{*}}{which}")
        for item in group.iterchildren("{*}item")
        for value in item.iterchildren("{*}value")
    ]


def _element(element: _Element, key: str) -> Element | None:
    form = _form(element)
    if form is None:
        return None
    required = element.get("required") == "true"
    return Element(element.get("key") or key, element.get("valueName", ""), form, required)


def _form(element: _Element) -> Form | None:
    match etree.QName(element).localname:
        case "boolean":
            return Flag(_state(element, "trueValue", 1), _state(element, "falseValue", 0))
        case "decimal" | "longDecimal" as kind:
            as_text = element.get("storeAsText") == "true"
            stored = "sz" if as_text else "dword" if kind == "decimal" else "qword"
            return Number(int(element.get("minValue", "0")), int(element.get("maxValue", "9999")), stored)
        case "text":
            longest = int(element.get("maxLength", str(_LONGEST)))
            return Text("expand_sz" if element.get("expandable") == "true" else "sz", longest)
        case "multiText":
            return Lines()
        case "enum":
            return _words(element)
        case "list":
            return _listing(element)
    return None


def _state(element: _Element, which: str, default: int) -> int | str | None:
    state = next(element.iterchildren(f"{{*}}{which}"), None)
    return default if state is None else _value(state)


def _words(element: _Element) -> Words:
    """Words of an enumeration: its values, since the shown names depend on the language."""
    values = [_value(value) for item in element.iterchildren("{*}item") for value in item.iterchildren("{*}value")]
    return Words({str(value): value for value in values if value is not None})


def _listing(element: _Element) -> Listing:
    additive = element.get("additive") == "true"
    kind = "expand_sz" if element.get("expandable") == "true" else "sz"
    if element.get("explicitValue") == "true":
        return Listing("named", additive, kind=kind)
    prefix = element.get("valuePrefix")
    return Listing("same" if prefix is None else "numbered", additive, prefix or "", kind)
