"""The traffic that each operation may change: by that, a line names its operations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from piste.sites.consequences.reach import Difference, Reach
from piste.systems.forcepoint.filtering import Elements, filter_rules
from piste.systems.meraki.filtering import access_list, client_vlan
from piste.town.model.flows.number_ranges import Ranges
from piste.town.model.flows.traffic import ANY_SERVICE, ANYWHERE, EVERYTHING, Box, addresses

if TYPE_CHECKING:
    from piste.sites.consequences.sides import Item, Sides
    from piste.town.model.derived import Derived

ROUTES = ("routed_interface", "static_route", "engine_interface", "engine_routes")
_LEADS = ("carrier", "vlan", "subnet", "address", "next_hop")
"""The fields of a gateway or of a route that decide where it leads."""
OF_SSID = frozenset({"name", "enabled", "default_vlan_id", "use_vlan_tagging", "ip_assignment_mode", "l3_firewall"})


class Touch(NamedTuple):
    """The traffic that an operation may change, or the accesses that it changes."""

    operation: int
    boxes: tuple[Box, ...] = ()
    media: tuple[tuple[str, str], ...] = ()
    """Sites and SSIDs."""

    def meets(self, difference: Difference) -> bool:
        if (difference.access.site, difference.access.medium) in self.media:
            return True
        return any(difference.traffic.box.meet(box) for box in self.boxes)


def about(subnet: Ranges) -> tuple[Box, ...]:
    """Give the traffic from some addresses, and to them."""
    return Box(subnet, ANYWHERE, ANY_SERVICE), Box(ANYWHERE, subnet, ANY_SERVICE)


def sources(every: Iterable[Touch], reach: Reach) -> Iterator[Ranges]:
    for touch in every:
        yield from (box.sources for box in touch.boxes)
        for access in reach.picture.accesses:
            if (access.site, access.medium) in touch.media:
                yield access.subnet


def routed(sides: Sides) -> Iterator[Ranges]:
    """Yield the addresses whose routes the operations may change."""
    for operation in sides.operations:
        if operation["kind"] in ROUTES:
            contents = [operation["content"][side] or {} for side in ("before", "after")]
            yield from map(addresses, prefixes(operation["kind"], *contents))


def prefixes(kind: str, old: Item, new: Item) -> Iterator[str]:
    """Yield the subnets that a gateway, or a route, leads to otherwise."""
    if kind == "engine_routes":
        former, coming = old.get("routes") or {}, new.get("routes") or {}
        yield from (name for name in {*former, *coming} if former.get(name) != coming.get(name))
    elif kind == "engine_interface":
        former, coming = (side.get("addresses") or [] for side in (old, new))
        yield from (str(entry["network"]) for entry in (*former, *coming) if entry not in former or entry not in coming)
    else:
        if any(old.get(name) != new.get(name) for name in _LEADS):
            yield from (str(side["subnet"]) for side in (old, new) if side.get("subnet"))
        if old.get("default_gateway") != new.get("default_gateway"):
            yield "0.0.0.0/0"


def strays(ssid: Item) -> bool:
    """Tell whether an SSID puts its clients in no known segment: nothing says what they reach."""
    return bool(ssid.get("enabled")) and client_vlan(ssid) is None


def touches(town: Derived, sides: Sides) -> Iterator[Touch]:
    assert town.commune is not None
    elements = {side: Elements(sides.rules(side).elements) for side in ("before", "after")}
    networks: dict[str, str] = {site["network_name"]: name for name, site in town.sites.items()}
    for at, operation in enumerate(sides.operations):
        kind = operation["kind"]
        old, new = (operation["content"][side] or {} for side in ("before", "after"))
        if kind == "ssid" and (operation["action"] != "update" or {*operation["fields"]} & OF_SSID):
            names = {str(side["name"]) for side in (old, new) if side.get("name")}
            yield Touch(at, media=tuple((operation["owner"], name) for name in names))
        elif kind == "network_settings":
            former, coming = ((side.get("access_lists") or {}).get("rules") or [] for side in (old, new))
            if former != coming:
                site = networks.get(str(operation["key"]), str(operation["owner"]))
                yield Touch(at, tuple(_of_lists(former, coming, site)))
        elif kind == "policy":
            yield Touch(at, tuple(_of_policy(sides, old, new)))
        elif kind == "element":
            yield Touch(at, tuple(_of_element(operation, elements["before"], elements["after"])))
        elif kind in ROUTES:
            for prefix in prefixes(kind, old, new):
                yield Touch(at, about(addresses(prefix)))


def window(old: Sequence[Any], new: Sequence[Any]) -> tuple[Sequence[Any], Sequence[Any]]:
    """Leave out what both lists have at their beginning and at their end."""
    start = next((at for at, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]),
                 min(len(old), len(new)))  # fmt: skip
    old, new = old[start:], new[start:]
    end = next((at for at, pair in enumerate(zip(reversed(old), reversed(new), strict=False)) if pair[0] != pair[1]),
               min(len(old), len(new)))  # fmt: skip
    return old[: len(old) - end], new[: len(new) - end]


def _of_lists(old: Sequence[Item], new: Sequence[Item], site: str) -> Iterator[Box]:
    for part in window(old, new):
        listed = access_list(part, site)
        for rule in (*listed.requests, *listed.answers):
            yield from rule.boxes


def _of_policy(sides: Sides, old: Item, new: Item) -> Iterator[Box]:
    """Yield the traffic of the rules that differ between two contents of a policy."""
    for entry in ("ipv4_access", "ipv6_access"):
        parts = window(old.get(entry) or [], new.get(entry) or [])
        for side, part in zip(("before", "after"), parts, strict=True):
            elements = sides.rules(side).elements  # type: ignore[arg-type]
            policy = {"type": "fw_policy", "name": "x", "scope": "whole", entry: part}
            for rule in filter_rules(elements, [policy], "x"):
                yield from rule.boxes
            if any("jump" in (rule.get("action") or ()) for rule in part):
                yield EVERYTHING
    if any(old.get(name) != new.get(name) for name in ("ipv4_nat", "ipv6_nat", "template")):
        yield EVERYTHING


def _of_element(operation: Item, before: Elements, after: Elements) -> Iterator[Box]:
    """Yield the traffic from, to or by what an element loses or gains."""
    name = str(operation["key"])
    service = "service" in name.partition("/")[0]
    line = ANY_SERVICE if service else ANYWHERE
    was, will = (side.cell([name], line).holds for side in (before, after))
    if changed := (was - will) | (will - was):
        yield from [Box(ANYWHERE, ANYWHERE, changed)] if service else about(changed)
