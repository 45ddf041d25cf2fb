"""The names that the declaration uses now: an editor proposes them, and refuses others."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from piste.town.model.faults import Fault, Faults
from piste.town.model.inventory import read_inventory
from piste.town.model.tree import SITES, Inventory

VARIABLES = (
    "access_policies",
    "crowd_profiles",
    "directory_policies",
    "directory_wmi_filters",
    "flows",
    "hardware",
    "hosting.environments",
    "hosting_images",
    "hosting_machines",
    "hosting_schedules",
    "port_profiles",
    "protection.families",
    "protection.stores",
    "radio_profiles",
    "segment_catalogue",
    "service_catalogue",
    "sobriety_levers",
    "ssid_catalogue",
    "terms_of_use",
)
"""The variables of the town whose keys are names."""


def read_names(inventory: Path) -> tuple[dict[str, dict[str, str]], list[Fault]]:
    """Read the names in use, each with its label, and the faults that hide some of them.

    A variable that cannot be read has no names: an editor then accepts any.
    """
    faults = Faults()
    tree = read_inventory(inventory, faults)
    names = {variable: _keys(_declared(tree, "all", variable)) for variable in VARIABLES}
    categories = [name for name, group in tree.groups.items() if SITES in group.parents]
    names["categories"] = {group: _label(_declared(tree, group, "category")) for group in categories}
    names["sites"] = {
        host: _label(site.value) if (site := tree.host_vars.get(host, {}).get("site")) else ""
        for host in sorted(tree.hosts)
        if tree.categories_of(host)
    }
    return names, [fault for fault in faults if fault.rule in ("PISTE-M001", "PISTE-M021")]


def _declared(tree: Inventory, group: str, path: str) -> Any:
    """Give the value of a variable of a group, or of a key of it; None where it is not declared."""
    name, *keys = path.split(".")
    variable = tree.group_vars.get(group, {}).get(name)
    value = variable.value if variable else None
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _keys(value: Any) -> dict[str, str]:
    return {str(key): _label(entry) for key, entry in value.items()} if isinstance(value, Mapping) else {}


def _label(entry: Any) -> str:
    known = entry if isinstance(entry, Mapping) else {}
    texts = (known.get(key) for key in ("label", "name", "purpose", "role", "why"))
    return next((text for text in texts if isinstance(text, str)), "")
