"""Aliases: the value of an alias on an engine."""

from __future__ import annotations

import ipaddress
import re

from lab.smc import kinds
from lab.smc.call import Answer, Call
from lab.smc.engines import interfaces_of
from lab.smc.errors import not_found
from lab.smc.world import Json

_INTERFACE = re.compile(r"\$\$ Interface ID (\d+)\.(ip|net)")


def resolve(call: Call, alias: Json) -> Answer:
    """Return the value of an alias on the engine that `?for=` names. Raises ApiError."""
    name = call.value("for") or ""
    engines = call.world.of_type(*kinds.ENGINES)
    engine = next((candidate for candidate in engines if candidate["data"]["name"] == name), None)
    if engine is None:
        raise not_found(f"the engine {name}")
    default = alias["data"].get("default_alias_value", [])
    return Answer(value={"resolved_value": _interface_value(call, alias, engine), "translated_element": default})


def _interface_value(call: Call, alias: Json, engine: Json) -> list[str]:
    match = _INTERFACE.fullmatch(alias["data"]["name"])
    if match is None:
        return []
    number, wanted = match.groups()
    inside = [(i["address"], i["network_value"]) for nic, i in interfaces_of(call, engine) if nic == number]
    return [address if wanted == "ip" else str(ipaddress.ip_network(network, False)) for address, network in inside]
