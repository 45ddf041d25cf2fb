"""F22: the indicators of energy (CCTP 4.4.3), each measured or estimated between bounds."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace

from piste.engine.words import agreed
from piste.sobriety.breakdown import Share
from piste.sobriety.counting import Known, because
from piste.sobriety.figure import Figure, Method
from piste.sobriety.figures_printing import ACCOUNTING, YEAR, months
from piste.sobriety.figures_usage import last_day, uses
from piste.sobriety.footprint import Footprint, footprint_of
from piste.sobriety.parts import POE_MEASURE, Part, factor, of_a_year, parts, room_meters, source_of
from piste.sobriety.printing.sources import accounts
from piste.sobriety.usage import places
from piste.sobriety.value_range import Range, total
from piste.systems.nutanix.cluster_energy import HOURS, MEASURED

CCTP = "4.4.3"
_PCS = {"desktop_pc", "laptop", "thin_client", "mac", "metered_pc", "metered_thin_client"}
METERED = "metered_"
SWITCHES = {"reseau": "F22.switches"}
"""The figure of the equipment that measures itself over days, by perimeter; a node gives the power of a moment."""
EACH = "kWh/an chacun"
_COPIERS = {"copier", "metered_printing"}


def energy_figures(known: Known) -> Iterator[Figure]:
    whole = footprint_of(known)
    yield _whole(known, whole)
    yield _per_pc(known, whole)
    yield _per_machine(known)
    yield _per_page(known)
    yield _per_access_point(known)
    yield _unmeasured(known)
    yield _pue(known)


def energy_breakdowns(known: Known) -> Iterator[Share]:
    """Give the energy of each site, its measured part over the whole, then that of each meter.

    The value of a meter is for each of its `denominator` pieces of equipment.
    """
    whole: dict[str, list[Part]] = defaultdict(list)
    meters: dict[tuple[str, str], list[Part]] = defaultdict(list)
    for part in parts(known):
        whole[part.site].append(part)
        if part.measured and part.count and part.kwh and part.kwh.value:
            own = "" if part.key == "access_point" else SWITCHES.get(part.perimeter, "")
            figure = f"F22.{part.key}" if part.key.startswith(METERED) else own
            meters[figure, part.site].append(part)
    for site in sorted(known.sites.keys() & whole.keys()):
        energies = [(part.kwh.value, part.measured) for part in whole[site] if part.kwh]
        measured, kwh = sum(value for value, by_meter in energies if by_meter), sum(value for value, _ in energies)
        unknown = len(whole[site]) - len(energies)
        yield Share("F22.kwh", "site", site, measured, kwh, kwh if energies else None, unknown, "kWh/an")
    for (figure, site), some in sorted(meters.items()):
        if figure:
            kwh, count = sum(part.kwh.value for part in some if part.kwh), sum(part.count or 0 for part in some)
            yield Share(figure, "site" if site else "kind", site or "hosting", kwh, count, kwh / count, 0, EACH)


def _bounded(figure: Figure, bounds: Range, measured: float) -> Figure:
    """Add bounds to a figure, and the share that is measured."""
    method: Method = "measured" if measured == 1 else "mixed" if measured else "estimated"
    return replace(figure, low=bounds.low, high=bounds.high, measured_share=measured, method=method)


def _whole(known: Known, whole: Footprint) -> Figure:
    name, title, kwh = "F22.kwh", "Consommation du système d’information", whole.total.kwh
    source = "Mesures, et facteurs déclarés là où rien ne mesure"
    if kwh is None:
        return known.unknown(name, title, "kWh/an", source, "rien n’est compté ni mesuré", CCTP)
    unknown = whole.total.unknown
    why = "sans ce qui n’est pas connu" if unknown else ""
    figure = known.figure(name, title, "kWh/an", kwh.value, source, unknown=unknown, why=why, cctp=CCTP)
    return _bounded(figure, kwh, whole.total.measured_share)


def _per_pc(known: Known, whole: Footprint) -> Figure:
    name, title, unit = "F22.w_poste", "Puissance moyenne d’un poste, sur l’année", "W/poste"
    lines = [line for line in whole.lines if line.key in _PCS]
    counted = [(line, line.kwh) for line in lines if line.kwh is not None and line.count]
    count = sum(line.count or 0 for line, _ in counted)
    source = "; ".join(dict.fromkeys(line.source for line, _ in counted)) or "Import pcs.csv"
    if not count:
        return known.unknown(name, title, unit, source, known.imports.why("pcs") or "aucun poste n’est compté", CCTP)
    kwh = total([energy for _, energy in counted])
    each = kwh.times(1000 / HOURS / count)
    figure = known.figure(
        name, title, unit, each.value, source, on=max(line.date for line, _ in counted), numerator=kwh.value,
        denominator=count, unknown=[line.label for line in lines if line.kwh is None], cctp=CCTP,
    )  # fmt: skip
    measured = sum(energy.value * line.measured_share for line, energy in counted) / kwh.value if kwh.value else 0.0
    return _bounded(figure, each, measured)


def _per_machine(known: Known) -> Figure:
    """Share the power of the nodes, at rest included, between the machines that run."""
    name, title, unit = "F22.w_vm", "Puissance des nœuds par machine en marche", "W/VM"
    report, source = known.readings.capacity, "Prism Central, puissance des nœuds"
    if report is None:
        return known.unknown(name, title, unit, source, known.readings.why("hosting/capacite"), CCTP)
    totals = report["totals"]
    if not totals["running"]:
        return known.unknown(name, title, unit, source, "aucune machine n’est en marche", CCTP)
    watts = Range(totals["watts"], totals["watts_low"], totals["watts_high"]).times(1 / totals["running"])
    measured = totals["origin"] == MEASURED
    figure = known.figure(
        name, title, unit, watts.value, source if measured else report["sources"][0], on=report["date"][:10],
        numerator=totals["watts"], denominator=totals["running"], cctp=CCTP,
    )  # fmt: skip
    share = 1.0 if measured else 0.0
    if not measured and MEASURED in totals["origin"]:
        known_watts = sum(node["watts"] for node in report["nodes"] if node["origin"] == MEASURED)
        share = known_watts / totals["watts"] if totals["watts"] else 0.0
    return _bounded(figure, watts, share)


def _per_page(known: Known) -> Figure:
    """Divide the energy of copiers by their pages, over sites with twelve months of accounting."""
    name, title, unit = "F22.kwh_page", "Électricité des copieurs par page A4", "kWh/page"
    every, window = accounts(known), set(months(known.today))
    if not every.rows:
        return known.unknown(name, title, unit, ACCOUNTING, known.imports.why("printing"), CCTP)
    rows = [row for site, month in every.rows if month in window for row in every.chosen(site, month)]
    whole = sorted(
        site for site in {row.site for row in rows} if len({row.month for row in rows if row.site == site}) == YEAR
    )
    printing = [part for part in parts(known) if part.key in _COPIERS and part.site in whole and part.kwh]
    used = sorted({part.site for part in printing})
    pages = sum(row.pages for row in rows if row.site in used)
    uncounted = [site for site in known.sites if known.sites[site]["printing"] and site not in used]
    if not pages:
        why = "aucun site n’a à la fois un copieur déclaré et douze mois de comptabilité"
        return known.unknown(name, title, unit, ACCOUNTING, why, CCTP)
    kwh = total([part.kwh for part in printing if part.kwh])
    each = kwh.times(1 / pages)
    source = "; ".join(dict.fromkeys([ACCOUNTING, *(part.source for part in printing)]))
    figure = known.figure(
        name, title, unit, each.value, source, on=max(window), numerator=kwh.value, denominator=pages,
        unknown=uncounted, why=f"sur {', '.join(used)}", cctp=CCTP,
    )  # fmt: skip
    measured = sum(part.kwh.value for part in printing if part.kwh and part.measured)
    return _bounded(figure, each, measured / kwh.value if kwh.value else 0.0)


def _per_access_point(known: Known) -> Figure:
    """Compute the energy of an access point from its port if measured, else by its factor."""
    name, title, unit = "F22.kwh_ap", "Électricité d’une borne Wi-Fi", "kWh/an"
    fed = {site: use.fed for site, use in uses(known).items() if use.points}
    counts = {site: len(places(known.sites[site])["access_points"]) for site, watts in fed.items() if watts}
    if counts:
        watts = sum((fed[site] or 0.0) * count for site, count in counts.items()) / sum(counts.values())
        each = Range(watts, watts, watts).times(HOURS / 1000)
        figure = known.figure(
            name, title, unit, each.value, POE_MEASURE, on=last_day(known.readings.usage or ()),
            unknown=[site for site, watts in fed.items() if not watts], cctp=CCTP,
            why=f"moyenne de {agreed(sum(counts.values()), 'borne(s)')}, par le port qui les alimente",
        )  # fmt: skip
        return _bounded(figure, each, 1.0)
    declared = factor(known, "access_point")
    if declared is None:
        return known.unknown(name, title, unit, "Facteur déclaré", "aucun facteur de borne n’est déclaré", CCTP)
    source, on = source_of(known, declared)
    each = of_a_year(declared, 1)
    why = "rien ne mesure une borne seule : la mesure d’un commutateur est celle de tout ce qu’il alimente"
    return _bounded(known.figure(name, title, unit, each.value, source, on=on, why=why, cctp=CCTP), each, 0.0)


def _unmeasured(known: Known) -> Figure:
    """Count the switches whose energy nothing measures, and name those without a figure."""
    name, title, source = "F22.unmeasured", "Commutateurs dont l’énergie n’est pas mesurée", "Dashboard Meraki"
    devices = [device for site in known.sites.values() for device in site["devices"]]
    models = {device["model"] for device in devices if device["kind"] == "switch"}
    switches = [part for part in parts(known) if part.key in models]
    if known.readings.energy is None or not switches:
        return known.unknown(name, title, "%", source, known.readings.why("energy") or "aucun n’est compté", CCTP)
    rest = [part for part in switches if not part.measured]
    sides = {
        "estimé(s) d’après la classe": [part for part in rest if part.kwh and part.why],
        "sans aucun chiffre publié, à mesurer": [part for part in rest if part.kwh is None],
    }
    named = [
        because([model], f"{agreed(count, 'commutateur(s)')}, {agreed(count, words).partition(' ')[2]}")
        for words, group in sides.items()
        for model, count in Counter(part.key for part in group).items()
    ]
    why = ", ".join(agreed(len(group), words) for words, group in sides.items() if group)
    return known.figure(
        name, title, "%", 100 * len(rest) / len(switches), source, numerator=len(rest), denominator=len(switches),
        failing=named, why=why, cctp=CCTP,
    )  # fmt: skip


def _pue(known: Known) -> Figure:
    """Compute the PUE of the metered technical rooms, else give the declared factor.

    The tender asks for it « lorsque pertinent ».
    """
    name, title, metered = "F22.pue", "Rendement électrique des locaux techniques (PUE)", room_meters(known)
    whole, inside = (sum(pair[side] for pair in metered.values()) for side in (0, 1))
    if inside:
        return known.figure(
            name, title, "", whole / inside, "Import electricity.csv", numerator=whole, denominator=inside,
            why=f"locaux sous compteur : {', '.join(sorted(metered))}", cctp=CCTP,
        )  # fmt: skip
    declared = factor(known, "pue")
    if declared is None:
        return known.unknown(name, title, "", "Facteur déclaré", "aucun local n’est sous compteur", CCTP)
    source, on = source_of(known, declared)
    figure = known.figure(name, title, "", declared.value, source, on=on, why=declared.note or "", cctp=CCTP)
    return _bounded(figure, Range(declared.value, declared.low, declared.high), 0.0)
