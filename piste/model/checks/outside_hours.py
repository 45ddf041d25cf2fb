"""What is off or lowered outside opening hours: never what others depend on, never for nothing."""

from __future__ import annotations

from ..faults import Mark
from ..levers import lever_of
from ..outside_hours import carries_phones
from ..schema_sobriety import Drives
from .view import View


def profiles(view: View) -> None:
    """M044: a profile whose ports may be off leads to no switch, and to no phone without a reason."""
    town = view.declared.town
    known = town.variables.port_profiles
    for name, profile in known.items():
        if not profile.outside_hours:
            continue
        if profile.uplink:
            reason = "ses ports relient des commutateurs"
        elif carries_phones(profile, known) and not profile.outside_hours_why:
            reason = "il porte des téléphones, et rien ne dit pourquoi ils peuvent se taire (outside_hours_why)"
        else:
            continue
        mark = town.where(("port_profiles", name, "outside_hours"), ("port_profiles", name))
        message = f"Profil de port {name} : {reason}"
        view.faults.add("PISTE-M044", f"port_profiles[{name}].outside_hours", mark, message)


def sites(view: View) -> None:
    """M045, M046: the power that a site is lowered to is declared; ports that are off turn off what is behind them."""
    hardware = view.declared.town.variables.hardware
    for name, site in view.sites.items():
        if site["radio_power"] == "reduced" and not site["rf_profiles"]:
            message = f"{name} : la puissance réduite (reduced_power) n'est pas déclarée"
            view.faults.add("PISTE-M045", f"sites[{name}].rf_profiles", _lever(view, "radio_power"), message)
        models = {
            device["model"]: hardware[device["model"]].poe
            for device in site["devices"]
            if any(port["schedule"] for port in device["ports"])
        }
        for model, poe in models.items():
            if not poe:
                what = "ne les alimente pas" if poe is False else "les alimente peut-être, ce n'est pas relevé"
                message = f"{name} : des ports de {model} s'éteignent, qui {what}"
                path = f"sites[{name}].port_schedules[{model}]"
                view.faults.add("PISTE-M046", path, _lever(view, "port_hours"), message)


def _lever(view: View, drives: Drives) -> Mark:
    town = view.declared.town
    found = lever_of(town.variables, drives)
    return town.where(("sobriety_levers", found[0])) if found else town.where(("sobriety_levers",))
