# SPDX-License-Identifier: EUPL-1.2
"""The variables of the lab: where its systems listen, and with which accounts.

They are values, computed once a run. A template would read the lab's file again in each task that names it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin

DOCUMENTATION = r"""
---
name: piste_lab
short_description: Say where the lab listens
description:
  - Reads what the lab wrote at its start, in C(PISTE_LAB_DIR), else in C(.lab). Without a lab, nothing listens.
  - C(PISTE_RATE) replaces the requests a second, C(PISTE_LAB_OTHER_DIR) the folder of a second lab.
author: Ville du Bourget
options: {}
"""

Values = Mapping[str, Any]

CONNECTIONS: Mapping[str, tuple[str, Mapping[str, str], Values]] = {
    "piste_meraki": ("meraki", {"base_url": "url", "api_key": "api_key"}, {"organization": "Ville du Bourget"}),
    "piste_ad": (
        "ad",
        {"controller": "host", "address": "address", "username": "bind_dn", "password": "password"},
        {},
    ),
    "piste_winrm": ("winrm", {"username": "username", "password": "password"}, {}),
    "piste_smc": ("smc", {"url": "url", "api_key": "api_key"}, {"api_version": "7.4"}),
    "piste_prism": ("prism", {"base_url": "url", "username": "username", "password": "password"}, {}),
    "piste_zabbix": ("zabbix", {"url": "url", "token": "token"}, {}),
    "piste_glpi": (
        "glpi",
        {
            "base_url": "url",
            **{
                name: name for name in ("client_id", "client_secret", "username", "password", "user_token", "app_token")
            },
        },
        {},
    ),
    "piste_veeam": ("veeam", {"base_url": "url", "username": "username", "password": "password"}, {}),
    "piste_microsoft": (
        "microsoft",
        {
            **dict.fromkeys(("base_url", "login_url", "security_url"), "url"),
            **{name: name for name in ("tenant", "application", "certificate", "private_key")},
        },
        {},
    ),
}
"""By variable: the part of the lab, its options with their names there, and what does not depend on the lab."""
RATES = {"piste_meraki": 10.0, "piste_prism": 20.0, "piste_zabbix": 20.0, "piste_glpi": 50.0}
"""Requests a second."""
ACCOUNTS: Values = {
    "poste-essai": {
        "identity": "host/pc-test-01.ad.lebourget.example",
        "policy": "agents-certificat",
        "certificate": {"secret": "eap/poste/certificate"},
        "key": {"secret": "eap/poste/key"},
    },
    "agent-essai": {
        "identity": "agent.test",
        "policy": "agents-mot-de-passe",
        "password": {"secret": "eap/agent/password"},
    },
    "poste-revoque": {
        "identity": "host/pc-test-01.ad.lebourget.example",
        "revoked": True,
        "certificate": {"secret": "eap/revoque/certificate"},
        "key": {"secret": "eap/revoque/key"},
    },
}
"""The accounts of the trials of 802.1X."""


def variables(folder: str, other: str, rate: str = "") -> dict[str, Any]:
    """Compute the variables of the lab in a folder, and of the SMC of another.

    A part that the lab lacks has empty values.
    """
    # The process that fills a lab alone knows where it listens (`lab/state.py`).
    lab = _read(folder, "filling.json" if os.environ.get("PISTE_LAB_FILLING") else "info.json")
    authority = {"ca_file": lab.get("ca_file", "")}
    given: dict[str, Any] = {}
    for name, (part, options, fixed) in CONNECTIONS.items():
        its = lab.get(part) or {}
        given[name] = {option: its.get(key, "") for option, key in options.items()} | fixed | authority
        if name in RATES:
            given[name]["rate"] = _rate(rate) if rate else RATES[name]
    directory, radius = lab.get("ad") or {}, lab.get("radius") or {}
    given["piste_winrm"]["urls"] = (lab.get("winrm") or {}).get("hosts", {})
    given["piste_eap"] = {
        "source": radius.get("source", ""),
        "stranger": radius.get("stranger", ""),
        "servers": radius.get("servers", {}),
        **authority,
        "accounts": ACCOUNTS,
    }
    # The lab serves the declared certificates and shares itself.
    elsewhere = (lab.get("certificates") or {}).get("elsewhere", {})
    given["piste_tls"] = {**authority, "only_elsewhere": True, "elsewhere": elsewhere}
    given["piste_smb"] = {"only_elsewhere": True, "timeout": 10.0, **(lab.get("smb") or {"username": ""})}
    given |= {f"piste_{part}": lab.get(part) or {} for part in ("nexus", "restic", "nut")}
    given |= {f"piste_{part}_absent": not lab.get(part) for part in ("nexus", "zabbix")}
    given["piste_lab_dns"] = {"address": directory["address"], "port": directory["dns_port"]} if directory else {}
    given["piste_restoring"] = {
        "directory_backups": f"{folder}/sauvegardes/annuaire",
        "nps": "nps-essai",
        "username": directory.get("restorer_dn", ""),
        "password": directory.get("restorer_password", ""),
    }
    second = _read(other, "info.json")
    given["piste_smc_prestataire"] = {
        "url": (second.get("smc") or {}).get("url", ""),
        "api_key": (second.get("smc") or {}).get("api_key", ""),
        "api_version": "7.1",
        "ca_file": second.get("ca_file", ""),
    }
    places = {name: f"{folder}/{place}" for name, place in PLACES.items()}
    return {**given, **places, "piste_secrets": _read(folder, "secrets.json")}


def _rate(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise AnsibleParserError(f"PISTE_RATE vaut « {text} » : un nombre par seconde est attendu.") from None


PLACES = {
    "piste_as_found": "as_found",
    "piste_closings": "fermetures",
    "piste_eap_tests": "eap_tests",
    "piste_gpo_backups": "strategies",
    "piste_rehearsed": "sobriety/rollout.yml",
    "piste_secrets_lock": "secrets.lock.yml",
    "piste_signed": "signed",
    "piste_storage_index": "storage/index",
}
"""What goes with the state of the lab, and disappears with it."""


def _read(folder: str, name: str) -> dict[str, Any]:
    path = Path(folder, name)
    try:
        known = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise AnsibleParserError(
            f"{path} ne se lit pas. Redémarrez le laboratoire : piste lab down ; piste lab up."
        ) from error
    return known if isinstance(known, dict) else {}


class InventoryModule(BaseInventoryPlugin):  # type: ignore[misc]
    NAME = "piste_lab"

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        super().parse(inventory, loader, path, cache)
        usual = Path(path).parents[2] / ".lab"
        folder = os.environ.get("PISTE_LAB_DIR") or str(usual)
        other = os.environ.get("PISTE_LAB_OTHER_DIR") or str(usual / "prestataire")
        for name, value in variables(folder, other, os.environ.get("PISTE_RATE", "")).items():
            inventory.set_variable("all", name, value)
