"""Static records of the zones that DNS servers keep in the directory.

A record is an entry (zone, name, type) with all its values. Only what differs is written, value by value: the values
that were read are deleted and the new values added in one request, so that the controller refuses the write where
somebody else has changed the name meanwhile. The last record of a name leaves a tombstone, as DNS servers do: they
follow the names of the directory and would keep a name that simply disappears.

Sources: MS-DNSP 2.3.1.2 (`dnsNode`, `dNSTombstoned`), 2.3.2.2 (`dnsRecord`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Self

from piste.engine.converge.errors import Fault, PisteError
from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.progress import Progress
from piste.engine.converge.request import Request
from piste.engine.words import agreed
from piste.systems.windows import dn as dns
from piste.systems.windows.connection import Connection
from piste.systems.windows.dns import record, stored
from piste.systems.windows.dns.properties import PRIMARY, ZONE_TYPE
from piste.systems.windows.dns.record import Record
from piste.systems.windows.dns.record_table import DNS_RECORDS, TTL, canonical_item, faults_of
from piste.systems.windows.dns.stored import APEX, Node, Zone
from piste.systems.windows.dns.zones import of_people
from piste.systems.windows.driver import DirectoryDriver, sorted_items, twice
from piste.systems.windows.gpo.acl import parse
from piste.systems.windows.searches import DESCRIPTOR, OWNER

_CNAME = "CNAME"


class DnsRecords(DirectoryDriver):
    """The static records of the domain's zones. The caller opens and closes the directory."""

    resource = DNS_RECORDS
    options = ()
    states = ("merged", "replaced", "deleted", "gathered")

    def __init__(self, *place: Any, **options: Any) -> None:
        super().__init__(*place, **options)
        self.zones: dict[str, Zone] = {}
        """The zones by name, with the names as last read."""
        self.twice: dict[str, list[str]] = {}
        """The places of zones that are there more than once."""
        self.serials: dict[str, int] = {}
        """The serial numbers of the zones of the task, as last read."""
        self.desired: Mapping[str, Item] = {}
        self.unread: list[str] = []
        """The names that do not read."""
        self.checks = False
        self.conflicts: list[str] = []
        """What a run would refuse, and a check only names: a conflict must not hide the rest of a comparison."""
        self._owners: dict[str, str] = {}

    @classmethod
    def of(cls, connection: Connection, request: Request, params: Mapping[str, Any]) -> Self:
        driver = super().of(connection, request, params)
        driver.checks = request.check
        return driver

    def asked(self, config: Iterable[Any]) -> list[Any]:
        return [canonical_item(item) for item in config]

    # reading

    def gather(self, desired: Sequence[Item], *, whole: bool, fresh: bool) -> dict[str, Item]:
        self.desired = {self.resource.key_of(item): item for item in desired}
        self._read([(item["zone"], item["name"]) for item in desired], fresh=fresh)
        self.unread = []
        items: dict[str, Item] = {}
        if desired:
            named = self.zones.keys() & {item["zone"] for item in desired}
            self.serials = {name: self.zones[name].serial for name in named}
            for key, item in self.desired.items():
                if (node := self._node(key)) and (live := self._live(node, item["zone"], item["type"], item)):
                    items[key] = live
            return sorted_items(items)
        for zone in self.zones.values():
            for item in static(self.directory.name, zone, self.unread):
                items[self.resource.key_of(item)] = item
        return sorted_items(items)

    def _read(self, names: Sequence[tuple[str, str]], *, fresh: bool) -> None:
        """Read all zones; a second look reads the names that it needs, and only these."""
        if fresh and self.zones and names:
            for name, zone in self.zones.items():
                if wanted := {node for of, node in names if of == name}:
                    apex = {APEX: zone.nodes[APEX]} if APEX in zone.nodes else {}
                    zone.nodes = {**apex, **stored.named(self.directory, zone.dn, wanted)}
            return
        self.zones, self.twice = {}, {}
        for zone in stored.zones(self.directory, fresh=fresh):
            if zone.name in self.zones:
                self.twice.setdefault(zone.name, [self.zones[zone.name].dn]).append(zone.dn)
            self.zones.setdefault(zone.name, zone)
        for name, _ in names:
            if name in self.twice:
                raise twice("dns_zone", name, self.twice[name])

    def _node(self, key: str) -> Node | None:
        zone, name, _ = key.split("/")
        return self.zones[zone].nodes.get(name) if zone in self.zones else None

    def _live(self, node: Node, zone: str, kind: str, desired: Item) -> Item | None:
        records = node.of_kind(kind)
        if "values" not in desired:  # a removal leaves dynamic records to their owner
            records = [entry for entry in records if not entry.dynamic]
        return as_item(zone, node.name, kind, records, desired) if records else None

    # before the first write

    def check(self, desired: Sequence[Item]) -> list[Fault]:
        items = [item for item in desired if all(part in item for part in self.resource.key)]
        kinds: dict[tuple[str, str], list[str]] = {}
        for item in items:
            kinds.setdefault((item["zone"], item["name"]), []).append(item["type"])
        if items:
            self._read([(item["zone"], item["name"]) for item in items], fresh=False)
        faults = []
        for item in items:
            faults += [self.fault(item, field, why) for field, why in faults_of(item)]
            others = kinds[item["zone"], item["name"]]
            if item["type"] == _CNAME and len(others) > 1:
                faults.append(self.fault(item, "type", "un alias est seul sous son nom (RFC 1034, 3.6.2)"))
            zone = self.zones.get(item["zone"])
            if zone is not None and zone.properties.number(ZONE_TYPE) != PRIMARY:
                faults.append(self.fault(item, "zone", "ce n’est pas une zone principale de ce domaine"))
        return faults

    def lacks(self, item: Item) -> str:
        """Say where a record waits for its zone, which is the town's."""
        if item["zone"] in self.zones or item["zone"] in self.directory.shared.planned("dns_zone"):
            return ""
        return f"attend la zone « {item['zone']} », que la ville (-l commune) fait d’abord"

    def refusals(self, operations: Sequence[Operation]) -> list[str]:
        conflicts = self._conflicts(operations)
        self.conflicts, refusals = (conflicts, []) if self.checks else ([], conflicts)
        for operation in operations:
            after = operation.after or {}
            if operation.action == "create":
                if not after.get("values"):
                    refusals.append(f"« {operation.key} » n’existe pas, et ses valeurs (values) ne sont pas données")
                if others := self._excluded(operation):
                    refusals.append(f"« {operation.key} » : ce nom a déjà {others}, et un alias est seul sous son nom")
        return refusals

    def _excluded(self, operation: Operation) -> str:
        """Name the types that a name has and that its new type excludes."""
        node = self._node(operation.key)
        kind = operation.key.rpartition("/")[2]
        types = Counter(entry.kind or str(entry.type) for entry in (node.records if node else ()))
        others = types.keys() - {kind} if kind == _CNAME else types.keys() & {_CNAME}
        return ", ".join(sorted(others))

    def _conflicts(self, operations: Sequence[Operation]) -> list[str]:
        """List the dynamic records that an operation would take away: they are never touched."""
        conflicts = []
        for operation in operations:
            node, kept = self._node(operation.key), (operation.after or {}).get("values", ())
            kind = operation.key.rpartition("/")[2]
            for entry in node.of_kind(kind) if node and operation.before else ():
                if entry.dynamic and entry.value not in kept:
                    conflicts.append(
                        f"« {operation.key} » : {self._owner(node)} y a inscrit {entry.value} "
                        "(enregistrement dynamique, auquel Piste ne touche pas) : corrigez la déclaration, ou "
                        "supprimez-le dans la console DNS"
                    )
        return conflicts

    def guards(self, operations: Sequence[Operation]) -> dict[str, str]:
        reasons = {}
        for operation in operations:
            node = self._node(operation.key)
            before, after = operation.before or {}, operation.after or {}
            if node is None or before.get("values", ()) in ((), after.get("values")):
                continue  # another TTL takes nothing from anybody
            if self._descriptor(node) not in self._accounts:
                values = ", ".join(before["values"])
                reasons[f"taken:{operation.key}"] = f"{self._owner(node)} y a inscrit {values}"
        return reasons

    @cached_property
    def _accounts(self) -> set[str]:
        """The SIDs of Piste's account and of its groups (MS-ADTS 3.1.1.3.2, `tokenGroups`)."""
        root = self.directory.read("", ("tokenGroups",))
        return set(map(dns.sid_text, root.raw("tokenGroups"))) if root else set()

    def _owner(self, node: Node | None) -> str:
        sid = self._descriptor(node) if node else ""
        return self.names.name(sid) if sid else "quelqu’un"

    def _descriptor(self, node: Node) -> str:
        """Return the SID of the owner of a name, empty where it does not show."""
        if node.dn not in self._owners:
            entry = self.directory.read(node.dn, (), descriptor=OWNER)
            self._owners[node.dn] = entry.read(DESCRIPTOR, parse).owner if entry else ""
        return self._owners[node.dn]

    def remarks(self) -> list[str]:
        return [*self.conflicts, *self._shadowed(), *(f"{dn} est illisible, laissé" for dn in self.unread)]

    def _shadowed(self) -> Iterator[str]:
        """Name the zones that answer instead, being closer to the names of declared records."""
        closer: Counter[tuple[str, str]] = Counter()
        for item in self.desired.values():
            parts = [*(item["name"].split(".") if item["name"] != APEX else ()), *item["zone"].split(".")]
            names = (".".join(parts[at:]) for at in range(len(parts)))
            answers = next((name for name in names if name in self.zones), item["zone"])
            closer[item["zone"], answers] += answers != item["zone"]
        for (zone, answers), number in closer.items():
            if number:
                what = agreed(number, "enregistrement(s) déclaré(s)")
                yield f"{what} dans « {zone} » sans effet : la zone « {answers} », plus précise, répond à sa place"

    # writing

    def apply(self, operations: Sequence[Operation], progress: Progress) -> None:
        for operation in operations:
            zone, name, kind = operation.key.split("/")
            with self.sending(progress, operation):
                self._write(self.zones[zone], name, kind, operation.after)
            progress.done(operation)

    def _write(self, zone: Zone, name: str, kind: str, after: Item | None) -> None:
        """Write the records of a type; None removes its static records."""
        node = zone.nodes.get(name)
        before, records = (node.raw, node.records) if node else ([], [])
        live = [entry for entry in records if entry.kind == kind]
        values = (after or {}).get("values", [entry.value for entry in live] if after else [])
        ttl = (after or {}).get("ttl", live[0].ttl if live else TTL)
        stays = {entry.value for entry in live if entry.dynamic or entry.ttl == ttl} & {*values}
        kept = [entry.raw for entry in records if entry.kind != kind or entry.dynamic or entry.value in stays]
        serial = self.serials[zone.name] + 1
        new = [record.write(record.TYPES[kind], value, ttl, serial) for value in values if value not in stays]
        if node is None:
            dn = dns.child(name, zone.dn, "DC")
            self.directory.add(dn, ["top", "dnsNode"], {"dnsRecord": new})
            zone.nodes[name] = Node.written(dn, new)
            return
        content, marks = [*kept, *new], node.marks
        if node.removed or not content:
            marks = [b"FALSE" if content else b"TRUE"]
        content = content or [record.tombstone(datetime.now(UTC), serial)]
        self.directory.modify(node.dn, {"dnsRecord": (before, content), "dNSTombstoned": (node.marks, marks)})
        zone.nodes[name] = Node.written(node.dn, content, marks)


def as_item(zone: str, name: str, kind: str, records: Sequence[Record], desired: Item | None = None) -> Item:
    """Return the item of the records of a type; of several TTLs, another than the declared."""
    wanted = (desired or {}).get("ttl")
    ttls = sorted({entry.ttl for entry in records if not entry.dynamic})
    others = [ttl for ttl in ttls if ttl != wanted]
    ttl = (others or ttls or [wanted if wanted is not None else records[0].ttl])[0]
    values = sorted({entry.value for entry in records})
    return {"zone": zone, "name": name, "type": kind, "values": values, "ttl": ttl}


def static(domain: str, zone: Zone, unread: list[str]) -> list[Item]:
    """List the static records of a zone that people have made.

    The names of the domain itself, of its controllers and of its partitions are left out; names that do not read go to
    `unread`.
    """
    items: list[Item] = []
    if "/" in zone.name or not of_people(zone) or not zone.serial:
        return items
    own = {APEX, *zone.hosts} if zone.name != domain else {APEX, *zone.hosts, "domaindnszones", "forestdnszones"}
    for node in zone.nodes.values():
        if "/" in node.name or node.name.split(".")[-1] == "_msdcs":
            continue
        try:
            records = [entry for entry in node.records if entry.kind and not entry.dynamic]
        except PisteError:
            unread.append(node.dn)
            continue
        for kind in record.TYPES:
            of_kind = [entry for entry in records if entry.kind == kind]
            if of_kind and not (node.name in own and kind in ("A", "AAAA")):
                items.append(as_item(zone.name, node.name, kind, of_kind))
    return items
