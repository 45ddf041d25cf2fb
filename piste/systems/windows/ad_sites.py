"""Sites of Active Directory: places where controllers stand, and the links between them.

A site of its own only makes sense where a controller stands; elsewhere a subnet names the site of its nearest
controller (`piste/systems/windows/ad_subnets.py`).

Sources: MS-ADTS 6.1.1.2.2 (sites, `CN=Servers`, `CN=NTDS Site Settings`), 6.1.1.2.2.3.2 (site links).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from piste.engine.converge.errors import Fault, Unreachable
from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.progress import Progress
from piste.engine.converge.resource import Field, Resource
from piste.systems.windows import dn as dns
from piste.systems.windows.directory import Directory
from piste.systems.windows.driver import DirectoryDriver, described, sorted_items, spelt_as, text_change
from piste.systems.windows.entry import Entry
from piste.systems.windows.searches import SITES

_DEFECTS = "defects"
_CONTENTS = {"NTDS Site Settings": "nTDSSiteSettings", "Servers": "serversContainer"}
"""Objects that every site contains, by name."""
_OF_A_SITE = frozenset(kind.lower() for kind in _CONTENTS.values())
_READ = "Donnez au compte de Piste le droit de lire la configuration de la forêt."
_LINKS = "CN=IP,CN=Inter-Site Transports"
_QUARTER = 15
_NUMBERS = {"cost": "cost", "interval": "replInterval"}
"""Attributes of a link, by field."""
_DEFAULTS = {"cost": 100, "interval": 180}
"""Numbers of a link that has none."""


def common_name(name: str) -> str:
    """Return the name of a site or of a link. Raises ValueError for what is no name."""
    if name != name.strip() or not name.isprintable() or set(name) & set('/\\"*?<>|,'):
        raise ValueError(name)
    return name


def _interval(minutes: int) -> int:
    if minutes % _QUARTER:
        raise ValueError(minutes)
    return minutes


AD_SITES = Resource(
    system="ad",
    name="ad_site",
    doc="Site Active Directory",
    repairs=_DEFECTS,
    fields=(
        Field("name", "Name of the site; its identity.", required=True, normalise=common_name, minimum=1, maximum=63),
        Field("description", "Description; null clears it.", nullable=True, default=None, minimum=1, maximum=1024),
        Field(
            "links",
            "Links by which controllers of the site replicate with those of others, by name; null takes the site out "
            "of a link.",
            type="map",
            normalise_key=common_name,
            caseless=True,
            default={},
            of=(
                Field("sites", "Names of the other sites of the link.", type="list", required=True, unordered=True),
                Field(
                    "cost",
                    "Cost; the cheapest way is taken.",
                    type="int",
                    default=_DEFAULTS["cost"],
                    minimum=1,
                    maximum=99999,
                ),
                Field(
                    "interval",
                    "Minutes between two replications, a multiple of 15.",
                    type="int",
                    default=_DEFAULTS["interval"],
                    minimum=15,
                    maximum=10080,
                    normalise=_interval,
                ),
            ),
        ),
    ),
)


@dataclass
class Link:
    """A site link, as read or as just written."""

    dn: str
    name: str
    sites: list[str]
    """DNs of its sites, as the directory spells them."""
    numbers: dict[str, int]

    def has(self, site: str) -> bool:
        return any(dns.same(site, member) for member in self.sites)


class Forest:
    """The sites, subnets and links of the forest, as read in one search."""

    def __init__(self, directory: Directory, *, fresh: bool) -> None:
        self.root = f"CN=Sites,{directory.configuration}"
        self.sites: dict[str, Entry] = {}
        self.subnets: dict[str, Entry] = {}
        self.links: dict[str, Link] = {}
        self.contents: dict[str, set[str]] = {}
        """Names of the objects right beneath each site, by its normal DN."""
        self.servers: dict[str, list[str]] = {}
        """Names of the controllers of each site, by its normal DN."""
        for entry in directory.find(SITES, fresh=fresh):
            self._take(entry)
        if not self.sites:  # a forest has a site from the start
            raise Unreachable("aucun site ne se montre à ce compte", where=self.root, todo=_READ)
        self.names = {dns.normal(entry.dn): name for name, entry in self.sites.items()}

    def _take(self, entry: Entry) -> None:
        kind, name = (entry.texts("objectClass") or [""])[-1].lower(), dns.split(entry.dn)[0][1]
        if kind == "site":
            self.sites[name] = entry
        elif kind == "subnet":
            self.subnets[name] = entry
        elif kind == "sitelink":
            numbers = {field: entry.number(wire) for field, wire in _NUMBERS.items() if entry.raw(wire)}
            self.links[dns.fold(name)] = Link(entry.dn, name, entry.texts("siteList"), numbers)
        elif kind == "server":
            site = dns.normal(dns.parent(dns.parent(entry.dn)))
            self.servers.setdefault(site, []).append(name)
        elif kind in _OF_A_SITE:
            self.contents.setdefault(dns.normal(dns.parent(entry.dn)), set()).add(name)
        else:
            raise Unreachable("objectClass ne se montre pas à ce compte", where=entry.dn, todo=_READ)

    def site_dn(self, name: str) -> str:
        return dns.child(name, self.root)

    def link_dn(self, name: str) -> str:
        return dns.child(name, f"{_LINKS},{self.root}")

    def site(self, dn: str) -> str:
        """Return the name of a site, live or planned, from its DN."""
        return self.names.get(dns.normal(dn), dns.split(dn)[0][1])


class AdSites(DirectoryDriver):
    """The sites of the forest. The caller opens and closes the directory."""

    resource = AD_SITES
    options = ()
    states = ("merged", "replaced", "deleted", "gathered")
    forest: Forest

    def gather(self, desired: Sequence[Item], *, whole: bool, fresh: bool) -> dict[str, Item]:
        asked = {item["name"]: item for item in desired}
        self.forest = Forest(self.directory, fresh=fresh)
        items: dict[str, Item] = {}
        self.raw = {}
        for live, entry in self.forest.sites.items():
            name = spelt_as(asked, live)
            if asked and name not in asked:
                continue
            self.raw[name] = entry
            items[name] = {
                "name": name,
                "description": entry.text("description"),
                "links": self._links(entry, asked.get(name, {})),
            }
            if name in asked and (lacking := _CONTENTS.keys() - self.forest.contents.get(dns.normal(entry.dn), set())):
                items[name][_DEFECTS] = sorted(lacking)
        return sorted_items(items)

    def _links(self, entry: Entry, desired: Item) -> dict[str, Any]:
        declared = desired.get("links") or {}
        links = {}
        for link in self.forest.links.values():
            if link.has(entry.dn):
                name = spelt_as(declared, link.name)
                spellings = (declared.get(name) or {}).get("sites", ())
                others = (self.forest.site(dn) for dn in link.sites if not dns.same(dn, entry.dn))
                sites = sorted(spelt_as(spellings, site) for site in others)
                links[name] = {"sites": sites, **_DEFAULTS, **link.numbers}
        return dict(sorted(links.items()))

    def ordered(self, operations: Sequence[Operation]) -> Sequence[Operation]:
        """Sort operations: creations first, since the links of a site name others."""
        return sorted(operations, key=lambda operation: ("create", "update", "delete").index(operation.action))

    # before the first write

    def check(self, desired: Sequence[Item]) -> list[Fault]:
        items = [item for item in desired if "name" in item]
        forest = Forest(self.directory, fresh=False)
        known = {dns.fold(name) for name in forest.sites} | {dns.fold(item["name"]) for item in items}
        known |= {dns.fold(name) for name in self.directory.shared.planned(self.resource.name)}
        faults = []
        for item in items:
            for name, link in (item.get("links") or {}).items():
                others = (link or {}).get("sites", ["-"])
                place = f"links[{name}].sites"
                if not others and dns.fold(name) not in forest.links:  # the link of a new forest has one site
                    faults.append(self.fault(item, place, "un lien relie deux sites au moins"))
                unknown = [site for site in others if link and dns.fold(site) not in known]
                faults += [self.fault(item, place, f"site inconnu : {site}") for site in unknown]
                if link and dns.fold(item["name"]) in map(dns.fold, others):
                    faults.append(self.fault(item, place, "le site lui-même n’est pas à nommer ici"))
        return faults

    def refusals(self, operations: Sequence[Operation]) -> list[str]:
        refusals = []
        for operation in operations:
            if operation.action == "delete":
                servers = self.forest.servers.get(dns.normal(self.raw[operation.key].dn), [])
                if servers:
                    refusals.append(f"« {operation.key} » a encore des contrôleurs : {', '.join(sorted(servers))}")
        return refusals

    def guards(self, operations: Sequence[Operation]) -> dict[str, str]:
        guards = {}
        for operation in operations:
            if operation.action == "delete":
                own = dns.normal(self.raw[operation.key].dn)
                subnets = [
                    name
                    for name, entry in self.forest.subnets.items()
                    if dns.normal(entry.text("siteObject") or "") == own
                ]
                if subnets:
                    why = f"n’auraient plus de site : {', '.join(sorted(subnets))}"
                    guards[f"ad_site:{operation.key}"] = why
        return guards

    # writing

    def apply(self, operations: Sequence[Operation], progress: Progress) -> None:
        later: list[Operation] = []
        for operation in operations:
            with self.sending(progress, operation):
                if operation.action == "delete":
                    self._delete(operation.key)
                else:
                    self._write(operation)
            if operation.action == "create" and (operation.after or {}).get("links"):
                progress.begun([operation])
                later.append(operation)
            else:
                progress.done(operation)
        for operation in later:  # sites of a link that are all new: all exist by now
            with self.sending(progress, operation):
                self._link(operation.key, self.forest.site_dn(operation.key), operation)
            progress.done(operation)

    def _write(self, operation: Operation) -> None:
        before, after = operation.before or {}, operation.after or {}
        if operation.action == "create":
            dn = self.forest.site_dn(operation.key)
            self.directory.add(dn, ["top", "site"], described(after, "description"))
            lacking = sorted(_CONTENTS)
        else:
            entry = self.raw[operation.key]
            dn, lacking = entry.dn, before.get(_DEFECTS, [])
            if "description" in after:
                self.directory.modify(dn, {"description": text_change(entry, "description", after["description"])})
        for name in lacking:
            classes = ["top", "applicationSiteSettings"] if name != "Servers" else ["top"]
            self.directory.add(dns.child(name, dn), [*classes, _CONTENTS[name]], {})
        if operation.action == "update":
            self._link(operation.key, dn, operation)

    def _link(self, site: str, dn: str, operation: Operation) -> None:
        before: Mapping[str, Item] = (operation.before or {}).get("links") or {}
        after: Mapping[str, Item] = (operation.after or {}).get("links") or {}
        for name, link in after.items():
            if link != before.get(name):
                self._put(name, [dn, *map(self._dn_of, link["sites"])], link)
        for name in before.keys() - after.keys():
            self._leave(self.forest.links[dns.fold(name)], dn)

    def _dn_of(self, site: str) -> str:
        live = next((entry.dn for name, entry in self.forest.sites.items() if dns.fold(name) == dns.fold(site)), None)
        return live or self.forest.site_dn(site)

    def _put(self, name: str, members: Sequence[str], link: Item) -> None:
        live = self.forest.links.get(dns.fold(name))
        numbers = {field: link[field] for field in _NUMBERS}
        if live is None:
            live = Link(self.forest.link_dn(name), name, [*members], numbers)
            attributes = {attribute: [numbers[field]] for field, attribute in _NUMBERS.items()}
            self.directory.add(live.dn, ["top", "siteLink"], {"siteList": members, **attributes})
            self.forest.links[dns.fold(name)] = live
            return
        changes: dict[str, Any] = {}
        for field, attribute in _NUMBERS.items():
            before = [live.numbers[field]] if field in live.numbers else []
            changes[attribute] = (before, [numbers[field]])
        self._set_sites(live, members, changes)
        live.numbers = numbers

    def _set_sites(self, link: Link, members: Sequence[str], changes: Mapping[str, Any]) -> None:
        """Change the sites of a link, with other attributes; those that stay keep their spelling."""
        live = {dns.normal(member): member for member in link.sites}
        after = [live.get(dns.normal(member), member) for member in members]
        self.directory.modify(link.dn, {**changes, "siteList": (link.sites, after)})
        link.sites = after

    def _leave(self, link: Link, dn: str) -> None:
        """Take a site out of a link; a link of one site goes."""
        others = [member for member in link.sites if not dns.same(member, dn)]
        if len(others) > 1:
            self._set_sites(link, others, {})
        else:
            self.directory.delete(link.dn)
            del self.forest.links[dns.fold(link.name)]

    def _delete(self, name: str) -> None:
        dn = self.raw[name].dn
        for link in [*self.forest.links.values()]:
            if link.has(dn):
                self._leave(link, dn)
        self.directory.delete(dn, tree=True)
