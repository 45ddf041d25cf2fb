"""The form of the report of a period, as it is sealed."""

from __future__ import annotations

from typing import Literal

from piste.sites.month.period import Period, period
from piste.town.model.forms import Record

type Verdict = Literal["bonus", "malus", "neutral", "unknown"]


class Indicator(Record):
    """An indicator and its value in the period before; None is unknown, for a reason."""

    id: str
    value: float | None
    unit: str
    unknown: int
    day: str
    why: str
    void: bool
    target: str
    before: float | None


class IncidentRow(Record):
    """An incident of the period; `lost` are the opening hours that its sites lost."""

    id: str
    title: str
    gravity: str
    started: str
    ended: str | None
    sites: list[str]
    lost: float
    cause: str | None
    action: str | None
    who: str | None
    by: str | None
    done: str | None
    ticket: str | None


class AlertRow(Record):
    """A fault that was first seen in the period; `over` is its end, None while it lasts."""

    id: str
    site: str
    gravity: str
    what: str
    first: str
    over: str | None


class ChangeRow(Record):
    """A run that changed a system."""

    id: str
    started: str
    user: str | None
    plan: str | None
    outcome: str
    sites: list[str]
    objects: int


class RestoreRow(Record):
    """A real restore that ended in the period; RTO in seconds and hours."""

    id: str
    label: str
    ended: str
    outcome: str
    rto_seconds: float | None
    rto_hours: int | None


class TakenRow(Record):
    """A decision that was taken in the period."""

    what: str
    done: str
    who: str
    why: str


class ActionRow(Record):
    """An action of a committee: decided in the period, done in it, or open at its end."""

    what: str
    who: str
    date: str
    by: str
    done: str | None
    committee: str


class CommitteeRow(Record):
    """A committee that sat in the period."""

    date: str
    name: str
    present: list[str]
    minutes: str
    reports: list[str]


class WaitingRow(Record):
    """A decision that waits on the day of the report."""

    what: str
    who: str
    by: str
    otherwise: str


class UnreadRow(Record):
    """An unknown part of a subject: how many things, the first reason, since when."""

    subject: str
    things: int
    what: str
    first: str
    lasts: bool


class BonusRow(Record):
    """An indicator of the bonus-malus, its value, its verdict."""

    line: str
    label: str
    value: float | None
    unit: str
    better: str
    bonus: float | None
    malus: float | None
    year_before: bool
    agreed: str
    verdict: Verdict
    why: str


class Report(Record):
    """The report of a period; `final`: it was over. `noted` of its `days` have a noted state.

    `incidents_kept`, `changes_kept`, `restores_kept`: the list is known for the whole period.
    """

    format: Literal[1] = 1
    period: str
    environment: str
    town: str
    made: str
    final: bool
    days: int
    noted: int
    lines: list[Indicator]
    incidents: list[IncidentRow]
    incidents_kept: bool
    alerts: list[AlertRow]
    changes: list[ChangeRow]
    changes_kept: bool
    restores: list[RestoreRow]
    restores_kept: bool
    taken: list[TakenRow]
    committees: list[CommitteeRow]
    actions: list[ActionRow]
    waiting: list[WaitingRow]
    waiting_known: bool
    unread: list[UnreadRow]
    bonus: list[BonusRow]
    hash: str = ""

    @property
    def about(self) -> Period:
        return period(self.period)
