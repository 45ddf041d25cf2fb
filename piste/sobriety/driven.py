"""The reach of each lever on the systems: its domain, its kinds, its fields."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from piste.town.model import Town
from piste.town.model.sobriety.form import Drives


@dataclass(frozen=True, slots=True)
class Driven:
    """The reach of a lever: `kinds` gives its fields of each kind, None for the whole object.

    `town`: a part belongs to the town itself; `whole`: all of it does. `policies`: the lever has the group policies
    that follow it and no other.
    """

    domain: str
    kinds: Mapping[str, frozenset[str] | None]
    town: bool = False
    whole: bool = False
    policies: bool = False

    @property
    def playbook(self) -> str:
        return f"playbooks/domains/{self.domain}.yml"

    def owns(self, operation: Mapping[str, Any], names: Collection[str] = ()) -> bool:
        """Check that an operation changes only fields of the lever; `names` are its policies."""
        kind = operation["kind"]
        if kind not in self.kinds:
            return False
        fields = self.kinds[kind]
        if self.policies and not _named(operation) <= set(names):
            return False
        return fields is None or changed(operation) <= fields


def changed(operation: Mapping[str, Any]) -> set[str]:
    """Name the fields that an operation changes."""
    before, after = (operation["content"][side] or {} for side in ("before", "after"))
    return {name for name in {*before, *after} if before.get(name) != after.get(name)}


def _named(operation: Mapping[str, Any]) -> set[str]:
    """Name the policies that an operation of the directory touches, in lower case."""
    if operation["kind"] == "gpo":
        return {operation["key"].casefold()}
    before, after = ((operation["content"][side] or {}).get("links") or {} for side in ("before", "after"))
    return {name.casefold() for name in {*before, *after} if before.get(name) != after.get(name)}


def policies_of(drives: Collection[Drives], *towns: Town) -> set[str]:
    """Name the policies that follow these parts, in lower case."""
    return {
        policy["name"].casefold()
        for town in towns
        for policy in (town.commune["directory"]["policies"] if town.commune else ())
        if policy["lever"] in drives
    }


_FOLLOWED: Mapping[str, frozenset[str] | None] = {"gpo": None, "gpo_links": frozenset({"links", "order"})}
_POLICIES = Driven("directory", _FOLLOWED, town=True, policies=True)
DRIVEN: Mapping[Drives, Driven] = {
    "sleep": _POLICIES,
    "shutdown": _POLICIES,
    "autostart": _POLICIES,
    "telemetry": _POLICIES,
    "print_defaults": Driven("printing", {"print_queue": frozenset({"duplexing", "color"})}),
    "machine_hours": Driven("hosting", {"category": None, "vm": frozenset({"categories"})}, town=True, whole=True),
    "ssid_hours": Driven("network", {"ssid": frozenset({"schedule"})}),
    "port_hours": Driven("network", {"port_schedule": None, "switch_port": frozenset({"port_schedule"})}),
    "radio_power": Driven("network", {"rf_profile": None, "radio": None}),
    "ssid_cleaning": Driven("network", {"ssid": None}),
}
"""The reach of each lever that converges; the others are applied by people, and proven."""
