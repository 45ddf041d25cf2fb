"""Two years of readings by hand: a lever undone, a hole, a month unread, lists, meters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from piste.sobriety.breakdown import Heading, Listing, Share
from piste.sobriety.documents.subject import SobrietySubject
from piste.sobriety.figure import Figure
from piste.sobriety.figures import figures
from piste.sobriety.footprint import footprint
from piste.sobriety.history import Reading
from piste.sobriety.savings import Saving
from piste.sobriety.value_range import NOTHING, Range
from piste.town.model.sobriety.form import RolloutStep
from tests.support.dossier import town
from tests.unit.sobriety import small

HOLE, UNREAD = 9, 14
"""The month without a reading, and the month in which the directory did not answer."""
UNDONE = 21
HOSTILE = "=cmd|' /C calc'!A1 <script>alert(1)</script> {{ 7*7 }} #[x] $y$"
STEPS = (("veille-postes", "2027-02-01"), ("impression", "2027-02-15"), ("wifi-hors-heures", "2027-03-01"))


def months(count: int = 24) -> list[str]:
    return [f"{2027 + rank // 12}-{rank % 12 + 1:02d}" for rank in range(count)]


def _value(name: str, rank: int) -> float | None:
    """Give a figure of a month: it reaches its target in a year, and falls back at the end."""
    ends = {"F1": (7, 95), "F2": (0, -21), "F3": (0, 100), "F4": (7.3, 12), "F5": (0, -14), "F5.retention": (0, 100),
            "F6": (-3, -33), "F7": (24, 96), "F7.queues": (0, 100), "F8": (0, 100), "F8.incidents": (0, 1)}  # fmt: skip
    if name == "F5" and rank < 6:
        return None
    start, end = ends[name]
    part = min(1.0, rank / 12)
    fallen = 0.12 * (rank - UNDONE + 1) if name in ("F1", "F8") and rank >= UNDONE else 0
    value = start + (end - start) * (part - fallen)
    return float(int(value)) if name == "F8.incidents" else round(value, 1)


def _figures(rank: int, month: str) -> Iterator[Figure]:
    """Change the values of real figures: titles, units and targets are those of the town."""
    for figure in figures(town(), small.Readings(), small.Imports(), small.TODAY):
        value = _value(figure.id, rank) if figure.target else _others(figure.id, rank)
        if rank == UNREAD and figure.id.startswith("F1"):
            value = None
        names: dict[str, Any] = {"failing": [], "unknown": [], "excluded": []}
        if figure.unit == "%" and value is not None and figure.id in ("F1", "F7.queues", "F8"):
            names |= {"numerator": round(value * 2), "denominator": 200, "unknown": ["piscine"]}
        if figure.id == "F8" and rank >= UNDONE:
            names["failing"] = ["mediatheque (VLB-Public émet à toute heure)"]
        if value is not None and figure.value and figure.low is not None and figure.high is not None:
            names |= {"low": figure.low * value / figure.value, "high": figure.high * value / figure.value}
        estimated = figure.id in ("F22.kwh_ap", "F22.pue", "F22.kwh")
        yield replace(
            figure, value=value, date=f"{month}-26", source=_source(figure.id), why="non lu" if value is None else "",
            method="mixed" if figure.id == "F22.kwh" else "estimated" if estimated else "measured",
            measured_share=min(0.8, 0.1 + rank * 0.03) if figure.id == "F22.kwh" else None, **names,
        )  # fmt: skip


def _source(name: str) -> str:
    return {"F1": "Postes, rapports de la veille", "F7": "Serveur d’impression, journal", "F8": "Dashboard Meraki"}.get(
        name.partition(".")[0], "Import electricity.csv (Enedis)"
    )


def _others(name: str, rank: int) -> float | None:
    values = {"F22.kwh": 176_000 - rank * 1_350.0, "F22.w_poste": 21.0 - rank / 4, "F22.kwh_ap": 60.0, "F22.pue": 1.6}
    return values.get(name)


def _shares(rank: int) -> Iterator[Share]:
    for place, site in enumerate(sorted(town().sites)):
        base = _value("F1", rank) or 0
        value = max(0.0, min(100.0, base + (place % 7) - 3 - (30 if site == "mediatheque" and rank >= UNDONE else 0)))
        silent = 1 if site == "piscine" else 0
        yield Share("F1", "site", site, round(value / 2), 50, value, silent)
        if place % 2 == 0:
            yield Share("F7", "site", site, 50, 100, min(100.0, (_value("F7", rank) or 0) + place % 3))
        yield Share("F22.kwh", "site", site, place * 100.0, 4000.0, 4000.0 + place * 350, 0, "kWh/an")
    for place, service in enumerate(("Agents", "Élèves", "Petits services, ensemble", HOSTILE)):
        yield Share("F1", "service", service, 40 + place, 50, 80 + 2.0 * place, 0)
    yield Share("F22.metered_pc", "site", "hotel-de-ville", 65 * (151 - rank), 65, 151.0 - rank, 0, "kWh/an chacun")


def _lists() -> list[Listing]:
    awake = [["hotel-de-ville", f"PC-HDV-{rank:03d}", "pilote audio Realtek", 9 - rank % 9, None] for rank in range(30)]
    rows: list[list[str | int | float | None]] = [["mediatheque", HOSTILE, "tâche planifiée", 12, 3.5], *awake]
    columns = [
        Heading("site", "Site"), Heading("computer", "Poste"), Heading("cause", "Cause"),
        Heading("nights", "Nuits", "nuits"), Heading("hours", "Éveillé", "h"),
    ]  # fmt: skip
    return [Listing("awake", "Ce qui tient les postes éveillés", columns, rows, "F1", "piste computers mediatheque")]


def _savings(rank: int) -> list[Saving]:
    def saving(lever: str, kwh: float | None, sheets: float | None) -> Saving:
        declared = town().sobriety.levers[lever]
        done = None if kwh is None else Range(kwh, kwh * 0.7, kwh * 1.3)
        whole = None if kwh is None else Range(6000, 4200, 7800)
        paper = None if sheets is None else Range(sheets, sheets, sheets)
        return Saving(
            lever, declared.label, declared.perimeter, False, whole, done, NOTHING if done else None, None,
            paper, paper, NOTHING if paper else None, "par la main", (),
        )  # fmt: skip

    part = min(1.0, rank / 12)
    return [saving("veille-postes", 6000 * part, None), saving("impression", None, 90_000 * part)]


def readings(count: int = 24) -> list[Reading]:
    """Make a reading a month, on the 28th; none in the month of the hole."""
    made = []
    for rank, month in enumerate(months(count)):
        if rank == HOLE:
            continue
        energy = footprint(town(), small.Readings(capacity=small.capacity()), small.Imports(), small.TODAY)
        moment, commit = f"{month}-28T08:00:00+01:00", "0123456789abcdef" * 2
        figures_then, shares = list(_figures(rank, month)), list(_shares(rank))
        made.append(Reading("lab", moment, commit, figures_then, energy, _savings(rank), shares, _lists()))
    return made


def subject(count: int = 24) -> SobrietySubject:
    """The town after some months, with its levers rolled out."""
    every = readings(count)
    rollout = [
        RolloutStep(lever=lever, step=step, date=day, by="DSI")  # type: ignore[arg-type]
        for lever, day in STEPS
        for step in ("diagnosis", "information", "pilot", "general")
    ]
    sobered = replace(town(), sobriety=replace(town().sobriety, rollout=rollout))
    return SobrietySubject(town=sobered, reading=every[-1], readings=every, contact="sobriete@lebourget.example")
