"""The report of a period as data: its indicators, its lists, the bonus-malus."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from piste.engine.clock import in_town
from piste.readings.belief import FAILED
from piste.readings.table import SUBJECTS
from piste.sites.decisions import Decision
from piste.sites.month.form import (
    ActionRow,
    AlertRow,
    BonusRow,
    ChangeRow,
    CommitteeRow,
    IncidentRow,
    Indicator,
    Report,
    RestoreRow,
    TakenRow,
    UnreadRow,
    Verdict,
    WaitingRow,
)
from piste.sites.month.lines import Line, Value, reached, table, together
from piste.sites.month.open_hours import hours_open
from piste.sites.month.period import Period
from piste.sites.month.sources import Month, changed, unread
from piste.town.model.committees import Bonus
from piste.town.model.derived import Derived

ALERTS = ("supervision", "network", "nexus", "hosting")
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
    lines = [_indicator(line, values[line.id], before.get(line.id)) for line in table().lines.values()]
    bonuses = town.commune["bonus_malus"] if town.commune else []
    return Report(
        period=period_.name, environment=environment, town=name, made=now.isoformat(timespec="seconds"),
        final=period_.end <= now, days=sum(month.days for month in months),
        noted=sum(len(month.noted) for month in months), lines=lines,
        incidents=[*_incidents(begun)], incidents_kept=all(month.incidents is not None for month in begun),
        alerts=[*_alerts(begun)],
        changes=[*_changes(begun)], changes_kept=all(month.records is not None for month in begun),
        restores=[*_restores(begun)], restores_kept=_known(lambda: all(m.restores is not None for m in begun)),
        taken=[*_taken(town, period_)], committees=[*_committees(town, period_)], actions=[*_actions(town, period_)],
        waiting=[WaitingRow(what=d.what, who=d.who, by=d.by, otherwise=d.otherwise)
                 for d in waiting or () if d.taken is None],
        waiting_known=waiting is not None, unread=[*_unread(begun)],
        bonus=[*_bonus(town, environment, period_, now, kept, values, bonuses)],
    )  # fmt: skip


def _known(asked: Callable[[], bool]) -> bool:
    try:
        return asked()
    except FAILED:
        return False


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


def _incidents(months: Iterable[Month]) -> Iterator[IncidentRow]:
    seen = set[str]()
    for month in months:
        for entry in month.incidents or ():
            if entry["id"] in seen:
                continue
            seen.add(entry["id"])
            ended = datetime.fromisoformat(entry["ended"]) if entry["ended"] else month.now
            cut = [(datetime.fromisoformat(entry["started"]), ended)]
            sites = [month.town.sites[name] for name in entry["sites"] if name in month.town.sites]
            lost = sum(hours_open(site["opening_hours"] or {}, *cut[0], cut)[1] for site in sites)
            yield IncidentRow(**entry, lost=round(lost, 2))


def _alerts(months: Iterable[Month]) -> Iterator[AlertRow]:
    every = [
        AlertRow(id=was.id, site=was.site, gravity=was.gravity, what=was.what, first=was.first,
                 over=was.over if was.over and datetime.fromisoformat(was.over) < month.end else None)
        for month in months for was in month.findings
        if was.state == "wrong" and month.within(was.first) and was.id.partition(".")[0] in ALERTS
    ]  # fmt: skip
    yield from sorted(every, key=lambda row: (_GRAVITIES.get(row.gravity, len(_GRAVITIES)), row.first))


def _changes(months: Iterable[Month]) -> Iterator[ChangeRow]:
    for month in months:
        for record in month.records or ():
            if changed(record):
                sites = dict.fromkeys(task["host"] for task in record["tasks"] if task["operations"])
                count = sum(len(task["operations"]) for task in record["tasks"])
                yield ChangeRow(
                    id=record["id"], started=record["started"] or record["ended"], user=record["user"],
                    plan=record["plan"], outcome=record["outcome"], sites=[*sites], objects=count,
                )  # fmt: skip


def _restores(months: Iterable[Month]) -> Iterator[RestoreRow]:
    with suppress(*FAILED):
        for month in months:
            for made in month.restores or ():
                yield RestoreRow(
                    id=made.id, label=made.label, ended=made.ended, outcome=made.outcome,
                    rto_seconds=made.rto_seconds, rto_hours=made.rto_hours,
                )  # fmt: skip


def _within(day: str | None, period_: Period) -> bool:
    return bool(day) and period_.first.isoformat() <= str(day) <= period_.last.isoformat()


def _taken(town: Derived, period_: Period) -> Iterator[TakenRow]:
    for made in town.commune["decisions"] if town.commune else ():
        if _within(made["done"], period_):
            yield TakenRow(what=made["decision"], done=made["done"], who=made["who"], why=made["why"])


def _committees(town: Derived, period_: Period) -> Iterator[CommitteeRow]:
    for made in town.commune["committees"] if town.commune else ():
        if _within(made["date"], period_):
            yield CommitteeRow(**{name: made[name] for name in CommitteeRow.model_fields})  # type: ignore[literal-required]


def _actions(town: Derived, period_: Period) -> Iterator[ActionRow]:
    """Yield the actions that were decided by the end of the period, and not done before it."""
    for committee in town.commune["committees"] if town.commune else ():
        if committee["date"] <= period_.last.isoformat():
            for action in committee["actions"]:
                done = action["done"]
                if done is None or done >= period_.first.isoformat():
                    shown = done if _within(done, period_) else None
                    yield ActionRow(
                        what=action["what"], who=action["who"], date=committee["date"], by=action["by"], done=shown,
                        committee=committee["name"],
                    )  # fmt: skip


def _unread(months: Sequence[Month]) -> Iterator[UnreadRow]:
    by_subject: dict[str, list[tuple[str, str, str, bool]]] = {}
    for month in months:
        for was in unread(month):
            lasts = was.over is None or datetime.fromisoformat(was.over) >= months[-1].end
            by_subject.setdefault(was.id.partition(".")[0], []).append((was.id, was.what, was.first, lasts))
    for name, every in sorted(by_subject.items()):
        subject = SUBJECTS.get(name)
        yield UnreadRow(
            subject=subject.label if subject else name, things=len({id_ for id_, *_ in every}), what=every[0][1],
            first=min(first for _, _, first, _ in every), lasts=any(lasts for *_, lasts in every),
        )  # fmt: skip


def _bonus(
    town: Derived, environment: str, period_: Period, now: datetime, kept: Kept, values: Mapping[str, Value],
    bonuses: Iterable[Bonus],
) -> Iterator[BonusRow]:  # fmt: skip
    for entry in bonuses:
        line = table().lines.get(entry["line"])
        made = values.get(entry["line"]) or Value(None, why="ce n’est pas un indicateur du rapport")
        unit = made.unit or (line.unit if line else "")
        value, why = made.value, made.why
        if entry["year_before"]:
            past = _values([Month(town, environment, month, now) for month in period_.year_before.months], kept)
            value, why = _change(made, past.get(entry["line"]) or Value(None), period_.year_before)
            unit = "%"
        yield BonusRow(
            line=entry["line"], label=line.label if line else entry["line"], value=value, unit=unit,
            better=entry["better"], bonus=entry["bonus"], malus=entry["malus"], year_before=entry["year_before"],
            agreed=entry["agreed"], verdict=_verdict(entry, None if made.unknown else value), why=why,
        )  # fmt: skip


def _change(made: Value, past: Value, before: Period) -> tuple[float | None, str]:
    if made.value is None:
        return None, made.why
    if past.value is None or past.unknown or not past.value:
        return None, f"{before.words} : {past.why or 'zéro, rien ne s’y rapporte'}"
    return round(100 * (made.value / past.value - 1), 2), f"{made.value:g} contre {past.value:g}".replace(".", ",")


def _verdict(entry: Bonus, value: float | None) -> Verdict:
    """Judge a value; what it leaves out may change it, so it is then unknown."""
    if value is None:
        return "unknown"
    sign = 1 if entry["better"] == "more" else -1
    if entry["bonus"] is not None and sign * value >= sign * entry["bonus"]:
        return "bonus"
    return "malus" if entry["malus"] is not None and sign * value <= sign * entry["malus"] else "neutral"


def below(report: Report) -> list[Indicator]:
    """List the indicators that miss their target."""
    return [made for made in report.lines if reached(made.value, made.target) is False]


COLUMNS = (
    "period", "id", "section", "label", "value", "unit", "target", "reached", "unknown", "day", "before", "method",
    "over", "why",
)  # fmt: skip


def rows(report: Report) -> Iterator[dict[str, object]]:
    """Write the indicators as the lines of a table."""
    for made in report.lines:
        line = table().lines.get(made.id)
        if line:
            yield {
                **made.model_dump(), "period": report.period, "section": line.section, "label": line.label,
                "reached": reached(made.value, made.target), "method": line.method, "over": line.over,
                "day": in_town(made.day, "%Y-%m-%d") if "T" in made.day else made.day,
            }  # fmt: skip
