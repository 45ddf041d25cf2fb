"""Crowds: settings of SSIDs on days of many people: form, derivation, rules."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Self, TypedDict

from pydantic import Field, model_validator

from .. import values
from ..forms import Date, Form, Marked, NameIn, Title, data
from .form import Bandwidth, CatalogueSsid, Shapings

if TYPE_CHECKING:
    from ..variables import SiteVariables
    from ..view import View

ProfileName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,40}$")]
SETTINGS = ("bandwidth", "shaping")
"""The settings of an SSID that a crowd changes."""


class CrowdSsid(Form):
    """Settings in place of those of the catalogue, which stay where absent here."""

    bandwidth: Bandwidth | None = None
    shaping: Shapings | None = None


class CrowdProfile(Marked):
    ssids: Annotated[dict[CatalogueSsid, CrowdSsid], Field(min_length=1)]


class DeclaredCrowd(Marked):
    """Days on which a site has a profile, the last included."""

    profile: Annotated[str, NameIn("crowd_profiles")]
    start: Date = Field(alias="from")
    until: Date
    why: Title

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.until < self.start:
            raise values.refuse(f"l’affluence finit le {self.until}, avant de commencer le {self.start}")
        return self


class Crowd(TypedDict):
    profile: str
    start: str
    until: str
    why: str
    status: str | None


def derive_crowds(variables: SiteVariables) -> list[Crowd]:
    """Derive the crowds of a site."""
    return [data(crowd) for crowd in variables.crowds]


def changed(variables: SiteVariables, name: str, today: date) -> CrowdSsid:
    """Give the settings that a crowd changes of an SSID on a day; none without a crowd."""
    day = today.isoformat()
    here = (crowd.profile for crowd in variables.crowds if crowd.start <= day <= crowd.until)
    profiles = (variables.crowd_profiles.get(profile) for profile in here)
    return next((profile.ssids[name] for profile in profiles if profile and name in profile.ssids), CrowdSsid())


def check_profiles(view: View) -> None:
    """M031, M071: a profile changes known SSIDs, and what the catalogue can give back."""
    town = view.declared.town
    catalogue = town.variables.ssid_catalogue
    for name, profile in town.variables.crowd_profiles.items():
        for ssid, own in profile.ssids.items():
            path, mark = f"crowd_profiles[{name}].ssids[{ssid}]", town.where(("crowd_profiles", name, "ssids", ssid))
            if ssid not in catalogue:
                view.unknown("PISTE-M031", path, mark, "Le SSID", ssid, catalogue)
                continue
            for setting in SETTINGS:
                if getattr(own, setting) is not None and getattr(catalogue[ssid], setting) is None:
                    message = f"{name} change {setting} de {ssid}, que le catalogue ne dit pas : rien ne le rendrait"
                    view.faults.add("PISTE-M071", f"{path}.{setting}", mark, message)


def check_sites(view: View) -> None:
    """M072, M073, M074: a crowd has a profile that acts there, is alone, and is not over."""
    today, profiles = view.today.isoformat(), view.declared.town.variables.crowd_profiles
    for declared, site in view.pairs():
        crowds = declared.variables.crowds
        for index, crowd in enumerate(crowds):
            path = f"sites[{declared.id}].crowds[{index + 1}]"
            mark = declared.where(("crowds", index))
            said = f"{declared.id} : l’affluence du {crowd.start} ({crowd.why})"
            profile = profiles.get(crowd.profile)
            if profile is None:
                view.unknown("PISTE-M072", f"{path}.profile", mark, "Le profil", crowd.profile, profiles)
            elif not {*profile.ssids} & {ssid["name"] for ssid in site["ssids"]}:
                message = f"{said} : {crowd.profile} ne change aucun SSID du site"
                view.faults.add("PISTE-M072", f"{path}.profile", mark, message)
            if any(other.start <= crowd.until and crowd.start <= other.until for other in crowds[:index]):
                view.faults.add("PISTE-M073", path, mark, f"{said} en croise une autre")
            if crowd.until < today:
                view.faults.add("PISTE-M074", path, mark, f"{said} a fini le {crowd.until}")
