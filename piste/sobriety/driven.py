"""What each lever changes on the systems: the domain whose playbook applies it, the kinds and fields that are its."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from piste.model.schema_sobriety import Drives


@dataclass(frozen=True, slots=True)
class Driven:
    """`kinds` gives, for each kind, the fields that are the lever's; None for the whole object.

    `town` tells that part of it belongs to the town itself, `whole` that all of it does.
    """

    domain: str
    kinds: Mapping[str, frozenset[str] | None]
    town: bool = False
    whole: bool = False

    @property
    def playbook(self) -> str:
        return f"playbooks/domains/{self.domain}.yml"

    def owns(self, operation: Mapping[str, Any]) -> bool:
        """Tell whether an operation changes nothing but what is the lever's."""
        kind = operation["kind"]
        if kind not in self.kinds:
            return False
        fields = self.kinds[kind]
        return fields is None or changed(operation) <= fields


def changed(operation: Mapping[str, Any]) -> set[str]:
    """Name the fields that an operation changes."""
    before, after = (operation["content"][side] or {} for side in ("before", "after"))
    return {name for name in {*before, *after} if before.get(name) != after.get(name)}


_POLICIES = Driven("directory", {"gpo": None, "gpo_link": None}, town=True)
DRIVEN: Mapping[Drives, Driven] = {
    "sleep": _POLICIES,
    "shutdown": _POLICIES,
    "print_defaults": Driven("printing", {"print_queue": frozenset({"duplexing", "color"})}),
    "machine_hours": Driven("hosting", {"category": None, "vm": frozenset({"categories"})}, town=True, whole=True),
    "ssid_hours": Driven("network", {"ssid": frozenset({"schedule"})}),
    "port_hours": Driven("network", {"port_schedule": None, "switch_port": frozenset({"port_schedule"})}),
    "radio_power": Driven("network", {"rf_profile": None, "radio": None}),
    "ssid_cleaning": Driven("network", {"ssid": None}),
}
