"""The tables that a Nexus shows of what works now: VLANs, port-channels, accounts, version."""

from __future__ import annotations

import re
from collections.abc import Mapping

from piste.converge.values import Misfit
from piste.nexus.state import numbers

_VLAN_ID, _STATUS = slice(0, 4), slice(38, 47)
"""Columns of `show vlan brief`; a name may have spaces, and the word of a status."""
_GROUP = re.compile(r"^([0-9]{1,4})\s+Po[0-9]+\(([A-Za-z]+)\)\s+\S+\s+\S+(.*)$")
_MEMBER = re.compile(r"(Eth[0-9/]+)\(([A-Za-z])\)")
_VERSION = re.compile(r"^\s*(?:NXOS|system|kickstart): +version (\S+)", re.MULTILINE)
_CHASSIS = re.compile(r"^\s+cisco (Nexus.*?)(?: Chassis.*)?$", re.MULTILINE)


def active_vlans(text: str) -> set[int]:
    """Read the active VLANs of `show vlan brief`. Raises `Misfit`."""
    rows = [line for line in text.splitlines() if line[_VLAN_ID].strip().isdigit() and line[_STATUS].strip()]
    if not rows:
        raise Misfit("un tableau de VLAN est attendu")
    return {vlan for row in rows if row[_STATUS].strip() == "active" for vlan in numbers(row[_VLAN_ID])}


def bundled(text: str) -> Mapping[str, set[str]]:
    """Read the working members of each port-channel, from `show port-channel summary`.

    The members of a group may go on over the next lines. Raises `Misfit`.
    """
    if "Member Ports" not in text and "No port-channel" not in text:
        raise Misfit("un tableau d’agrégats est attendu")
    groups: dict[str, set[str]] = {}
    current = ""
    for line in text.splitlines():
        match = _GROUP.match(line)
        if match:
            current = f"port-channel{match[1]}"
            groups[current] = set()
        if current and (match or line.startswith(" ")):
            rest = match[3] if match else line
            groups[current] |= {_whole(port) for port, flag in _MEMBER.findall(rest) if flag == "P"}
    return groups


def _whole(port: str) -> str:
    return port.replace("Eth", "Ethernet", 1)


def roles(text: str) -> dict[str, list[str]]:
    """Read the roles of each account, from `show user-account`."""
    accounts: dict[str, list[str]] = {}
    name = ""
    for line in text.splitlines():
        word, _, rest = line.strip().partition(":")
        if word == "user":
            name = rest.strip()
            accounts[name] = []
        elif word == "roles" and name:
            accounts[name] += rest.split()
    return accounts


def version(text: str) -> tuple[str, str]:
    """Read the model and the version of NX-OS, from `show version`. Raises `Misfit`."""
    number, chassis = _VERSION.search(text), _CHASSIS.search(text)
    if not number:
        raise Misfit("une version de NX-OS est attendue")
    return (chassis[1].strip() if chassis else "Nexus"), number[1]
