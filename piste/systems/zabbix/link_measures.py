"""Measures of the links over a period, as Zabbix keeps them.

Source: Zabbix 7.0 manual, API, trend and history; simple checks. `icmppingsec` is 0 where nothing answers, so an hour's
mean holds these zeros. The hourly mean of `icmpping`, a whole number, is cut to 0 or 1: its bounds alone are of use,
and an hour with both needs the raw values. Trends outlive the raw values.
[belief zabbix.hourly_means]
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import ceil, isfinite
from typing import Any, NamedTuple, TypedDict

from piste.engine.converge.errors import Fault, InvalidConfig
from piste.engine.converge.module import Module
from piste.engine.converge.moments import written
from piste.engine.converge.reading import number, text, whole
from piste.engine.converge.resource import Field
from piste.engine.converge.run import Params
from piste.engine.converge.values import Misfit
from piste.engine.transport.subjects import subject
from piste.systems.zabbix.api import Zabbix
from piste.systems.zabbix.connection import SUPERVISION
from piste.systems.zabbix.coverage import seconds

PREFIX = "lien-"
"""Beginning of the names of the hosts of links."""
PRESENCE, LATENCY, LOSS = "icmpping", "icmppingsec", "icmppingloss"
HOUR = 3600
MOST = 100_000
"""Raw values of a link that are read, at most; more than a month of one each half-minute."""


class Measure(TypedDict):
    """The measures of a link; the sums are over values, `pings` and the others count values.

    `interval` is in seconds, None where only the server resolves it. `up` counts the values with an answer, `doubtful`
    those that had an answer or not: raw values are gone, and losses alone bound them. Latencies are in seconds, of the
    values with an answer; `p95` is of the `raw` values that are still kept. Losses are in percent.
    """

    interval: float | None
    pings: int
    up: int
    doubtful: int
    latency_sum: float
    latency_count: int
    p95: float | None
    raw: int
    loss_sum: float
    loss_count: int


class Hour(NamedTuple):
    """Trend of an hour: number of values, bounds, mean."""

    values: int
    least: float
    mean: float
    most: float


Trends = Mapping[str, Mapping[int, Hour]]
"""Trends by key of an item, then by the hour's beginning, in seconds since 1970."""
Values = Mapping[int, float]
"""Raw values by moment, in seconds since 1970."""


def measure(trends: Trends, presence: Values, latencies: Iterable[float], interval: float | None) -> Measure:
    """Add the hours of a link up; `presence` are the raw values of the hours that need them."""
    pings = up = doubtful = answered = 0
    total = 0.0
    loss, latency = trends.get(LOSS, {}), trends.get(LATENCY, {})
    for begins, hour in trends.get(PRESENCE, {}).items():
        pings += hour.values
        answers, unsure = _answers(hour, begins, presence, loss.get(begins))
        up, doubtful = up + answers, doubtful + unsure
        mean = latency.get(begins)
        if mean and answers and not unsure:
            total += mean.mean * mean.values
            answered += round(mean.values * answers / hour.values)
    kept = sorted(value for value in latencies if value > 0)
    return Measure(
        interval=interval,
        pings=pings,
        up=up,
        doubtful=doubtful,
        latency_sum=total,
        latency_count=answered,
        p95=kept[ceil(0.95 * len(kept)) - 1] if kept else None,
        raw=len(kept),
        loss_sum=sum(hour.mean * hour.values for hour in loss.values()),
        loss_count=sum(hour.values for hour in loss.values()),
    )


def _answers(hour: Hour, begins: int, presence: Values, loss: Hour | None) -> tuple[int, int]:
    """Count the values of an hour with an answer, and those that may have had it."""
    if hour.least >= 1:
        return hour.values, 0
    if hour.most < 1:
        return 0, 0
    raw = [value for moment, value in presence.items() if begins <= moment < begins + HOUR]
    if len(raw) >= hour.values:
        return round(hour.values * sum(value >= 1 for value in raw) / len(raw)), 0
    # At least a value without an answer, and no more of them than all losses make.
    most = int(loss.mean * loss.values / 100) if loss else hour.values
    most = max(1, min(most, hour.values - 1))
    return hour.values - most, most - 1


def mixed(hours: Mapping[int, Hour]) -> list[int]:
    """List the hours in which a link answered, and did not."""
    return [begins for begins, hour in hours.items() if hour.least < 1 <= hour.most]


def link_measures(zabbix: Zabbix, start: int, end: int) -> dict[str, Measure]:
    """Read the measures of each link by name, between two moments in seconds since 1970."""
    hosts = zabbix.get(
        "host", output=["host"], search={"host": PREFIX}, startSearch=True, selectItems=["itemid", "key_", "delay"]
    )
    items = {
        text(host["host"]): {
            text(item["key_"]).partition("[")[0]: (text(item["itemid"]), text(item["delay"]))
            for item in whole(host["items"])
        }
        for host in hosts
        if text(host["host"]).startswith(PREFIX)
    }
    trends: dict[str, dict[int, Hour]] = {}
    for key in (PRESENCE, LATENCY, LOSS):
        if wanted := [own[key][0] for own in items.values() if key in own]:
            for item, begins, hour in _trends(zabbix, wanted, start, end):
                trends.setdefault(item, {})[begins] = hour
    measures = {}
    for name, own in items.items():
        hours = {key: trends.get(item, {}) for key, (item, _) in own.items() if key in (PRESENCE, LATENCY, LOSS)}
        unsure, presence, latencies = mixed(hours.get(PRESENCE, {})), {}, {}
        if unsure:
            presence = _raw(zabbix, own[PRESENCE][0], 3, min(unsure), max(unsure) + HOUR)
        if hours.get(LATENCY):
            latencies = _raw(zabbix, own[LATENCY][0], 0, start, end)
        interval = seconds(own[PRESENCE][1]) if PRESENCE in own else None
        measures[name.removeprefix(PREFIX)] = measure(hours, presence, latencies.values(), interval)
    return measures


def _trends(zabbix: Zabbix, items: list[str], start: int, end: int) -> Iterable[tuple[str, int, Hour]]:
    names = ["itemid", "clock", "num", "value_min", "value_avg", "value_max"]
    for row in zabbix.get("trend", output=names, itemids=items, time_from=start, time_till=end - 1):
        least, mean, most = (_figure(row[name]) for name in names[3:])
        yield text(row["itemid"]), number(row["clock"]), Hour(number(row["num"]), least, mean, most)


def _raw(zabbix: Zabbix, item: str, kind: int, start: int, end: int) -> dict[int, float]:
    """Read the raw values of an item; none where there are more than can be read.

    `kind` is the type of its values: 0 decimal, 3 whole.
    """
    rows = zabbix.get(
        "history", output=["clock", "value"], history=kind, itemids=[item], time_from=start, time_till=end - 1,
        limit=MOST,
    )  # fmt: skip
    return {number(row["clock"]): _figure(row["value"]) for row in rows} if len(rows) < MOST else {}


def _figure(value: object) -> float:
    """Read a figure, which Zabbix writes as text. Raises `Misfit`, `ValueError`."""
    figure = float(text(value))
    if not isfinite(figure):
        raise Misfit(f"un nombre est attendu, reçu {figure}")
    return figure


def _measured(zabbix: Zabbix, params: Params) -> dict[str, Any]:
    if params["end"] <= params["start"]:
        raise InvalidConfig([Fault("end", "la fin de la période est après son début")])
    measures = link_measures(zabbix, params["start"], params["end"])
    return {"links": measures, "read_at": written(zabbix.transport.now())}


MODULES: Mapping[str, Module] = subject(
    "zabbix_links",
    SUPERVISION,
    _measured,
    Field("start", "When the period begins, in seconds since 1970.", type="int", required=True),
    Field("end", "When it ends.", type="int", required=True),
)
