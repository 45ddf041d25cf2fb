"""Port schedules of switches: hours outside which a port is off."""

from __future__ import annotations

import re
from typing import Any

from lab.meraki.call import Call
from lab.meraki.errors import not_found, refused
from lab.meraki.world import Json

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ALL_DAY: Json = {"active": True, "from": "0:00", "to": "24:00"}


def schedules(call: Call) -> list[Json]:
    return [_view(call, schedule_id) for schedule_id in call.network["port_schedules"]]


def create(call: Call) -> Json:
    schedule_id = call.world.new_id()
    call.network["port_schedules"][schedule_id] = _completed(call, {"portSchedule": {}})
    return _view(call, schedule_id)


def update(call: Call) -> Json:
    schedule_id = _known(call)
    current = call.network["port_schedules"][schedule_id]
    call.network["port_schedules"][schedule_id] = _completed(call, current)
    return _view(call, schedule_id)


def delete(call: Call) -> None:
    schedule_id = _known(call)
    users = [
        port
        for device in call.world.devices_of(call.network["id"])
        for port in device["port"].values()
        if port.get("portScheduleId") == schedule_id
    ]
    if users and call.behaviour.schedule_in_use_refused:
        raise refused(f"Port schedule is in use by {len(users)} port(s)")
    for port in users:
        del port["portScheduleId"]
    del call.network["port_schedules"][schedule_id]


def on_share(week: Json) -> float:
    """Return the share of a week during which a schedule leaves a port on."""
    minutes = sum(_minutes(day["to"]) - _minutes(day["from"]) for day in week.values() if day["active"])
    return minutes / (7 * 24 * 60)


def is_on(week: Json, day: int, hour: int, minute: int) -> bool:
    """Tell whether a schedule leaves a port on at a moment; Monday is day 0."""
    hours = week[DAYS[day]]
    return bool(hours["active"]) and _minutes(hours["from"]) <= hour * 60 + minute < _minutes(hours["to"])


def _completed(call: Call, current: Json) -> Json:
    """Return a schedule after a write: days that the body leaves out go back to the whole day."""
    name = call.body.get("name", current.get("name", ""))
    others = call.network["port_schedules"].values()
    errors = [] if name else ["'name' must not be empty"]
    if any(other["name"] == name and other is not current for other in others):
        errors.append("Name has already been taken")
    week = {**current["portSchedule"]}
    if "portSchedule" in call.body or not week:
        given = call.body.get("portSchedule", {})
        week = {day: _day({**ALL_DAY, **given.get(day, {})}, day, errors) for day in DAYS}
    if errors:
        raise refused(*errors)
    return {"name": name, "portSchedule": week}


def _day(hours: Json, day: str, errors: list[str]) -> Json:
    for edge in ("from", "to"):
        if not re.fullmatch(r"(\d|[01]\d|2[0-3]):[03]0|24:00", hours[edge]):
            errors.append(f"'portSchedule.{day}.{edge}' must be a time at 30 minute increments")
            return hours
    if _minutes(hours["from"]) >= _minutes(hours["to"]):
        errors.append(f"'portSchedule.{day}.from' must be before 'to'")
    return {"active": hours["active"], **{edge: _written(hours[edge]) for edge in ("from", "to")}}


def _minutes(text: str) -> int:
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes)


def _written(text: str) -> str:
    return f"{_minutes(text) // 60}:{_minutes(text) % 60:02d}"


def _known(call: Call) -> str:
    if call.ids["portScheduleId"] not in call.network["port_schedules"]:
        raise not_found("Port schedule")
    return call.ids["portScheduleId"]


def _view(call: Call, schedule_id: str) -> Json:
    kept: dict[str, Any] = call.network["port_schedules"][schedule_id]
    return {"id": schedule_id, "networkId": call.network["id"], **kept}
