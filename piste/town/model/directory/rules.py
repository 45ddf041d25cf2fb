"""Rules of the directory: names are known, places exist, policies can do what they promise."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..wording import closest
from .derived import site_place

if TYPE_CHECKING:
    from ..paths import KeyPath
    from ..view import View

WELL_KNOWN = ("Authenticated Users", "Domain Computers", "Domain Controllers", "Domain Users")
"""Groups of every domain, by their English names, which a domain in French understands."""
SLEEP = ("power.sleep_after_ac", "power.unattended_sleep_after_ac")
LONGEST_SLEEP = 900
ABSENCE = 4
"""Minutes without keyboard or mouse after which Windows takes the user for absent (Microsoft, Task idle conditions)."""


def check_groups(view: View) -> None:
    """M080: the groups that apply a policy, or are exempt from it, are declared."""
    town = view.declared.town
    known = dict.fromkeys([*town.variables.directory_groups, *WELL_KNOWN])
    for site in view.declared.sites:
        known |= dict.fromkeys(f"{prefix}-{site.id}" for prefix in town.variables.directory.site_groups)
    for where, name in _named_groups(view):
        if name not in known and view.declared.complete:
            message = f"Le groupe « {name} » n’est pas déclaré"
            view.faults.add("PISTE-M080", _path(where), town.where(where), message, closest(name, known))


def _named_groups(view: View) -> Iterator[tuple[KeyPath, str]]:
    town = view.declared.town.variables
    for name, policy in town.directory_policies.items():
        for field in ("filtering", "exempt"):
            for index, group in enumerate(getattr(policy, field) or ()):
                yield ("directory_policies", name, field, index), group
    for name, admitted in town.network_policies.items():
        for index, group in enumerate(admitted.groups):
            yield ("network_policies", name, "groups", index), group
    for index, group in enumerate(town.sobriety_shutdown.exempt):
        yield ("sobriety_shutdown", "exempt", index), group
    for name, program in (town.sobriety_autostart.programs if town.sobriety_autostart else {}).items():
        for index, group in enumerate(program.computers):
            yield ("sobriety_autostart", "programs", name, "computers", index), group
    for follows in ("sobriety", "dot1x"):
        yield ("pilot_groups", follows), getattr(town.pilot_groups, follows)


def check_filters(view: View) -> None:
    """M082: the WMI filter of a policy is declared."""
    town = view.declared.town
    for name, policy in town.variables.directory_policies.items():
        wanted = policy.wmi_filter
        if wanted is not None and wanted not in town.variables.directory_wmi_filters:
            where = ("directory_policies", name, "wmi_filter")
            message = f"Le filtre WMI « {wanted} » n’est pas déclaré"
            advice = closest(wanted, town.variables.directory_wmi_filters)
            view.faults.add("PISTE-M082", _path(where), town.where(where), message, advice)


def check_links(view: View) -> None:
    """M081, M083, M086: linked policies are declared, at places of the town, each linked once."""
    town = view.declared.town
    places = {town.variables.directory.root, *town_places(view)}
    sites = {site_place(site): site.id for site in view.declared.sites}
    for place, names in town.variables.directory_links.items():
        where: KeyPath = ("directory_links", place)
        if place not in places and view.declared.complete:
            _misplaced(view, place, places, sites)
        above = [parent for parent in town.variables.directory_links if place.startswith(f"{parent}/")]
        inherited = {name: parent for parent in above for name in town.variables.directory_links[parent]}
        _linked(view, where, names, inherited)
    for unit, declared in town.variables.directory.site_units.items():
        inherited = {
            name: place for place, names in town.variables.directory_links.items() if place in places for name in names
        }
        _linked(view, ("directory", "site_units", unit, "policies"), declared.policies, inherited)


def town_places(view: View) -> Iterator[str]:
    """List the units of the town below its root: its own, and those of the categories."""
    directory = view.declared.town.variables.directory
    yield from (f"{directory.root}/{name}" for name in directory.units)
    yield from (f"{directory.root}/{site.variables.category.label}" for site in view.declared.sites)


def _misplaced(view: View, place: str, places: set[str], sites: Mapping[str, str]) -> None:
    where: KeyPath = ("directory_links", place)
    owner = next((site for own, site in sites.items() if f"{place}/".startswith(f"{own}/")), None)
    if owner:
        message = f"« {place} » appartient au site {owner}, pas à la ville"
        advice = "Déclarez ce qui vaut pour les sites dans directory.site_units."
    else:
        message = f"« {place} » n’est l’unité ni de la ville, ni d’une catégorie"
        advice = closest(place, places)
    view.faults.add("PISTE-M086", _path(where), view.declared.town.where(where), message, advice)


def _linked(view: View, where: KeyPath, names: Sequence[str], inherited: Mapping[str, str]) -> None:
    town = view.declared.town
    for index, name in enumerate(names):
        policy = town.variables.directory_policies.get(name)
        here, message = (*where, index), ""
        if policy is None:
            text = f"La stratégie « {name} » n’est pas déclarée"
            advice = closest(name, town.variables.directory_policies)
            view.faults.add("PISTE-M081", _path(here), town.where(here), text, advice)
        elif name in names[:index]:
            message = f"« {name} » est liée deux fois : son rang n’est pas clair"
        elif name in inherited:
            message = f"« {name} » est déjà liée plus haut, à « {inherited[name]} »"
        elif policy.follows:
            message = f"« {name} » suit un état ({policy.follows}) : ses liens en découlent"
        if message:
            view.faults.add("PISTE-M083", _path(here), town.where(here), message)


def check_units(view: View) -> None:
    """M030: the segments of a unit are known."""
    town = view.declared.town
    catalogue = town.variables.segment_catalogue
    for name, unit in town.variables.directory.site_units.items():
        unit_at: KeyPath = ("directory", "site_units", name)
        named: list[tuple[KeyPath, str]] = [((*unit_at, "segment"), unit.segment)] if unit.segment else []
        named += [((*unit_at, "computers", at), segment) for at, segment in enumerate(unit.computers or ())]
        for where, segment in named:
            if segment not in catalogue:
                view.unknown("PISTE-M030", _path(where), town.where(where), "Le segment", segment, catalogue)


def check_sleep(view: View) -> None:
    """M084: a policy that sets the sleep on mains sets it under fifteen minutes, never 0."""
    town = view.declared.town
    for name, policy in town.variables.directory_policies.items():
        declared = (policy.computer or {}).get("policies")
        for setting in SLEEP:
            value = declared.get(setting) if isinstance(declared, Mapping) else None
            if isinstance(value, int) and not 0 < value < LONGEST_SLEEP:
                where: KeyPath = ("directory_policies", name, "computer", "policies", setting)
                message = f"{name} : {setting} vaut {value} s" + (", jamais" if value == 0 else "")
                view.faults.add("PISTE-M084", _path(where), town.where(where), message)


def check_profiles(view: View) -> None:
    """M085: an 802.1X profile names the trusted servers, each as in its certificate."""
    town = view.declared.town
    for name, policy in town.variables.directory_policies.items():
        side = policy.computer or {}
        wireless = side.get("wireless")
        ssids = wireless.get("ssids") if isinstance(wireless, Mapping) else None
        profiles: list[tuple[tuple[str, ...], Any]] = [(("wired",), side.get("wired"))]
        if isinstance(ssids, Mapping):
            profiles += [(("wireless", "ssids", ssid), entry) for ssid, entry in ssids.items()]
        for place, profile in profiles:
            if not isinstance(profile, Mapping) or "xml" in profile:
                continue
            where: KeyPath = ("directory_policies", name, "computer", *place, "server_names")
            listed = profile.get("server_names")
            wrong = [server for server in listed if not _is_server(server)] if isinstance(listed, list) else []
            message = f"« {wrong[0]} » n’est pas un nom de serveur" if wrong else ""
            if not listed or not isinstance(listed, list):
                message = "le profil ne nomme aucun serveur"
            if message:
                view.faults.add("PISTE-M085", _path(where), town.where(where), f"{name}, {place[-1]} : {message}")


def _is_server(name: object) -> bool:
    return isinstance(name, str) and re.fullmatch(r"[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+", name) is not None


def check_warning(view: View) -> None:
    """M088: the warning and the shutdown come before a computer falls asleep."""
    town = view.declared.town
    lasts = ABSENCE + town.variables.sobriety_shutdown.warning_min
    for name, policy in town.variables.directory_policies.items():
        declared = (policy.computer or {}).get("policies")
        value = declared.get(SLEEP[0]) if isinstance(declared, Mapping) and policy.follows == "sobriety" else None
        if isinstance(value, int) and 0 < value <= lasts * 60:
            where: KeyPath = ("sobriety_shutdown", "warning_min")
            message = f"{name} met en veille après {value} s, et l’arrêt demande {lasts} min ({ABSENCE} d’absence)"
            view.faults.add("PISTE-M088", _path(where), town.where(where), message)


def _path(where: KeyPath) -> str:
    """Write a path by names."""
    first, *rest = where
    return str(first) + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in rest)
