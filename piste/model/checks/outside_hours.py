"""What is off or lowered outside opening hours: never what others depend on, never at hours that nobody gave."""

from __future__ import annotations

from ..declaration import DeclaredSite
from ..outside_hours import carries_phones, outside_hours
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
    """M045, M046, M047: a site that turns ports off has hours, and switches that feed what is behind; the power that it
    asks for is declared."""
    for declared in view.declared.sites:
        variables = declared.variables
        hours = outside_hours(variables)
        if hours.ports and variables.opening_hours is None:
            mark = declared.where(("wifi_outside_hours", "ports"), ("wifi_outside_hours",))
            message = f"{declared.id} : des ports s'éteignent hors des heures d'ouverture, qui ne sont pas déclarées"
            view.faults.add("PISTE-M045", f"sites[{declared.id}].wifi_outside_hours.ports", mark, message)
        if hours.low_power and variables.reduced_power is None:
            mark = declared.where(("wifi_outside_hours", "power"), ("wifi_outside_hours",))
            message = f"{declared.id} : la puissance réduite (reduced_power) n'est pas déclarée"
            view.faults.add("PISTE-M046", f"sites[{declared.id}].wifi_outside_hours.power", mark, message)
        _unfed(view, declared)


def _unfed(view: View, declared: DeclaredSite) -> None:
    """Report the models whose ports go off without turning off what is behind, or of which nobody knows."""
    hardware = declared.variables.hardware
    models = {
        device["model"]: hardware[device["model"]].poe
        for device in view.sites[declared.id]["devices"]
        if any(port["schedule"] for port in device["ports"])
    }
    for model, poe in models.items():
        if not poe:
            mark = declared.where(("wifi_outside_hours", "ports"), ("wifi_outside_hours",))
            what = "ne les alimente pas" if poe is False else "les alimente peut-être, ce n'est pas relevé"
            message = f"{declared.id} : des ports de {model} s'éteignent, qui {what}"
            view.faults.add("PISTE-M047", f"sites[{declared.id}].wifi_outside_hours.ports", mark, message)
