"""Searches that every owner of a domain needs: sent once a run, and again after a write."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

from piste.engine.transport.shared import Shared
from piste.systems.windows import dn as dns
from piste.systems.windows.entry import Entry

Scope = Literal["base", "one", "subtree"]

DESCRIPTOR = "nTSecurityDescriptor"
OWNER, DACL = 1, 4
"""Parts of a security descriptor: the owner, the list of rights (MS-ADTS 3.1.1.3.4.1.11)."""
CRITICAL = "isCriticalSystemObject"


class Search(NamedTuple):
    """A search beneath a place of the domain; the run's folder keeps its answer as `name`."""

    name: str
    place: str
    query: str
    attributes: tuple[str, ...]
    scope: Scope = "subtree"
    descriptor: int = 0
    forest: bool = False
    """True where the place is beneath the forest's root domain."""


PLACES = Search(
    "places",
    "",
    "(|(objectClass=organizationalUnit)(objectClass=domainDNS))",
    ("description", CRITICAL, "gPLink", "gPOptions"),
    descriptor=DACL,
)
"""The organizational units and the domain's root."""
POLICIES = Search(
    "policies", "CN=Policies,CN=System", "(objectClass=groupPolicyContainer)", ("displayName",), scope="one"
)
WMI_FILTERS = Search(
    "wmi_filters",
    "CN=SOM,CN=WMIPolicy,CN=System",
    "(objectClass=msWMI-Som)",
    ("msWMI-ID", "msWMI-Name", "msWMI-Parm1", "msWMI-Parm2", "msWMI-ChangeDate"),
    scope="one",
)
SITES = Search(
    "ad_sites",
    "CN=Sites,CN=Configuration",
    "(|(objectClass=site)(objectClass=subnet)(objectClass=siteLink)(objectClass=server)(objectClass=nTDSSiteSettings)"
    "(objectClass=serversContainer))",
    ("objectClass", "description", "siteObject", "siteList", "cost", "replInterval"),
    forest=True,
)
"""The sites of the forest with their servers, the subnets and the links."""
_NAMES = ("dnsRecord", "dNSTombstoned", "dNSProperty")
_IN_A_ZONE = "(|(objectClass=dnsZone)(objectClass=dnsNode))"
ZONES = (
    Search("zones_domain", "CN=MicrosoftDNS,DC=DomainDnsZones", _IN_A_ZONE, _NAMES),
    Search("zones_forest", "CN=MicrosoftDNS,DC=ForestDnsZones", _IN_A_ZONE, _NAMES, forest=True),
    Search("zones_legacy", "CN=MicrosoftDNS,CN=System", _IN_A_ZONE, _NAMES),
)
"""The zones that DNS servers keep in the directory, with all their names (MS-DNSP 2.3.1)."""
SEARCHES = (PLACES, POLICIES, WMI_FILTERS, SITES, *ZONES)


class Answers:
    """The answers of a controller to `SEARCHES`, kept for a run."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared

    def beneath(self, search: Search, ask: Callable[[], Sequence[Entry]], base: str) -> list[Entry]:
        """Return the objects of a search in the subtree of the DN `base`."""
        root = dns.normal(base)
        return [
            Entry(dn, {name: list(map(b64decode, content)) for name, content in values.items()})
            for normal, dn, values in self._once(search, ask)
            if normal == root or normal.endswith(f",{root}")
        ]

    def names(self, search: Search, ask: Callable[[], Sequence[Entry]]) -> set[str]:
        """Return the normal DNs of all the objects of a search."""
        return {normal for normal, _, _ in self._once(search, ask)}

    def forget(self) -> None:
        """Drop all answers, before and after a write."""
        for search in SEARCHES:
            self._shared.forget(search.name)

    def _once(self, search: Search, ask: Callable[[], Sequence[Entry]]) -> list[Any]:
        def rows() -> list[Any]:
            return [
                (dns.normal(entry.dn), entry.dn, {name: _texts(entry.raw(name)) for name in entry.names})
                for entry in ask()
            ]

        kept: list[Any] = self._shared.once(search.name, rows)
        return kept


def _texts(values: Sequence[bytes]) -> list[str]:
    return [b64encode(value).decode() for value in values]
