"""The tables of a Nexus: VLANs, port-channels, ports, accounts, version, as they work now."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Literal, TypedDict

from piste.engine.converge.values import Misfit
from piste.systems.nexus.state import numbers

_VLAN_ID, _STATUS = slice(0, 4), slice(38, 47)
"""Columns of `show vlan brief`; a name may have spaces, and the word of a status."""
_GROUP = re.compile(r"^([0-9]{1,4})\s+Po[0-9]+\(([A-Za-z]+)\)\s+\S+\s+\S+(.*)$")
_MEMBER = re.compile(r"(Eth[0-9/]+)\(([A-Za-z])\)")
_PORTS = re.compile(r"Ethernet +VLAN +Type +Mode +Status +Reason +Speed +Port")
_PORT = re.compile(
    r"Eth(?P<number>[0-9]{1,3}(?:/[0-9]{1,3}){1,2})(?P<sub>\.[0-9]{1,4})? +(?:--|monitor|trunk|[0-9]{1,4}) +eth +\S+ +"
    r"(?P<status>up|down) +(?P<reason>\S.{0,60}?) +(?P<speed>auto|(?:a-)?[0-9]{1,6}(?:\.[0-9])?G?)\([A-Za-z]\) +"
    r"(?:--|[0-9]{1,4})"
)
_BESIDE = re.compile(r"-+|Interface +Ch *#")
_FAULT = re.compile(r"err.{0,4}disable|suspend", re.IGNORECASE)
MOST_PORTS = 4096
"""Ports of a switch: a chassis of sixteen modules, all split, and its extenders have less."""
_VERSION = re.compile(r"^\s*(?:NXOS|system|kickstart): +version (\S+)", re.MULTILINE)
_CHASSIS = re.compile(r"^[ \t]+cisco ((?:Nexus|N[0-9]K-).*?)(?: +(?:[Cc]hassis\b|\().*)?$", re.MULTILINE)


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


class LivePort(TypedDict):
    """A port as its switch says it; `reason` is the word of the switch where it has no link."""

    status: Literal["up", "down", "off", "error"]
    speed_mbps: int | None
    reason: str


def ports(text: str) -> dict[str, LivePort]:
    """Read the ports of `show interface brief`, by number: `1/49`, `1/50/1`, `101/1/1`.

    Source: *Cisco Nexus 9000 Series NX-OS Interfaces Configuration Guide*. A line that is not understood, or a port
    that comes twice, leaves nothing known of the switch. Raises `Misfit`.
    """
    known: dict[str, LivePort] = {}
    for row in _rows(text):
        match = _PORT.fullmatch(row)
        if not match or (match["status"] == "up" and match["reason"] != "none"):
            raise Misfit(f"une ligne de port est attendue, reçu « {row[:80]} »")
        if match["sub"]:
            continue
        if match["number"] in known or len(known) == MOST_PORTS:
            raise Misfit(f"un port n’est dit qu’une fois, parmi {MOST_PORTS} au plus : Eth{match['number']}")
        known[match["number"]] = _live(match["status"], match["reason"], match["speed"])
    if not known:
        raise Misfit("un tableau de ports est attendu")
    return known


def _rows(text: str) -> Iterator[str]:
    """Yield the lines of the tables of Ethernet ports, extenders included. Raises `Misfit`."""
    within = False
    for line in map(str.strip, text.splitlines()):
        if _PORTS.match(line):
            within = True
        elif not line:
            within = False
        elif within and not _BESIDE.fullmatch(line):
            yield line
        elif line.startswith("Eth"):
            raise Misfit(f"un port est hors de tout tableau : « {line[:80]} »")


def _live(status: str, reason: str, speed: str) -> LivePort:
    if status == "up":
        rate = speed.removeprefix("a-")
        giga = rate.endswith("G")
        mbps = None if rate == "auto" else round(float(rate.removesuffix("G")) * (1000 if giga else 1))
        return LivePort(status="up", speed_mbps=mbps, reason="")
    said = "" if reason == "none" else reason
    if reason.casefold() == "administratively down":
        return LivePort(status="off", speed_mbps=None, reason="")
    return LivePort(status="error" if _FAULT.search(reason) else "down", speed_mbps=None, reason=said)


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
