"""Intent of NPS: the `config` of each module, from a derived site or the town's own host.

A site owns its RADIUS clients. The town owns the policies, since their order counts for all sites: network policies of
each site, and a connection request policy for each device that is admitted by its MAC address.
Believed: [belief windows.nps_expired].
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from piste.town.model.admission import TownAccess
    from piste.town.model.site import Commune, Site

Config = list[dict[str, Any]]

PROBE = "sonde"
"""Beginning of the names of the RADIUS clients that test the servers: `sonde-1`…"""
_LAST = 900_000
_CISCO, _AV_PAIR = 9, 1
VOICE = "device-traffic-class=voice"
"""AV pair of Cisco that puts a device into the voice domain of a port."""


def nps_intent(owner: Site | Commune, probe: str = "") -> dict[str, Any]:
    """Return the intent of a derived site, or of the town's own host.

    Keys: `servers`, `clients`, `request_policies`, `network_policies`, `prefix` (beginnings of the names of the owner's
    clients) and `policy_prefix` (of the town's policies). `probe` is the address from which this environment tests the
    servers; empty where it does not.
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
    """Yield the policies of the exceptions in force.

    Without its policy, the device of an exception that is expired or to confirm is refused.
    """
    for site in access["sites"].values():
        for item in site["exceptions"]:
            if item["expired"] or item["unconfirmed"]:
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
    """Return a regular expression of a MAC address, in any spelling.

    Separators depend on the device; Meraki sends capitals and hyphens. No document says whether NPS ignores case
    [belief windows.nps_mac].
    """
    octets = "[-:.]?".join(address.split(":"))
    return f"^{re.sub('[a-f]', lambda letter: f'[{letter[0]}{letter[0].upper()}]', octets)}$"


def addresses(block: str) -> str:
    """Return a regular expression of the addresses of a block.

    It ends after the last octet that is not free: `^10\\.93\\.(40|41|42|43|44|45|46|47)\\.` for a /21.
    """
    network = IPv4Network(block)
    text = "^"
    for first, last in zip(network.network_address.packed, network.broadcast_address.packed, strict=True):
        if (first, last) == (0, 255):
            return text
        end = "" if text.count(r"\.") == 3 else r"\."
        text += (str(first) if first == last else f"({'|'.join(map(str, range(first, last + 1)))})") + end
    return f"{text}$"
