"""The state `town`: the lab as Piste leaves it, made by Piste itself over the lab's own API."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lab import daemon
from lab.state import read_json

# The tasks of roles/network: a module, the part of the intent that is its config, the one that is its `absent`.
TASKS = (
    ("meraki_networks", "networks", ""),
    ("meraki_devices", "devices", ""),
    ("meraki_network_settings", "settings", ""),
    ("meraki_access_policies", "access_policies", ""),
    ("meraki_port_schedules", "port_schedules", ""),
    ("meraki_rf_profiles", "rf_profiles", ""),
    ("meraki_switch_ports", "switch_ports", ""),
    ("meraki_radios", "radios", ""),
    ("meraki_ssids", "ssids", "retired_ssids"),
)
# Those of roles/directory: a module, the part of the intent that is its config, what else it takes of it.
DIRECTORY_TASKS = (
    ("ad_organizational_units", "units", ("base", "apart")),
    ("ad_groups", "groups", ("base", "apart")),
    ("ad_wmi_filters", "wmi_filters", ()),
    ("ad_gpos", "gpos", ()),
    ("ad_gpo_links", "links", ("base", "apart")),
)
_API = "7.4"
# Those of roles/access: a module, the part of the intent that is its config, the one that begins the names of its own.
ACCESS_TASKS = (
    ("nps_radius_clients", "clients", "prefix"),
    ("nps_connection_request_policies", "request_policies", "policy_prefix"),
    ("nps_network_policies", "network_policies", "policy_prefix"),
)
_STATE = {"state": "merged", "absent": [], "confirm": [], "max_removals": 5}
_UNLIMITED = {"rate_limit": None, "claim_limit": None, "batch_delay": 0.0}


def converge(folder: Path, town: Any) -> None:
    """Converge the town and every open site on the running lab, without its limits; calls then start from zero.

    Raises what a module raises.
    """
    sites = {name: site for name, site in town.sites.items() if site["lifecycle"] == "open"}
    described = read_json(folder / "info.json")
    owners = {town.commune["id"]: town.commune, **sites}
    if "ad" in described:
        _converge_directory(described, owners)
    if {"ad", "winrm"} <= described.keys():
        _converge_windows(folder, described, owners)
    if "smc" in described:
        _converge_firewall(described["smc"], town.commune)
    _converge_network(folder, described["meraki"], sites)


def _converge_directory(described: Mapping[str, Any], owners: Mapping[str, Any]) -> None:
    from piste.windows.intent import ad_intent
    from piste.windows.modules import MODULES

    domain = _domain(described)
    for name, owner in owners.items():
        intent = ad_intent(owner)
        for module, config, others in DIRECTORY_TASKS:
            task = {"domain": domain, "owner": name, "config": intent[config], "secrets": {}}
            if intent[config]:
                MODULES[module].run({**_STATE, **task, **{other: intent[other] for other in others}}, False)


def _converge_firewall(described: Mapping[str, Any], town: Any) -> None:
    """Write the sections of all sites in one go, and install: what a policy holds does not tell who wrote it."""
    from piste.forcepoint.intent import smc_intent
    from piste.domains.firewall import MODULES

    intent = smc_intent(town)
    connection = {"url": described["http_url"], "api_key": described["api_key"], "api_version": _API}
    task = {**_STATE, "smc": connection, "owner": town["id"], "secrets": {}}
    MODULES["smc_elements"].run({**task, "config": intent["elements"]}, False)
    MODULES["smc_policies"].run({**task, "config": intent["installed"]}, False)
    installation = {"config": intent["installations"], "policies": intent["installed"]}
    MODULES["smc_installations"].run({**task, **installation}, False)


def _converge_windows(folder: Path, described: Mapping[str, Any], owners: Mapping[str, Any]) -> None:
    """What Windows servers hold: the NPS pair, the print server."""
    from piste.windows.intent import printing_intent
    from piste.windows.modules import MODULES
    from piste.windows.nps.intent import nps_intent

    reached = described["winrm"]
    winrm = {
        "username": reached["username"],
        "password": reached["password"],
        "urls": reached["hosts"],
        "ca_file": described["ca_file"],
    }
    common = {
        "winrm": winrm,
        **_STATE,
        "secrets": read_json(folder / "secrets.json"),
        "secrets_lock": str(folder / "secrets.lock.yml"),
    }
    for name, owner in owners.items():
        access = nps_intent(owner, described.get("radius", {}).get("source", ""))
        for module, config, prefix in ACCESS_TASKS:
            task = {"owner": name, "servers": access["servers"], "config": access[config], "prefix": access[prefix]}
            if access[config]:
                MODULES[module].run({**common, "domain": _domain(described), **task}, False)
        printing = printing_intent(owner)
        if printing["queues"]:
            task = {"owner": name, "config": printing["queues"], **{key: printing[key] for key in ("server", "prefix")}}
            MODULES["win_print_queues"].run({**common, **task}, False)


def _domain(described: Mapping[str, Any]) -> dict[str, Any]:
    directory = described["ad"]
    return {
        "controller": directory["host"],
        "address": directory["address"],
        "username": directory["bind_dn"],
        "password": directory["password"],
        "ca_file": described["ca_file"],
    }


def _converge_network(folder: Path, described: Mapping[str, Any], sites: Mapping[str, Any]) -> None:
    # Imported here: the other commands of the lab answer at once, and do without the modules.
    from piste.meraki.intent import meraki_intent
    from piste.domains.network import MODULES

    common = {
        "dashboard": {
            "base_url": described["http_url"],
            "api_key": described["api_key"],
            "organization": described["organization_id"],
            "rate": 0,
        },
        **_STATE,
        "secrets": read_json(folder / "secrets.json"),
        "secrets_lock": str(folder / "secrets.lock.yml"),
    }
    behaviour = daemon.ask(folder, "set")
    daemon.ask(folder, "set", **_UNLIMITED)
    try:
        for name, site in sites.items():
            intent = meraki_intent(site)
            for module, config, absent in TASKS:
                task = {"owner": name, "network": intent["name"], "config": intent[config]}
                MODULES[module].run({**common, **task, "absent": intent[absent] if absent else []}, False)
    finally:
        daemon.ask(folder, "set", **{name: behaviour[name] for name in _UNLIMITED})
        daemon.ask(folder, "forget")
