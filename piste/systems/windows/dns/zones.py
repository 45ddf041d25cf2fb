"""Zones that DNS servers keep in the directory; a missing zone is made, none is removed.

A new zone is written as a controller writes it: its settings, then the SOA and the NS records of its apex. The servers
find it as they find a zone that another controller has made.

Sources: MS-DNSP 2.3.1.1 (`dnsZone`), 2.3.2.1 (`dNSProperty`), 2.3.1.2 (the apex, `@`).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from piste.engine.converge.errors import Fault
from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.progress import Progress
from piste.engine.converge.resource import Field, Resource
from piste.systems.windows import dn as dns
from piste.systems.windows.dns import properties, record, stored
from piste.systems.windows.dns.stored import APEX, Zone
from piste.systems.windows.driver import DirectoryDriver, sorted_items, twice
from piste.systems.windows.gpo.acl import (
    ALLOW,
    ALLOW_OBJECT,
    AUTHENTICATED_USERS,
    CONTAINER_INHERIT,
    Ace,
    Descriptor,
    build,
    parse,
)
from piste.systems.windows.protection import EVERYONE
from piste.systems.windows.searches import DACL, DESCRIPTOR, ZONES

NODE = uuid.UUID("e0fa1e8c-9b45-11d0-afdd-00c04fd930c9")
"""The class `dnsNode`."""
CREATE_CHILD = 0x1
_FULL, _READ, _LIST_OBJECT = 0xF01FF, 0x20094, 0x80
_SYSTEM, _CONTROLLERS = "S-1-5-18", "S-1-5-9"
_TTL = 3600
_DEFECTS = "defects"
_NO_APEX = "sans SOA"


def account_name(text: str) -> str:
    """Return the name of an account without its domain: `LEBOURGET\\svc-dhcp` is `svc-dhcp`."""
    return text.rpartition("\\")[2].partition("@")[0]


DNS_ZONES = Resource(
    system="dns",
    name="dns_zone",
    doc="Zone DNS",
    repairs=_DEFECTS,
    fields=(
        Field(
            "name",
            "Name of the zone, C(ad.lebourget.example), C(93.10.in-addr.arpa); its identity.",
            required=True,
            normalise=record.full_name,
        ),
        Field(
            "updates",
            "Dynamic updates that a new zone accepts: of C(none), of accounts of the domain (C(secure)), of C(any). "
            "An existing zone keeps its own.",
            choices=tuple(properties.UPDATES),
            default="secure",
            create_only=True,
        ),
        Field(
            "creators",
            "Accounts that may create names in a new zone, besides the computers of the domain: that of the dynamic "
            "updates of the DHCP servers, C(DOMAIN\\\\name) or C(name). An existing zone keeps its own.",
            type="list",
            default=[],
            unordered=True,
            create_only=True,
            normalise=account_name,
        ),
    ),
)


class DnsZones(DirectoryDriver):
    """The zones of the domain. The caller opens and closes the directory."""

    resource = DNS_ZONES
    options = ()
    states = ("merged", "replaced", "gathered")

    def __init__(self, *place: Any, **options: Any) -> None:
        super().__init__(*place, **options)
        self.zones: list[Zone] = []
        """All zones, as last read."""

    def gather(self, desired: Sequence[Item], *, whole: bool, fresh: bool) -> dict[str, Item]:
        asked = {item["name"] for item in desired}
        said = {item["name"] for item in desired if "creators" in item}
        self.zones = stored.zones(self.directory, fresh=fresh)
        items: dict[str, Item] = {}
        self.raw = {}
        for zone in self.zones:
            if zone.name not in asked if asked else not of_people(zone):
                continue
            if zone.name in items:
                raise twice(self.resource.name, zone.name, [self.raw[zone.name].dn, zone.dn])
            self.raw[zone.name] = zone.entry
            items[zone.name] = {"name": zone.name, "updates": zone.properties.updates}
            if zone.name in asked and not zone.serial:
                items[zone.name][_DEFECTS] = [_NO_APEX]
            if self.everything and zone.name not in said:
                items[zone.name] |= self._creators(zone)
        return sorted_items(items)

    def _creators(self, zone: Zone) -> Item:
        """Name the accounts that were given the right to create names in a zone, and nothing else."""
        entry = self.directory.read(zone.dn, (), descriptor=DACL)
        if entry is None or not entry.raw(DESCRIPTOR):
            return {}
        usual = {f"{self.directory.sid}-515", *anybody(self.directory.sid)}
        sids = {ace.sid for ace in entry.read(DESCRIPTOR, parse).dacl if ace.sid and ace == _creator(ace.sid)} - usual
        return {"creators": sorted(map(self.names.name, sids))}

    # before the first write

    def lacks(self, item: Item) -> str:
        """Name the creators that the directory does not know, of a zone that is to be made."""
        if item["name"] in self.raw:
            return ""
        unknown = [name for name in item.get("creators", ()) if self.names.known(name) is None]
        return f"attend que l’annuaire connaisse {', '.join(unknown)}, qui doit y inscrire des noms" if unknown else ""

    def check(self, desired: Sequence[Item]) -> list[Fault]:
        return [
            self.fault(item, "name", "les noms des contrôleurs sont au domaine, qui les écrit lui-même")
            for item in desired
            if item.get("name", "").split(".")[0] == "_msdcs"
        ]

    def refusals(self, operations: Sequence[Operation]) -> list[str]:
        kinds = {zone.name: zone.properties.number(properties.ZONE_TYPE) for zone in self.zones}
        reasons = []
        for operation in operations:
            if operation.action == "delete":
                reasons.append(f"« {operation.key} » : une zone ne se supprime que dans la console DNS")
            elif kinds.get(operation.key, properties.PRIMARY) != properties.PRIMARY:
                reasons.append(f"« {operation.key} » n’est pas une zone principale : elle renvoie à d’autres serveurs")
        return reasons

    # writing

    def apply(self, operations: Sequence[Operation], progress: Progress) -> None:
        for operation in operations:
            with self.sending(progress, operation):
                dn = dns.child(operation.key, f"{ZONES[0].place},{self.directory.base}", "DC")
                if operation.action == "create":
                    after = operation.after or {}
                    rights = self._rights(after.get("creators", ()))
                    content = {"dNSProperty": properties.new(after.get("updates", "secure")), DESCRIPTOR: [rights]}
                    self.directory.add(dn, ["top", "dnsZone"], content)
                else:
                    dn = self.raw[operation.key].dn
                self._begin(dn)
            progress.done(operation)

    def _rights(self, accounts: Iterable[str]) -> bytes:
        """Return the rights of a new zone.

        They are those of its class, but that computers and the given accounts, not all accounts, create names.
        """
        creators = [f"{self.directory.sid}-515", *(self.names.sid(name) for name in accounts)]
        own = (Ace(ALLOW, 0, _FULL, sid) for sid in (f"{self.directory.sid}-512", _SYSTEM))
        controllers = Ace(ALLOW, CONTAINER_INHERIT, _FULL & ~_LIST_OBJECT, _CONTROLLERS)
        return build(Descriptor(0, (*map(_creator, creators), *own, controllers, Ace(ALLOW, 0, _READ, EVERYONE))))

    def _begin(self, zone: str) -> None:
        """Write the apex of a new zone: its SOA, and the servers of the domain's own zone."""
        controller = self.directory.controller
        of_domain = next((known.nodes.get(APEX) for known in self.zones if known.name == self.directory.name), None)
        servers = {entry.value for entry in (of_domain.records if of_domain else ()) if entry.type == record.NS}
        start = record.start_of_authority(controller, f"hostmaster.{self.directory.name}", 1, _TTL)
        names = [record.write(record.NS, server, _TTL, 1) for server in sorted(servers or {controller})]
        self.directory.add(dns.child(APEX, zone, "DC"), ["top", "dnsNode"], {"dnsRecord": [start, *names]})


def _creator(sid: str) -> Ace:
    """Return the right to create names in a zone."""
    return Ace(ALLOW_OBJECT, 0, CREATE_CHILD, sid, NODE)


def anybody(domain: str) -> set[str]:
    """Return the SIDs of the groups that any account of a domain is in."""
    return {"S-1-1-0", AUTHENTICATED_USERS, "S-1-5-32-545", "S-1-5-32-554", f"{domain}-513"}


def of_people(zone: Zone) -> bool:
    """Return True for a zone that people fill: a primary zone, but not that of the controllers."""
    return not zone.name.startswith("_msdcs") and zone.properties.number(properties.ZONE_TYPE) == properties.PRIMARY


def settings(zone: Zone) -> Mapping[str, int]:
    """Return the aging of a zone: `aging` (0 or 1), `no_refresh` and `refresh` in hours."""
    numbers = {"aging": properties.AGING, "no_refresh": properties.NO_REFRESH, "refresh": properties.REFRESH}
    return {name: zone.properties.number(id_) for name, id_ in numbers.items()}
