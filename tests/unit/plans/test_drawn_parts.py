"""Drawn parts of plans of Windows, Zabbix and GLPI pull in what their objects name."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import pytest

from piste.engine.converge.allowed import named
from piste.runs.plans.part import part
from piste.systems.kinds import KINDS
from tests.support.fuzz import WIDE
from tests.unit.consequences.changes import SCHOOL, items, operation, plan

pytestmark = pytest.mark.drawn

DOMAINS = ("directory", "names", "addressing", "access", "printing", "supervision", "inventory")
OWNERS = ("commune", SCHOOL)
DRAWS = 40 if WIDE else 8
Item = Mapping[str, Any]


def listed(name: str) -> Callable[[Item], Iterable[Any]]:
    """Give what names things in a field: a text, a list, or the keys of a map."""

    def names(item: Item) -> Iterable[Any]:
        value = item.get(name) or ()
        return (value,) if isinstance(value, str) else value

    return names


def within(name: str, sign: str) -> Callable[[Item], Iterable[Any]]:
    return lambda item: [above] if (above := str(item.get(name)).rpartition(sign)[0]) else []


def each(name: str, field: str) -> Callable[[Item], Iterable[Any]]:
    """Give what names things in a field of the elements of a list."""
    return lambda item: [text for element in item.get(name) or () for text in listed(field)(element)]


def of_list(kind: str, field: str) -> Callable[[Item], Iterable[Any]]:
    """Give the key of an entry of a list of GLPI: `State/En service`, `ComputerType/Serveur`."""

    def names(item: Item) -> Iterable[Any]:
        return [f"{kind.format(item.get('itemtype'))}/{item[field]}"] if item.get(field) else []

    return names


LISTED = [
    ("list_entry", of_list(kind, field))
    for kind, field in (("State", "state"), ("{}Type", "type"), ("{}Model", "model"), ("Manufacturer", "manufacturer"))
]
REFERENCES: Mapping[str, Sequence[tuple[str, Callable[[Item], Iterable[Any]]]]] = {
    "organizational_unit": [("organizational_unit", within("path", "/"))],
    "group": [("organizational_unit", listed("ou"))],
    "gpo": [("wmi_filter", listed("wmi_filter")), ("group", listed("filtering")), ("group", listed("exempt"))],
    "gpo_links": [
        ("organizational_unit", listed("target")),
        ("gpo", lambda item: [name for name, link in item["links"].items() if link is not None]),
    ],
    "ad_subnet": [("ad_site", listed("site"))],
    "dns_record": [("dns_zone", listed("zone"))],
    "dhcp_relation": [("dhcp_server", listed("partner"))],
    "user_group": [("host_group", listed("rights"))],
    "user": [("user_group", listed("groups")), ("media_type", each("media", "type"))],
    "action": [("host_group", listed("groups")), ("user", listed("users"))],
    "host": [("host_group", listed("groups")), ("template", listed("templates"))],
    "dependency": [("host", listed("host")), ("host", listed("parent"))],
    "maintenance": [("host_group", listed("groups"))],
    "map": [("host", listed("hosts"))],
    "dashboard": [("map", each("widgets", "map")), ("host_group", each("widgets", "groups"))],
    "location": [("location", within("way", " > "))],
    "asset": [("location", listed("location")), *LISTED],
    **dict.fromkeys(("license", "certificate", "appliance", "contract"), LISTED[:1]),
}
"""What an object names, by hand: the kind of the other, and its names."""


WHOLE = ("network_policy", "connection_request_policy")
"""Kinds of lists that are written as a whole."""


def references(kind: str, item: Item) -> Iterator[tuple[str, str]]:
    for other, names in REFERENCES.get(kind, ()):
        yield from ((other, str(name)) for name in names(item))


@cache
def whole(domain: str) -> tuple[dict[str, Any], ...]:
    """Create all that two owners declare of a domain, in the order of a run."""
    made = []
    for owner in OWNERS:
        for kind in KINDS:
            if kind.domain == domain and kind.declared and not kind.step:
                given = {"server": "hdv-nps1"} if "server" in kind.table.key else {}
                made += [operation(kind.module, owner, None, {**given, **item}) for item in items(kind.module, owner)]
    return tuple(made)


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from map(str, value)
        yield from texts([*value.values()])
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    else:
        yield str(value)


def closures(operations: Sequence[Item], asked: int) -> tuple[set[int], set[int]]:
    """Follow by hand what an operation needs at least, and at most: any text may be a name.

    It is what is named, or still names what goes; what is written as a whole is needed whole.
    """
    contents = [made["content"]["after"] or made["content"]["before"] for made in operations]
    kinds = [str(made["kind"]) for made in operations]
    places = {(kind, str(made["key"])): at for at, (kind, made) in enumerate(zip(kinds, operations, strict=True))}
    named_: set[tuple[int, int]] = set()
    mentioned: set[tuple[int, int]] = set()
    for at, (kind, content) in enumerate(zip(kinds, contents, strict=True)):
        named_ |= {(at, places[other]) for other in references(kind, content) if other in places}
        words = {*texts(content)}
        mentioned |= {(at, other) for other, made in enumerate(operations) if {made["key"], made["label"]} & words}
        if kind in WHOLE:
            owner = operations[at]["owner"]
            named_ |= {(at, other) for other, theirs in enumerate(kinds)
                       if theirs == kind and operations[other]["owner"] == owner}  # fmt: skip
    back = operations[0]["action"] == "delete"
    return _followed(named_, asked, back=back), _followed(named_ | mentioned, asked, back=back)


def _followed(links: set[tuple[int, int]], asked: int, *, back: bool) -> set[int]:
    needed, left = {asked}, [asked]
    for at in left:  # grows
        coming = {here if back else there for here, there in links if (there if back else here) == at} - needed
        needed |= coming
        left += coming
    return needed


@pytest.mark.parametrize("action", ["create", "delete"])
@pytest.mark.parametrize("domain", DOMAINS)
def test_a_drawn_part_pulls_in_what_its_objects_name(domain: str, action: str) -> None:
    draw, operations = random.Random(f"{domain} {action}"), [*whole(domain)]
    if action == "delete":
        operations = [
            {**made, "action": "delete", "content": {"before": made["content"]["after"], "after": None}}
            for made in reversed(operations)
        ]
    made = plan(*operations, limit="")
    ranks = {id(described): at for at, described in enumerate(made["operations"])}
    for asked in draw.sample(range(len(operations)), min(DRAWS, len(operations))):
        name = named(made["operations"][asked])
        doing = {ranks[id(described)] for described in part(made, [name]).doing}
        least, most = closures(operations, asked)
        said = {"too few": least - doing, "too many": doing - most}
        assert {why: sorted(named(operations[at]) for at in some) for why, some in said.items() if some} == {}, name
