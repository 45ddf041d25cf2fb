"""The two sides of a plan: each kind of object as it was read before, and as it will be.

The declaration with every operation taken back is what was there; with the operations that are to do, what will be.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from piste.engine.converge.allowed import is_waiting
from piste.engine.converge.as_found import lay_over
from piste.engine.converge.secrets import as_references
from piste.runs.plans.projected import projected
from piste.sites.flows import Rules
from piste.systems.kinds import BY_MODULE
from piste.town.derived import compute
from piste.town.model.flows.ends import IN_SERVICE
from piste.town.model.routing.trace import DEFAULT, Face, Leads, Router, router

if TYPE_CHECKING:
    from piste.engine.converge.resource import Resource
    from piste.engine.kind import Kind
    from piste.town.model.derived import Derived

Item = Mapping[str, Any]
Place = tuple[str, str]
"""The owner of an object, empty where its key suffices, and its key."""
Objects = dict[Place, Item]
Side = Literal["before", "after", "declared"]
_OF_ITS_SITE = frozenset({"ssid", "access_policy", "port_schedule", "rf_profile", "switch_stack"})
"""Kinds whose keys are those of a single site."""


class Sides:
    """The objects of a town on both sides of the operations of a plan."""

    def __init__(self, town: Derived, operations: Sequence[Item], staying: Collection[int] = ()) -> None:
        self.town, self.operations = town, operations
        self.staying = staying
        """VLANs whose gateway is where the declaration has it no more, on both sides."""
        self._known: dict[tuple[str, Side], Objects] = {}
        self._declared: dict[str, dict[str, list[Item]]] = {}
        self._intents: dict[Place, Mapping[str, Any]] = {}
        self._rules: dict[Side, Rules] = {}
        self.pictures: dict[Side, Any] = {}
        """What was computed of who reaches what on each side."""

    def granted(self, operations: Sequence[Item]) -> Sides:
        """Give the sides of the same operations when more are to do; the rest is shared."""
        other = Sides(self.town, operations, self.staying)
        other._declared, other._intents = self._declared, self._intents
        other._rules = {side: rules for side, rules in self._rules.items() if side != "after"}
        other.pictures = {side: picture for side, picture in self.pictures.items() if side != "after"}
        return other

    def objects(self, module: str, side: Side) -> Objects:
        """Give the objects of a kind on a side, by place."""
        if (module, side) not in self._known:
            for known, objects in self._sides(module).items():
                self._known[module, known] = _placed(BY_MODULE[module], objects)
        return self._known[module, side]

    def _sides(self, module: str) -> Mapping[Side, Mapping[str, Sequence[Item]]]:
        """Give a kind on each side, with what its containers take along."""
        name = BY_MODULE[module].table.name
        around = [BY_MODULE[kind] for kind in (module, *BY_MODULE[module].within)]
        names = {kind.table.name for kind in around}
        mine = [operation for operation in self.operations if operation["kind"] in names]
        declared: dict[str, Mapping[str, Sequence[Item]]] = {kind.table.name: self._of(kind) for kind in around}
        if not mine:
            return dict.fromkeys(("declared", "before", "after"), declared[name])
        mine = [*_by_declarer(around, declared, mine)]
        to_do = [operation for operation in mine if not is_waiting(operation)]
        whole = {kind.table.name: _with_others(kind, self._of(kind), mine) for kind in around}
        before = projected(whole, mine, back=True).holdings
        after = projected(before, to_do).holdings
        left = _with_others(BY_MODULE[module], after[name], to_do)
        return {"declared": declared[name], "before": before[name], "after": left}

    def _of(self, kind: Kind) -> dict[str, list[Item]]:
        """Give the objects of a kind as declared or kept as found, by owner in service."""
        if kind.module not in self._declared:
            self._declared[kind.module] = {
                name: lay_over(
                    kind.table, self._declared_of(kind, name), (), owner["as_found"].get(kind.system) or {}
                )[0]
                for name, owner in self.town.owners.items()
                if owner["lifecycle"] in IN_SERVICE and (kind.domain != "network" or name in self.town.sites)
            }
        return self._declared[kind.module]

    def _declared_of(self, kind: Kind, name: str) -> Sequence[Item]:
        """Give the declared objects of an owner; what names no server is on each of the pair."""
        intent = self._intent(kind.domain, name)
        if kind.table.key != ("server", "name"):
            return [*intent[kind.part]]
        servers = [{"server": server} for server in intent["servers"]]
        return [{**at, **item} for item in intent[kind.part] for at in ([{}] if "server" in item else servers)]

    def _intent(self, domain: str, name: str) -> Mapping[str, Any]:
        if (name, domain) not in self._intents:
            self._intents[name, domain] = compute(domain, self.town.owners[name])
        return self._intents[name, domain]

    def rules(self, side: Side) -> Rules:
        """Give the filters of a side."""
        if side not in self._rules:
            self._rules[side] = self._filters(side)
        return self._rules[side]

    def _filters(self, side: Side) -> Rules:
        commune = self.town.commune
        assert commune is not None
        elements = [*self.objects("smc_elements", side).values()]
        ssids: dict[str, list[Item]] = {name: [] for name in self._sites()}
        for (owner, _), item in self.objects("meraki_ssids", side).items():
            ssids.setdefault(owner, []).append(item)
        lists: dict[str, Sequence[Item]] = {name: [] for name in self._sites()}
        networks = {site["network_name"]: name for name, site in self.town.sites.items()}
        for item in self.objects("meraki_network_settings", side).values():
            if item["network"] in networks:
                lists[networks[item["network"]]] = (item.get("access_lists") or {}).get("rules") or []
        return Rules(elements, self._policies(side), ssids, lists)

    def _sites(self) -> Iterator[str]:
        return (name for name, site in self.town.sites.items() if site["lifecycle"] in IN_SERVICE)

    def _policies(self, side: Side) -> list[Item]:
        """Give the parts of the policies in the order in which they are installed."""
        assert self.town.commune is not None
        known = dict(self.objects("smc_policies", side))
        placed = [("", BY_MODULE["smc_policies"].table.key_of(part)) for part in self._installed]
        parts = [known.pop(at) for at in placed if at in known]
        # A section of no owner stands somewhere before the last, which refuses all the rest.
        parts = [*parts[:-1], *known.values(), *parts[-1:]]
        # A policy that is not there yet lets nothing pass.
        name = self.town.commune["firewall"]["policy"]
        there = any(part["type"] == "fw_policy" and part["name"] == name for part in parts)
        return parts if there else [*parts, {"type": "fw_policy", "name": name, "scope": "whole"}]

    @cached_property
    def _installed(self) -> list[Item]:
        assert self.town.commune is not None
        return [*self._intent("firewall", self.town.commune["id"])["installed"]]

    def routers(self, side: Side) -> list[Router]:
        """Give the routers of a side: the core and the firewall."""
        made: dict[str, Router] = {}
        for item in self.objects("meraki_routed_interfaces", side).values():
            here = made.setdefault(item["carrier"], router(item["carrier"]))
            own = [item["address"]] if item.get("address") else []
            face = Face(name=f"VLAN {item['vlan']}", subnet=str(item.get("subnet") or ""), addresses=own)
            here["interfaces"].append(face)
            if item.get("default_gateway"):
                here["routes"].append(Leads(destination=DEFAULT, via=[item["default_gateway"]]))
        for item in self.objects("meraki_static_routes", side).values():
            here = made.setdefault(item["carrier"], router(item["carrier"]))
            here["routes"].append(Leads(destination=item["subnet"], via=[item["next_hop"]]))
        for item in self.objects("smc_engine_interfaces", side).values():
            name = item["engine"].rpartition("/")[2]
            here = made.setdefault(name, router(name, verifies_sources=True))
            for entry in item.get("addresses") or ():
                own = [address for address in (entry.get("cluster"), *(entry.get("nodes") or {}).values()) if address]
                here["interfaces"].append(Face(name=item["interface"], subnet=entry["network"], addresses=own))
        for item in self.objects("smc_engine_routes", side).values():
            name = item["engine"].rpartition("/")[2]
            here = made.setdefault(name, router(name, verifies_sources=True))
            for destination, route in (item.get("routes") or {}).items():
                here["routes"].append(Leads(destination=destination, via=[*route["via"]]))
        return [*made.values()]


def _by_declarer(
    kinds: Sequence[Kind], declared: Mapping[str, Mapping[str, Sequence[Item]]], operations: Sequence[Item]
) -> Iterator[Item]:
    """Yield operations under those who declare their objects: another may remove them.

    A key of a single site says nothing of the others.
    """
    holders = {
        (kind.table.name, kind.table.key_of(item)): owner
        for kind in kinds
        if kind.table.name not in _OF_ITS_SITE
        for owner, items in declared[kind.table.name].items()
        for item in items
    }
    for operation in operations:
        at = operation["kind"], operation.get("slot") or operation["key"]
        yield {**operation, "owner": holders.get(at, operation["owner"])}


def _placed(kind: Kind, known: Mapping[str, Sequence[Item]]) -> Objects:
    """Give objects by place: a key is that of its owner, or of the whole town."""
    table = kind.table
    return {
        _place(table, owner, table.key_of(item)): item for owner, items in known.items() for item in items
    }  # fmt: skip


def _place(table: Resource, owner: str, key: str) -> Place:
    return (owner if table.name in _OF_ITS_SITE else "", key)


def _with_others(
    kind: Kind, objects: Mapping[str, Sequence[Item]], operations: Sequence[Item]
) -> dict[str, list[Item]]:
    """Add what operations leave and nobody declares, or what came with a new container."""
    known = {owner: [*items] for owner, items in objects.items()}
    places, table = {*_placed(kind, known)}, kind.table
    for operation in operations:
        after, place = operation["content"]["after"], _place(table, operation["owner"], operation["key"])
        if operation["kind"] == table.name and after is not None and place not in places:
            known.setdefault(operation["owner"], []).append(as_references(after))
    return known
