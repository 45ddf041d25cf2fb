"""The parts of a footprint: equipment of each site, measured or by its declared factor."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from piste.sobriety.counting import Known, sources
from piste.sobriety.figures_usage import last_day, uses
from piste.sobriety.imports import Metered
from piste.sobriety.value_range import NOTHING, Range, total
from piste.systems.nutanix.cluster_energy import HOURS, MEASURED, yearly
from piste.town.model import Site
from piste.town.model.energy_factors import Factor

Perimeter = Literal["postes", "hebergement", "reseau", "impression", "locaux"]
PERIMETERS: Mapping[Perimeter, str] = {
    "postes": "Postes de travail",
    "hebergement": "Hébergement et VDI",
    "reseau": "Réseau et Wi-Fi",
    "impression": "Impression",
    "locaux": "Locaux techniques",
}
DAYS = 365
NO_FACTOR = "aucune consommation publiée n’est déclarée : à mesurer"
NO_COUNT = "leur nombre n’est ni déclaré ni importé"
IN_SWITCHES = "comprises dans la mesure des commutateurs qui les alimentent"
SWITCHES_COUNT_POE = True
"""The Dashboard counts the PoE of a switch in its energy [belief meraki.poe_counted]."""
POE_MEASURE = "Dashboard Meraki, énergie des ports qui alimentent les bornes"
COPIER = "copieur"
"""First word of the comment of a copier's queue; any other queue is a printer's [belief meraki.copier_queue]."""
PC_FACTORS: Mapping[str, tuple[str, str]] = {
    "fixed": ("desktop_pc", "Postes fixes"), "laptop": ("laptop", "Portables"),
    "thin_client": ("thin_client", "Clients légers"), "mac": ("mac", "Mac"),
}  # fmt: skip
_METERED: Mapping[str, tuple[Perimeter, str]] = {
    "pc": ("postes", "Postes sous compteur"), "thin_client": ("postes", "Clients légers sous compteur"),
    "printing": ("impression", "Impression sous compteur"), "network": ("reseau", "Réseau sous compteur"),
    "hosting": ("hebergement", "Hébergement sous compteur"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """Equipment of a kind at a site; energy is of a year.

    `meter` is the class of the meter that replaces this part, if there is one.
    """

    perimeter: Perimeter
    key: str
    label: str
    site: str
    meter: str
    count: int | None
    kwh: Range | None
    measured: bool
    source: str
    date: str
    why: str = ""


def parts(known: Known) -> list[Part]:
    """List every part; a meter replaces the parts of its class at its site."""
    estimated = [*_pcs(known), *_uncounted(known), *_hosting(known), *_network(known), *_printing(known)]
    meters = dict(_meters(known))
    kept = [part for part in estimated if (part.meter, part.site) not in meters]
    every = [*kept, *meters.values()]
    return [*every, *_rooms(known, every)]


def factor(known: Known, name: str) -> Factor | None:
    energy = known.town.sobriety.energy
    return energy.equipment.get(name) if energy else None


def class_factor(known: Known, model: str) -> Factor | None:
    """Find the factor of the class of a model without a published figure; None without a class."""
    energy = known.town.sobriety.energy
    return energy.equipment.get(energy.classes.get(model, "")) if energy else None


def source_of(known: Known, declared: Factor) -> tuple[str, str]:
    """Give the source of a factor, and the day on which it was read."""
    energy = known.town.sobriety.energy
    source = energy.sources[declared.source] if energy else None
    return (source.title, source.read_on) if source else ("", known.day)


def of_a_year(declared: Factor, count: float) -> Range:
    """Compute the kilowatt-hours of a year of `count` pieces of equipment."""
    each = 1.0 if declared.unit == "kwh_per_year" else yearly(1, HOURS)
    return Range(declared.value, declared.low, declared.high).times(each * count)


def _estimated(known: Known, perimeter: Perimeter, name: str, label: str, site: str, meter: str, count: int) -> Part:
    own = factor(known, name)
    declared = own or class_factor(known, name)
    if declared is None:
        return Part(perimeter, name, label, site, meter, count, None, False, "", known.day, NO_FACTOR)
    source, on = source_of(known, declared)
    why = "" if own else f"par sa classe ({declared.label}) : à mesurer"
    return Part(perimeter, name, label, site, meter, count, of_a_year(declared, count), False, source, on, why)


def _pcs(known: Known) -> Iterator[Part]:
    if known.pcs is None:
        why = known.imports.why("pcs")
        yield Part("postes", "pc", "Postes de travail", "", "", None, None, False, "", known.day, why)
        return
    for (site, kind), count in sorted(Counter((pc.site, pc.kind) for pc in known.in_service).items()):
        name, label = PC_FACTORS[kind]
        meter = "thin_client" if kind == "thin_client" else "pc"
        yield _estimated(known, "postes", name, label, site, meter, count)


def _uncounted(known: Known) -> Iterator[Part]:
    for name, label in (("ip_phone", "Téléphones IP"), ("interactive_board", "Tableaux interactifs")):
        if factor(known, name):
            yield Part("postes", name, label, "", "", None, None, False, "", known.day, NO_COUNT)


def _hosting(known: Known) -> Iterator[Part]:
    label, report = "Nœuds de la grappe (machines et VDI)", known.readings.capacity
    if report is None:
        why = known.readings.why("hosting/capacite")
        yield Part("hebergement", "nodes", label, "", "hosting", None, None, False, "", known.day, why)
        return
    totals = report["totals"]
    watts = Range(totals["watts"], totals["watts_low"], totals["watts_high"])
    measured = totals["origin"] == MEASURED
    source = "Prism Central, puissance des nœuds" if measured else report["sources"][0]
    energy = watts.times(yearly(1, HOURS))
    yield Part(
        "hebergement", "nodes", label, "", "hosting", len(report["nodes"]), energy, measured, source,
        report["date"][:10],
    )  # fmt: skip


def _network(known: Known) -> Iterator[Part]:
    measured, until = _switch_energy(known)
    hours = known.readings.energy["period"]["hours"] if known.readings.energy else 0
    fed = {name: use.fed for name, use in uses(known).items()}
    for name, site in known.sites.items():
        switches = [device for device in site["devices"] if device["kind"] == "switch"]
        for device in switches:
            model, kwh = device["model"], measured.get(device["serial"])
            label = f"Commutateurs {model}"
            if kwh is None:
                yield _estimated(known, "reseau", model, label, name, "network", 1)
            else:
                source = f"Dashboard Meraki, énergie des commutateurs sur {hours:g} h"
                yield Part("reseau", model, label, name, "network", 1, Range(kwh, kwh, kwh), True, source, until)
        antennas = sum(device["kind"] == "access_point" for device in site["devices"])
        label = "Bornes Wi-Fi"
        within = SWITCHES_COUNT_POE and switches and all(device["serial"] in measured for device in switches)
        if antennas and within:
            yield Part(
                "reseau", "access_point", label, name, "network", antennas, NOTHING, True, "", until, IN_SWITCHES
            )
        elif antennas and (watts := fed.get(name)):
            kwh = watts * HOURS / 1000 * antennas
            yield Part(
                "reseau", "access_point", label, name, "network", antennas, Range(kwh, kwh, kwh), True, POE_MEASURE,
                last_day(known.readings.usage or ()),
            )  # fmt: skip
        elif antennas:
            yield _estimated(known, "reseau", "access_point", label, name, "network", antennas)


def _switch_energy(known: Known) -> tuple[dict[str, float], str]:
    """Give the energy of a year of each measured switch, by serial, and the last day measured.

    The energy of the measured hours is brought to a year.
    """
    energy = known.readings.energy
    if energy is None:
        return {}, known.day
    period, switches = energy["period"], energy["switches"]
    kwh = {switch["serial"]: switch["kwh"] * HOURS / period["hours"] for switch in switches if switch["serial"]}
    return kwh, str(period["end"])[:10]


def _printing(known: Known) -> Iterator[Part]:
    for name, site in known.sites.items():
        copiers, printers = printers_of(site)
        if copiers:
            yield _estimated(known, "impression", "copier", "Copieurs", name, "printing", copiers)
        if printers:
            yield _estimated(known, "impression", "printer", "Imprimantes", name, "printing", printers)


def printers_of(site: Site) -> tuple[int, int]:
    """Count the copiers and the printers that a site declares, a queue each."""
    queues = site["printing"]["queues"] if site["printing"] else []
    copiers = sum(str(queue["settings"].get("comment") or "").casefold().startswith(COPIER) for queue in queues)
    return copiers, len(queues) - copiers


def recent(known: Known, equipment: str) -> dict[str, list[Metered]]:
    """List by site the readings of a class of meters that end in the last year, oldest first."""
    by_site = defaultdict(list)
    for row in sorted(known.imports.electricity or (), key=lambda row: row.start):
        age = (known.today - date.fromisoformat(row.until)).days
        if row.equipment == equipment and 0 <= age < DAYS:
            by_site[row.site].append(row)
    return by_site


def annual(rows: list[Metered]) -> float:
    """Bring the energy of the metered days to a year."""
    days = sum((date.fromisoformat(row.until) - date.fromisoformat(row.start)).days + 1 for row in rows)
    return sum(row.kwh for row in rows) * DAYS / days


def _meters(known: Known) -> Iterator[tuple[tuple[str, str], Part]]:
    for meter, (perimeter, label) in _METERED.items():
        for site, rows in recent(known, meter).items():
            kwh = annual(rows)
            # The cluster is counted at no site: its meter stands for it wherever it is.
            place = "" if meter == "hosting" else site
            source = f"Import electricity.csv ({sources(row.source for row in rows)})"
            part = Part(
                perimeter, f"metered_{meter}", label, place, meter, rows[-1].count, Range(kwh, kwh, kwh), True, source,
                rows[-1].until,
            )  # fmt: skip
            yield (meter, place), part


def room_meters(known: Known) -> dict[str, tuple[float, float]]:
    """Give the yearly energy of each technical room: whole, and of its equipment.

    Only rooms with both meters on the same days.
    """
    rooms, equipment = recent(known, "room"), recent(known, "room_it")
    kwh = {}
    for site, rows in rooms.items():
        others = equipment.get(site, [])
        windows = {(row.start, row.until) for row in rows} & {(row.start, row.until) for row in others}
        if windows:
            whole, inside = ([row for row in some if (row.start, row.until) in windows] for some in (rows, others))
            kwh[site] = (annual(whole), annual(inside))
    return kwh


def _rooms(known: Known, every: list[Part]) -> Iterator[Part]:
    """List the cooling and losses of technical rooms: metered, else by the declared PUE."""
    label, metered = "Froid et pertes des locaux techniques", room_meters(known)
    for site, (whole, inside) in metered.items():
        kwh = max(0.0, whole - inside)
        source, on = "Import electricity.csv", recent(known, "room")[site][-1].until
        yield Part("locaux", "room", label, site, "room", 1, Range(kwh, kwh, kwh), True, source, on)
    if metered:
        return
    pue = factor(known, "pue")
    nodes = [part.kwh for part in every if part.perimeter == "hebergement" and part.kwh]
    if pue is None or not nodes:
        why = NO_FACTOR if pue is None else "la consommation de l’hébergement n’est pas connue"
        yield Part("locaux", "room", label, "", "room", None, None, False, "", known.day, why)
        return
    source, on = source_of(known, pue)
    base = total(nodes)
    beside = Range(base.value * (pue.value - 1), base.low * (pue.low - 1), base.high * (pue.high - 1))
    why = "par le PUE déclaré, sur la seule consommation de l’hébergement"
    yield Part("locaux", "room", label, "", "room", None, beside, False, source, on, why)
