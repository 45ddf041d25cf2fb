"""The settings of a DHCP server itself, as the cmdlets of DhcpServer read and change them.

What this server refuses is [inferred] from the pages of the cmdlets and from the DHCP console.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address
from typing import Any

from lab.winrm.powershell import PowerShellError

Json = dict[str, Any]
_ADDRESSES = (3, 4, 5, 6, 41, 42, 44, 150)
_KNOWN = (*_ADDRESSES, 2, 12, 15, 43, 46, 51, 60, 66, 67, 119, 252)
_MICROSOFT = ("Microsoft Windows 2000 Options", "Microsoft Windows 98 Options", "Microsoft Options")


def installed(**changes: Any) -> Json:
    """Return the settings of a server as its installation leaves them.

    options   entries: `option`, `values`, and the class or the policy that each is for
    classes   names of the vendor classes
    audit     the daily log, with the bounds of MS-DHCPM 3.1.1.25
    """
    return {
        "options": [],
        "classes": list(_MICROSOFT),
        "audit": {
            "enabled": True, "path": r"C:\Windows\system32\dhcp", "max_mb": 70, "min_free_mb": 20, "check_every": 50,
        },
        "conflicts": 0,
        "account": {"domain": "", "name": ""},
        "bindings": [{"interface": "Ethernet", "address": "", "bound": True}],
        **changes,
    }


def option(number: int, *values: str, vendor: str = "", user: str = "", policy: str = "") -> Json:
    return {"option": number, "vendor": vendor, "user": user, "policy": policy, "values": list(values)}


class DhcpSettings:
    """The settings of a server over its state."""

    def __init__(self, state: Json) -> None:
        self.state: Json = state.setdefault("settings", installed())

    def read(self, given: Mapping[str, Any]) -> Json:
        return self.state

    def write(self, given: Mapping[str, Any]) -> Json:
        """Write in the order of the snippet; what comes before a refusal stays."""
        options: list[Json] = self.state["options"]
        for cleared in given["cleared"]:
            entry = self._entry(cleared)
            if entry is None:
                raise refused(f"Failed to delete option {cleared['id']}.")
            options.remove(entry)
        for wanted in given["options"]:
            if wanted["vendor"] and wanted["vendor"] not in self.state["classes"]:
                raise refused(f"The specified vendor class {wanted['vendor']} is not defined on this DHCP server.")
            check_option(wanted, of_class=bool(wanted["vendor"]))
            entry = self._entry(wanted)
            if entry is None:
                options.append(option(wanted["id"], *wanted["values"], vendor=wanted["vendor"]))
            else:
                entry["values"] = list(wanted["values"])
        if given["conflicts"] is not None:
            if not 0 <= given["conflicts"] <= 5:
                raise refused("The conflict detection attempts are not valid.")
            self.state["conflicts"] = given["conflicts"]
        audit = self.state["audit"]
        audit |= {name: given[name] for name in audit if given[name] is not None}
        return {}

    def _entry(self, wanted: Mapping[str, Any]) -> Json | None:
        key = (wanted["id"], wanted["vendor"], "", "")
        entries: list[Json] = self.state["options"]
        return next((it for it in entries if (it["option"], it["vendor"], it["user"], it["policy"]) == key), None)


def refused(message: str) -> PowerShellError:
    return PowerShellError(message, "DHCP 20000,DhcpServer")


def check_option(option: Mapping[str, Any], *, of_class: bool = False) -> None:
    """Refuse an option that is not defined, or whose values are not those of its type."""
    if option["id"] not in _KNOWN and not of_class:
        raise refused(f"Option {option['id']} is not defined on this DHCP server.")
    if not option["values"]:
        raise refused(f"Option {option['id']} has no value.")
    if option["id"] in _ADDRESSES and not of_class:
        for value in option["values"]:
            try:
                IPv4Address(value)
            except ValueError as fault:
                raise refused(f"{value} is not an IPv4 address.") from fault
