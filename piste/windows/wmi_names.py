"""WMI filters by name, and the reference to one that a GPO holds (MS-GPOL 2.2.2, gPCWQLFilter)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property

from piste.windows import dn as dns
from piste.windows.directory import Directory
from piste.windows.searches import WMI_FILTERS

UNFILTERED = "unfiltered"
"""Under what check mode notes the policies that leave their filter."""
_REFERENCE = re.compile(r"\[[^;\]]*;(\{[^;}]*\});[^\]]*\]")


class WmiNames:
    """Names of the filters of a domain, read once; `fresh` has the controller itself asked."""

    def __init__(self, directory: Directory, *, fresh: bool = False) -> None:
        self.directory, self._fresh = directory, fresh

    @cached_property
    def _all(self) -> dict[str, str]:
        entries = self.directory.find(WMI_FILTERS, fresh=self._fresh)
        return {(entry.text("msWMI-ID") or "").upper(): entry.text("msWMI-Name") or "" for entry in entries}

    def name(self, reference: str) -> str | None:
        """Name of the filter of a reference; the id itself where the filter is gone, None for no reference."""
        found = _REFERENCE.match(reference)
        if not found:
            return None
        return self._all.get(found.group(1).upper(), found.group(1))

    def designated(self, reference: str) -> tuple[str, str] | None:
        """Id and name of the filter of a reference; None for no reference."""
        found = _REFERENCE.match(reference)
        return (found.group(1), self.name(reference) or "") if found else None

    def known(self, name: str) -> bool:
        """True for a filter that is there, or that the run has planned; False is the controller's own answer."""
        planned = self.directory.shared.planned("wmi_filter")
        if self._holds(name, planned) or self._holds(name, self._all.values()):
            return True
        self.directory.forget()
        del self._all
        return self._holds(name, self._all.values())

    def _holds(self, name: str, names: Iterable[str]) -> bool:
        return dns.fold(name) in map(dns.fold, names)

    def reference(self, name: str | None) -> str:
        """What a GPO holds to be filtered by a name; empty for none."""
        if name is None:
            return ""
        known = {dns.fold(one): guid for guid, one in self._all.items()}
        return f"[{self.directory.name};{known[dns.fold(name)]};0]"
