"""The two sides of a plan: each kind of object as it was read before, and as it will be.

The declaration with every operation taken back is what was there; with the operations that are to do, what will be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from piste.engine.converge.allowed import is_waiting
from piste.engine.converge.overlay import union, without
from piste.sites.flows import Rules
from piste.systems.kinds import BY_MODULE
from piste.town.derived import compute
from piste.town.model.flows.ends import IN_SERVICE
from piste.town.model.routing.derived import DEFAULT
from piste.town.model.routing.trace import Face, Leads, Router, router

if TYPE_CHECKING:
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

    def __init__(self, town: Derived, operations: Sequence[Item]) -> None:
        self.town, self.operations = town, operations
        self._known: dict[tuple[str, Side], Objects] = {}
        self._declared: dict[str, Objects] = {}

    def objects(self, module: str, side: Side) -> Objects:
        """Give the objects of a kind on a side, by place."""
        if side == "declared":
            return self._of(module)
        if (module, side) not in self._known:
            kind = BY_MODULE[module].table.name
            mine = [o for o in self.operations if o["kind"] == kind and o["system"] == BY_MODULE[module].system]
            before = projected(self._of(module), mine[::-1], "after", "before")
            to_do = [o for o in mine if not is_waiting(o)]
            self._known[module, "before"] = before
            self._known[module, "after"] = projected(before, to_do, "before", "after")
        return self._known[module, side]

    def _of(self, module: str) -> Objects:
        """Give the declared objects of a kind, of all owners in service."""
        if module not in self._declared:
            kind, objects = BY_MODULE[module], Objects()
            for name, owner in self.town.owners.items():
                if owner["lifecycle"] in IN_SERVICE and not (kind.domain == "network" and name not in self.town.sites):
                    for item in compute(kind.domain, owner)[kind.part]:
                        objects[place(kind.table.name, name, kind.table.key_of(item))] = item
            self._declared[module] = objects
        return self._declared[module]

    def rules(self, side: Side) -> Rules:
        """Give the filters of a side."""
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
        table = BY_MODULE["smc_policies"].table
        placed = [("", table.key_of(part)) for part in self._installed]
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
        return [*compute("firewall", self.town.commune)["installed"]]

    def routers(self, side: Side) -> list[Router]:
        """Give the routers of a side: the core and the firewall."""
        made: dict[str, Router] = {}
        for item in self.objects("meraki_routed_interfaces", side).values():
            here = made.setdefault(item["carrier"], router(item["carrier"]))
            face = Face(name=f"VLAN {item['vlan']}", subnet=str(item.get("subnet") or ""), addresses=[item["address"]])
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


def place(kind: str, owner: str, key: str) -> Place:
    """Give the place of an object: its key is that of its owner, or of the whole town."""
    return (owner if kind in _OF_ITS_SITE else "", key)


def projected(objects: Objects, operations: Sequence[Item], old: str, new: str) -> Objects:
    """Give objects once operations are done, in their order; or taken back, the last first.

    An operation contains what is declared of its object and what changes with it; the rest stays.
    """
    known = dict(objects)
    for operation in operations:
        former, coming = operation["content"][old], operation["content"][new]
        names = {"after": operation["key"], "before": operation.get("slot", operation["key"])}
        left = known.pop(place(operation["kind"], operation["owner"], names[old]), None)
        if coming is not None:
            kept = without(left or {}, former or {}, coming)
            known[place(operation["kind"], operation["owner"], names[new])] = union(kept, coming)
    return known
