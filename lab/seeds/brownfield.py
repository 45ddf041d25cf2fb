"""The legacy of a real town: made by hand, over years, by several people.

Deterministic: the same inventory gives the same state, ids and keys included.
"""

from __future__ import annotations

import hashlib
from typing import Any

from lab.meraki.simulator import MerakiSimulator
from lab.seeds.inventory import Inventory

HAND_MADE = {"hotel-de-ville": "Mairie (Wi-Fi + switchs)", "ecole-jaures": "ECOLE JAURES ne pas toucher"}
WITHOUT_NETWORK = frozenset({"cimetiere", "halte-jeux", "rpe-caravelle"})
# Slot and name of the internal SSIDs, and the prefixes of their sites (None: all sites).
INTERNAL: dict[int, tuple[str, tuple[str, ...] | None]] = {
    0: ("VLB-Agents", None),
    1: ("VLB-Metier", ("hotel-de-ville", "ctm", "mediatheque")),
    2: ("VLB-Police", ("police-municipale",)),
    3: ("VLB-Pedagogique", ("ecole-",)),
    4: ("VLB-Billetterie", ("malraux", "houyoux", "stade-salengro", "piscine")),
    5: ("VLB-Exploitation", ("ctm", "houyoux", "stade-salengro", "piscine")),
    8: ("VLB-Ancien", ("hotel-de-ville",)),
}
LEGACY_VLAN, WRONG_VLAN = 10, 99
CONTRACTOR = "Prestataire Wi-Fi"


def brownfield(simulator: MerakiSimulator, inventory: Inventory) -> None:
    """Fill an organization: networks by hand, PSK, unnamed ports, wrong VLANs, old trials."""
    write = simulator.edit
    sites = list(dict.fromkeys(entry["site"] for entry in inventory))
    organization = "/organizations/930093/networks"
    for rank, site in enumerate(site for site in sites if site not in WITHOUT_NETWORK):
        network = write(
            "POST",
            organization,
            {
                "name": HAND_MADE.get(site, f"VLB {site}"),
                "productTypes": ["switch", "wireless"],
                **({"timeZone": "Europe/Paris"} if rank % 2 else {}),
                "tags": ["ancien"] if site in HAND_MADE else [],
            },
        )
        devices = [entry for entry in inventory if entry["site"] == site]
        write("POST", f"/networks/{network['id']}/devices/claim", {"serials": [d["serial"] for d in devices]})
        for number, entry in enumerate(devices):
            _dress(simulator, entry, number)
        _broadcast(simulator, network["id"], site)
        if site == "hotel-de-ville":
            _trial_policy(simulator, network["id"])
        if site == "ctm":
            contractor: dict[str, Any] = {"name": "WIFI-CHANTIER", "enabled": True, "authMode": "open"}
            write("PUT", f"/networks/{network['id']}/wireless/ssids/12", contractor, CONTRACTOR)
    leftover = {"name": "TEST prestataire 2023", "productTypes": ["wireless"], "notes": "à supprimer ?"}
    write("POST", organization, leftover, CONTRACTOR)


def _dress(simulator: MerakiSimulator, entry: Any, number: int) -> None:
    """Name and tag some devices, badly, and configure some ports."""
    serial, write = entry["serial"], simulator.edit
    if number % 3 == 0:
        write(
            "PUT",
            f"/devices/{serial}",
            {"name": f"{entry['kind']} {number + 1}", "tags": [" recently-added "]},
        )
    elif number % 3 == 1:
        write("PUT", f"/devices/{serial}", {"tags": ["ancien", " etage "]})
    for port in range(1, entry["copper"] + 1, 3):
        vlan = WRONG_VLAN if port % 2 == 0 else LEGACY_VLAN
        body: dict[str, Any] = {"type": "access", "vlan": vlan}
        if port == 1:
            body["name"] = "pc"
        write("PUT", f"/devices/{serial}/switch/ports/{port}", body)
    if entry["copper"] >= 8:
        write("PUT", f"/devices/{serial}/switch/ports/8", {"enabled": False})


def _broadcast(simulator: MerakiSimulator, network_id: str, site: str) -> None:
    for slot, (name, where) in INTERNAL.items():
        if where is None or site.startswith(where):
            body = {
                "name": name,
                "enabled": True,
                "authMode": "psk",
                "psk": made_up_key(f"{site} {name}"),
                "ipAssignmentMode": "Bridge mode",
                "useVlanTagging": True,
                "defaultVlanId": LEGACY_VLAN,
            }
            simulator.edit("PUT", f"/networks/{network_id}/wireless/ssids/{slot}", body)


def _trial_policy(simulator: MerakiSimulator, network_id: str) -> None:
    server = {"host": "10.93.0.250", "port": 1812, "secret": made_up_key("essai")}
    policy = {"name": "essai 802.1X", "radiusServers": [server], "radiusAccountingEnabled": False}
    simulator.edit("POST", f"/networks/{network_id}/switch/accessPolicies", policy, CONTRACTOR)


def made_up_key(label: str) -> str:
    """Return a text that looks like a key, the same each time; it protects nothing."""
    return hashlib.sha256(label.encode()).hexdigest()[:16]
