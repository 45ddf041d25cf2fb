"""Thin clients in the place of computers: cost, energy, carbon, bounds, sensitivity.

All is per place, then for a number of places. Each result rises or falls with each assumption, so its bounds are those
of the assumptions, each at the end that serves it or harms it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from piste.sobriety.counting import Known
from piste.sobriety.parts import NO_FACTOR, factor, source_of
from piste.sobriety.value_range import Range
from piste.town.model.lots.derived import DerivedLot
from piste.town.model.lots.scenario import Assumed, ThinClientScenario

Result = Literal["investment", "kwh", "kg", "eur", "net_eur"]
NAMES: Mapping[str, str] = {
    "pc_kwh": "Consommation d’un poste fixe, veille comprise",
    "thin_kwh": "Consommation d’un client léger",
    "session_watts": "Puissance d’une session sur la grappe",
    "hours": "Heures de session dans l’année",
    "thin_price": "Prix d’un client léger",
    "node_price": "Prix d’un nœud",
    "per_node": "Sessions par nœud",
    "pc_price": "Prix d’un poste",
    "renewed": "Part des postes à renouveler de toute façon",
    "licence": "Licences d’une session, par an",
    "thin_life": "Durée d’un client léger",
    "node_life": "Durée d’un nœud",
    "pc_life": "Durée d’un poste",
    "thin_kg": "Carbone de fabrication d’un client léger",
    "node_kg": "Carbone de fabrication d’un nœud",
    "pc_kg": "Carbone de fabrication d’un poste",
    "price_kwh": "Prix de l’énergie",
    "mix": "Carbone de l’électricité",
}
"""The assumptions, in the town's words."""


class Assumption(NamedTuple):
    """An assumption of the scenario, and its source."""

    key: str
    name: str
    range: Range
    source: str


class Turn(NamedTuple):
    """The result of each end of an assumption, all else at its value; `turns`: the sign changes."""

    name: str
    result: Result
    low: float
    high: float
    turns: bool


class Capacity(NamedTuple):
    """A need of the sessions to come, and the rest of it; `holds` is None where it was not read."""

    what: str
    needed: float
    left: float | None
    unit: str
    holds: bool | None
    source: str


@dataclass(frozen=True, slots=True)
class Substitution:
    """The scenario for a number of places, by year; `net_eur` is over the life of a thin client.

    `break_even_years` and `carbon_years` are (value, low, high); None where the saving never pays the investment, or is
    unknown: `why` says which.
    """

    places: int
    investment: Range
    kwh: Range
    kg: Range
    eur: Range | None
    net_eur: Range | None
    break_even_years: tuple[float | None, float | None, float | None] | None
    assumptions: Sequence[Assumption]
    turns: Sequence[Turn]
    capacity: Sequence[Capacity]
    why: str = ""


def substitution(known: Known, lots: Sequence[DerivedLot], price: Range | None = None) -> Substitution | str:
    """Compute the scenario of lots, or say why it is unknown; `price` is of a kWh, in euros."""
    scenario = known.town.sobriety.substitution
    if scenario is None:
        return "aucun scénario n’est déclaré (thin_client_scenario)"
    assumed = _assumed(known, scenario, price)
    if isinstance(assumed, str):
        return assumed
    places = sum(len(lot["thin_clients"]) for lot in lots)
    ranges = {assumption.key: assumption.range for assumption in assumed}
    eur = _range(_eur, ranges).times(places) if price else None
    investment = _range(_investment, ranges).times(places)
    return Substitution(
        places=places,
        investment=investment,
        kwh=_range(_kwh, ranges).times(places),
        kg=_range(_kg, ranges).times(places),
        eur=eur,
        net_eur=_range(_net, ranges).times(places) if price else None,
        break_even_years=_break_even(investment, eur) if eur else None,
        assumptions=assumed,
        turns=list(_turns(ranges, priced=price is not None)),
        capacity=list(_capacity(known, scenario, lots)),
        why="" if price else "aucun prix de l’énergie n’est déclaré : les gains restent en kWh",
    )


def _assumed(known: Known, scenario: ThinClientScenario, price: Range | None) -> list[Assumption] | str:
    pc, thin, energy = factor(known, "desktop_pc"), factor(known, "thin_client"), known.town.sobriety.energy
    if pc is None or thin is None or energy is None:
        return NO_FACTOR
    report = known.readings.capacity
    if report is None:
        return known.readings.why("hosting/capacite") or "la grappe n’a pas été relevée"
    totals = report["totals"]
    each = totals["watts_per_vcpu_marginal"]
    if each is None or not totals["watts"]:
        return "la grappe ne dit pas ce que ses machines consomment"
    session, vcpus = scenario.session, scenario.session.vcpus
    watts = Range(each * vcpus.value, each * vcpus.low * totals["watts_low"] / totals["watts"],
                  each * vcpus.high * totals["watts_high"] / totals["watts"])  # fmt: skip
    mix = energy.electricity
    declared: Mapping[str, Assumed] = {
        "hours": session.hours_per_year, "thin_price": scenario.thin_client.price_eur,
        "node_price": scenario.node.price_eur, "per_node": session.per_node, "pc_price": scenario.computer.price_eur,
        "renewed": scenario.renewed, "licence": session.licence_eur_per_year,
        "thin_life": scenario.thin_client.life_years, "node_life": scenario.node.life_years,
        "pc_life": scenario.computer.life_years, "thin_kg": scenario.thin_client.embodied_kg,
        "node_kg": scenario.node.embodied_kg, "pc_kg": scenario.computer.embodied_kg,
    }  # fmt: skip
    given = {key: (Range(entry.value, entry.low, entry.high), entry.source) for key, entry in declared.items()}
    given |= {
        "pc_kwh": (_asleep(known, Range(pc.value, pc.low, pc.high)), source_of(known, pc)[0]),
        "thin_kwh": (Range(thin.value, thin.low, thin.high), source_of(known, thin)[0]),
        "session_watts": (watts, f"{report['sources'][0]} ; {vcpus.source}"),
        "mix": (Range(mix.grams_per_kwh, mix.low, mix.high), mix.source),
        "price_kwh": (price or Range(0, 0, 0), "Prix de l’énergie déclaré" if price else "aucun prix déclaré"),
    }
    return [Assumption(key, name, *given[key]) for key, name in NAMES.items()]


def _asleep(known: Known, whole: Range) -> Range:
    """Take from a computer what its sleep saves: the lever of sleep has it already."""
    sleep = factor(known, "sleep_saving")
    if sleep is None or known.lever("sleep") is None:
        return whole
    return Range(whole.value * (1 - sleep.value), whole.low * (1 - sleep.high), whole.high * (1 - sleep.low))


type Inputs = Mapping[str, float]


def _kwh(at: Inputs) -> float:
    """Compute the energy saved in a year: a computer less a thin client and its session."""
    return at["pc_kwh"] - at["thin_kwh"] - at["session_watts"] * at["hours"] / 1000


def _investment(at: Inputs) -> float:
    return at["thin_price"] + at["node_price"] / at["per_node"] - at["renewed"] * at["pc_price"]


def _eur(at: Inputs) -> float:
    """Compute the euros saved in a year: energy less licences."""
    return _kwh(at) * at["price_kwh"] - at["licence"]


def _net(at: Inputs) -> float:
    return _eur(at) * at["thin_life"] - _investment(at)


def _kg(at: Inputs) -> float:
    """Compute the carbon saved in a year: use, less the making spread over its years."""
    made = at["thin_kg"] / at["thin_life"] + at["node_kg"] / at["per_node"] / at["node_life"]
    return _kwh(at) * at["mix"] / 1000 - made + at["renewed"] * at["pc_kg"] / at["pc_life"]


def _range(result: Callable[[Inputs], float], ranges: Mapping[str, Range]) -> Range:
    """Compute a result and its bounds: each assumption at the end that lowers or raises it."""
    value = {key: bounds.value for key, bounds in ranges.items()}
    low, high = (result(_corner(result, ranges, value, lower=lower)) for lower in (True, False))
    return Range(result(value), low, high)


def _corner(
    result: Callable[[Inputs], float], ranges: Mapping[str, Range], start: Inputs, *, lower: bool
) -> dict[str, float]:
    """Find the ends that lower a result, or raise it; again, as an end moves another."""
    corner = dict(start)
    for _ in range(3):
        for key, bounds in ranges.items():
            below, above = (result({**corner, key: end}) for end in (bounds.low, bounds.high))
            corner[key] = bounds.low if (below <= above) is lower else bounds.high
    return corner


def _break_even(investment: Range, eur: Range) -> tuple[float | None, float | None, float | None]:
    """Divide the investment by the yearly saving; None: it never pays, 0: nothing is invested."""

    def years(cost: float, saved: float) -> float | None:
        return 0.0 if cost <= 0 <= saved else cost / saved if saved > 0 else None

    ends = ((investment.value, eur.value), (investment.low, eur.high), (investment.high, eur.low))
    value, low, high = (years(cost, saved) for cost, saved in ends)
    return value, low, high


def _turns(ranges: Mapping[str, Range], *, priced: bool) -> list[Turn]:
    """Move an assumption at a time: the results that change sign, first."""
    value = {key: bounds.value for key, bounds in ranges.items()}
    results: list[tuple[Result, Callable[[Inputs], float]]] = [("kwh", _kwh), ("kg", _kg)]
    if priced:
        results.append(("net_eur", _net))
    moved = []
    for name, result in results:
        for key, bounds in ranges.items():
            low, high = (result({**value, key: end}) for end in (bounds.low, bounds.high))
            if low != high:
                moved.append(Turn(NAMES[key], name, low, high, turns=min(low, high) < 0 < max(low, high)))
    return sorted(moved, key=lambda turn: (not turn.turns, -abs(turn.high - turn.low)))


def _capacity(known: Known, scenario: ThinClientScenario, lots: Sequence[DerivedLot]) -> list[Capacity]:
    """Compare the need of the lots to come with the rest of the cluster, a node lost."""
    coming = [lot for lot in lots if lot["state"] != "deployed"]
    places = sum(len(lot["thin_clients"]) for lot in coming)
    totals = known.readings.capacity["totals"] if known.readings.capacity else {}
    measured = "Prism Central, un nœud perdu"
    memory = places * scenario.session.memory_gib.high
    left = totals.get("memory_left_gib")
    vcpus, spare = places * scenario.session.vcpus.high, _spare_threads(known)
    checks = [
        Capacity("Mémoire", memory, left, "Gio", None if left is None else memory <= left, measured),
        Capacity("Processeurs", vcpus, spare, "vCPU", None if spare is None else vcpus <= spare, measured),
    ]
    for lot in coming:
        study = lot["study"]
        if study is None:
            checks.append(Capacity(f"IOPS, {lot['label']}", 0, None, "IOPS", None, "aucune étude"))
        else:
            needed, there = study["iops"], study["iops_available"]
            what, measured = f"IOPS, {lot['label']}", study["iops_measured"]
            checks.append(Capacity(what, needed, there, "IOPS", needed <= there, measured))
    return checks


def _spare_threads(known: Known) -> float | None:
    """Count the threads not at work once the largest node is lost; None if a load is unread."""
    hosting = known.town.commune["hosting"] if known.town.commune else None
    report = known.readings.capacity
    if hosting is None or report is None or any(node["cpu_used"] is None for node in report["nodes"]):
        return None
    threads = {node["name"]: node["threads"] for node in hosting["nodes"]}
    if not {node["name"] for node in report["nodes"]} <= threads.keys():
        return None
    at_work: float = sum(node["cpu_used"] * threads[node["name"]] for node in report["nodes"])
    there = [threads[node["name"]] for node in report["nodes"]]
    return sum(there) - max(there) - at_work
