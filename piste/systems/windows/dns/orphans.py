"""Orphans of the DNS: zones, and static records of declared zones, that no owner declares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from piste.engine.converge.module import Module
from piste.engine.converge.orphan import WHY, Orphan
from piste.engine.converge.orphans import module
from piste.engine.converge.resource import Field
from piste.systems.windows.connection import ACTIVE_DIRECTORY, Connection
from piste.systems.windows.dns import stored
from piste.systems.windows.dns.record_table import DNS_RECORDS
from piste.systems.windows.dns.records import static
from piste.systems.windows.dns.zones import DNS_ZONES, of_people


def undeclared(connection: Connection, declared: Mapping[str, Iterable[str]]) -> Iterator[Orphan]:
    """Yield the orphans, `{kind, key, why}`: zones, and records of the declared zones.

    `declared` has the names of `zones` and the keys of `records`; `pointed`, as `key address`, are the names to which a
    declared reverse name points: a controller registers its own, and it is no orphan while it has that address.
    """
    zones, records, pointed = (set(declared.get(name, ())) for name in ("zones", "records", "pointed"))
    unread: list[str] = []
    for zone in stored.zones(connection.directory):
        if zone.name not in zones:
            if of_people(zone):
                yield {"kind": DNS_ZONES.name, "key": zone.name, "why": WHY}
            continue
        for item in static(connection.directory.name, zone, unread):
            key = DNS_RECORDS.key_of(item)
            if key not in records and {f"{key} {value}" for value in item["values"]} - pointed:
                yield {"kind": DNS_RECORDS.name, "key": key, "why": f"{WHY} : {', '.join(item['values'])}"}
    yield from ({"kind": DNS_RECORDS.name, "key": dn, "why": "dnsRecord est illisible"} for dn in unread)


MODULES: Mapping[str, Module] = {
    "dns_orphans": module(
        "dns_orphans",
        ACTIVE_DIRECTORY,
        (
            Field("zones", "Names of the declared zones.", type="list", required=True),
            Field("records", "All the declared records, as C(zone/name/type).", type="list", required=True),
            Field(
                "pointed",
                "Names to which a declared reverse name points, as C(zone/name/A address): machines register them.",
                type="list",
                default=[],
            ),
        ),
        undeclared,
    )
}
