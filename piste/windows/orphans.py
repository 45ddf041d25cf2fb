"""What the directory holds and nobody declares: units and groups of the town's place, policies, WMI filters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from piste.converge.module import Module
from piste.converge.resource import Field
from piste.windows import dn as dns
from piste.windows.directory import Directory
from piste.windows.domain import DOMAIN, Domain
from piste.windows.driver import OWNED, DirectoryDriver
from piste.windows.gpo_links import DEFAULTS
from piste.windows.groups import Groups
from piste.windows.organizational_units import OrganizationalUnits
from piste.windows.wmi_filters import WmiFilters

KINDS: Mapping[str, type[DirectoryDriver]] = {
    "units": OrganizationalUnits,
    "groups": Groups,
    "wmi_filters": WmiFilters,
}
WHY = "personne ne le déclare"


def orphans(directory: Directory, base: str, declared: Mapping[str, Iterable[str]]) -> list[dict[str, str]]:
    """``{kind, key, why}`` an orphan; ``declared`` holds the names of what is declared by option of the module."""
    found = []
    for option, driver_class in KINDS.items():
        driver = driver_class(directory, "", base, everything=True)
        known = {dns.fold(name) for name in declared[option]}
        live = driver.gather([], whole=True, fresh=False)
        found += [_orphan(driver.resource.name, key) for key in live if dns.fold(key) not in known]
    known = {dns.fold(name) for name in declared["gpos"]}
    return found + [_orphan("gpo", name) for name in _policies(directory) if dns.fold(name) not in known]


def _orphan(kind: str, key: str) -> dict[str, str]:
    return {"kind": kind, "key": key, "why": WHY}


def _policies(directory: Directory) -> list[str]:
    """Names of the policies, those that every domain is made with left out."""
    place = f"CN=Policies,CN=System,{directory.base}"
    found = directory.search(place, "(objectClass=groupPolicyContainer)", ("displayName", "cn"), "one")
    own = [entry for entry in found if (entry.text("cn") or "").upper() not in DEFAULTS]
    return sorted(entry.text("displayName") or entry.text("cn") or "" for entry in own)


def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    directory = Directory(Domain.of(params["domain"]))
    try:
        found = orphans(directory, params["base"], params)
    finally:
        directory.close()
    warnings = [f"{entry['kind']} {entry['key']} : {entry['why']}" for entry in found]
    return {"changed": False, "orphans": found, "warnings": warnings, "calls": directory.calls}


MODULES: Mapping[str, Module] = {
    "ad_orphans": Module(
        name="ad_orphans",
        options=(
            DOMAIN,
            OWNED[0],
            Field("units", "Paths of all the units that are declared.", type="list", required=True),
            Field("groups", "Names of all the groups that are declared.", type="list", required=True),
            Field("wmi_filters", "Names of all the WMI filters that are declared.", type="list", required=True),
            Field("gpos", "Names of all the policies that are declared.", type="list", required=True),
        ),
        run=_run,
    )
}
