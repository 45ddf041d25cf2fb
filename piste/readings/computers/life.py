"""The end of life of computers: age, battery, warranty, and who may be used again. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from statistics import median
from typing import Literal, NamedTuple

from piste.readings.computers.judge import Computer, by
from piste.town.model import Town

Verdict = Literal["reuse", "prolong", "recycle"]
VERDICTS = {"reuse": "à réemployer", "prolong": "à prolonger", "recycle": "à recycler"}
OLD_YEARS = 8
"""Age beyond which a computer at its end of life is not prolonged."""
TIRED = 0.6
"""Part of its capacity below which a battery no longer lasts the morning."""
SOON = timedelta(days=180)
UNUSED = timedelta(days=14)
"""Days without any session from which a computer in service serves nobody."""
YEAR = timedelta(days=365)


class Future(NamedTuple):
    """The verdict on a computer, and its reason in French."""

    computer: Computer
    verdict: Verdict
    why: str
    years: float | None
    battery: float | None


class ModelLife(NamedTuple):
    """The computers of a model: ages and batteries are medians of those that are known."""

    model: str
    computers: int
    years: float | None
    battery: float | None
    out_of_warranty: int
    past_end: int
    verdicts: dict[Verdict, int]


class Reuse(NamedTuple):
    """Computers of the last year that were used again, and that left for good."""

    reused: int
    left: int


def futures(rows: Iterable[Computer], town: Town, today: date) -> list[Future]:
    """List the computers to use again, to prolong, to recycle."""
    received = _received(town)
    made = [future for row in rows if (future := _future(row, received.get(row.name.casefold()), today))]
    order: dict[Verdict, int] = {"reuse": 0, "prolong": 1, "recycle": 2}
    return sorted(made, key=lambda future: (order[future.verdict], future.computer.name.casefold()))


def models(rows: Iterable[Computer], town: Town, today: date) -> list[ModelLife]:
    """Describe the computers in service by model, the oldest first."""
    kept = [row for row in rows if row.state == "in_service"]
    received = _received(town)
    verdicts = {future.computer.name: future.verdict for future in futures(kept, town, today)}
    made = [_model(name, computers, received, verdicts, today) for name, computers in by(kept, "model").items()]
    return sorted(made, key=lambda model: (-(model.years or 0), model.model.casefold()))


def _model(
    name: str, computers: list[Computer], received: dict[str, date], verdicts: dict[str, Verdict], today: date
) -> ModelLife:
    ages = [age for row in computers if (age := years(row, received.get(row.name.casefold()), today)) is not None]
    batteries = [part for row in computers if (part := battery(row)) is not None]
    counts: dict[Verdict, int] = {"reuse": 0, "prolong": 0, "recycle": 0}
    for row in computers:
        if verdict := verdicts.get(row.name):
            counts[verdict] += 1
    return ModelLife(
        name, len(computers), median(ages) if ages else None, median(batteries) if batteries else None,
        sum(_past(row.warranty_until, today) for row in computers),
        sum(_past(row.end_of_life, today) for row in computers), counts,
    )  # fmt: skip


def reuse(town: Town, today: date) -> Reuse:
    """Count the computers of the history that were used again, and that left, in the last year."""
    computers = {
        asset["name"] for site in town.sites.values() for asset in site["assets"] if asset["kind"] == "computer"
    }
    since = (today - YEAR).isoformat()
    recent = [
        event for event in town.history
        if event.asset in computers and since < event.date <= today.isoformat()
    ]  # fmt: skip
    reused = {event.asset for event in recent if event.action == "reuse"}
    return Reuse(len(reused), len({event.asset for event in recent if event.action == "exit"} - reused))


def battery(row: Computer) -> float | None:
    """Compute what is left of the capacity of a battery, 0 to 1."""
    cells = row.report.battery if row.report else None
    if cells is None or not cells.designed_mwh or cells.full_mwh is None:
        return None
    return min(1.0, cells.full_mwh / cells.designed_mwh)


def years(row: Computer, received: date | None, today: date) -> float | None:
    """Give the least age of a computer: that of the oldest known date."""
    report = row.report
    dates = [day for day in (received, report and report.firmware_on, report and report.installed_on) if day]
    oldest = min(dates, default=None)
    return (today - oldest) / YEAR if oldest and oldest <= today else None


def _received(town: Town) -> dict[str, date]:
    """Give the day on which each asset was received."""
    events = (event for event in town.history if event.action == "receive")
    return {event.asset.casefold(): date.fromisoformat(event.date) for event in events}


def _future(row: Computer, received: date | None, today: date) -> Future | None:
    age, part = years(row, received, today), battery(row)
    for verdict, why in _reasons(row, age, part, today):
        return Future(row, verdict, why, age, part)
    return None


def _reasons(row: Computer, age: float | None, part: float | None, today: date) -> Iterator[tuple[Verdict, str]]:
    """Yield the verdicts on a computer, the strongest first."""
    end = row.end_of_life
    past, soon = _past(end, today), _past(end, today + SOON)
    tired, old = part is not None and part < TIRED, age is not None and age > OLD_YEARS
    if row.state in ("awaited", "retired"):
        return
    if row.state in ("stock", "reuse") and not past and not old:
        yield "reuse", "en stock" if row.state == "stock" else "à réemployer, à l’inventaire"
    if row.state != "in_service":
        yield "recycle", f"fin de vie le {end}" if past else "en partance" if row.state == "leaving" else "trop ancien"
    if not past and not old and _unused(row):
        yield "reuse", "aucune session ouverte, il ne sert à personne"
    if soon and (tired or old):
        worn = f"batterie à {100 * (part or 0):.0f} %" if tired else f"au moins {age or 0:.0f} ans"
        yield "recycle", f"fin de vie le {end}, {worn}"
    if soon and row.report:
        served = row.report.sessions is not None and any(row.report.sessions.minutes)
        yield "prolong", f"fin de vie le {end}, et il {'sert' if served else 'répond'} encore"
    if tired:
        yield "prolong", f"batterie à {100 * (part or 0):.0f} % : elle se change, le poste reste"


def _unused(row: Computer) -> bool:
    report = row.report
    if report is None or report.sessions is None:
        return False
    return report.taken_at - report.sessions.since >= UNUSED and not any(report.sessions.minutes)


def _past(day: str | None, today: date) -> bool:
    return bool(day) and str(day) < today.isoformat()
