"""Port profiles and layouts: known, present on the model, given once, coherent."""

from __future__ import annotations

from collections.abc import Mapping

from ..declaration import DeclaredSite
from ..faults import Mark
from ..paths import KeyPath
from ..schema import PortAssignment, PortProfile
from ..values import port_numbers
from .view import View


def profiles(view: View) -> None:
    """M030, M034, M042: a profile names known segments and policies, and its fields suit its mode."""
    town = view.declared.town
    variables = town.variables
    for name, profile in variables.port_profiles.items():
        path = f"port_profiles[{name}]"
        for field, key in _segments(profile):
            if key not in variables.segment_catalogue:
                mark = town.where(("port_profiles", name, field))
                view.unknown(
                    "PISTE-M030", f"{path}.{field}", mark, "Le segment", key, variables.segment_catalogue
                )
        policy = profile.access_policy
        if policy is not None and policy not in variables.access_policies:
            mark = town.where(("port_profiles", name, "access_policy"))
            known = variables.access_policies
            view.unknown("PISTE-M034", f"{path}.access_policy", mark, "La politique d'accès", policy, known)
        for field, reason in _incoherent(profile):
            mark = town.where(("port_profiles", name, field), ("port_profiles", name))
            message = f"Profil de port {name} : {field} {reason}"
            view.faults.add("PISTE-M042", f"{path}.{field}", mark, message)


def layouts(view: View) -> None:
    """M032, M033, M040, M041, M043: each range holds ports of the model, once, with a usable profile."""
    told: set[Mark] = set()
    for declared in view.declared.sites:
        variables = declared.variables
        for variable, entries in (
            ("category_port_layouts", variables.category_port_layouts),
            ("port_layouts", variables.port_layouts),
        ):
            owner = declared.id if variable == "port_layouts" else declared.category
            prefix = f"sites[{owner}]" if variable == "port_layouts" else f"categories[{owner}]"
            for model, ports in entries.items():
                path, where = f"{prefix}.{variable}[{model}]", (variable, model)
                mark = declared.where(where)
                if mark in told:
                    continue
                told.add(mark)
                if model not in variables.hardware:
                    view.unknown("PISTE-M033", path, mark, "Le modèle", model, variables.hardware)
                _ranges(view, declared, ports, model, path, where, f"{owner}, {model}")
        for item in view.devices(declared):
            here: KeyPath = (item.variable, item.index, "ports")
            title = item.device["name"]
            _ranges(view, declared, item.line.ports, item.line.model, f"{item.path}.ports", here, title)
        _segments_present(view, declared)


def _ranges(
    view: View,
    declared: DeclaredSite,
    ports: Mapping[str, PortAssignment],
    model: str,
    path: str,
    where: KeyPath,
    title: str,
) -> None:
    hardware = declared.variables.hardware.get(model)
    profiles = declared.variables.port_profiles
    first: dict[int, str] = {}
    for key, assignment in ports.items():
        mark, here = declared.where((*where, key)), f"{path}[{key}]"
        if assignment.profile not in profiles:
            view.unknown("PISTE-M032", here, mark, "Le profil de port", assignment.profile, profiles)
        numbers = port_numbers(key)
        count = (hardware.ports or 0) if hardware else None
        if count is not None and max(numbers) > count:
            message = f"{title} : le port {max(numbers)} n'existe pas, le modèle en a {count}"
            view.faults.add("PISTE-M040", here, mark, message)
        twice = [number for number in numbers if number in first or numbers.count(number) > 1]
        if twice:
            other = first.get(twice[0], key)
            message = f"{title} : le port {twice[0]} est dans les plages « {other} » et « {key} »"
            view.faults.add("PISTE-M041", here, mark, message)
        for number in numbers:
            first.setdefault(number, key)


def _segments_present(view: View, declared: DeclaredSite) -> None:
    """Report each profile in use whose segment the site lacks, at its first port."""
    variables, present = declared.variables, view.sites[declared.id]["segments"]
    told: set[tuple[str, str]] = set()
    for item in view.devices(declared):
        for port in item.device["ports"]:
            profile = port["profile"]
            for _, key in _segments(variables.port_profiles[profile]):
                if key in present or key not in variables.segment_catalogue or (profile, key) in told:
                    continue
                told.add((profile, key))
                message = (
                    f"{item.device['name']}, port {port['port']} : "
                    f"le profil {profile} demande le segment {key}, que {declared.id} n'a pas"
                )
                view.faults.add("PISTE-M043", f"{item.path}.ports[{port['port']}]", item.mark(), message)


def _segments(profile: PortProfile) -> list[tuple[str, str]]:
    named = [("segment", profile.segment), ("voice_segment", profile.voice_segment)]
    found = [(field, key) for field, key in named if key is not None]
    return found + [("allowed_segments", key) for key in profile.allowed_segments]


def _incoherent(profile: PortProfile) -> list[tuple[str, str]]:
    """List the fields that do not suit the mode of a profile, and why."""
    access_only = {
        "voice_segment": profile.voice_segment is not None,
        "access_policy": profile.access_policy is not None,
    }
    trunk_only = {
        "allowed_segments": bool(profile.allowed_segments),
        "ssid_segments": profile.ssid_segments,
    }
    found: list[tuple[str, str]] = []
    if profile.mode != "access":
        found += [
            (field, "ne va qu'à un port d'accès") for field, declared in access_only.items() if declared
        ]
    if profile.mode != "trunk":
        found += [(field, "ne va qu'à un trunk") for field, declared in trunk_only.items() if declared]
    if profile.mode == "access" and profile.segment is None:
        found.append(("segment", "manque à un port d'accès"))
    if profile.mode is None and profile.segment is not None:
        found.append(("segment", "demande un mode, access ou trunk"))
    if profile.uplink and profile.mode is not None:
        found.append(("mode", "ne se déclare pas sur une liaison, qui ne doit jamais être retypée"))
    if profile.uplink and not profile.enabled:
        found.append(("enabled", "couperait une liaison"))
    return found
