"""Names of WMI filters, and references to them in GPOs (MS-GPOL 2.2.2, gPCWQLFilter)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property

from piste.systems.windows import dn as dns
from piste.systems.windows.directory import Directory
from piste.systems.windows.searches import WMI_FILTERS

UNFILTERED = "unfiltered"
"""Name under which check mode notes the policies that leave their filter."""
_REFERENCE = re.compile(r"\[[^;\]]*;(\{[^;}]*\});[^\]]*\]")


class WmiNames:
    """Names of the filters of a domain, read once; `fresh` asks the controller again."""

    def __init__(self, directory: Directory, *, fresh: bool = False) -> None:
        self.directory, self._fresh = directory, fresh

    @cached_property
    def _all(self) -> dict[str, str]:
        entries = self.directory.find(WMI_FILTERS, fresh=self._fresh)
        return {(entry.text("msWMI-ID") or "").upper(): entry.text("msWMI-Name") or "" for entry in entries}

    def name(self, reference: str) -> str | None:
        """Name of a reference's filter; its id where it is gone; None without a reference."""
        match = _REFERENCE.match(reference)
        if not match:
            return None
        return self._all.get(match.group(1).upper(), match.group(1))

    def designated(self, reference: str) -> tuple[str, str] | None:
        """Id and name of a reference's filter; None without a reference."""
        match = _REFERENCE.match(reference)
        return (match.group(1), self.name(reference) or "") if match else None

    def known(self, name: str) -> bool:
        """True for a live or planned filter. False is always an answer of the controller."""
        planned = self.directory.shared.planned("wmi_filter")
        if self._holds(name, planned) or self._holds(name, self._all.values()):
            return True
        self.directory.forget()
        del self._all
        return self._holds(name, self._all.values())

    def _holds(self, name: str, names: Iterable[str]) -> bool:
        return dns.fold(name) in map(dns.fold, names)

    def reference(self, name: str | None) -> str:
        """Reference to a filter, for a GPO; empty without a name."""
        if name is None:
            return ""
        known = {dns.fold(text): guid for guid, text in self._all.items()}
        return f"[{self.directory.name};{known[dns.fold(name)]};0]"
