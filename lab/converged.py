"""The state `town`: the lab as Piste leaves it, made by Piste itself over the lab's own API."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lab import daemon
from lab.state import read_json

SEED = "town"
# The tasks of roles/network: a module, the part of the intent that is its config, the one that is its `absent`.
TASKS = (
    ("meraki_networks", "networks", ""),
    ("meraki_devices", "devices", ""),
    ("meraki_network_settings", "settings", ""),
    ("meraki_access_policies", "access_policies", ""),
    ("meraki_switch_ports", "switch_ports", ""),
    ("meraki_ssids", "ssids", "retired_ssids"),
)
_UNLIMITED = {"rate_limit": None, "claim_limit": None, "batch_delay": 0.0}


def converge(folder: Path, sites: Mapping[str, Any]) -> None:
    """Converge every open site on the running lab, without its limits; calls then start from zero.

    Raises what a module raises.
    """
    # Imported here: the other commands of the lab answer at once, and do without the modules.
    from piste.meraki.intent import meraki_intent
    from piste.meraki.modules import MODULES

    described = read_json(folder / "info.json")["meraki"]
    common = {
        "dashboard": {
            "base_url": described["http_url"],
            "api_key": described["api_key"],
            "organization": described["organization_id"],
            "rate": 0,
        },
        "state": "merged",
        "confirm": [],
        "max_removals": 5,
        "secrets": read_json(folder / "secrets.json"),
        "secrets_lock": str(folder / "secrets.lock.yml"),
    }
    behaviour = daemon.ask(folder, "set")
    daemon.ask(folder, "set", **_UNLIMITED)
    try:
        for name, site in sites.items():
            if site["lifecycle"] != "open":
                continue
            intent = meraki_intent(site)
            for module, config, absent in TASKS:
                task = {"owner": name, "network": intent["name"], "config": intent[config]}
                MODULES[module].run({**common, **task, "absent": intent[absent] if absent else []}, False)
    finally:
        daemon.ask(folder, "set", **{name: behaviour[name] for name in _UNLIMITED})
        daemon.ask(folder, "forget")
