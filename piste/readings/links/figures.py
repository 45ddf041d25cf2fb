"""Figures of a link over a month, and their judgment.

What was not measured is unknown. The share of the month that was measured stands beside each figure, and the judgment
counts the rest both ways: conform where even a link down all that time meets the objective, wrong where even a link up
does not, unknown between both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, TypedDict

from piste.engine.clock import TOWN
from piste.papers.dossier import notation
from piste.readings.links.declared import TownLink
from piste.readings.links.kept import Readings
from piste.readings.links.period import bounds
from piste.systems.meraki.port_traffic import Traffic
from piste.systems.zabbix.link_measures import Measure

Verdict = Literal["conform", "wrong", "unknown", "untested"]


class Availability(TypedDict):
    """Percent of the measures with an answer.

    `floor`: it is at least that, some raw values being gone.
    """

    percent: float | None
    floor: bool
    measured: float | None


class Latency(TypedDict):
    """Milliseconds; the 95th percentile is of the raw values that Zabbix still keeps."""

    mean_ms: float | None
    measured: float | None
    p95_ms: float | None
    p95_measured: float | None


class Loss(TypedDict):
    percent: float | None
    measured: float | None


class Rate(TypedDict):
    """Mbit/s, both directions together; `percent` is the mean's, of the declared rate."""

    mean_mbps: float | None
    busiest_mbps: float | None
    busiest_day: str | None
    percent: float | None
    measured: float | None


class LinkFigures(TypedDict):
    """Figures of a link.

    Each `measured` is a share of the month, 0 to 1, None where it cannot be known.
    """

    link: TownLink
    availability: Availability
    latency: Latency
    loss: Loss
    rate: Rate
    verdict: Verdict
    why: str


def figures(links: Iterable[TownLink], readings: Readings) -> list[LinkFigures]:
    """Compute the figures of links from the readings of a month."""
    return [_figures(link, readings) for link in links]


def _figures(link: TownLink, readings: Readings) -> LinkFigures:
    seconds = bounds(readings["month"], TOWN).seconds
    measure = readings["measures"].get(link["name"])
    traffic = readings["traffic"].get(link["port"] or "", {})
    verdict, why = _verdict(link, measure, readings, seconds)
    return LinkFigures(
        link=link,
        availability=_availability(measure, seconds),
        latency=_latency(measure, seconds),
        loss=Loss(
            percent=_over(measure["loss_sum"], measure["loss_count"]) if measure else None,
            measured=_share(measure, measure["loss_count"], seconds) if measure else 0.0,
        ),
        rate=_rate(link, traffic, readings["month"]),
        verdict=verdict,
        why=why,
    )


def available_words(row: LinkFigures) -> str:
    """Write an availability, rounded down; at least so much where raw values are gone.

    Empty where it is unknown.
    """
    percent = row["availability"]["percent"]
    if percent is None:
        return ""
    floor = "au moins " if row["availability"]["floor"] else ""
    return f"{floor}{notation.number(int(percent * 1000) / 1000, 3)} %"


def _availability(measure: Measure | None, seconds: int) -> Availability:
    if measure is None:
        return Availability(percent=None, floor=False, measured=0.0)
    up = _over(100.0 * measure["up"], measure["pings"])
    return Availability(percent=up, floor=measure["doubtful"] > 0, measured=_share(measure, measure["pings"], seconds))


def _latency(measure: Measure | None, seconds: int) -> Latency:
    if measure is None:
        return Latency(mean_ms=None, measured=0.0, p95_ms=None, p95_measured=0.0)
    p95 = measure["p95"]
    return Latency(
        mean_ms=_over(1000 * measure["latency_sum"], measure["latency_count"]),
        measured=_share(measure, measure["latency_count"], seconds),
        p95_ms=None if p95 is None else 1000 * p95,
        p95_measured=_share(measure, measure["raw"], seconds),
    )


def _rate(link: TownLink, traffic: Mapping[str, Traffic], month: str) -> Rate:
    start, end = bounds(month)
    known = {day: entry for day, entry in traffic.items() if entry["seconds"] > 0}
    lasts = sum(entry["seconds"] for entry in known.values())
    mean = _over(sum(map(_megabits, known.values())), lasts)
    days = {day: _megabits(entry) / entry["seconds"] for day, entry in known.items()}
    busiest = max(days, key=lambda day: days[day], default=None)
    return Rate(
        mean_mbps=mean,
        busiest_mbps=days[busiest] if busiest else None,
        busiest_day=busiest[:10] if busiest else None,
        percent=100 * mean / link["rate_mbps"] if mean is not None and link["rate_mbps"] else None,
        measured=min(1.0, lasts / (end - start)),
    )


def _megabits(traffic: Traffic) -> float:
    return traffic["kilobytes"] * 8 / 1000


def _over(total: float, count: float) -> float | None:
    return total / count if count else None


def _share(measure: Measure, count: int, seconds: int) -> float | None:
    """Give the share of the month that so many values are; None where their interval is unknown."""
    if not count:
        return 0.0
    return min(1.0, count * measure["interval"] / seconds) if measure["interval"] else None


def _verdict(link: TownLink, measure: Measure | None, readings: Readings, seconds: int) -> tuple[Verdict, str]:
    if not readings["measured_at"]:
        return "unknown", "Zabbix n’a pas été lu"
    if measure is None:
        return "unknown", "Zabbix n’a pas d’hôte pour cette liaison"
    if not measure["pings"]:
        return "unknown", "aucune mesure ce mois-là"
    due = link["objective"]
    if due is None:
        return "untested", "aucun objectif n’est déclaré"
    share = _share(measure, measure["pings"], seconds)
    if share is None:
        return "unknown", "l’intervalle des mesures ne se lit pas"
    up, most = measure["up"] / measure["pings"], (measure["up"] + measure["doubtful"]) / measure["pings"]
    if 100 * share * up >= due:
        return "conform", ""
    if 100 * (share * most + 1 - share) < due:
        return "wrong", ""
    return "unknown", "trop peu a été mesuré pour dire si l’objectif est atteint"
