"""Declarations and live contents for the property tests: every kind of field, hostile names."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from piste.engine.converge.normalise import declared, from_wire, to_wire
from piste.engine.converge.plan import Item
from piste.engine.converge.resource import Resource, Shape
from piste.engine.converge.secrets import FINGERPRINT_KEY, Vault
from tests.support.fuzz import examples
from tests.unit.converge.tables import EMPTY, FIXED, GROUPS, OWNER, SLOTS, THINGS

quick = examples(small=10, wide=1000)

HOSTILE = (
    "{{ x }}", "{% raw %}", "{# y #}", 'guille"mets', "l’été", "deux\nlignes", "\ttab", "🏫👩\u200d🏫", "مدرسة",
    "\u202eenvers",
    "- tiret", "clef: valeur", "#note", "&ancre", "*alias", "!unsafe x", "null", "~", "yes", "1e3", "0x1F", "{name}",
    "\x1b[31mrouge", "\x7f", " bords ", "\\", "%s", "a/b", "x" * 200, "\ufeff",
)  # fmt: skip
names = st.sampled_from(HOSTILE) | st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\0"), min_size=1, max_size=9
)

_whole = st.integers(-(2**63) + 1, 2**63 - 1)
"""The whole numbers that a file of the declaration may hold (`piste.town.model.composer`)."""
_paths = st.sampled_from(["essai/un", "essai/deux", "essai/trois"])
_secrets = st.fixed_dictionaries({"secret": _paths})
VAULT = Vault(
    {
        FINGERPRINT_KEY: "clef des empreintes",
        "essai/un": "valeur-un",
        "essai/deux": "valeur-2",
        "essai/trois": "valeur-2",
    }
)

_rules = st.fixed_dictionaries(
    {},
    optional={
        "open": st.booleans(),
        "rules": st.lists(st.fixed_dictionaries({"text": names}, optional={"on": st.booleans()}), max_size=2),
    },
)
_options = st.fixed_dictionaries(
    {},
    optional={
        "level": st.integers(0, 9),
        "label": st.none() | names,
        "depth": st.fixed_dictionaries({}, optional={"cold": st.booleans(), "warm": st.integers(0, 3)}),
    },
)
_servers = st.lists(
    st.fixed_dictionaries(
        {"host": st.sampled_from(["10.0.0.1", "2001:DB8::1", "10.0.0.2"])},
        optional={"port": st.sampled_from([1812, 1813]), "weight": st.integers(0, 2), "secret": _secrets},
    ),
    max_size=3,
    unique_by=lambda server: (server["host"], server.get("port", 1812)),
)
_pools = st.lists(
    st.fixed_dictionaries({"name": names}, optional={"code": _secrets, "size": st.integers(0, 2)}),
    max_size=3,
    unique_by=lambda pool: pool["name"],
)
_drives = st.fixed_dictionaries(
    {"path": names},
    optional={
        "label": st.none() | names,
        "code": _secrets,
        "options": st.dictionaries(st.sampled_from("xy"), st.none() | st.integers(0, 2)),
    },
)
_side = st.fixed_dictionaries(
    {},
    optional={
        "drives": st.dictionaries(st.sampled_from("HPU") | names, st.none() | _drives, max_size=3),
        "raw": st.dictionaries(names, st.none() | _whole | st.lists(names, max_size=2), max_size=2),
    },
)
_common: dict[str, st.SearchStrategy[Any]] = {
    "kind": st.sampled_from(["petit", "grand"]),
    "mode": st.sampled_from(["open", "closed", "locked"]),
    "limit": st.none() | st.integers(0, 100),
    "ratio": st.sampled_from([0, 0.5, 2.0]),
    "active": st.booleans(),
    "title": st.text(max_size=5),
    "tags": st.lists(st.sampled_from(["A", "b", "B", "été"]), max_size=3),
    "steps": st.lists(st.integers(0, 3), max_size=3),
    "group": st.sampled_from(sorted(GROUPS["group"].values())),
    "key": _secrets,
    "login": st.fixed_dictionaries({"user": names}, optional={"password": _secrets}),
    "hidden": st.integers(0, 2),
    "options": _options,
    "servers": _servers,
    "pools": _pools,
    "levels": st.dictionaries(st.sampled_from(["a", "B", "c"]), st.none() | st.integers(0, 2), max_size=3),
    "side": _side,
    "free_form": st.dictionaries(names, _whole | names, max_size=2),
    "extra": _rules,
}
_keys: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    THINGS.name: {"name": names},
    SLOTS.name: {"name": names, "number": st.integers(0, 3)},
    FIXED.name: {"box": st.sampled_from(["q1", "Q2"]), "port_id": st.sampled_from(["1", "2"])},
}
resources = st.sampled_from([THINGS, SLOTS, FIXED])


def items(resource: Resource, *, full: bool = False) -> st.SearchStrategy[dict[str, Any]]:
    """A declared item, as people write it; `full` with every field."""
    keys = _keys[resource.name]
    return st.fixed_dictionaries({**keys, **_common}) if full else st.fixed_dictionaries(keys, optional=_common)


def configs(resource: Resource, size: int = 2) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(items(resource), max_size=size, unique_by=lambda item: key_of(resource, item))


def key_of(resource: Resource, item: dict[str, Any]) -> str:
    return "/".join(str(item[name]).upper() if name == "box" else str(item[name]) for name in resource.key)


def canonical(resource: Resource, config: list[dict[str, Any]]) -> list[Item]:
    return declared(resource, config, VAULT, OWNER)


def read_back(resource: Resource, item: Item) -> Item:
    """A canonical item as read back from a system that keeps everything and hides secrets only."""
    document = to_wire(resource.fields, item, GROUPS)
    for part in resource.parts:
        if part.name in item:
            document[part.wire_name] = to_wire(part.of, item[part.name], GROUPS)
    hide(resource.fields, document)
    return from_wire(resource.fields, document, VAULT, GROUPS, {"owner": OWNER})


def hide(fields: Any, document: Any) -> None:
    """Take what is never read back out of a wire document."""
    for field in fields:
        value = document.get(field.wire_name)
        if not field.readable:
            document.pop(field.wire_name, None)
        elif field.type == "map":
            for entry in value.values() if field.of and value else ():
                hide(field.of, entry)
        elif isinstance(value, dict):
            hide(field.of, value)
        elif field.is_list_of_dicts:
            for element in value or ():
                hide(field.of, element)


@st.composite
def lives(draw: st.DrawFn, resource: Resource) -> dict[str, Item]:
    """Live items by key. Places and fixed objects are all there, as a system gives them."""
    if resource.shape is Shape.COLLECTION:
        known = canonical(resource, draw(configs(resource)))
        return {resource.key_of(item): read_back(resource, item) for item in known}
    desired = draw(configs(resource, size=4))
    if resource.shape is Shape.FIXED:
        there = {key_of(resource, item) for item in desired}
        desired += [
            {"box": box, "port_id": port} for box in ("Q1", "Q2") for port in ("1", "2") if f"{box}/{port}" not in there
        ]
    live: dict[str, Item] = {}
    for number, item in enumerate(canonical(resource, desired)):
        if resource.shape is Shape.SLOTS:
            item = {**item, "number": number}
        live[resource.key_of(item)] = read_back(resource, item)
    for number in range(len(live), resource.slots):
        live[f"libre {number}"] = {"name": f"libre {number}", "number": number, **EMPTY}
    return live


def free(key: str, item: Item) -> bool:
    return key.startswith("libre ")


def reset(key: str, item: Item) -> Item:
    """An emptied place or port; a place goes back to the name of its number."""
    return {"name": f"libre {item['number']}", **EMPTY} if "number" in item else dict(EMPTY)
