"""Orphans of the DNS: zones, and static records of declared zones, that no owner declares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from piste.engine.converge.orphan import WHY, Orphan
from piste.systems.windows.connection import Connection
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
