"""Subnets in the sites of Active Directory: an address gives the nearest controllers.

Sources: MS-ADTS 6.1.1.2.2.2.1 (subnet objects), 6.3.3 (site of a client).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.progress import Progress
from piste.engine.converge.resource import Field, Resource
from piste.systems.windows import dn as dns
from piste.systems.windows.ad_sites import Forest, common_name
from piste.systems.windows.directory import Value
from piste.systems.windows.driver import DirectoryDriver, described, sorted_items, spelt_as, text_change


def prefix(text: str) -> str:
    """Return a prefix as the directory writes it.

    Raises ValueError for host bits, and for what is no prefix.
    """
    return str(ipaddress.ip_network(text))


AD_SUBNETS = Resource(
    system="ad",
    name="ad_subnet",
    doc="Sous-réseau Active Directory",
    key=("subnet",),
    parents={"ad_site": "site"},
    fields=(
        Field("subnet", "Prefix, C(10.93.64.0/24); its identity.", required=True, normalise=prefix),
        Field(
            "site",
            "Site whose controllers are the nearest; null for none.",
            nullable=True,
            default=None,
            normalise=common_name,
        ),
        Field("description", "Description; null clears it.", nullable=True, default=None, minimum=1, maximum=1024),
    ),
)


class AdSubnets(DirectoryDriver):
    """The subnets of the forest. The caller opens and closes the directory."""

    resource = AD_SUBNETS
    options = ()
    states = ("merged", "replaced", "deleted", "gathered")
    forest: Forest

    def gather(self, desired: Sequence[Item], *, whole: bool, fresh: bool) -> dict[str, Item]:
        asked = {item["subnet"]: item for item in desired}
        self.forest = Forest(self.directory, fresh=fresh)
        self.raw, items = {}, {}
        for name, entry in self.forest.subnets.items():
            if asked and name not in asked:
                continue
            self.raw[name] = entry
            site = entry.text("siteObject")
            wanted = asked.get(name, {}).get("site")
            items[name] = {
                "subnet": name,
                "site": spelt_as([wanted] if wanted else [], self.forest.site(site)) if site else None,
                "description": entry.text("description"),
            }
        return sorted_items(items)

    def lacks(self, item: Item) -> str:
        """Say where a subnet waits for its site, which is the town's."""
        site = item.get("site")
        known = {dns.fold(name) for name in (*self.forest.sites, *self.directory.shared.planned("ad_site"))}
        if not site or dns.fold(site) in known:
            return ""
        return f"attend le site Active Directory « {site} », que la ville (-l commune) fait d’abord"

    def apply(self, operations: Sequence[Operation], progress: Progress) -> None:
        for operation in operations:
            with self.sending(progress, operation):
                if operation.action == "create":
                    self._create(operation.key, operation.after or {})
                elif operation.action == "delete":
                    self.directory.delete(self.raw[operation.key].dn)
                else:
                    self._update(operation.key, operation.after or {})
            progress.done(operation)

    def _create(self, name: str, item: Item) -> None:
        attributes: dict[str, Sequence[Value]] = {**described(item, "description")}
        if item.get("site"):
            attributes["siteObject"] = [self._site_dn(item["site"])]
        dn = dns.child(name, f"CN=Subnets,{self.forest.root}")
        self.directory.add(dn, ["top", "subnet"], attributes)

    def _update(self, name: str, after: Item) -> None:
        entry, changes = self.raw[name], {}
        if "description" in after:
            changes["description"] = text_change(entry, "description", after["description"])
        if "site" in after:
            site = self._site_dn(after["site"]) if after["site"] else None
            if not (site and entry.raw("siteObject") and dns.same(site, entry.text("siteObject") or "")):
                changes["siteObject"] = text_change(entry, "siteObject", site)
        self.directory.modify(entry.dn, changes)

    def _site_dn(self, site: str) -> str:
        live = {dns.fold(name): entry.dn for name, entry in self.forest.sites.items()}
        return live.get(dns.fold(site)) or self.forest.site_dn(site)
