"""From who is admitted where to the `config` of each NPS module. Pure.

A site owns its RADIUS clients. The town owns the policies, whose order is one for all sites: a network policy at each
site, and a connection request policy for each device that is admitted by its MAC address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from piste.model.site import Commune, Site, TownAccess

Config = list[dict[str, Any]]

PROBE = "sonde"
"""The hosts that test the servers, as these know them: `sonde-1`…"""
_LAST = 900_000
_CISCO, _AV_PAIR = 9, 1
VOICE = "device-traffic-class=voice"
"""What puts a device into the voice domain of a port (Cisco, AV pair)."""


def nps_intent(owner: Site | Commune, probe: str = "") -> dict[str, Any]:
    """`{servers, prefix, clients, request_policies, network_policies}` of a derived site, or of the town's own host.

    `prefix` begins the names of the owner's clients, `policy_prefix` those of the town's policies. `probe` is the
    address from which this environment tests the servers; empty where it does not.
    """
    if "radius" in owner:
        here = owner["access"]
        servers = [server["name"] for server in owner["radius"]["servers"]]
        clients = [{**client, "secret": here["secret"]} for client in here["clients"]]
        named = {"prefix": here["prefixes"], "policy_prefix": []}
        return {"servers": servers, **named, "clients": clients if servers else [], **_NO_POLICIES}
    access = owner["access"]
    if access is None:
        return {"servers": [], "prefix": [], "policy_prefix": [], "clients": [], **_NO_POLICIES}
    known = [{"name": f"{PROBE}-1", "address": probe, "secret": access["probe_secret"]}] if probe else []
    return {
        "servers": access["servers"],
        "prefix": [f"{PROBE}-"],
        "policy_prefix": [access["prefix"]],
        "clients": known,
        "request_policies": [*_exceptions(access), _everybody_else(access)],
        "network_policies": list(_policies(access)),
    }


_NO_POLICIES: Mapping[str, Config] = {"request_policies": [], "network_policies": []}


def _exceptions(access: TownAccess) -> Iterator[dict[str, Any]]:
    """One that is over is not there, so that the server admits it no more."""
    for site in access["sites"].values():
        for item in site["exceptions"]:
            if item["expired"]:
                continue
            voice = [{"vendor": _CISCO, "type": _AV_PAIR, "value": VOICE}] if item["voice"] else []
            yield {
                "name": item["name"],
                "order": item["order"],
                "conditions": {
                    "nas_port_type": ["wired"],
                    "nas_address": addresses(site["block"]),
                    "calling_station": _mac(item["mac"]),
                },
                "authentication": "accept",
                "vlan": item["vlan"],
                "vendor_attributes": voice,
            }


def _everybody_else(access: TownAccess) -> dict[str, Any]:
    return {
        "name": f"{access['prefix']}802.1X",
        "order": _LAST,
        "conditions": {"nas_port_type": ["wired", "wireless"]},
        "authentication": "local",
    }


def _policies(access: TownAccess) -> Iterator[dict[str, Any]]:
    for site in access["sites"].values():
        for policy in site["policies"]:
            yield {
                "name": policy["name"],
                "order": policy["order"],
                "ignore_dial_in": True,
                "conditions": {
                    "nas_port_type": policy["media"],
                    "nas_address": addresses(site["block"]),
                    "windows_groups": policy["groups"],
                },
                "eap": [_eap(method, access["certificate"]) for method in policy["eap"]],
                "vlan": policy["vlan"],
            }


def _eap(method: str, certificate: Mapping[str, Any]) -> dict[str, Any]:
    return {"method": method, "certificate": certificate}


def _mac(address: str) -> str:
    """An address however a device spells it.

    Which separators, if any, is the device's to say; Meraki's say capitals and hyphens. Whether NPS tells capitals
    apart is nowhere said [inferred].
    """
    octets = "[-:.]?".join(address.split(":"))
    return f"^{re.sub('[a-f]', lambda letter: f'[{letter[0]}{letter[0].upper()}]', octets)}$"


def addresses(block: str) -> str:
    """A regular expression of the addresses of a block, to the octet that varies.

    The text of a block of eight networks is `^10\\.93\\.(40|41|42|43|44|45|46|47)\\.`.
    """
    network = IPv4Network(block)
    text = "^"
    for first, last in zip(network.network_address.packed, network.broadcast_address.packed, strict=True):
        if (first, last) == (0, 255):
            return text
        end = "" if text.count(r"\.") == 3 else r"\."
        text += (str(first) if first == last else f"({'|'.join(map(str, range(first, last + 1)))})") + end
    return f"{text}$"
