"""Orphans of the directory: units, groups, WMI filters, policies, links, sites, subnets.

Also the remains of others: half-made policies, folders of SYSVOL without a policy, links to nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from piste.engine.converge.errors import Rejected
from piste.engine.converge.orphan import WHY, Orphan
from piste.systems.windows import ad_dhcp_servers
from piste.systems.windows import dn as dns
from piste.systems.windows.ad_sites import AdSites
from piste.systems.windows.ad_subnets import AdSubnets
from piste.systems.windows.connection import Connection
from piste.systems.windows.directory import Directory
from piste.systems.windows.driver import DirectoryDriver
from piste.systems.windows.gpo.defects import defects
from piste.systems.windows.gpo.stored import SIDES, Stored
from piste.systems.windows.gpo_links import DEFAULTS, GUID, GpoLinks, guid_of
from piste.systems.windows.gpos import PARTS, PROTECTED, Gpos
from piste.systems.windows.groups import Groups
from piste.systems.windows.organizational_units import OrganizationalUnits
from piste.systems.windows.wmi_filters import WmiFilters

KINDS: Mapping[str, type[DirectoryDriver]] = {
    "units": OrganizationalUnits,
    "groups": Groups,
    "wmi_filters": WmiFilters,
}
PLACES: Mapping[str, type[DirectoryDriver]] = {"sites": AdSites, "subnets": AdSubnets}


def orphans(directory: Directory, base: str, declared: Mapping[str, Iterable[str]]) -> Iterator[Orphan]:
    """Yield the orphans of each kind, `{kind, key, why}`.

    `declared` maps options of the module to names.
    """
    for option, driver_class in KINDS.items():
        driver = driver_class(directory, "", base, everything=True)
        known = {dns.fold(name) for name in declared[option]}
        live = driver.gather([], whole=True, fresh=False)
        yield from (_orphan(driver.resource.name, key) for key in live if dns.fold(key) not in known)


def policies(gpos: Gpos, declared: Iterable[str]) -> Iterator[Orphan]:
    """Yield the undeclared policies, with their defects, and the folders without a policy.

    The policies that every domain is created with are left out.
    """
    known, live = {dns.fold(name) for name in declared}, gpos.store.all()
    for name, stored in gpos.called(live):
        if stored.guid.upper() not in PROTECTED and dns.fold(stored.name) not in known:
            yield _orphan(gpos.resource.name, name, " ; ".join([WHY, *_wrong(gpos, stored)]))
    guids = {stored.guid.upper() for stored in live}
    for folder in gpos.sysvol.listing("Policies") or ():
        if GUID.fullmatch(folder) and folder.upper() not in guids:
            yield _orphan("sysvol_folder", folder, "aucune stratégie de l’annuaire n’a ce dossier")


def _wrong(gpos: Gpos, stored: Stored) -> list[str]:
    try:
        gpos.store.load(stored)
    except Rejected as error:
        return [error.what]
    return defects(stored, {side: stored.content(side) for side in SIDES}, PARTS, gpos.directory.sid)


def links(directory: Directory, base: str, declared: Iterable[Mapping[str, Any]]) -> Iterator[Orphan]:
    """Yield the undeclared links and blocked inheritance, on the root and in the town's place.

    Also, in the whole domain, the links to policies that no longer exist. The links that a domain is created with are
    left out.
    """
    driver = GpoLinks(directory, "")
    live = driver.gather([], whole=True, fresh=False)
    known: dict[str, list[Mapping[str, Any]]] = {}
    for item in declared:
        known.setdefault(dns.folded_path(item["target"]), []).append(item)
    for place, item in live.items():
        mine = known.get(dns.folded_path(place), [])
        if place != dns.ROOT and not dns.inside(place, base):
            continue
        names = {dns.fold(name) for entry in mine for name in entry.get("links") or ()}
        for link in driver.links[place]:
            if link.name and not names & {dns.fold(link.name), dns.fold(guid_of(link.dn))} | _of_domain(place, link.dn):
                yield _orphan("gpo_link", f"{place} → {link.name}")
        if item["block_inheritance"] and not any("block_inheritance" in entry for entry in mine):
            yield _orphan("gpo_link", place, f"{WHY} : les stratégies d’au-dessus n’y arrivent pas")
    yield from (_orphan("gpo_link", place, "gPLink tient autre chose que des liens") for place in driver.odd())
    for place, guid in driver.lost():
        yield _orphan("gpo_link", f"{place} → {guid}", "la stratégie n’existe plus")


def _of_domain(place: str, dn: str) -> set[str]:
    return {guid_of(dn)} & DEFAULTS if place == dns.ROOT else set()


def _orphan(kind: str, key: str, why: str = WHY) -> Orphan:
    return {"kind": kind, "key": key, "why": why}


def undeclared(connection: Connection, declared: Mapping[str, Any]) -> Iterator[Orphan]:
    """Yield the orphans of a domain.

    `declared` has names by kind, whole `links`, and the town's `base`.
    """
    directory, base = connection.directory, declared["base"]
    kept = [{"target": target, **entry} for target, entry in (declared.get("kept_links") or {}).items()]
    yield from orphans(directory, base, declared)
    yield from policies(Gpos(directory, "", sysvol=connection.sysvol), declared["gpos"])
    yield from links(directory, base, [*declared["links"], *kept])
    yield from places(directory, declared)
    if names := declared.get("dhcp_servers"):
        yield from ad_dhcp_servers.undeclared(directory, names)


def places(directory: Directory, declared: Mapping[str, Iterable[str]]) -> Iterator[Orphan]:
    """Yield the undeclared sites and subnets of a forest whose town declares some."""
    for option, driver_class in PLACES.items():
        known = {dns.fold(name) for name in declared.get(option) or ()}
        live = driver_class(directory, "").gather([], whole=True, fresh=False) if known else {}
        yield from (_orphan(driver_class.resource.name, key) for key in live if dns.fold(key) not in known)
