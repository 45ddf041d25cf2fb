"""The saving of each lever in a year: expected, realised, remaining, with its assumptions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from piste.sobriety.counting import Known
from piste.sobriety.figure import Figure
from piste.sobriety.figures_network import eligible, open_windows, port_faults
from piste.sobriety.figures_pcs import sleeps, stops
from piste.sobriety.figures_printing import YEAR, defaults_live, months, rows_of_site, targeted, year_before
from piste.sobriety.footprint import emitted
from piste.sobriety.imports import Imports, Pc
from piste.sobriety.parts import NO_FACTOR, PC_FACTORS, factor, of_a_year, source_of
from piste.sobriety.printing.printed import Printed
from piste.sobriety.printing.sources import accounts
from piste.sobriety.readings import Readings
from piste.sobriety.savings_measured import Measured, measured
from piste.sobriety.savings_substitution import FORMULA, IN_FULL, ONE_FOR_ONE, of_lots
from piste.sobriety.substitution import Substitution
from piste.sobriety.value_range import NOTHING, Range
from piste.systems.meraki.intent import meraki_intent
from piste.systems.nutanix.cluster_energy import HOURS, yearly
from piste.town.model import Town
from piste.town.model.energy_factors import Factor
from piste.town.model.hours import asleep_hours
from piste.town.model.outside_hours import Window
from piste.town.model.sobriety.form import Drives, Lever, Perimeter


class Assumption(NamedTuple):
    """An assumption of a saving, and its source."""

    text: str
    source: str


HERE = "Règle de calcul de Piste"
NOT_COUNTED = "non compté"
"""The formula of a saving that no published figure allows to compute."""
_WHOLE_WEEKS = Assumption("Fériés et vacances sont comptés comme des jours ouverts", HERE)
_NO_DAYS: Mapping[str, Any] = {"holidays": {}, "school": []}


@dataclass(frozen=True, slots=True)
class Saving:
    """The saving of a lever in a year, in energy and in sheets of paper.

    `kwh` and `sheets` are all of it, `realised_*` the part that was read as applied, `remaining_*` the rest. None:
    unknown or not counted, and `why` says which. `formula` gives the computation in words. `investment` is false for a
    setting. `measured` is the figure of the lever before and after it; `substitution` the scenario of thin clients.
    """

    lever: str
    label: str
    perimeter: Perimeter
    investment: bool
    kwh: Range | None
    realised_kwh: Range | None
    remaining_kwh: Range | None
    co2_kg: Range | None
    sheets: Range | None
    realised_sheets: Range | None
    remaining_sheets: Range | None
    formula: str
    assumptions: Sequence[Assumption]
    why: str = ""
    cctp: str = "4.4.4"
    measured: Measured | None = None
    substitution: Substitution | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """The saving of a lever in a year, realised and remaining.

    None: unknown or not counted, and `why` says which.
    """

    formula: str
    assumptions: Sequence[Assumption] = ()
    realised: Range | None = None
    remaining: Range | None = None
    realised_sheets: Range | None = None
    remaining_sheets: Range | None = None
    why: str = ""
    substitution: Substitution | None = None


def savings(
    town: Town,
    readings: Readings,
    imports: Imports,
    today: date,
    figures: Iterable[Figure] = (),
    reference: Iterable[Figure] | None = None,
) -> list[Saving]:
    """Compute the saving of each declared lever, in their order. Pure.

    `figures` are those of the day, `reference` those of the first diagnosis.
    """
    known = Known(town, readings, imports, today)
    now = {figure.id: figure for figure in figures}
    before = None if reference is None else {figure.id: figure for figure in reference}
    levers = town.sobriety.levers.items()
    return [_saving(known, name, lever, measured(lever.drives, now, before)) for name, lever in levers]


def _saving(known: Known, name: str, lever: Lever, change: Measured | None) -> Saving:
    estimate = ESTIMATES[lever.drives](known)
    kwh, sheets = (_sum(*pair) for pair in (
        (estimate.realised, estimate.remaining), (estimate.realised_sheets, estimate.remaining_sheets)
    ))  # fmt: skip
    return Saving(
        name, lever.label, lever.perimeter, lever.investment is not None, kwh, estimate.realised, estimate.remaining,
        emitted(known, kwh), sheets, estimate.realised_sheets, estimate.remaining_sheets, estimate.formula,
        estimate.assumptions, estimate.why, lever.cctp, change, estimate.substitution,
    )  # fmt: skip


def _sum(realised: Range | None, remaining: Range | None) -> Range | None:
    return None if realised is None or remaining is None else realised.plus(remaining)


def _of_factor(known: Known, declared: Factor) -> Assumption:
    unit = {"kwh_per_year": " kWh/an", "watts": " W", "share": "", "ratio": ""}[declared.unit]
    bounds = f"{declared.value:g}{unit}, de {declared.low:g} à {declared.high:g}".replace(".", ",")
    return Assumption(f"{declared.label} : {bounds}", source_of(known, declared)[0])


def _pcs(known: Known, drives: Drives) -> list[Pc]:
    """List the workstations that a lever saves on: of published use, at sites not spared."""
    return [pc for pc in known.in_service if pc.kind in ("fixed", "laptop") and not known.spared(pc.site, drives)]


def _sleep(known: Known) -> Estimate:
    formula = "postes × consommation annuelle d’un poste × part économisée par la mise en veille"
    share = factor(known, "sleep_saving")
    of_kind = {kind: factor(known, PC_FACTORS[kind][0]) for kind in ("fixed", "laptop")}
    if known.pcs is None or share is None:
        return Estimate(formula, why=known.imports.why("pcs") or NO_FACTOR)
    won, left = NOTHING, NOTHING
    for pc in _pcs(known, "sleep"):
        declared = of_kind[pc.kind]
        if declared is None:
            continue
        use = of_a_year(declared, 1)
        saved = Range(use.value * share.value, use.low * share.low, use.high * share.high)
        won, left = (won.plus(saved), left) if sleeps(pc, known) else (won, left.plus(saved))
    assumptions = [
        *(_of_factor(known, declared) for declared in (*of_kind.values(), share) if declared),
        Assumption("Un poste dont les réglages n’ont pas été relevés reste à gagner", HERE),
        Assumption("Clients légers et Mac ne sont pas comptés", HERE),
    ]
    return Estimate(formula, assumptions, won, left)


def _shutdown(known: Known) -> Estimate:
    formula = "postes × heures hors ouverture du site × (puissance en veille − puissance à l’arrêt)"
    asleep, off = factor(known, "pc_sleep"), factor(known, "pc_off")
    if known.pcs is None or asleep is None or off is None:
        return Estimate(formula, why=known.imports.why("pcs") or NO_FACTOR)
    # A computer that is off takes no more than asleep, whatever the bounds of both say.
    watts = Range(*(max(0.0, most) for most in (
        asleep.value - off.value, asleep.low - off.high, asleep.high - off.low,
    )))  # fmt: skip
    won, left = NOTHING, NOTHING
    opened = {name: site for name, site in known.town.sites.items() if site["opening_hours"] is not None}
    closed = {name: closed_hours(open_windows(site), known.today) for name, site in opened.items()}
    for pc in _pcs(known, "shutdown"):
        if pc.site not in closed:
            continue
        saved = watts.times(yearly(1, closed[pc.site]))
        won, left = (won.plus(saved), left) if stops(pc, known) else (won, left.plus(saved))
    assumptions = [
        _of_factor(known, asleep),
        _of_factor(known, off),
        Assumption("Le poste dormait déjà : ce que gagne la veille n’est pas compté deux fois", HERE),
        _WHOLE_WEEKS,
    ]
    return Estimate(formula, assumptions, won, left)


def closed_hours(windows: Iterable[Window], first: date) -> float:
    """Count the hours of a year outside these windows, as if all weeks were alike."""
    # The end of a day is midnight of the next day.
    awake = [
        {"days": [window["day"]], "start": window["start"], "end": window["end"].replace("24:", "00:")}
        for window in windows
    ]
    return asleep_hours({"awake": awake, "holidays": "as_usual", "school_holidays": "as_usual"}, _NO_DAYS, first)


def _ports(known: Known) -> Estimate:
    formula = "bornes × consommation annuelle d’une borne × part des heures où leur port est éteint"
    declared = factor(known, "access_point")
    if declared is None:
        return Estimate(formula, why=NO_FACTOR)
    won, left = NOTHING, NOTHING
    for name in eligible(known, "port_hours")[0]:
        site = known.town.sites[name]
        count = sum(device["kind"] == "access_point" for device in site["devices"])
        schedules = meraki_intent(site)["port_schedules"] or [{"week": {}}]
        closed = closed_hours(_week_windows(schedules[0]["week"]) or open_windows(site), known.today)
        saved = of_a_year(declared, count).times(closed / HOURS)
        read = known.readings.networks.get(name)
        done = read is not None and known.applied(name, "port_hours") and port_faults(site, read) == []
        won, left = (won.plus(saved), left) if done else (won, left.plus(saved))
    assumptions = [
        _of_factor(known, declared),
        Assumption("Une borne consomme autant le jour que la nuit", HERE),
        Assumption("Un site dont les ports n’ont pas été relevés reste à gagner", HERE),
        _WHOLE_WEEKS,
    ]
    return Estimate(formula, assumptions, won, left)


def _week_windows(week: Mapping[str, Any]) -> list[Window]:
    """List the windows of a schedule of ports, a little wider than the opening hours."""
    active = {day: hours for day, hours in week.items() if hours.get("active", True)}
    return [Window(day=day, start=hours["start"], end=hours["end"]) for day, hours in active.items()]


def _machines(known: Known) -> Estimate:
    formula = "vCPU de la machine × puissance marginale d’un vCPU × heures de sommeil de l’année"
    report = known.readings.capacity
    hosting = known.town.commune["hosting"] if known.town.commune else None
    if report is None or hosting is None:
        return Estimate(formula, why=known.readings.why("hosting/capacite") or "aucune grappe n’est déclarée")
    totals, hours = report["totals"], hosting["hours"]
    each = totals["watts_per_vcpu_marginal"]
    if each is None or not totals["watts"]:
        return Estimate(formula, why="la grappe ne dit pas ce que ses machines consomment")
    watts = Range(totals["watts"], totals["watts_low"], totals["watts_high"]).times(each / totals["watts"])
    applied = {machine["name"] for machine in (known.readings.f3 or {"eligible": ()})["eligible"] if machine["applied"]}
    schedules = list(hours["schedules"])
    won, left, unplanned = NOTHING, NOTHING, []
    for machine in hosting["machines"]:
        # Before the lever is rolled out no machine has a schedule: the only schedule of the town would apply.
        schedule = machine["schedule"] or (schedules[0] if len(schedules) == 1 else None)
        if machine["production"]:
            continue
        if schedule is None:
            unplanned.append(machine["name"])
            continue
        asleep = asleep_hours(hours["schedules"][schedule], hours["calendar"], known.today)
        saved = watts.times(yearly(machine["vcpus"], asleep))
        won, left = (won.plus(saved), left) if machine["name"] in applied else (won, left.plus(saved))
    assumptions = [
        Assumption(f"Puissance marginale d’un vCPU : {each:g} W".replace(".", ","), str(report["sources"][0])),
        Assumption("La part de repos des nœuds n’est pas rendue par une machine qui dort", HERE),
    ]
    why = f"sans horaire déclaré, non comptées : {', '.join(unplanned)}" if unplanned else ""
    return Estimate(formula, assumptions, won, left, why=why)


def _printing(known: Known) -> Estimate:
    formula = "pages de l’année au recto × part qui passe en recto verso ÷ 2 ; fait : pages × hausse du recto verso ÷ 2"
    adoption = factor(known, "duplex_adoption")
    if not accounts(known).rows or adoption is None:
        return Estimate(formula, why=known.imports.why("printing") or NO_FACTOR)
    window = months(known.today)
    won, left, silent = NOTHING, NOTHING, []
    for site in targeted(known):
        now = rows_of_site(known, site, window)
        before = rows_of_site(known, site, [year_before(month) for month in window])
        if not now:
            silent.append(site)
            continue
        pages = sum(row.pages for row in now) * YEAR / len({row.month for row in now})
        share = _duplex(now)
        if before:
            gained = pages * max(0.0, share - _duplex(before)) / 2
            won = won.plus(Range(gained, gained, gained))
        if not defaults_live(known, site):
            left = left.plus(Range(adoption.value, adoption.low, adoption.high).times(pages * (1 - share) / 2))
    assumptions = [
        _of_factor(known, adoption),
        Assumption("Un travail en recto verso a autant de pages qu’un autre", HERE),
        Assumption("Là où les réglages par défaut sont en place, rien de plus n’est attendu d’eux", HERE),
    ]
    why = "l’électricité de l’impression n’est pas comptée : elle dépend peu du nombre de pages"
    if silent:
        why += f" ; sans comptabilité, non comptés : {', '.join(silent)}"
    return Estimate(formula, assumptions, realised_sheets=won, remaining_sheets=left, why=why)


def _duplex(rows: Sequence[Printed]) -> float:
    jobs = sum(row.jobs or 0 for row in rows)
    return sum(row.duplex_jobs or 0 for row in rows) / jobs if jobs else 0.0


def _thin_clients(known: Known) -> Estimate:
    whole, won, left = of_lots(known)
    if isinstance(whole, str):
        return Estimate(FORMULA, why=whole)
    assumptions = [
        *(Assumption(f"{it.name} : {_bounded(it.range)}", it.source) for it in whole.assumptions if it.range.high),
        Assumption(ONE_FOR_ONE, HERE),
        Assumption(IN_FULL, HERE),
    ]
    return Estimate(FORMULA, assumptions, won, left, why=whole.why, substitution=whole)


def _bounded(value: Range) -> str:
    return f"{value.value:g}, de {value.low:g} à {value.high:g}".replace(".", ",")


def _not_counted(why: str) -> Callable[[Known], Estimate]:
    return lambda known: Estimate(NOT_COUNTED, why=why)


ESTIMATES: Mapping[Drives, Callable[[Known], Estimate]] = {
    "sleep": _sleep,
    "shutdown": _shutdown,
    "port_hours": _ports,
    "machine_hours": _machines,
    "print_defaults": _printing,
    "autostart": _not_counted("non compté : aucun chiffre publié de ce que coûte un programme au démarrage"),
    "telemetry": _not_counted("non compté : aucun chiffre publié de ce que coûte la télémétrie d’un poste"),
    "retention": _not_counted("non compté : aucun chiffre publié de ce que coûte un gigaoctet gardé"),
    "thin_clients": _thin_clients,
    "ssid_hours": _not_counted("non compté : aucun chiffre publié de ce qu’une borne consomme en moins sans SSID"),
    "radio_power": _not_counted("non compté : aucun chiffre publié de ce qu’une borne consomme en moins"),
    "ssid_cleaning": _not_counted("non compté : le gain est du temps d’antenne, pas de l’énergie"),
}
"""The estimate of the saving of a lever, by what it drives."""
