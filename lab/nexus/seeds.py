"""The switches of the declared town, as a person has configured them before Piste came."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lab.nexus.configuration import Config, as_declared, by_hand


def configurations(nexus: Mapping[str, Any], seed: str) -> dict[str, Config]:
    """Give the configuration of each switch.

    `brownfield` is what years of hands made of the first. Piste writes no Nexus: elsewhere they are as declared,
    whatever the state of the other systems.
    """
    names = {carried["vlan"]: f"{carried['owner']}-{carried['segment']}"[:32] for carried in nexus["vlans"]}
    made = {switch["name"]: as_declared(switch, names) for switch in nexus["switches"]}
    if seed == "brownfield" and made:
        first = nexus["switches"][0]
        lost = str(first["vlans"][0])
        gateway = next(carried["gateway"] for carried in nexus["vlans"] if str(carried["vlan"]) == lost)
        made[first["name"]] = by_hand(made[first["name"]], gateway)
    return made
