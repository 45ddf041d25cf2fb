"""The scopes of the DHCP servers in each seed."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from lab.ad.forest import LE_BOURGET, REGISTRAR
from lab.declared import declared_town, servers
from lab.winrm.dhcp_server import scope, server
from lab.winrm.dhcp_settings import installed, option

BY_HAND = ("hotel-de-ville", "ecole-jaures", "ccas", "mediatheque", "police-municipale")
"""Sites that somebody has given scopes to, in the seed `brownfield`."""
_RELATION = "dhcp-ville"


def seeded(names: Sequence[str], seed: str) -> dict[str, dict[str, Any]]:
    """Return the state of each DHCP server of a seed.

    In `brownfield`, a person has made the scopes of some sites, with shorter leases and without time servers, and a
    relation under another name; a scope of the former town hall is left. The servers have the options of a former
    name server, and no audit log.
    """
    states = {name: _installed(name) for name in names}
    if seed == "brownfield" and states:
        _by_hand(list(states), states)
    return states


def _installed(name: str) -> dict[str, Any]:
    """Return a new server, with the account of its DNS updates and its address."""
    account = {"domain": LE_BOURGET.netbios, "name": REGISTRAR}
    binding = {"interface": "Ethernet", "address": servers().addresses.get(name, ""), "bound": True}
    return server(settings=installed(account=account, bindings=[binding]))


def _by_hand(names: list[str], states: dict[str, dict[str, Any]]) -> None:
    for state in states.values():
        state["settings"]["options"] = [option(6, "192.168.10.5"), option(44, "192.168.10.5"), option(46, "0x8")]
        state["settings"]["audit"]["enabled"] = False
    first = states[names[0]]
    sites = declared_town().sites
    for site in BY_HAND:
        for derived in sites[site]["scopes"] if site in sites else ():
            given = derived["options"]
            options = {"3": given["routers"], "6": given["dns"], "15": [given["domain"]]}
            first["scopes"][derived["subnet"].partition("/")[0]] = scope(
                derived["subnet"],
                f"{derived['name']} (site)",
                derived["start"],
                derived["end"],
                lease=28_800,
                options={number: values for number, values in options.items() if values and values[0]},
                reservations={
                    reserved["address"]: {
                        "client": reserved["mac"].replace(":", "-"), "name": reserved["name"], "description": "",
                    }
                    for reserved in derived["reservations"]
                },
            )
    first["scopes"]["192.168.10.0"] = scope(
        "192.168.10.0/24", "Ancienne mairie", "192.168.10.20", "192.168.10.200", options={"3": ["192.168.10.1"]}
    )
    if len(names) > 1:
        other = states[names[1]]
        made = {"balance": 50, "reserve": None, "lead": 3600, "switch_after": None, "secret": None}
        subnets = list(first["scopes"])
        for state, partner in ((first, names[1]), (other, names[0])):
            state["relations"][_RELATION] = {**made, "partner": partner, "subnets": list(subnets)}
        other["scopes"] = copy.deepcopy(first["scopes"])
