"""Objectives: the hours of a week that count, as Zabbix takes them."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from lab.declared import declared_town
from piste.systems.zabbix.intent import zabbix_intent
from piste.systems.zabbix.intent_periods import counted
from piste.systems.zabbix.services import Objectives
from piste.town.model.supervision.form import Objective

HOUR, DAY = 3600, 24 * 3600


def objective(**hours: Any) -> Objective:
    opened = {"days": ["monday"], "start": "08:00", "end": "18:00", **hours}
    given = {"label": "A", "classes": ["application"], "availability": 99, "since": "2026-12-01", "hours": [opened]}
    return Objective.model_validate(given)


def test_an_objective_counts_the_hours_that_are_declared_alone() -> None:
    town = declared_town().commune
    given = {**town["supervision"]["objectives"][0], "id": "applications", "hours": [
        {"days": ["monday", "friday"], "start": "08:00", "end": "18:00"}]}  # fmt: skip
    town["supervision"]["objectives"].append(given)
    hours = {entry["services"][0]["value"]: entry["hours"] for entry in zabbix_intent(town)["objectives"]}
    assert hours["applications"] == [
        {"start": day * DAY + 8 * HOUR, "end": day * DAY + 18 * HOUR} for day in (1, 5)
    ]  # fmt: skip
    assert hours["reseau"] == [], "without hours, all count"


def test_a_week_begins_on_sunday_and_hours_that_touch_are_joined() -> None:
    def opened(days: list[str], start: str, end: str) -> dict[str, Any]:
        return {"days": days, "start": start, "end": end}

    assert counted([opened(["sunday"], "09:00", "12:00")]) == [{"start": 9 * HOUR, "end": 12 * HOUR}]
    touching = [opened(["monday"], "12:00", "17:00"), opened(["monday"], "08:00", "12:00")]
    assert counted(touching) == [{"start": DAY + 8 * HOUR, "end": DAY + 17 * HOUR}]
    within = [opened(["saturday"], "08:00", "20:00"), opened(["saturday"], "09:00", "10:00")]
    assert counted(within) == [{"start": 6 * DAY + 8 * HOUR, "end": 6 * DAY + 20 * HOUR}]


@pytest.mark.parametrize("hours", [{"start": "18:00", "end": "08:00"}, {"start": "08:30"}, {"end": "08:00"}])
def test_hours_are_whole_and_end_after_they_start(hours: dict[str, str]) -> None:
    assert objective().hours
    with pytest.raises(ValidationError, match="sont pleines"):
        objective(**hours)


def test_the_hours_of_links_are_refused_since_all_of_their_month_is_measured() -> None:
    given = objective().model_dump() | {"classes": ["link"]}
    with pytest.raises(ValidationError, match="liaisons"):
        Objective.model_validate(given)


def test_hours_are_read_as_the_server_writes_them() -> None:
    answer = {
        "name": "A", "description": "", "effective_date": "0", "timezone": "UTC", "period": "2", "slo": "99.5",
        "status": "1", "service_tags": [], "schedule": [{"period_from": "115200", "period_to": "151200"}],
    }  # fmt: skip
    plain = Objectives.plain(object.__new__(Objectives), answer)
    assert plain["schedule"] == [{"period_from": 115200, "period_to": 151200}]
