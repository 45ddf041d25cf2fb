"""Orphans of the zones of the town: static records that no owner declares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from piste.converge.module import Module
from piste.converge.orphan import WHY, Orphan
from piste.converge.orphans import module
from piste.converge.resource import Field
from piste.windows.connection import ACTIVE_DIRECTORY, Connection
from piste.windows.dns import stored
from piste.windows.dns.record_table import DNS_RECORDS
from piste.windows.dns.records import static


def undeclared(connection: Connection, declared: Mapping[str, Iterable[str]]) -> Iterator[Orphan]:
    """Yield the orphans, `{kind, key, why}`, of the declared `zones`; `records` are keys."""
    zones, records = set(declared["zones"]), set(declared["records"])
    unread: list[str] = []
    for zone in stored.zones(connection.directory):
        if zone.name in zones:
            for item in static(connection.directory.name, zone, unread):
                key = DNS_RECORDS.key_of(item)
                if key not in records:
                    yield {"kind": DNS_RECORDS.name, "key": key, "why": f"{WHY} : {', '.join(item['values'])}"}
    yield from ({"kind": DNS_RECORDS.name, "key": dn, "why": "dnsRecord est illisible"} for dn in unread)


MODULES: Mapping[str, Module] = {
    "dns_orphans": module(
        "dns_orphans",
        ACTIVE_DIRECTORY,
        (
            Field("zones", "Names of the declared zones.", type="list", required=True),
            Field("records", "All the declared records, as C(zone/name/type).", type="list", required=True),
        ),
        undeclared,
    )
}
