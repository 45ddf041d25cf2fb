"""The report of a period as data: its indicators, its lists, the bonus-malus."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import reduce
from typing import Any

from piste.engine.clock import TOWN
from piste.engine.words import some
from piste.papers.dossier.notation import dated
from piste.readings.belief import FAILED
from piste.readings.table import SUBJECTS
from piste.sites.decisions import Decision, gathered
from piste.sites.month.form import Indicator, Listed, Report, Row
from piste.sites.month.lines import Line, Value, amount, table, together
from piste.sites.month.open_hours import hours_open
from piste.sites.month.period import Period
from piste.sites.month.services import Share
from piste.sites.month.sources import Month, changed, unread
from piste.town.model.committees import Bonus
from piste.town.model.derived import Derived
from piste.town.model.incidents import NOTICES, notice
from piste.trials.probe.services import tried

ALERTS = ("supervision", "network", "nexus", "hosting", "upgrades")
"""The subjects whose faults are listed as alerts."""
_GRAVITIES = {"critical": 0, "major": 1, "minor": 2}

type Kept = Callable[[str], tuple[Report, bool] | None]
"""The report that is kept of a month, and whether it is signed."""


def make(
    town: Derived, name: str, environment: str, period_: Period, now: datetime, kept: Kept,
    waiting: Sequence[Decision] | None,
) -> Report:  # fmt: skip
    """Make the report of a period.

    `kept` gives the report of a month: it says what the history has forgotten. `waiting` is what waits for a decision
    now, None for a period that is too far for it to be said. Raises `UnreadableReading`.
    """
    months = [Month(town, environment, month, now) for month in period_.months]
    begun = [month for month in months if month.days]
    values = _values(months, kept)
    before = _before(town, environment, period_, now, kept)
    noted = sum(len(month.noted) for month in months)
    lists = {
        "services": _services(town, begun),
        "incidents": Listed(known=all(m.incidents is not None for m in begun), rows=[*_incidents(begun)]),
        "alerts": Listed(known=noted > 0, rows=[*_alerts(begun)]),
        "changes": Listed(known=all(m.records is not None for m in begun), rows=[*_changes(begun)]),
        "restores": _restores(begun),
        "committees": Listed(known=True, rows=[*_committees(town, period_)]),
        "actions": Listed(known=True, rows=[*_actions(town, period_, now)]),
        "taken": Listed(known=True, rows=[*_taken(town, period_)]),
        "waiting": Listed(known=waiting is not None, rows=[
            {"what": each.what, "who": each.who, "by": each.by, "otherwise": each.otherwise,
             "cost": each.priced, "count": count}
            for each, count in gathered((each for each in waiting or () if each.taken is None), 99)
        ]),
        "bonus": Listed(known=True, rows=[*_bonus(town, environment, period_, now, kept, values)]),
        "unread": Listed(known=noted > 0, rows=[*_unread(begun)]),
    }  # fmt: skip
    return Report(
        period=period_.name, environment=environment, town=name, made=now.isoformat(timespec="seconds"),
        final=period_.end <= now, days=sum(month.days for month in months), noted=noted, lists=lists,
        lines=[_indicator(line, values[line.id], before.get(line.id)) for line in table().lines.values()],
    )  # fmt: skip


def _values(months: Sequence[Month], kept: Kept) -> dict[str, Value]:
    by_month = {month.period.name: _of_month(month, kept) for month in months}
    if len(months) == 1:
        return by_month[months[0].period.name]
    return {
        line.id: together(line, {name: values[line.id] for name, values in by_month.items()})
        for line in table().lines.values()
    }


def _of_month(month: Month, kept: Kept) -> dict[str, Value]:
    """Give the values of a month: the signed, else what is known, else those of its report."""
    if not month.days:
        return {id_: Value(None, why="ce mois n’a pas commencé") for id_ in table().lines}
    report, signed = kept(month.period.name) or (None, False)
    said = {
        made.id: Value(made.value, made.unit, made.unknown, made.day, made.why, made.void)
        for made in (report.lines if report else ())
    }
    if signed:
        return {id_: said.get(id_, Value(None, why="le rapport signé ne l’a pas")) for id_ in table().lines}
    return {id_: said[id_] if made.value is None and id_ in said else made for id_, made in month.values().items()}


def _before(town: Derived, environment: str, period_: Period, now: datetime, kept: Kept) -> dict[str, Value]:
    with suppress(*FAILED):
        return _values([Month(town, environment, month, now) for month in period_.before.months], kept)
    return {}


def _indicator(line: Line, made: Value, before: Value | None) -> Indicator:
    return Indicator(
        id=line.id, value=made.value, unit=line.unit if made.unit is None else made.unit, unknown=made.unknown,
        day=made.day, why=made.why, void=made.void, target=line.target, before=before.value if before else None,
    )  # fmt: skip


def _incidents(months: Iterable[Month]) -> Iterator[Row]:
    seen = set[str]()
    for month in months:
        known = (entry for entry in month.register or () if entry["breach"] and month.within(entry["known"]))
        for entry in (*(month.incidents or ()), *known):
            if entry["id"] in seen:
                continue
            seen.add(entry["id"])
            ended = datetime.fromisoformat(entry["ended"]) if entry["ended"] else month.now
            cut = (datetime.fromisoformat(entry["started"]), ended)
            sites = [month.town.sites[name] for name in entry["sites"] if name in month.town.sites]
            lost = round(sum(hours_open(site["opening_hours"] or {}, *cut, [cut])[1] for site in sites), 2)
            where = f"{some(entry['sites'], 6)} : {amount(lost, 'h')} d’ouverture perdues" if entry["sites"] else ""
            ends = ("faite le ", entry["done"]) if entry["done"] else ("avant le ", entry["by"])
            said: Any = entry
            made = notice(entry, month.end)
            hours = f" en {amount(made.hours, 'h')}" if made and made.hours is not None else ""
            breach = f"violation de données : {NOTICES[made.state]}{hours}" if made else ""
            yield {
                **said,
                "breach": breach,
                "lost": lost,
                "where": where,
                "lasts": "" if entry["ended"] else "dure encore",
                "ends": f"{ends[0]}{dated(ends[1])}" if ends[1] else "",
            }


def _alerts(months: Iterable[Month]) -> Iterator[Row]:
    every = [
        (_GRAVITIES.get(was.gravity, len(_GRAVITIES)), was.first, month, was) for month in months
        for was in month.findings
        if was.state == "wrong" and month.within(was.first) and was.id.partition(".")[0] in ALERTS
    ]  # fmt: skip
    for _, first, month, was in sorted(every, key=lambda alert: alert[:2]):
        over = was.over if was.over and datetime.fromisoformat(was.over) < month.end else None
        yield {"id": was.id, "site": was.site, "gravity": was.gravity, "what": was.what, "first": first, "over": over}


def _changes(months: Iterable[Month]) -> Iterator[Row]:
    for month in months:
        for record in month.records or ():
            if changed(record):
                sites = dict.fromkeys(task["host"] for task in record["tasks"] if task["operations"])
                count = sum(record["counts"][action] for action in ("create", "update", "delete", "reset"))
                said = {name: record[name] for name in ("id", "plan", "outcome")}
                started = record["started"] or record["ended"]
                yield {**said, "started": started, "sites": [*sites], "objects": count}


def _services(town: Derived, months: Sequence[Month]) -> Listed:
    """Say of each service the time that its trials account for; none at all: unknown."""
    rows: list[Row] = []
    try:
        known = [month.tries for month in months]
    except FAILED:
        return Listed(known=False, rows=rows)
    if not any(known):
        return Listed(known=False, rows=rows)
    for entry in tried(town.commune["applications"]) if town.commune else ():
        every = [made for month in months for made in month.tried(entry["id"])]
        failed = [made for made in every if not made.worked]
        share = reduce(Share.plus, (month.share(entry["id"]) for month in months), Share()) if every else Share()
        last, fault = (made[-1].at.isoformat() if made else None for made in (every, failed))
        lost, unknown = (round(hours, 2) if every else None for hours in (share.lost, share.unknown))
        rows.append({"label": entry["label"], "share": share.percent, "unit": "%", "lost": lost, "unknown": unknown,
                     "tries": f"{len(every)}, {len(failed)}", "last": last, "failed": fault})  # fmt: skip
    return Listed(known=True, rows=rows)


def _restores(months: Iterable[Month]) -> Listed:
    rows: list[Row] = []
    try:
        known = [month.restores for month in months]
    except FAILED:
        return Listed(known=False, rows=rows)
    for made in (made for every in known for made in every or ()):
        hours = None if made.rto_seconds is None else round(made.rto_seconds / 3600, 1)
        rows.append({"id": made.id, "label": made.label, "ended": made.ended, "outcome": made.outcome, "hours": hours,
                     "rto_hours": made.rto_hours, "unit": "h"})  # fmt: skip
    return Listed(known=all(every is not None for every in known), rows=rows)


def _within(day: str | None, period_: Period) -> bool:
    return bool(day) and period_.first.isoformat() <= str(day) <= period_.last.isoformat()


def _taken(town: Derived, period_: Period) -> Iterator[Row]:
    for made in town.commune["decisions"] if town.commune else ():
        if _within(made["done"], period_):
            yield {"what": made["decision"], "date": made["done"], "who": made["who"], "why": made["why"]}


def _committees(town: Derived, period_: Period) -> Iterator[Row]:
    for made in town.commune["committees"] if town.commune else ():
        if _within(made["date"], period_):
            said: Any = {name: value for name, value in made.items() if name != "actions"}
            yield said


def _actions(town: Derived, period_: Period, now: datetime) -> Iterator[Row]:
    """Yield the actions decided by the end of the period and not done before; late once due."""
    last = period_.last.isoformat()
    over = min(last, (now.astimezone(TOWN).date() - timedelta(days=1)).isoformat())
    for committee in town.commune["committees"] if town.commune else ():
        for action in committee["actions"] if committee["date"] <= last else ():
            done = action["done"]
            if done is None or done >= period_.first.isoformat():
                state = "done" if _within(done, period_) else "late" if action["by"] <= over else "open"
                said: Row = {"what": action["what"], "who": action["who"], "by": action["by"], "state": state}
                yield {**said, "date": committee["date"], "committee": committee["name"]}


def _unread(months: Sequence[Month]) -> Iterator[Row]:
    by_subject: dict[str, list[tuple[str, str, str, bool]]] = {}
    for month in months:
        for was in unread(month):
            lasts = was.over is None or datetime.fromisoformat(was.over) >= months[-1].end
            by_subject.setdefault(was.id.partition(".")[0], []).append((was.first, was.id, was.what, lasts))
    for name, every in sorted(by_subject.items()):
        subject, (first, _, what, _) = SUBJECTS.get(name), min(every)
        state = "unknown" if any(lasts for *_, lasts in every) else "read"
        yield {"subject": subject.label if subject else name, "things": len({id_ for _, id_, *_ in every}),
               "what": what, "first": first, "state": state}  # fmt: skip


def _bonus(
    town: Derived, environment: str, period_: Period, now: datetime, kept: Kept, values: Mapping[str, Value]
) -> Iterator[Row]:
    for entry in town.commune["bonus_malus"] if town.commune else ():
        line = table().lines.get(entry["line"])
        made = values.get(entry["line"]) or Value(None, why="ce n’est pas un indicateur du rapport")
        unit, value, why = made.unit or (line.unit if line else ""), made.value, made.why
        if entry["year_before"]:
            past = _values([Month(town, environment, month, now) for month in period_.year_before.months], kept)
            value, why = _change(made, past.get(entry["line"]) or Value(None), period_.year_before)
            unit = "%"
        label = (line.label if line else entry["line"]) + (", sur un an" if entry["year_before"] else "")
        verdict = _verdict(entry, None if made.unknown else value)
        said: Any = entry
        yield {**said, "label": label, "value": value, "unit": unit, "verdict": verdict, "why": why}


def _change(made: Value, past: Value, before: Period) -> tuple[float | None, str]:
    if made.value is None:
        return None, made.why
    if past.value is None or past.unknown or not past.value:
        return None, f"{before.words} : {past.why or 'zéro, rien ne s’y rapporte'}"
    return round(100 * (made.value / past.value - 1), 2), f"{made.value:g} contre {past.value:g}".replace(".", ",")


def _verdict(entry: Bonus, value: float | None) -> str:
    """Judge a value; what it leaves out may change it, so it is then unknown."""
    if value is None:
        return "unknown"
    sign = 1 if entry["better"] == "more" else -1
    if entry["bonus"] is not None and sign * value >= sign * entry["bonus"]:
        return "bonus"
    return "malus" if entry["malus"] is not None and sign * value <= sign * entry["malus"] else "neutral"


def below(report: Report) -> list[Indicator]:
    """List the indicators that miss their target."""
    return [made for made in report.lines if made.reached is False]


COLUMNS = (
    "period", "id", "section", "label", "value", "unit", "target", "reached", "unknown", "day", "before", "method",
    "over", "why",
)  # fmt: skip


def rows(report: Report) -> Iterator[dict[str, object]]:
    """Write the indicators as the lines of a table."""
    for made in report.lines:
        if line := table().lines.get(made.id):
            yield {
                **made.model_dump(), "period": report.period, "section": line.section, "label": line.label,
                "reached": made.reached, "method": line.method, "over": line.over,
            }  # fmt: skip
