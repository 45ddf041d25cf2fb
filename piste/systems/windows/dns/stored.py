"""The zones and names that the directory keeps, as read.

Sources: MS-DNSP 2.3.1 (partitions and containers), 2.3.1.1 (zones), 2.3.1.2 (names).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from piste.engine.converge.errors import Unreachable
from piste.systems.windows import dn as dns
from piste.systems.windows.directory import Directory
from piste.systems.windows.dns import record
from piste.systems.windows.dns.properties import Properties
from piste.systems.windows.dns.record import Record
from piste.systems.windows.entry import Entry
from piste.systems.windows.names import CHUNK
from piste.systems.windows.searches import ZONES

APEX = "@"
NODE_ATTRIBUTES = ("dnsRecord", "dNSTombstoned")
_CONSOLE = "Corrigez-le dans la console DNS."
_RIGHT = "Donnez au compte de Piste le droit de lire les noms des zones."


class Node:
    """A name of a zone, with its records."""

    def __init__(self, entry: Entry) -> None:
        self.dn = entry.dn
        self.name = dns.first(entry.dn)[0].lower()
        self.raw = entry.raw("dnsRecord")
        self.marks = entry.raw("dNSTombstoned")
        self.removed = self.marks == [b"TRUE"]
        """True for the remains of a name that somebody has removed."""

    @classmethod
    def written(cls, dn: str, values: Sequence[bytes], marks: Sequence[bytes] = ()) -> Node:
        """Return a name as it has just been written."""
        return cls(Entry(dn, {"dnsRecord": values, "dNSTombstoned": marks}))

    @cached_property
    def records(self) -> list[Record]:
        """The records of a name that is in use.

        Raises `Unreachable` for bytes that are no record, and where none shows: a server marks a name that it empties.
        """
        if self.removed:
            return []
        if not self.raw:
            raise Unreachable("dnsRecord ne se montre pas à ce compte", where=self.dn, todo=_RIGHT)
        try:
            return [record.read(raw) for raw in self.raw]
        except ValueError as error:
            raise Unreachable("dnsRecord est illisible", where=self.dn, why=str(error), todo=_CONSOLE) from error

    def of_kind(self, kind: str) -> list[Record]:
        return [entry for entry in self.records if entry.kind == kind]


@dataclass
class Zone:
    """A zone, with its names."""

    name: str
    dn: str
    entry: Entry
    nodes: dict[str, Node] = field(default_factory=dict)

    @cached_property
    def properties(self) -> Properties:
        """The settings of the zone. Raises `Unreachable`."""
        try:
            return Properties(self.entry.raw("dNSProperty"))
        except ValueError as error:
            raise Unreachable("dNSProperty est illisible", where=self.dn, why=str(error), todo=_CONSOLE) from error

    @property
    def serial(self) -> int:
        """The serial number of the zone; 0 for a zone that is not whole yet, without apex.

        Raises `Unreachable` for an apex without SOA: its records do not show.
        """
        apex = self.nodes.get(APEX)
        if apex is None:
            return 0
        for entry in apex.records:
            if entry.type == record.SOA:
                return record.zone_serial(entry)
        raise Unreachable("les enregistrements ne se montrent pas à ce compte", where=self.dn, todo=_RIGHT)

    @property
    def hosts(self) -> set[str]:
        """The names of the zone that its own servers have, from the NS records of its apex."""
        apex = self.nodes.get(APEX)
        servers = [entry.value for entry in (apex.records if apex else ()) if entry.type == record.NS]
        return {server.removesuffix(f".{self.name}") for server in servers}


def zones(directory: Directory, *, fresh: bool = False) -> list[Zone]:
    """Return the zones of the domain and of its forest, with their names: three searches a run.

    Those of DNS itself (root hints, trust anchors, zones that are being deleted) are left out.
    """
    by_dn: dict[str, Zone] = {}
    nodes: list[tuple[str, Node]] = []
    for search in ZONES:
        for entry in directory.find(search, fresh=fresh):
            name, above = dns.first(entry.dn)
            if dns.first(above)[0].lower() != "microsoftdns":
                nodes.append((above, Node(entry)))
            elif _of_a_domain(name):
                by_dn[dns.normal(entry.dn)] = Zone(name.lower(), entry.dn, entry)
    for above, node in nodes:
        if zone := by_dn.get(dns.normal(above)):
            zone.nodes[node.name] = node
    return list(by_dn.values())


def _of_a_domain(name: str) -> bool:
    return name.lower() != "rootdnsservers" and not name.startswith("..")


def named(directory: Directory, zone: str, names: Iterable[str]) -> Mapping[str, Node]:
    """Read some names of a zone again, from the controller. `zone` is a DN."""
    todo = sorted(names)
    nodes = {}
    for at in range(0, len(todo), CHUNK):
        terms = "".join(f"(name={dns.literal(name)})" for name in todo[at : at + CHUNK])
        for entry in directory.search(zone, f"(&(objectClass=dnsNode)(|{terms}))", NODE_ATTRIBUTES, "one"):
            node = Node(entry)
            nodes[node.name] = node
    return nodes
