"""Item-level targeting of preferences: the `Filters` of an item (MS-GPPREF 2.2.1.22).

A condition is a dict with one subject (`group`, `organizational_unit`, `computer`, `user`, `ip_range`,
`site`, `conditions` for a parenthesis), and optionally `not` and `or` (joined to the condition before by or). A filter
without such a form is its own XML, under `xml`: it is kept, shown and replayed as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from lxml import etree

from piste.engine.converge.errors import Fault
from piste.engine.converge.resource import Field
from piste.systems.windows.gpo.part import Principals
from piste.systems.windows.gpo.xml import elements, fragment, local, parse

if TYPE_CHECKING:
    from lxml.etree import _Element

DEPTH = 3
"""Nested parentheses that have a YAML form; deeper levels stay XML."""

_SUBJECTS = ("group", "organizational_unit", "computer", "user", "ip_range", "site", "conditions", "xml")


def fields(depth: int = DEPTH) -> tuple[Field, ...]:
    """Fields of a condition."""
    nested = (
        (Field("conditions", "Conditions in parentheses.", type="list", of=fields(depth - 1)),) if depth > 1 else ()
    )
    return (
        Field("group", "Security group that the user or the computer is in."),
        Field("organizational_unit", "OU, as a path from the domain's root, that the user or the computer is under."),
        Field("computer", "Name of the computer (NetBIOS, or DNS where it has a dot)."),
        Field("user", "Account that is logged on."),
        Field("ip_range", "First and last address of a range.", type="list"),
        Field("site", "Active Directory site."),
        *nested,
        Field("xml", "The filter's own XML, for one without a form here."),
        Field("of", "Whose membership counts.", choices=("user", "computer")),
        Field("direct", "Only directly in the OU, not below.", type="bool"),
        Field("not", "The condition must be false.", type="bool", default=False),
        Field("or", "Joined to the one before by or, not by and.", type="bool", default=False),
    )


def take(filters: _Element | None, principals: Principals) -> list[dict[str, Any]]:
    """Conditions of a `Filters` element."""
    return [] if filters is None else [_condition(element, principals, DEPTH) for element in elements(filters)]


def put(filters: _Element, conditions: Sequence[Mapping[str, Any]], principals: Principals) -> None:
    """Append the filters of `conditions` to a `Filters` or `FilterCollection` element."""
    for condition in conditions:
        filters.append(_filter(condition, principals))


def _condition(element: _Element, principals: Principals, depth: int) -> dict[str, Any]:
    attributes = {str(name): str(value) for name, value in element.attrib.items()}
    bool_, negated = attributes.pop("bool", "AND"), attributes.pop("not", "0")
    try:
        if bool_ not in ("AND", "OR") or negated not in ("0", "1"):
            raise ValueError(bool_)
        subject = _subject(str(element.tag), element, attributes, principals, depth)
    except (KeyError, ValueError):
        return {"xml": fragment(element), "not": False, "or": False}
    return {**subject, "not": negated == "1", "or": bool_ == "OR"}


def _subject(
    tag: str, element: _Element, attributes: dict[str, str], principals: Principals, depth: int
) -> dict[str, Any]:
    """Subject of a filter. Raises ValueError or KeyError where it has no form."""
    if tag == "FilterCollection":
        if depth < 2 or attributes:
            raise ValueError(tag)
        return {"conditions": [_condition(child, principals, depth - 1) for child in elements(element)]}
    if len(element):
        raise ValueError(tag)
    if tag == "FilterGroup":
        sid, name = attributes.pop("sid", ""), attributes.pop("name", "")
        of = _of(attributes)
        _expect(attributes, primaryGroup="0", localGroup="0")
        if not sid:
            raise ValueError(name)
        return {"group": principals.name(sid), **of}
    if tag == "FilterUser":
        sid = attributes.pop("sid", "")
        attributes.pop("name", "")
        _expect(attributes)
        if not sid:
            raise ValueError(tag)
        return {"user": principals.name(sid)}
    if tag == "FilterOrgUnit":
        path, of = principals.unit(attributes.pop("name")), _of(attributes)
        direct = {"direct": True} if attributes.pop("directMember", "0") == "1" else {}
        _expect(attributes)
        return {"organizational_unit": path, **of, **direct}
    if tag == "FilterComputer":
        name, kind = attributes.pop("name"), attributes.pop("type")
        _expect(attributes)
        if kind != ("DNS" if "." in name else "NETBIOS"):
            raise ValueError(kind)
        return {"computer": name}
    if tag == "FilterIpRange":
        low, high = attributes.pop("min"), attributes.pop("max")
        _expect(attributes, useIPv6="1" if ":" in low else "0")
        return {"ip_range": [low, high]}
    if tag == "FilterSite":
        name = attributes.pop("name")
        _expect(attributes)
        return {"site": name}
    raise ValueError(tag)


def _of(attributes: dict[str, str]) -> dict[str, str]:
    """Field `of`; absent for the user, the default."""
    return {} if attributes.pop("userContext", "0") == "1" else {"of": "computer"}


def _expect(attributes: dict[str, str], **usual: str) -> None:
    """Refuse attributes with an unusual value: the condition could not express them."""
    for name, value in attributes.items():
        if usual.get(name) != value:
            raise ValueError(name)


def _filter(condition: Mapping[str, Any], principals: Principals) -> _Element:
    if "xml" in condition:
        return parse(condition["xml"])
    common = {"bool": "OR" if condition.get("or") else "AND", "not": "1" if condition.get("not") else "0"}
    context = "1" if condition.get("of", "user") == "user" else "0"

    def made(tag: str, **attributes: str) -> _Element:
        return etree.Element(tag, common | attributes)

    if "group" in condition:
        name = condition["group"]
        sid = principals.sid(name)
        return made("FilterGroup", name=name, sid=sid, userContext=context, primaryGroup="0", localGroup="0")
    if "user" in condition:
        return made("FilterUser", name=condition["user"], sid=principals.sid(condition["user"]))
    if "organizational_unit" in condition:
        direct = "1" if condition.get("direct") else "0"
        dn = principals.unit_dn(condition["organizational_unit"])
        return made("FilterOrgUnit", name=dn, userContext=context, directMember=direct)
    if "computer" in condition:
        name = condition["computer"]
        return made("FilterComputer", type="DNS" if "." in name else "NETBIOS", name=name)
    if "ip_range" in condition:
        low, high = condition["ip_range"]
        return made("FilterIpRange", min=low, max=high, useIPv6="1" if ":" in low else "0")
    if "site" in condition:
        return made("FilterSite", name=condition["site"])
    group = made("FilterCollection")
    put(group, condition["conditions"], principals)
    return group


def check(conditions: Sequence[Mapping[str, Any]], path: str, principals: Principals) -> list[Fault]:
    """All faults of declared conditions."""
    return [
        fault
        for at, condition in enumerate(conditions)
        for fault in _check_condition(condition, f"{path}[{at}]", principals)
    ]


def _check_condition(condition: Mapping[str, Any], path: str, principals: Principals) -> list[Fault]:
    named = [name for name in _SUBJECTS if name in condition]
    if len(named) != 1:
        return [Fault(path, f"une condition porte sur une seule chose parmi {', '.join(_SUBJECTS)}")]
    subject, value = named[0], condition[named[0]]
    where = f"{path}.{subject}"
    if subject == "conditions":
        return check(value, where, principals) or ([] if value else [Fault(where, "la parenthèse est vide")])
    if subject == "xml":
        return _check_xml(value, where)
    try:
        if subject in ("group", "user"):
            principals.sid(value)
        elif subject == "organizational_unit":
            principals.unit_dn(value)
        elif subject == "ip_range":
            low, high = map(ip_address, value)
            if low.version != high.version or int(low) > int(high):
                raise ValueError(value)
    except KeyError:
        return [Fault(where, f"« {value} » n’existe pas dans l’annuaire")]
    except ValueError:
        return [Fault(where, "deux adresses sont attendues, la première puis la dernière")]
    return []


def _check_xml(value: str, path: str) -> list[Fault]:
    try:
        element = parse(value)
    except ValueError as error:
        return [Fault(path, f"ce n’est pas du XML ({error})")]
    if not str(element.tag).startswith("Filter"):
        return [Fault(path, f"un élément Filter… est attendu, reçu {local(element)}")]
    return []
