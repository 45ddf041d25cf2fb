"""Radio profiles of access points: form, derivation, rules.

Sources: Dashboard API, `createNetworkWirelessRfProfile` (bit rates, widths, channels at 2.4 GHz); decision (EU)
2022/179, annex (what a fixed access point may use at 5 GHz, and where); EN 301 893 (detection of radars). Nothing is
declared at 6 GHz: it wants WPA3, and access points that the town has not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal, NotRequired, Self, TypedDict

from pydantic import AfterValidator, Field, model_validator

from piste.engine.words import some

from .. import values
from ..forms import Form, Marked, data

if TYPE_CHECKING:
    from ..declaration import DeclaredSite
    from ..devices import DeclaredDevice
    from ..faults import Mark
    from ..variables import SiteVariables
    from ..view import Located, View
    from .form import RadioPlan

Dbm = Annotated[int, Field(ge=2, le=30)]
Band = Literal["2.4", "5"]
ProfileTitle = Annotated[str, Field(pattern=r"^\S(.{0,58}\S)?$")]
INDOOR = (*range(36, 65, 4),)
"""Channels of 5150 to 5350 MHz: a fixed access point has them indoors alone."""
CHANNELS_5 = (*INDOOR, *range(100, 141, 4))
RADAR = frozenset(CHANNELS_5[4:])
"""Channels that an access point leaves when it hears a radar."""
RATES_5 = (6, 9, 12, 18, 24, 36, 48, 54)
RATES_2_4 = (1, 2, 5.5, 11, *RATES_5)


def _in_band(channel: int) -> int:
    if channel not in CHANNELS_5:
        raise values.refuse(
            f"le canal {channel} n’est pas permis en France à 5 GHz : {', '.join(map(str, CHANNELS_5))}"
        )
    return channel


def _one_of(rates: tuple[float, ...]) -> AfterValidator:
    def check(rate: float) -> float:
        if rate not in rates:
            raise values.refuse(f"{rate:g} Mbit/s n’est pas un débit : {', '.join(f'{known:g}' for known in rates)}")
        return rate

    return AfterValidator(check)


def _once(bands: list[Band]) -> list[Band]:
    if twice := next((band for band in bands if bands.count(band) > 1), None):
        raise values.refuse(f"la bande {twice} y est deux fois")
    return bands


class DeclaredPowerRange(Form):
    """Powers between which an access point chooses, in dBm."""

    lowest: Dbm
    highest: Dbm

    @model_validator(mode="after")
    def _rises(self) -> Self:
        if self.highest < self.lowest:
            raise values.refuse(f"la puissance la plus haute ({self.highest}) est sous la plus basse ({self.lowest})")
        return self


class ReducedPower(Marked):
    """The reduced power of access points; `name` names its radio profile at every site."""

    name: str
    two_four_ghz: DeclaredPowerRange
    five_ghz: DeclaredPowerRange


class Radio24(Form):
    """The radio at 2.4 GHz; what is absent stays as it is."""

    power: DeclaredPowerRange | None = None
    channels: Annotated[list[Literal[1, 6, 11]], Field(min_length=1)] | None = None
    min_bitrate: Annotated[float, _one_of(RATES_2_4)] | None = None


class Radio5(Form):
    """The radio at 5 GHz; what is absent stays as it is."""

    power: DeclaredPowerRange | None = None
    channels: Annotated[list[Annotated[int, AfterValidator(_in_band)]], Field(min_length=1)] | None = None
    width: Literal[20, 40, 80] | None = None
    min_bitrate: Annotated[int, _one_of(RATES_5)] | None = None


class DeclaredRadioProfile(Marked):
    """Settings of the radios of access points; what is absent stays as it is."""

    bands: Annotated[list[Band], Field(min_length=1, max_length=2), AfterValidator(_once)] | None = None
    band_steering: bool | None = None
    client_balancing: bool | None = None
    two_four_ghz: Radio24 = Field(default_factory=Radio24)
    five_ghz: Radio5 = Field(default_factory=Radio5)


class PowerRange(TypedDict):
    lowest: int
    highest: int


class Radio(TypedDict):
    """The radio of a band; None: not managed."""

    power: PowerRange | None
    channels: NotRequired[list[int] | None]
    width: NotRequired[int | None]
    min_bitrate: NotRequired[float | None]


class RfProfile(TypedDict):
    """A radio profile of a site; what is absent or None is not managed."""

    name: str
    bands: NotRequired[list[str] | None]
    band_steering: NotRequired[bool | None]
    client_balancing: NotRequired[bool | None]
    two_four_ghz: Radio
    five_ghz: Radio


def declared_name(variables: SiteVariables, device: DeclaredDevice) -> str | None:
    """Name the radio profile that an access point, or its site, declares."""
    return device.radio_profile or variables.radio_profile


def profile_of(variables: SiteVariables, device: DeclaredDevice, *, low_power: bool | None) -> str | None:
    """Name the radio profile of an access point; None: that of the vendor."""
    name, reduced = declared_name(variables, device), variables.reduced_power
    if not low_power or reduced is None:
        return name
    return f"{name} ({reduced.name})" if name else reduced.name


def rf_profiles(variables: SiteVariables, *, low_power: bool | None) -> list[RfProfile]:
    """Derive the radio profiles of the access points of a site, at reduced power where in use."""
    power = variables.reduced_power if low_power else None
    made: dict[str, RfProfile] = {}
    for device in variables.access_points:
        title, name = profile_of(variables, device, low_power=low_power), declared_name(variables, device)
        declared = variables.radio_profiles.get(name) if name else DeclaredRadioProfile()
        if title and declared:
            profile = data(declared, name=title)
            del profile["status"]
            for band in ("two_four_ghz", "five_ghz") if power else ():
                profile[band]["power"] = getattr(power, band).model_dump()
            made[title] = profile
    return list(made.values())


def check_profiles(view: View) -> None:
    """M077: the channels of a profile can be as wide as it says."""
    town = view.declared.town
    for name, profile in town.variables.radio_profiles.items():
        path, where = f"radio_profiles[{name}].five_ghz.channels", ("radio_profiles", name, "five_ghz")
        mark, channels = town.where((*where, "channels"), where, where[:2]), {*(profile.five_ghz.channels or ())}
        width = profile.five_ghz.width or 20
        if narrow := [str(channel) for channel in sorted(channels) if not {*_block(channel, width)} <= channels]:
            message = f"{name} : {some(narrow)} : leurs voisins de {width} MHz n’y sont pas tous"
            view.faults.add("PISTE-M077", path, mark, message)


def _block(channel: int, width: int) -> range:
    """Give the channels of 20 MHz that a channel of a width covers."""
    start = channel - (channel - CHANNELS_5[0]) % (width // 5)
    return range(start, start + width // 5, 4)


def check_sites(view: View) -> None:
    """M076, M078, M079, M089, M090: a profile is known, lawful, within the plan; no band goes."""
    variables = view.declared.town.variables
    for declared, _ in view.pairs():
        here = [item for item in view.devices(declared) if item.device["kind"] == "access_point"]
        names = [declared_name(declared.variables, item.line) for item in here]
        bands = [_bands(variables.radio_profiles.get(name or "")) for name in names]
        if here and (off := {"2.4", "5"}.difference(*bands)):
            title = some([band.replace(".", ",") for band in sorted(off)])
            mark, message = _mark(here[0], declared), f"{declared.id} : nulle borne n’émet à {title} GHz"
            view.faults.add("PISTE-M090", f"sites[{declared.id}].radio_profile", mark, message)
        for item in here:
            name = declared_name(declared.variables, item.line)
            if name is None:
                continue
            mark, path = _mark(item, declared), f"{item.path}.radio_profile"
            profile = variables.radio_profiles.get(name)
            if profile is None:
                view.unknown("PISTE-M076", path, mark, "Le profil radio", name, variables.radio_profiles)
                continue
            said = f"{item.device['name']} : {name}"
            heard = "5" in _bands(profile) and not item.line.outdoor
            if heard and {*(profile.five_ghz.channels or [0])} <= RADAR:
                view.faults.add("PISTE-M089", path, mark, f"{said} quitte tout canal à 5 GHz au premier radar")
            if item.line.outdoor and (inside := _indoor(profile)):
                view.faults.add("PISTE-M078", path, mark, f"{said} {inside}")
            for why in _beyond(profile, variables.radio_plan, dense=item.line.dense):
                view.faults.add("PISTE-M079", path, mark, f"{said} {why}")


def _bands(profile: DeclaredRadioProfile | None) -> set[str]:
    return {*((profile and profile.bands) or ("2.4", "5"))}


def _mark(item: Located, declared: DeclaredSite) -> Mark:
    return item.mark("radio_profile") if item.line.radio_profile else declared.where(("radio_profile",))


def _indoor(profile: DeclaredRadioProfile) -> str:
    """Say what of a profile an access point may not use outdoors; empty where nothing."""
    if "5" not in _bands(profile):
        return ""
    if profile.five_ghz.channels is None:
        return "ne dit pas ses canaux à 5 GHz, et ceux d’intérieur y seraient"
    inside = [str(channel) for channel in profile.five_ghz.channels if channel in INDOOR]
    return f"a des canaux d’intérieur : {some(inside)}" if inside else ""


def _beyond(profile: DeclaredRadioProfile, plan: RadioPlan, *, dense: bool) -> Iterator[str]:
    """Say what of a profile the reading of the air would count as a fault."""
    widest = plan.widths_5.dense if dense else plan.widths_5.usual
    others = [str(channel) for channel in profile.two_four_ghz.channels or [] if channel not in plan.channels_2_4]
    if others:
        yield f"a des canaux hors du plan radio à 2,4 GHz : {some(others)}"
    if profile.five_ghz.width and profile.five_ghz.width > widest:
        yield f"est large de {profile.five_ghz.width} MHz, {widest} au plus"
    for ghz, rate in (("2,4", profile.two_four_ghz.min_bitrate), ("5", profile.five_ghz.min_bitrate)):
        if rate is not None and rate < plan.min_bitrate:
            yield f"a un débit minimal de {rate:g} Mbit/s à {ghz} GHz, {plan.min_bitrate:g} au moins"
