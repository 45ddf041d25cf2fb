"""F11: the share of what is declared that is watched, enabled, and has fresh data.

It is about assets, links, certificates that an endpoint serves, and applications. A thing counts where its host is
enabled and an item that says whether it is there has a value younger than twice the interval of that item. A host
without data never counts. What was not read is unknown, in neither number.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from piste.engine.converge.moments import AHEAD
from piste.town.model.assets.classes import CLASSES, CLIENT, watched_as

if TYPE_CHECKING:
    from piste.town.model.assets.derived import Asset
    from piste.town.model.supervision.points import Point

State = Literal["watched", "absent", "disabled", "silent", "stale", "unknown"]
WORDS: Mapping[State, str] = {
    "watched": "surveillé, relevé à l’instant",
    "absent": "n’est pas dans Zabbix",
    "disabled": "désactivé dans Zabbix",
    "silent": "aucune mesure",
    "stale": "mesure trop ancienne",
    "unknown": "l’intervalle de sa mesure ne se lit pas",
}
FUTURE = "mesure datée de l’avenir : l’horloge de Zabbix ou de ce qui mesure n’est pas à l’heure"
"""The reason of a thing whose only young values are after the reading: it is unknown."""
FRESH = 2
"""Intervals after which a value is old."""
PUSHED: Mapping[str, float] = {"piste.certificate.not_after": 86_400}
"""Seconds between two values that Piste pushes, by item: the server asks for none of them."""
_INTERVAL = re.compile(r"(\d+)([smhdw]?)")
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


class Covered(NamedTuple):
    """An asset, a link, a certificate, an application, and what the supervision knows of it."""

    name: str
    kind: str
    site: str
    state: State
    why: str


def watchable(assets: Iterable[Asset]) -> Iterator[Asset]:
    """Yield the assets that the figure is about: in service, of a class that is to be watched.

    A thin client without a reservation has no address of its own, and is in no number.
    """
    for asset in assets:
        client = watched_as(asset) == CLIENT and asset["address"]
        if asset["state"] == "in_service" and (client or CLASSES[asset["kind"]].watch.by != "none"):
            yield asset


def coverage(assets: Iterable[Asset], living: Mapping[str, Any], points: Iterable[Point] = ()) -> list[Covered]:
    """Judge each asset and point by what was read of Zabbix (`piste.systems.zabbix.living`)."""
    now, hosts = datetime.fromisoformat(living["read_at"]).timestamp(), living["hosts"]
    of_assets = [
        _covered(asset, hosts, now, "" if asset["address"] else "sans adresse déclarée : ne peut pas être surveillé")
        for asset in watchable(assets)
    ]
    return of_assets + [_covered(point, hosts, now, point["why"] or "") for point in points]


def covered(owners: Iterable[Mapping[str, Any]], living: Mapping[str, Any]) -> list[Covered]:
    """Judge all that some owners declare."""
    rows: list[Covered] = []
    for owner in owners:
        share = owner["supervision"]
        rows += coverage(owner["assets"], living, share["points"] if share else ())
    return rows


def figures(rows: Iterable[Covered]) -> dict[str, dict[str, int]]:
    """Count by class, then for all (`*`): `watched`, `counted`, and those that are `unknown`."""
    known: dict[str, Counter[str]] = {}
    for row in rows:
        for name in (row.kind, "*"):
            counts = known.setdefault(name, Counter(watched=0, counted=0, unknown=0))
            counts["unknown" if row.state == "unknown" else "counted"] += 1
            counts["watched"] += row.state == "watched"
    return {name: dict(counts) for name, counts in sorted(known.items(), key=lambda entry: (entry[0] == "*", entry[0]))}


def _covered(thing: Asset | Point, hosts: Mapping[str, Any], now: float, cannot: str) -> Covered:
    # What cannot be asked is not watched, whatever a host of its name measures.
    state, why = _state(None if thing.get("why") else hosts.get(thing["name"]), now)
    why = cannot if cannot and state == "absent" else why or WORDS[state]
    return Covered(thing["name"], thing["kind"], thing["site"] or "", state, why)


def _state(host: Mapping[str, Any] | None, now: float) -> tuple[State, str]:
    """Judge a host; the reason where it is not that of its state."""
    if host is None:
        return "absent", ""
    if not host["enabled"]:
        return "disabled", ""
    with_values = [item for item in host["items"] if item["last"]]
    if not with_values:
        return "silent", ""
    past = [item for item in with_values if item["last"] - now <= AHEAD.total_seconds()]
    intervals = [PUSHED.get(item["key"]) or seconds(item["delay"]) for item in past]
    if any(
        interval is not None and now - item["last"] < FRESH * interval
        for item, interval in zip(past, intervals, strict=True)
    ):
        return "watched", ""
    if len(past) < len(with_values):
        return "unknown", FUTURE
    return "unknown" if None in intervals else "stale", ""


def seconds(delay: str) -> float | None:
    """Read an interval, C(1m); None for a macro or a schedule, which only the server resolves."""
    match = _INTERVAL.fullmatch(delay)
    return float(match[1]) * _UNITS[match[2]] if match and int(match[1]) else None
