"""Readings of systems where all that is declared lives, as the reading modules give them."""

from __future__ import annotations

from typing import Any

from piste.readings.table import Answer
from piste.sites.living import kept
from piste.sites.living.kept import Kept
from piste.systems.forcepoint.intent import smc_intent
from piste.town.model import Site, Town

READ_AT = "2026-09-21T14:13:20+00:00"


def keep(town: Town, life: Any, environment: str = "lab") -> Kept:
    """Keep what the modules gave, as a reading does; return what is believed."""
    kept.keep(town, environment, Answer(life, {}, {}), whole=True)
    return last(town, environment)


def last(town: Town, environment: str = "lab") -> Kept:
    return kept.believed(kept.known(town, environment))[0]


def alive(town: Town, site: Site) -> dict[str, Any]:
    """Return the readings of the systems for a site where everything lives as declared."""
    commune = town.commune
    assert commune
    assert commune["hosting"]
    devices = site["devices"] + [
        device for other in town.sites.values() for device in other["devices"] if other["id"] != site["id"]
    ]
    policies = {entry["engine"].partition("/")[2]: entry["policy"] for entry in smc_intent(commune)["installations"]}
    names = [ssid["name"] for ssid in site["ssids"]]
    nodes = [node["name"] for node in commune["hosting"]["nodes"]]
    return {
        "meraki": {
            "read_at": READ_AT,
            "devices": {device["serial"]: _device(device) for device in devices},
            "ports": {
                device["serial"]: {port["port"]: dict(PORT) for port in device["ports"]}
                for device in devices
                if device["kind"] == "switch"
            },
            "radios": {device["serial"]: names for device in site["devices"] if device["kind"] == "access_point"},
            "clients": {},
            "unread": {},
        },
        "smc": {
            "read_at": READ_AT,
            "engines": {name: {"nodes": [_node(name, policy)], "pending": 0} for name, policy in policies.items()},
            "tunnels": [{"name": "csu", "kind": "vpn", "monitoring": "OK"}],
            "unread": {},
        },
        "prism": {
            "read_at": READ_AT,
            "machines": {machine["name"]: ["ON"] for machine in commune["hosting"]["machines"]},
            "places": {machine["name"]: [nodes[0]] for machine in commune["hosting"]["machines"]},
            "nodes": {node["name"]: dict(HOST) for node in commune["hosting"]["nodes"]},
            "clusters": {commune["hosting"]["cluster"]: "7.5"},
            "unread": {},
        },
        "nexus": {
            "read_at": READ_AT,
            "versions": {switch["name"]: "9.3(13)" for switch in commune["nexus"]["switches"]},
            "nexus_ports": {
                switch["name"]: {"read_at": READ_AT, "values": {f"1/{port}": dict(NEXUS_PORT) for port in (1, 2, 3)}}
                for switch in commune["nexus"]["switches"]
            },
            "unread": {},
        },
    }


PORT = {
    "status": "Connected", "uplink": False, "speed_mbps": 10_000, "duplex": "full", "errors": [], "warnings": [],
    "fed": False,
}  # fmt: skip
NEXUS_PORT = {"status": "up", "speed_mbps": 10_000, "reason": ""}
HOST = {
    "state": "NORMAL", "degraded": False, "hypervisor": "ACROPOLIS_NORMAL", "connected": "CONNECTED",
    "controller_in_maintenance": False, "version": "10.3",
}  # fmt: skip


def _device(device: Any) -> dict[str, Any]:
    version = "switch-17-1" if device["kind"] == "switch" else "wireless-31-1"
    return {
        "name": device["name"], "model": device["model"], "status": "online", "reported_at": READ_AT,
        "firmware": version, "supplies": [],
    }  # fmt: skip


def _node(name: str, policy: str) -> dict[str, Any]:
    return {
        "name": f"{name} node 1", "state": "Online", "monitoring": "READY", "configuration": "Installed",
        "policy": policy, "installed_at": READ_AT, "version": "7.1.2",
    }  # fmt: skip
