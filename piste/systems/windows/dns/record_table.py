"""The table of DNS records, and the faults that it cannot see."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from piste.engine.converge.plan import Item
from piste.engine.converge.resource import Field, Resource
from piste.systems.windows.dns import record
from piste.systems.windows.dns.stored import APEX

TTL = 3600
_LONGEST_TTL = 2**31 - 1
TRAPS = {
    "*": "il répondrait pour tous les noms qui n’existent pas",
    "wpad": "les navigateurs y cherchent le proxy à prendre",
    "isatap": "les ordinateurs y cherchent un routeur IPv6",
}
"""Names that computers look for by themselves; their owner is sent the traffic."""


def node_name(name: str) -> str:
    """Return a declared name in its canonical spelling.

    Raises ValueError for what is no name.
    """
    return name if name == APEX else record.full_name(name)


DNS_RECORDS = Resource(
    system="dns",
    name="dns_record",
    doc="Enregistrement DNS",
    key=("zone", "name", "type"),
    parents={"dns_zone": "zone"},
    fields=(
        Field("zone", "Zone of the record.", required=True, normalise=record.full_name),
        Field("name", "Name in its zone; C(@) is the zone itself.", required=True, normalise=node_name),
        Field("type", "Type of the record.", required=True, choices=tuple(record.TYPES)),
        Field(
            "values",
            "All the values of the record: addresses (C(A), C(AAAA)), a full name (C(PTR), C(CNAME)), texts (C(TXT)).",
            type="list",
            unordered=True,
        ),
        Field(
            "ttl", "Seconds for which resolvers may keep it.", type="int", default=TTL, minimum=0, maximum=_LONGEST_TTL
        ),
    ),
)


def canonical_item(item: Any) -> Any:
    """Spell the values of a declared record as their type does.

    Values without a spelling stay, for `faults_of`.
    """
    values, kind = (item.get("values"), item.get("type")) if isinstance(item, dict) else (None, None)
    if kind not in record.TYPES or not isinstance(values, list):
        return item
    return {**item, "values": [_canonical(kind, value) for value in values]}


def _canonical(kind: str, value: Any) -> Any:
    try:
        return record.canonical(kind, value) if isinstance(value, str) else value
    except ValueError:
        return value


def faults_of(item: Item) -> Iterator[tuple[str, str]]:
    """Yield the field and the fault of what is wrong in a record whose key is whole."""
    zone, name, kind = (item[part] for part in DNS_RECORDS.key)
    if why := TRAPS.get(name):
        yield "name", f"« {name} » ne se déclare pas : {why}"
    if "_msdcs" in (*zone.split("."), *name.split(".")):
        yield "name", "les noms des contrôleurs sont au domaine, qui les écrit lui-même"
    if "values" not in item:
        return
    for value in item["values"]:
        try:
            record.canonical(kind, value)
        except ValueError:
            yield f"values[{value}]", f"ce n’est pas une valeur d’un enregistrement {kind}"
    if not item["values"]:
        yield "values", "au moins une valeur est attendue"
    elif kind == "CNAME" and len(item["values"]) > 1:
        yield "values", "un alias n’a qu’une cible"
    if len({*item["values"]}) < len(item["values"]):
        yield "values", "une valeur est donnée deux fois"
