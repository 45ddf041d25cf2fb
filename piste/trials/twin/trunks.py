"""The way of a VLAN through the switches of a twin, to the gateway and its relay.

Pure. The ports are as they were read; a place and its VLAN are as declared.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from piste.trials.twin.layout import NOWHERE, Layout, Port
from piste.trials.twin.routers import Gateway


def ways(
    layout: Layout, sites: Mapping[str, Mapping[str, Any]], gateways: Iterable[Gateway], core: str | None
) -> dict[str, dict[str, dict[str, Any]]]:
    """Give the way of each place to its gateway, by site and name.

    A way is `{broken, relays, vlan, through}`: `broken` says why its VLAN stops short of the gateway, and is empty
    where it arrives; `relays` is where the gateway relays to, None where no gateway of the VLAN was read; `vlan` is
    that of its frames; `through` names the ports of the cables on it. `core` is the bridge of the core.
    """
    known = {gateway.vlan: gateway for gateway in gateways}
    ports = {port.name: port for port in layout.ports}
    ends = {(wire.host, wire.interface): ports[wire.port] for wire in layout.wires}
    hosts = {wire.host: ports[wire.port] for wire in layout.wires}
    known_ways: dict[str, dict[str, dict[str, Any]]] = {}
    for place in layout.places:
        start = hosts.get(place.namespace)
        if start is None or place.site not in sites:
            continue
        vlan = int(sites[place.site]["segments"][place.segment]["vlan"])
        gateway = known.get(vlan)
        end = ends.get((gateway.host, gateway.interface)) if gateway else None
        goal = end.bridge if end else core
        tag = start.vlans.tag
        way = None if goal is None else _way(layout, start.bridge, goal)
        if start.vlans.mode == "access" and tag not in (vlan, NOWHERE):
            broken = f"{start.label} est dans le VLAN {tag}, et non {vlan}"
        else:
            broken = "le cœur n’a pas été lu" if goal is None else _broken(way, vlan)
        if not broken and gateway is None:
            broken = f"aucun routeur lu n’a d’interface dans le VLAN {vlan}"
        relays = None if gateway is None else list(gateway.relays)
        known_ways.setdefault(place.site, {})[place.name] = {
            "broken": broken,
            "relays": relays,
            "vlan": vlan if tag in (None, NOWHERE) else tag,
            "through": [port.label.partition(" ↔ ")[0] for port in way or () if port.label],
        }
    return known_ways


def _broken(way: Sequence[Port] | None, vlan: int) -> str:
    """Say where a VLAN stops on a way; empty where it passes."""
    if way is None:
        return "aucune liaison connue ne mène jusqu’à elle"
    lacking = next((port for port in way if not port.vlans.carries(vlan)), None)
    return f"{lacking.label} ne laisse pas passer le VLAN {vlan}" if lacking else ""


def _way(layout: Layout, start: str, goal: str) -> list[Port] | None:
    """List the ports of the cables between two switches; None where no cable joins them."""
    ports = {port.name: port for port in layout.ports}
    came: dict[str, list[Port]] = {start: []}
    waiting = deque([start])
    while waiting:
        here = waiting.popleft()
        if here == goal:
            return came[here]
        for port in layout.ports:
            if port.bridge == here and port.peer and (far := ports[port.peer]).bridge not in came:
                came[far.bridge] = [*came[here], port, far]
                waiting.append(far.bridge)
    return None
