"""Interfaces of an engine: VLANs, shared and own addresses, zones, DHCP relay, DHCP server.

An engine is read once a run; a physical interface is one document with its VLANs. A task writes it once, with only its
own VLANs changed: what other owners or people have there stays as it was read, in its place, under the ETag of the
interface. Source: the vendor's library 1.0.34 (`smc/core/interfaces.py`), which writes interfaces in the same way.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from piste.engine.converge.errors import Conflict, Fault
from piste.engine.converge.normalise import from_wire
from piste.engine.converge.plan import Item, Operation, Plan
from piste.engine.converge.progress import Progress
from piste.engine.converge.reading import listed, mapped, reading, text
from piste.systems.forcepoint import references
from piste.systems.forcepoint.driver import Gathered
from piste.systems.forcepoint.engine_table import INTERFACES
from piste.systems.forcepoint.engines import EngineDriver, interfaces_of, short
from piste.systems.forcepoint.interface_codec import decode, encode, flags, gateways, network_of, number_of, unread
from piste.systems.forcepoint.route_tree import next_hops, stale

PHYSICAL = "physical_interface"
_OF_PHYSICAL = ("aggregate", "cvi_mode", "mac_address")
_MEMBERS = {"ha": 1, "lb": 7}
"""Interfaces that an aggregate may have besides its own [documented, product guide 7.0]."""

Holder = tuple[str, str]
"""An engine and the number of one of its physical interfaces."""


@dataclass(slots=True)
class GatheredInterfaces(Gathered):
    """Result of a reading of engines.

    `holders`: the document of each physical interface, with its `path` and, once it was read by itself, its `etag`.
    `others`: interfaces of other kinds (tunnels, modems), by engine, with their kind.
    """

    holders: dict[Holder, dict[str, Any]] = field(default_factory=dict)
    others: dict[str, list[str]] = field(default_factory=dict)


class EngineInterfaces(EngineDriver):
    resource = INTERFACES
    rests = (("smc.interfaces", ""), ("smc.dhcp_relay", "relay"))
    states = ("merged", "replaced", "deleted", "gathered")
    last: GatheredInterfaces
    _checked: tuple[tuple[str, ...], GatheredInterfaces] | None = None

    # declaration

    def check(self, desired: Sequence[Item]) -> Sequence[Fault]:
        items = [item for item in desired if "engine" in item and "interface" in item]
        faults = [fault for item in items for fault in self._faults(item)]
        for engine in self.named(items):
            if self.smc.path(engine):
                faults += self._faults_together(engine, [item for item in items if item["engine"] == engine])
        return faults

    def _faults(self, item: Item) -> Iterator[Fault]:
        where = f"config[{self.resource.key_of(item)}]"
        vlan, cluster = "." in item["interface"], item["engine"].startswith("fw_cluster/")
        for name in _OF_PHYSICAL:
            if vlan and item.get(name):
                yield Fault(f"{where}.{name}", "est à l’interface physique, pas à son VLAN")
        for entry in item.get("addresses") or ():
            yield from _address_faults(f"{where}.addresses[{entry.get('network')}]", entry, cluster=cluster)
        aggregate = item.get("aggregate")
        if aggregate and not {"mode", "interfaces"} <= {name for name, value in aggregate.items() if value}:
            yield Fault(f"{where}.aggregate", "un mode et au moins une autre interface")
        elif aggregate and len(aggregate["interfaces"]) > _MEMBERS[aggregate["mode"]]:
            yield Fault(f"{where}.aggregate", f"{_MEMBERS[aggregate['mode']]} autre(s) interface(s) au plus")
        served = item.get("dhcp_server")
        if served and item.get("relay"):
            yield Fault(f"{where}.relay", "une interface relaie ou sert le DHCP, pas les deux")
        if len((served or {}).get("dns") or ()) > 2:
            yield Fault(f"{where}.dhcp_server.dns", "deux serveurs au plus")
        refs = [*(item.get("relay") or ()), *([item["zone"]] if item.get("zone") else ())]
        for ref in self.missing(refs):
            yield Fault(where, f"désigne « {ref} », qui n’existe pas et n’est pas déclaré")

    def _faults_together(self, engine: str, items: Sequence[Item]) -> Iterator[Fault]:
        """Yield the faults that only the engine shows: a lone VLAN, a network of two interfaces."""
        live = self._read_engines([engine], fresh=False)
        kept = {key: item for key, item in live.items.items() if key not in self.request.absent}
        declared = {self.resource.key_of(item): item for item in items}
        physical = {item["interface"] for item in (*kept.values(), *items, *self._planned(engine))}
        networks = {
            key: [entry["network"] for entry in item.get("addresses") or () if "network" in entry]
            for key, item in {**kept, **declared}.items()
        }
        taken = {key: _ports(item) for key, item in {**kept, **declared}.items()}
        for key, item in declared.items():
            parent = item["interface"].partition(".")[0]
            if parent not in physical:
                why = f"{engine} n’a pas d’interface {parent} : déclarez-la aussi, ou corrigez le numéro"
                yield Fault(f"config[{key}].interface", why)
            for member in (item.get("aggregate") or {}).get("interfaces") or ():
                rival = next((other for other in taken if other != key and member in taken[other]), None)
                if rival:
                    yield Fault(f"config[{key}].aggregate", f"l’interface {member} est déjà prise par {rival}")
            for other, theirs in networks.items():
                for mine in networks[key] if other != key else ():
                    if any(_overlap(mine, network) for network in theirs):
                        yield Fault(f"config[{key}].addresses[{mine}]", f"recoupe un réseau de l’interface {other}")

    def _planned(self, engine: str) -> list[Item]:
        planned = self.smc.shared.planned(self.resource.name)
        return [item for item in planned.values() if item.get("engine") == engine]

    # reading

    def read(self, desired: Sequence[Item], *, whole: bool, fresh: bool) -> GatheredInterfaces:
        everything = whole and not desired
        keys = {self.resource.key_of(item) for item in desired}
        result = self._read_engines(self.engines.every() if everything else self.named(desired), fresh=fresh)
        if fresh:
            self._read_holders(result, {(item["engine"], item["interface"].partition(".")[0]) for item in desired})
        if not everything:
            items = {key: item for key, item in result.items.items() if key in keys}
            result = replace(result, items=items, documents={key: result.documents[key] for key in items})
        for key in result.items:
            result.unknown |= self.unknown(_known(result.documents[key]), ())
        if everything:
            result.abroad = self.abroad(ref for item in result.items.values() for ref in _designated(item))
        return result

    def every(self, engine: str) -> list[Item]:
        """List all interfaces of an engine, of any owner."""
        return [*self._read_engines([engine], fresh=False).items.values()]

    def _read_engines(self, engines: Sequence[str], *, fresh: bool) -> GatheredInterfaces:
        """Read the interfaces of engines; what the check of the declaration has read serves again."""
        if not fresh and self._checked and self._checked[0] == tuple(engines):
            return self._checked[1]
        result = GatheredInterfaces()
        for engine in engines:
            document = self.engines.document(engine, fresh=fresh)
            with reading(engine):
                for kind, body in interfaces_of(document) if document else ():
                    if kind != PHYSICAL:
                        result.others.setdefault(engine, []).append(f"{body['interface_id']} ({kind})")
                        continue
                    holder = {**body, "path": references.own_path(body), **self.protection(document or {})}
                    self._enter(result, engine, holder)
        result.items = dict(sorted(result.items.items(), key=lambda pair: _place(pair[1])))
        self._checked = None if fresh else (tuple(engines), result)
        return result

    def _read_holders(self, result: GatheredInterfaces, holders: set[Holder]) -> None:
        """Read by themselves the physical interfaces to write: so their ETags are known."""
        there = sorted(holders & result.holders.keys())
        places = [result.holders[holder]["path"] for holder in there]
        for holder, place, document in zip(there, places, self.smc.documents(places), strict=True):
            if document is None:
                raise Conflict(
                    f"l’interface {holder[1]} de {holder[0]} vient d’être retirée par quelqu’un d’autre",
                    where=self.smc.host,
                    todo="Relancez pour planifier sur l’état actuel.",
                )
            protection = self.protection(result.holders[holder])
            with reading(holder[0]):
                self._enter(result, holder[0], {**document, "path": place, **protection})

    def _enter(self, result: GatheredInterfaces, engine: str, holder: dict[str, Any]) -> None:
        """Note a physical interface and its VLANs."""
        physical = number_of(holder)
        result.holders[engine, physical] = holder
        stems = (physical, f"{physical}.")
        mine = [key for key, item in result.items.items() if item["engine"] == engine and _is_of(item, stems)]
        for key in mine:
            del result.items[key], result.documents[key]
        for document in (holder, *map(mapped, listed(holder.get("vlanInterfaces")))):
            number = number_of(document)
            item = from_wire(self.resource.fields, decode(document, self.smc.name), self.vault, {}, {})
            key = self.resource.key_of({"engine": engine, "interface": number})
            result.items[key] = {"engine": engine, "interface": number, **item}
            result.documents[key] = {**document, **self.protection(holder)}

    # before the first write

    def label(self, key: str, item: Item) -> str:
        return f"{short(item['engine'])} {item['interface']}"

    def refusals(self, operations: Sequence[Operation]) -> list[str]:
        gone = {operation.key for operation in operations if operation.action == "delete"}
        reasons = []
        for operation in operations:
            item = _both(operation)
            holder = self.last.holders.get(_holder(item))
            if operation.key in gone and "." not in item["interface"] and holder:
                left = [
                    str(vlan["interface_id"])
                    for vlan in listed(holder.get("vlanInterfaces"))
                    if self.resource.key_of({**item, "interface": vlan["interface_id"]}) not in gone
                ]
                reasons += [f"« {operation.name} » porte encore {', '.join(left)}"] if left else []
            if operation.action == "create" and holder is None and self._bare(item, operations):
                reasons.append(f"« {operation.name} » : une interface neuve à adresse partagée veut mac_address")
        return reasons

    def _bare(self, item: Item, operations: Sequence[Operation]) -> bool:
        """True for a new physical interface with shared addresses and no MAC address."""
        near = [_both(operation) for operation in operations if _holder(_both(operation)) == _holder(item)]
        shares = any(entry["cluster"] for other in near for entry in other.get("addresses") or ())
        return "." not in item["interface"] and shares and not item.get("mac_address")

    def guards(self, operations: Sequence[Operation]) -> dict[str, str]:
        words: dict[str, str] = {}
        for operation in operations:
            lost, relinked = _lost(operation), _relinked(operation)
            if relinked:
                words[f"aggregate:{operation.name}"] = (
                    "tout ce que porte cette interface passe par le lien qui change : le cœur doit suivre en même temps"
                )
            if not lost and not relinked:
                continue
            roles = flags(self.last.documents[operation.key])
            if roles:
                words[f"management:{operation.name}"] = (
                    f"les nœuds se joignent par cette interface ({', '.join(roles)}) : la changer peut couper le SMC"
                )
            hops = next_hops(self.engines.routing(_both(operation)["engine"]), lost)
            if hops:
                words[f"transit:{operation.name}"] = f"des routes passent par elle : {', '.join(hops)}"
            if self.request.state == "deleted":
                continue  # a closing takes away what nobody is behind any more
            if served := [f"{address} ({network})" for network, address in lost.items() if address]:
                words[f"gateway:{operation.name}"] = f"perd ou change une passerelle : {', '.join(served)}"
        return words

    def announce(self, planned: Plan) -> None:
        for operation in planned.operations:
            self.smc.shared.plan_object(self.resource.name, operation.key, operation.after or {})

    # writing

    def ordered(self, operations: Sequence[Operation]) -> Sequence[Operation]:
        """Group what is written together; a VLAN that goes leaves before the interface that has it."""
        return sorted(operations, key=lambda operation: _place(_both(operation)))

    def apply(self, operations: Sequence[Operation], progress: Progress) -> None:
        groups: dict[Holder, list[Operation]] = {}
        for operation in operations:
            groups.setdefault(_holder(_both(operation)), []).append(operation)
        for (engine, physical), group in groups.items():
            self.engines.forget(engine)
            with self.sending(progress, *group):
                self._write(engine, physical, group)
            for operation in group:
                progress.done(operation)
            self.engines.forget(engine)

    def _write(self, engine: str, physical: str, group: Sequence[Operation]) -> None:
        """Write a physical interface once, with all that changes in it; then clean its routes."""
        live = self.last.holders.get((engine, physical))
        cluster = engine.startswith("fw_cluster/")
        document = {name: value for name, value in (live or {"interface_id": physical}).items() if name not in _OURS}
        vlans = list(map(mapped, listed(document.get("vlanInterfaces"))))
        gone = {_both(operation)["interface"] for operation in group if operation.action == "delete"}
        for operation in group:
            number, before, after = _both(operation)["interface"], operation.before or {}, operation.after
            if after is None:
                vlans = [vlan for vlan in vlans if vlan["interface_id"] != number]
            elif number == physical:
                document = encode(document, before, after, self.smc.address, cluster=cluster)
            else:
                known = next((vlan for vlan in vlans if vlan["interface_id"] == number), None)
                vlan = encode(known or {"interface_id": number}, before, after, self.smc.address, cluster=cluster)
                vlans = [vlan if other is known else other for other in vlans] if known else [*vlans, vlan]
        document["vlanInterfaces"] = vlans
        if live is None:
            path = self.smc.path(engine)
            self.smc.create(f"{path}/{PHYSICAL}", {"interfaces": [], **document})
        elif physical in gone:
            self.smc.delete(live["path"], live["etag"])
        else:
            self.smc.put(live["path"], document, live["etag"])
        if gone:
            self._clean_routes(engine, gone)

    def _clean_routes(self, engine: str, gone: set[str]) -> None:
        """Remove the routes of interfaces that are gone, as the vendor's library does."""
        for path in stale(self.engines.routing(engine, fresh=True), gone):
            node = self.smc.document(path)
            if node is not None:
                self.smc.delete(path, node["etag"])

    def remarks(self) -> list[str]:
        others = [
            f"{engine} : interfaces d’autres genres, laissées telles quelles : {', '.join(names)}"
            for engine, names in self.last.others.items()
        ]
        return [*super().remarks(), *others] if self.request.state == "gathered" else super().remarks()


_OURS = ("path", "etag", "system", "read_only", "locked")
"""Keys that a holder has besides its document."""


def _address_faults(where: str, entry: Item, *, cluster: bool) -> Iterator[Fault]:
    addresses = [*([entry["cluster"]] if entry.get("cluster") else ()), *(entry.get("nodes") or {}).values()]
    if not addresses:
        yield Fault(where, "aucune adresse : cluster, ou nodes")
    if entry.get("cluster") and not cluster:
        yield Fault(f"{where}.cluster", "un pare-feu seul n’a pas d’adresse partagée : mettez-la dans nodes")
    for address in addresses:
        if "network" in entry and ipaddress.ip_address(address) not in ipaddress.ip_network(entry["network"]):
            yield Fault(where, f"{address} est hors de {entry['network']}")
    twice = sorted({address for address in addresses if addresses.count(address) > 1})
    if twice:
        yield Fault(where, f"{', '.join(twice)} : deux fois la même adresse")
    for node in entry.get("nodes") or {}:
        if not node.isdecimal() or not 1 <= int(node) <= (16 if cluster else 1):
            yield Fault(f"{where}.nodes[{node}]", "un numéro de nœud est attendu" + ("" if cluster else " : 1"))


def _overlap(left: str, right: str) -> bool:
    first, second = network_of(left), network_of(right)
    return first.version == second.version and first.overlaps(second)


def _lost(operation: Operation) -> dict[str, str]:
    """Networks whose gateway a change takes away or moves, with that gateway."""
    before, after = gateways(operation.before or {}), gateways(operation.after or {})
    if operation.after is not None and "addresses" not in operation.after:
        return {}
    return {network: address for network, address in before.items() if after.get(network) != address}


def _ports(item: Item) -> set[str]:
    """Physical interfaces that an interface occupies; none for a VLAN."""
    others = (item.get("aggregate") or {}).get("interfaces") or ()
    return set() if "." in item["interface"] else {item["interface"], *others}


def _relinked(operation: Operation) -> bool:
    """True where a live interface would be made up of other ports, or in another way."""
    before, after = operation.before, operation.after
    return bool(before and after and "aggregate" in after and after["aggregate"] != before.get("aggregate"))


def _designated(item: Item) -> list[str]:
    return [*item.get("relay", ()), *([item["zone"]] if item.get("zone") else ())]


def _known(document: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes of an interface that the table does not say, as `unknown` takes them."""
    return dict.fromkeys(unread({name: value for name, value in document.items() if name not in _OURS}), True)


def _both(operation: Operation) -> Item:
    return {**(operation.before or {}), **(operation.after or {})}


def _holder(item: Item) -> Holder:
    return item["engine"], item["interface"].partition(".")[0]


def _is_of(item: Item, stems: tuple[str, str]) -> bool:
    return bool(item["interface"] == stems[0] or item["interface"].startswith(stems[1]))


def _place(item: Item) -> tuple[str, list[int]]:
    """Rank of an interface: by engine, then by number."""
    numbers = text(item["interface"]).split(".")
    return item["engine"], [int(part) if part.isdecimal() else -1 for part in numbers]
