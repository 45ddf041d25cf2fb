"""Conversion of a rule between the wire and what people write, without its default values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from functools import cache
from typing import Any

from piste.engine.converge.reading import listed, mapped, optional, text, truth
from piste.engine.converge.values import live_scalar, settle
from piste.systems.forcepoint.element_table import bounds, ports, span
from piste.systems.forcepoint.policy_table import split_id, with_id
from piste.systems.forcepoint.references import ANY, NONE
from piste.systems.forcepoint.rule_table import LISTS, Cell, RuleList

Rule = dict[str, Any]
Naming = Callable[[str], str]

INSERT_POINTS = ("normal", "automatic")
_UNNAMED = re.compile(r"Rule @[\d.]+")
"""Name that the SMC gives a rule without a name [recorded]."""
_SIDES = ("original_value", "translated_value")


def called(document: Mapping[str, Any]) -> Rule:
    """Identity of a rule in its list: id and name, or the text of a header or an insert point."""
    said, name = optional(text, document.get("comment")) or "", optional(text, document.get("name")) or ""
    if not is_rule(document):
        return {"insert_point": name} if document.get("type") in INSERT_POINTS else {"section": said}
    rule = {"id": split_id(said)[1], "name": "" if _UNNAMED.fullmatch(name) else name}
    return {field: value for field, value in rule.items() if value}


def decode(document: Mapping[str, Any], entry: RuleList, name: Naming) -> Rule:
    """Convert a rule, a header or an insert point from the wire; references become names."""
    rule, comment = called(document), split_id(optional(text, document.get("comment")) or "")[0]
    if "section" in rule:
        color = document.get("background_color")
        return {**rule, **({"color": color} if color else {})}
    if "insert_point" in rule:
        kind = {"insert_point_type": document["type"]} if document["type"] != INSERT_POINTS[0] else {}
        return {**rule, **kind, **({"comment": comment} if comment else {})}
    if comment:
        rule["comment"] = comment
    for cell in entry.cells:
        value = _read(cell, document, name)
        if value is not None and value != cell.default:
            rule[cell.name] = value
    return rule


def is_rule(document: Mapping[str, Any]) -> bool:
    """False for the header of a section and for an insert point."""
    return "sources" in document or "destinations" in document


def _read(cell: Cell, document: Mapping[str, Any], name: Naming) -> Any:
    if cell.kind == "match":
        part = mapped(document[cell.path[0]])
        if truth(part.get(ANY)):
            return [ANY]
        return settle(cell.field, [name(href) for href in listed(part.get(cell.path[1]))]) or [NONE]
    value = _at(document, cell.path)
    if cell.kind == "used_on":
        engine = mapped(value)
        return name(engine["firewall_ref"]) if engine.get("firewall_ref") else NONE if truth(engine.get(NONE)) else ANY
    if value in (None, ""):
        return None
    if cell.kind == "ref":
        return name(value)
    if cell.kind == "refs":
        return settle(cell.field, [name(href) for href in listed(value)])
    if cell.kind == "translation":
        return _translation(value, name)
    if cell.kind == "list":
        return [text(entry) for entry in listed(value)]
    return live_scalar(cell.field, cell.field.type, value)


def _translation(value: Mapping[str, Any], name: Naming) -> dict[str, Any] | None:
    result: dict[str, Any] = {}
    if targets := value.get("translation_values"):
        result["to"] = [_address(target, name) for target in listed(targets)]
    for side in _SIDES:
        if target := _address(mapped(value.get(side)), name):
            result[side.removesuffix("_value")] = target
    if isinstance(value.get("automatic_proxy"), bool):
        result["automatic_proxy"] = value["automatic_proxy"]
    return result or None


def _address(value: Mapping[str, Any], name: Naming) -> dict[str, Any]:
    target: dict[str, Any] = {}
    if value.get("element"):
        target["element"] = name(value["element"])  # the SMC then gives its address too
    elif value.get("ip_descriptor"):
        target["address"] = text(value["ip_descriptor"])
    if both := span(value.get("min_port"), value.get("max_port")):
        target["ports"] = ports(both)
    return target


def encode(rule: Rule, entry: RuleList, address: Naming, base: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Convert a rule to the wire.

    `base` is the document that it replaces: its attributes that no table knows are kept.
    """
    result = deepcopy(dict(base or {}))
    if "section" in rule:
        return {
            **result,
            "comment": rule["section"],
            **({"background_color": rule["color"]} if "color" in rule else {}),
        }
    if "insert_point" in rule:
        point = {"name": rule["insert_point"], "type": rule.get("insert_point_type", INSERT_POINTS[0])}
        return {**result, **point, **({"comment": rule["comment"]} if "comment" in rule else {})}
    if "name" in rule:
        result["name"] = rule["name"]
    elif base and not _UNNAMED.fullmatch(str(base.get("name") or "")):
        result["name"] = ""  # a name given by the SMC stays as it was read
    result["comment"] = with_id(rule.get("comment", ""), rule.get("id", ""))
    for cell in entry.cells:
        _write(cell, rule, result, address, new=base is None)
    return result


def _write(cell: Cell, rule: Rule, result: dict[str, Any], address: Naming, *, new: bool) -> None:
    said = rule.get(cell.name)
    if cell.kind == "match":
        flag = said[0] if said and said[0] in (ANY, NONE) else NONE if not said else ""
        result[cell.path[0]] = {flag: True} if flag else {cell.path[1]: [address(ref) for ref in said or ()]}
        return
    if said is None:
        if cell.kind == "used_on":
            result["used_on"] = {ANY: True}
        elif (cell.sent and new) or _at(result, cell.path) is not None:
            _put(result, cell.path, deepcopy(cell.default))
        return
    if cell.kind == "used_on":
        value: Any = {said: True} if said in (ANY, NONE) else {"firewall_ref": address(said)}
    elif cell.kind == "ref":
        value = address(said)
    elif cell.kind == "refs":
        value = [address(ref) for ref in said]
    elif cell.kind == "translation":
        value = _translated(said, address)
    else:
        value = said
    _put(result, cell.path, value)


def _translated(said: Mapping[str, Any], address: Naming) -> dict[str, Any]:
    result: dict[str, Any] = {"automatic_proxy": said.get("automatic_proxy")}
    if "to" in said:
        result["translation_values"] = [_target(target, address) for target in said["to"]]
    for side in _SIDES:
        if target := said.get(side.removesuffix("_value")):
            result[side] = _target(target, address)
    return result


def _target(said: Mapping[str, Any], address: Naming) -> dict[str, Any]:
    low, high = bounds(said.get("ports"))
    result: dict[str, Any] = {"element": address(said["element"])} if "element" in said else {}
    if "address" in said:
        result["ip_descriptor"] = said["address"]
    return result | ({"min_port": low, "max_port": high} if low is not None else {})


def compact(rule: Any, entry: RuleList) -> Any:
    """Reduce a declared rule: no null, no default value, a single reference as a list."""
    if not isinstance(rule, Mapping):
        return rule
    result = {name: value for name, value in rule.items() if value is not None}
    for cell in entry.cells:
        if cell.name not in result:
            continue
        value = result[cell.name]
        if isinstance(value, str) and cell.field.type == "list":
            result[cell.name] = value = [value]
        if value == cell.default:
            del result[cell.name]
    if result.get("insert_point_type") == INSERT_POINTS[0]:
        del result["insert_point_type"]
    return result


def refs_of(rule: Rule, entry: RuleList) -> list[str]:
    """References of a rule, without `any` and `none`."""
    refs: list[str] = []
    for cell in entry.cells:
        said = rule.get(cell.name)
        if not said:
            continue
        if cell.kind in ("match", "refs"):
            refs += said
        elif cell.kind in ("ref", "used_on"):
            refs.append(said)
        elif cell.kind == "translation":
            targets: Sequence[Mapping[str, Any]] = [
                *said.get("to", ()),
                said.get("original", {}),
                said.get("translated", {}),
            ]
            refs += [target["element"] for target in targets if "element" in target]
    return [ref for ref in refs if ref not in (ANY, NONE)]


def _at(document: Mapping[str, Any], path: Sequence[str]) -> Any:
    value: Any = document
    for name in path:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def _put(document: dict[str, Any], path: Sequence[str], value: Any) -> None:
    for name in path[:-1]:
        inner = document.get(name)
        document[name] = document = dict(inner) if isinstance(inner, Mapping) else {}
    document[path[-1]] = value


def unread(document: Mapping[str, Any], entry: RuleList) -> set[str]:
    """Dotted names of the attributes of a rule that no table has: an export would lose them."""
    return _said(document, "") - _known(entry.type)


@cache
def _known(kind: str) -> frozenset[str]:
    """Dotted names that the table of a kind of rule has."""
    cells = next(entry.cells for entry in LISTS.values() if entry.type == kind)
    own = {".".join(cell.path) for cell in cells}
    return frozenset(own | {f"{cell.path[0]}.{name}" for cell in cells for name in _FLAGS})


_FLAGS = (ANY, NONE, "resolved_src", "resolved_dst", "resolved_service", "firewall_ref")
_OF_ALL = frozenset(
    {
        "key",
        "tag",
        "rank",
        "link",
        "etag",
        "path",
        "name",
        "type",
        "comment",
        "locked",
        "system",
        "read_only",
        "trashed",
    }
    | {"admin_domain", "system_key", "parent_policy", "parent_insert_point", "background_color"}
)


def _said(value: Mapping[str, Any], at: str) -> set[str]:
    names: set[str] = set()
    for name, inner in value.items():
        if not at and name in _OF_ALL:
            continue
        if isinstance(inner, dict) and not (at == "options." and name.endswith("_nat") and name != "proxy_dst_nat"):
            names |= _said(inner, f"{at}{name}.")
        elif inner not in (None, "", [], {}, False):
            names.add(f"{at}{name}")
    return names
