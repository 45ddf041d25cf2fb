"""Proposals of hours and power for the network of each site, from its measured use. Pure.

Nothing is written: a proposal gives the lines of the declaration, its gain with bounds, its risk, and what a person
must confirm. A site that a lever spares, or whose service is continuous, gets none. An hour that was not measured is
never proposed to be switched off, and a minority use is named with its volume. Gains of a site add up: what an access
point that is off saves is not counted again where it is taken away.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from piste.engine.words import agreed
from piste.sobriety.activity import FRENCH_DAYS, WINDOW, Profile, Use, open_shares, spans, use_of
from piste.sobriety.counting import Known
from piste.sobriety.figures_network import NO_WIFI, eligible, open_windows
from piste.sobriety.imports import Imports
from piste.sobriety.parts import POE_MEASURE, factor, of_a_year, source_of
from piste.sobriety.readings import Readings
from piste.sobriety.rollout import standing
from piste.sobriety.usage import HOURS, Week, places
from piste.sobriety.value_range import Range
from piste.systems.nutanix.cluster_energy import HOURS as HOURS_OF_A_YEAR
from piste.town.model import Site, Town
from piste.town.model.hours import DAYS
from piste.town.model.outside_hours import MARGIN, Window
from piste.town.model.sobriety.form import Drives

Kind = Literal["hours", "ssids", "ports", "power", "access_point"]
MINORITY = 0.05
"""An hour with less than this share of the busiest hour is a minority use."""
FEWEST_WEEKS = 2
"""Weeks without holidays below which a proposal has to wait."""
LEAST = 2.5
"""Hours of a week below which other hours are not worth the trouble."""
_HALF = MARGIN.total_seconds() / 3600
NOT_COUNTED = "aucun chiffre publié de ce qu’une borne consomme en moins : le gain en énergie n’est pas compté"
SURVEY = "Une mesure de couverture, avant et après : le Dashboard ne montre pas que les bornes se recouvrent"
NO_POE = "le commutateur n’alimente pas ses ports : éteindre le port n’éteint pas la borne"
Hours = tuple[list[str], str, str]
"""Days, start and end: the form of the opening hours."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change to decide; `kwh` is its gain in a year, None where no source gives it.

    `lines` are the lines of the declaration, by file; `command` writes them where a verb does. `confirm` is for a
    person.
    """

    kind: Kind
    what: str
    gain: str
    kwh: Range | None
    source: str
    risk: str
    confirm: Sequence[str]
    lines: Mapping[str, str] = field(default_factory=dict)
    command: str = ""


@dataclass(frozen=True, slots=True)
class Advice:
    """The measured use of a site against its declared hours, and the proposals.

    `why` says why there is none; `outside` is the use outside the declared hours: its volume in clients × hours a week,
    its share of all use, and where it is seen.
    """

    site: str
    weeks: int
    why: str
    outside: float
    outside_share: float
    outside_where: Sequence[str]
    proposals: Sequence[Proposal]


@dataclass(frozen=True, slots=True)
class _Here:
    """The data of a site: usual weeks, use, and the declared share of each hour."""

    known: Known
    name: str
    site: Site
    use: Use
    weeks: int
    declared: Sequence[float]

    @property
    def access_points(self) -> int:
        return len(self.use.points)


def advise(town: Town, weeks: Sequence[Week], today: date) -> list[Advice]:
    """Give the advice for each site in service, by the last weeks."""
    known = Known(town, Readings(usage=weeks or None), Imports(), today)
    _, excluded = eligible(known, "ssid_hours")
    reasons = {name: why for name, why in excluded if why != NO_WIFI}
    usual = list(_usual(town, weeks))[-WINDOW:]
    return [
        _advice(known, name, site, usual, reasons.get(name, ""))
        for name, site in known.sites.items()
        if places(site)["access_points"]
    ]


def _usual(town: Town, weeks: Iterable[Week]) -> Iterator[Week]:
    """Yield the weeks that no school holiday touches: an empty school says nothing of its hours."""
    hosting = town.commune["hosting"] if town.commune else None
    school = hosting["hours"]["calendar"]["school"] if hosting else []
    for week in weeks:
        first, last = (datetime.fromisoformat(week[edge]).date().isoformat() for edge in ("start", "end"))
        if not any(period["start"] <= last and first <= period["until"] for period in school):
            yield week


def _advice(known: Known, name: str, site: Site, usual: Sequence[Week], spared: str) -> Advice:
    use = use_of(usual, name, places(site)["access_points"])
    declared = open_shares(open_windows(site)) if site["opening_hours"] else [1.0] * HOURS
    here = _Here(known, name, site, use, use.clients.weeks, declared)
    volume, share, where = _outside(here)
    why = spared
    if not why and here.weeks < FEWEST_WEEKS:
        measured = f"{here.weeks} mesurée(s) sur toutes ses bornes".replace("(s)", "s" if here.weeks > 1 else "")
        why = f"il faut {FEWEST_WEEKS} semaines hors vacances scolaires, {measured}"
    proposals = [] if why else list(_proposals(here))
    return Advice(name, here.weeks, why, round(volume, 1), round(share, 3), where, proposals)


def _outside(here: _Here) -> tuple[float, float, list[str]]:
    """Give the use outside the declared hours: volume a week, share, hours and access points."""
    clients = here.use.clients.mean
    volumes = [(1 - share) * (value or 0.0) for share, value in zip(here.declared, clients, strict=True)]
    volume, whole = sum(volumes), sum(value or 0.0 for value in clients)
    hours = frozenset(hour for hour, value in enumerate(volumes) if value)
    names = {device["serial"]: device["name"] for device in here.site["devices"]}
    seen = [names[serial] for serial, point in here.use.points.items() if point.used & hours]
    where = [f"{FRENCH_DAYS[day]} de {start} h à {end} h" for day, start, end in spans(hours)]
    return volume, volume / whole if whole else 0.0, [*where, *seen]


def _proposals(here: _Here) -> Iterator[Proposal]:
    hours = proposed_hours(here.use, here.declared)
    if hours and abs(sum(_shares(hours)) - sum(here.declared)) >= LEAST:
        yield _hours(here, hours)
    else:
        opening = here.site["opening_hours"]
        hours = (list(opening["days"]), opening["start"], opening["end"]) if opening else None
    ports_off = here.known.applied(here.name, "port_hours")
    if hours and not here.known.applied(here.name, "ssid_hours"):
        yield _ssids(here, _shares(hours))
    if hours and not ports_off and not here.known.spared(here.name, "port_hours"):
        yield _ports(here, hours)
        ports_off = _poe(here) != {False}
    on = sum(_shares(_widened(hours))) if hours and ports_off else float(HOURS)
    idle = [serial for serial, point in here.use.points.items() if _seen(here, point) and not point.used]
    if len(idle) < here.access_points:
        yield from (_access_point(here, serial, on) for serial in idle)
    if (
        idle
        and here.access_points > 1
        and not here.known.applied(here.name, "radio_power")
        and not here.known.spared(here.name, "radio_power")
    ):
        yield _power(here, idle)


def _seen(here: _Here, point: Profile) -> bool:
    """Check that an access point was measured in each open hour; off or not read is unknown."""
    return all(value is not None for value, share in zip(point.peak, here.declared, strict=True) if share)


def proposed_hours(use: Use, declared: Sequence[float]) -> Hours | None:
    """Give the days and hours of the main use with a margin; None where nothing was seen.

    The declaration has one pair of hours for all days. An open hour that was not measured counts as used.
    """
    top = max((value or 0.0 for value in use.clients.mean), default=0.0)
    if not top:
        return None
    kept = [
        hour
        for hour, value in enumerate(use.clients.mean)
        if (value is None and declared[hour]) or (value or 0.0) >= MINORITY * top
    ]
    days = sorted({hour // 24 for hour in kept})
    start = max(0.0, min(hour % 24 for hour in kept) - _HALF)
    end = min(24.0, max(hour % 24 for hour in kept) + 1 + _HALF)
    return [DAYS[day] for day in days], _written(start), _written(end)


def _fr(number: float) -> str:
    """Write a number with a tenth at most, as French does."""
    return f"{round(number, 1):g}".replace(".", ",")


def _written(hours: float) -> str:
    return f"{int(hours):02}:{round(hours % 1 * 60):02}"


def _shares(hours: Hours) -> list[float]:
    days, start, end = hours
    return open_shares([Window(day=day, start=start, end=end) for day in days])


def _widened(hours: Hours) -> Hours:
    """Give the hours of the ports: the opening hours and their margin."""
    days, start, end = hours
    first, last = (int(time[:2]) + int(time[3:]) / 60 for time in (start, end))
    return days, _written(max(0.0, first - _HALF)), _written(min(24.0, last + _HALF))


def _hours(here: _Here, hours: Hours) -> Proposal:
    days, start, end = hours
    shares = _shares(hours)
    before, after = sum(here.declared), sum(shares)
    lines = f'opening_hours:\n  days: [{", ".join(days)}]\n  start: "{start}"\n  end: "{end}"\n  status: to_confirm\n'
    fewer = before - after
    counted = fewer > 0 and here.known.applied(here.name, "port_hours")
    verb = "Resserrer" if fewer > 0 else "Élargir"
    more = "de moins" if fewer > 0 else "de plus, pour ne couper personne"
    then = "" if counted or fewer <= 0 else " ; l’énergie est comptée avec les ports"
    minority = f"Usage minoritaire laissé en dehors : {_fr(_volume(here, shares))} client × h par semaine."
    return Proposal(
        "hours",
        f"{verb} les heures d’ouverture déclarées, de {_fr(before)} à {_fr(after)} h par semaine",
        f"{_fr(abs(fewer))} h par semaine {more}{then}",
        _off(here, fewer) if counted else None,
        _energy_source(here) if counted else "",
        f"Ces heures règlent aussi l’arrêt des postes et l’horaire des ports. {minority}",
        ["Les heures d’ouverture réelles, auprès du responsable du site", *_to_say(here)],
        {f"inventories/town/host_vars/{here.name}.yml": lines},
    )  # fmt: skip


def _ssids(here: _Here, shares: Sequence[float]) -> Proposal:
    off = HOURS - sum(shares)
    count = sum(ssid["enabled"] for ssid in here.site["ssids"]) * here.access_points
    return _lever(
        here, "ssids", "ssid_hours", f"Éteindre les SSID hors des heures : {_fr(off)} h par semaine",
        f"{off * count:.0f} SSID × borne × h par semaine ; {NOT_COUNTED}", None, "",
        f"Coupe l’usage des autres heures : {_fr(_volume(here, shares))} client × h par semaine.",
        ["Les événements prévus hors des heures (sobriety_exceptions)"],
    )  # fmt: skip


def _poe(here: _Here) -> set[bool | None]:
    """Give what is known of the switches whose ports lead to access points: do they feed them?"""
    return {
        here.known.town.hardware[device["model"]]["poe"]
        for device in here.site["devices"]
        if any(port["mode"] == "trunk" and not port["uplink"] and port["enabled"] for port in device["ports"])
    }


def _ports(here: _Here, hours: Hours) -> Proposal:
    off = HOURS - sum(_shares(_widened(hours)))
    poe = _poe(here)
    feeding = [] if poe == {True} else ["Les commutateurs du site alimentent-ils les bornes (poe de hardware) ?"]
    gain = f"{off * here.access_points:.0f} heures de borne par semaine"
    return _lever(
        here, "ports", "port_hours", f"Éteindre les ports des bornes hors des heures : {_fr(off)} h par semaine",
        f"{gain} ; {NO_POE}" if poe == {False} else gain,
        None if poe == {False} else _off(here, off), _energy_source(here),
        "Une borne met quelques minutes à redémarrer ; une borne qui ne redémarre pas laisse une salle sans Wi-Fi.",
        [*feeding, "Le Wi-Fi du site s’éteint déjà hors des heures"],
    )  # fmt: skip


def _power(here: _Here, idle: Sequence[str]) -> Proposal:
    reduced = "le profil radio réduit de la Ville (reduced_power)"
    return _lever(
        here, "power", "radio_power", f"Abaisser la puissance d’émission : {reduced}",
        f"{agreed(len(idle), 'borne(s)')} sur {here.access_points} sans aucun client ; {NOT_COUNTED}", None, "",
        "Une zone éloignée est moins bien couverte, jour et nuit : une borne n’a pas d’horaire de puissance.",
        [SURVEY],
    )  # fmt: skip


def _access_point(here: _Here, serial: str, on: float) -> Proposal:
    name = next(device["name"] for device in here.site["devices"] if device["serial"] == serial)
    return Proposal(
        "access_point", f"Retirer la borne {name} : aucun client en {here.weeks} semaines",
        f"sa consommation, {_fr(on)} h par semaine", _off(here, on, 1), _energy_source(here),
        "Une zone peut perdre le Wi-Fi, et une borne qui sert lors d’un événement manquer.", [SURVEY],
    )  # fmt: skip


def _lever(
    here: _Here, kind: Kind, drives: Drives, what: str, gain: str, kwh: Range | None, source: str, risk: str,
    confirm: Sequence[str],
) -> Proposal:  # fmt: skip
    """Propose to apply a lever at the site: the line of its next step, and the command."""
    declared = here.known.lever(drives)
    name = declared[0] if declared else drives
    step = (standing(here.known.town, name).next if declared else None) or "general"
    line = f'  - {{lever: {name}, step: {step}, date: "{here.known.day}", by: …, targets: [{here.name}]}}\n'
    return Proposal(
        kind, what, gain, kwh, source, risk, [*confirm, *_to_say(here)], {"group_vars/all/sobriety_rollout.yml": line},
        f"piste sobriety apply {name} --target {here.name}",
    )  # fmt: skip


def _to_say(here: _Here) -> list[str]:
    unknown = sum(value is None for value in here.use.clients.mean)
    return [f"{unknown} heures de la semaine n’ont pas été mesurées"] if unknown else []


def _volume(here: _Here, shares: Sequence[float]) -> float:
    """Give the use outside some hours, in clients × hours a week."""
    return sum((1 - share) * (value or 0.0) for share, value in zip(shares, here.use.clients.mean, strict=True))


def _off(here: _Here, hours: float, count: int | None = None) -> Range | None:
    """Compute the energy of a year of access points that are off some hours of each week."""
    points = here.access_points if count is None else count
    share = hours / HOURS
    if (watts := here.use.fed) is not None:
        kwh = watts * HOURS_OF_A_YEAR * share * points / 1000
        return Range(kwh, kwh, kwh)
    declared = factor(here.known, "access_point")
    return of_a_year(declared, points).times(share) if declared else None


def _energy_source(here: _Here) -> str:
    if here.use.fed is not None:
        return POE_MEASURE
    declared = factor(here.known, "access_point")
    return source_of(here.known, declared)[0] if declared else ""
