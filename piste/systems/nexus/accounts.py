"""Accounts of the Nexus switches, by their running configuration, without its secrets.

Where a switch asks a server who may sign in (`aaa authentication login`), the server knows more accounts. Source:
*Cisco Nexus 9000 Series NX-OS Security Configuration Guide*, Configuring User Accounts and RBAC.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from piste.engine.converge.errors import PisteError
from piste.engine.converge.module import Module
from piste.systems.administrators import Administrator
from piste.systems.nexus.configuration import Line
from piste.systems.nexus.connection import DECLARED, NEXUS, SWITCHES
from piste.systems.nexus.fleet import Fleet
from piste.systems.nexus.state import read

WHOLE, READS = "network-admin", frozenset({"network-operator", "vdc-operator"})


def accounts(configuration: Line) -> list[Administrator]:
    """List the accounts that a configuration has; one may have several lines, one a role."""
    roles: dict[str, list[str]] = {}
    ends: dict[str, str] = {}
    for line in configuration.starting("username "):
        words = line.text.split()
        mine = roles.setdefault(words[1], [])
        for before, word in pairwise(words):
            if before == "role":
                mine.append(word)
            elif before == "expire":
                ends[words[1]] = word
    return [
        Administrator(
            (name,), WHOLE in mine, name, reads=bool(mine) and {*mine} <= READS, roles=tuple(dict.fromkeys(mine)),
            ends=ends.get(name),
        )
        for name, mine in roles.items()
    ]  # fmt: skip


def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    fleet = Fleet(params["nexus"], params["declared"], params.get("switches"))
    listed: dict[str, Any] = {}
    for switch, answer in fleet.each(lambda shell, switch: accounts(read(shell).state.root)):
        if isinstance(answer, PisteError):
            listed[switch["name"]] = {"unread": answer.sentence()}
        else:
            listed[switch["name"]] = [account.to_json() for account in answer]
    return {"changed": False, "accounts": listed, "calls": fleet.calls}


MODULES: Mapping[str, Module] = {
    "nexus_accounts": Module(name="nexus_accounts", options=(NEXUS, DECLARED, SWITCHES), run=_run)
}
