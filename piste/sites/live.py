"""The place of a machine now: what the Dashboard says, beside what is declared there."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from ipaddress import AddressValueError, IPv4Address, IPv4Network
from typing import Any

from piste.town.model.derived import Derived

PLAYBOOK = "playbooks/find_live.yml"


@dataclass(frozen=True, slots=True)
class Place:
    """A place where the Dashboard saw a machine.

    `device` is its declared name, else its serial number; `declared` says what the declaration has there, `differs`
    that it has otherwise. `through` is true for a port that leads to other equipment: the machine is behind it.
    """

    device: str
    site: str
    site_name: str
    port: str
    ssid: str
    vlan: str
    online: bool | None
    seen_at: str
    declared: str
    differs: bool
    through: bool


@dataclass(frozen=True, slots=True)
class Live:
    """The places of a machine, the most likely first; `why` says what makes it unknown."""

    places: Sequence[Place]
    why: str
    not_asked: Sequence[str]

    @property
    def state(self) -> str:
        return "seen" if self.places else "unknown"

    def to_json(self) -> dict[str, Any]:
        places = [asdict(place) for place in self.places]
        return {"state": self.state, "why": self.why, "places": places, "not_asked": list(self.not_asked)}


def address(word: str) -> IPv4Address | None:
    try:
        return IPv4Address(word)
    except AddressValueError:
        return None


def variables(town: Derived, word: str) -> dict[str, str]:
    """Give what the playbook looks for; empty for an address that no site has."""
    sought = address(word)
    if sought is None:
        plain = re.sub(r"[-:.]", "", word).lower()
        return {"sought_mac": ":".join(plain[at : at + 2] for at in range(0, 12, 2))}
    for site in town.sites.values():
        subnets = [segment["subnet"] for segment in site["segments"].values()]
        if any(sought in IPv4Network(subnet) for subnet in (*subnets, site["block"])):
            return {"sought_address": str(sought), "sought_network": site["network_name"]}
    return {}


def judged(town: Derived, located: Sequence[Mapping[str, Any]], days: int, troubles: Sequence[str]) -> Live:
    """Put what was read beside the declaration; nothing seen is unknown, with its reason."""
    places = [_place(town, seen) for seen in located if seen["serial"]]
    # A machine is at the end of its way: a port that leads to other equipment only saw it pass.
    places.sort(key=lambda place: place.through)
    nexus = town.commune["nexus"]["switches"] if town.commune and town.commune["nexus"] else []
    why = " ".join(troubles)
    if not places and not why:
        seen_in = ", ".join(dict.fromkeys(seen["network"] for seen in located))
        why = f"le Dashboard ne l’a pas vue depuis {days} jours"
        why += f", ou ne dit pas sur quel équipement ; le réseau {seen_in} l’a connue" if seen_in else ""
    return Live(places, "" if places else why, [switch["name"] for switch in nexus])


def _place(town: Derived, seen: Mapping[str, Any]) -> Place:
    """Judge a place; a device that nobody declares has its serial number as its name."""
    port, ssid, vlan = (str(seen[name] or "") for name in ("port", "ssid", "vlan"))
    known = [
        (site, device)
        for site in town.sites.values()
        for device in site["devices"]
        if device["serial"] == seen["serial"]
    ]
    if not known:
        device, site_id, name = str(seen["serial"]), "", seen["network"]
        said, differs, through = "équipement que rien ne déclare", True, False
    else:
        site, equipment = known[0]
        device, site_id, name = equipment["name"], site["id"], site["name"]
        said, differs, through = _on_air(site, ssid) if ssid else _on_port(equipment, port, vlan)
    return Place(
        device, site_id, name, port, ssid, vlan, seen["online"], str(seen["seen_at"] or ""), said, differs, through
    )


def _on_air(site: Mapping[str, Any], ssid: str) -> tuple[str, bool, bool]:
    if any(declared["name"] == ssid and declared["enabled"] for declared in site["ssids"]):
        return "comme déclaré", False, False
    return "SSID que rien ne déclare ici", True, False


def _on_port(device: Mapping[str, Any], number: str, vlan: str) -> tuple[str, bool, bool]:
    if not number:
        return "le Dashboard ne dit pas sur quel port", False, False
    port = next((port for port in device["ports"] if port["port"] == number), None)
    if port is None:
        return "port que rien ne déclare", True, False
    name = port["name"]
    if port["uplink"]:
        end = f" vers {port['far_end']}" if port["far_end"] else ""
        return f"{name}{end} : la machine est derrière", False, True
    if not port["enabled"]:
        return f"{name} : déclaré éteint", True, False
    if port["mode"] != "access":
        return f"{name} : la machine est derrière", False, True
    admitted = [str(declared) for declared in (port["vlan"], port["voice_vlan"]) if declared]
    if vlan and vlan not in admitted:
        return f"{name}, VLAN {' et '.join(admitted)} : vue dans le VLAN {vlan}", True, False
    return f"{name} : comme déclaré", False, False
