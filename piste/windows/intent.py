"""From what the town declares to the ``config`` of each module of the directory. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Config = list[dict[str, Any]]

_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_FIRST_DAY = "2026-01-01"
"""From when a task runs; any day of the past does."""
_DAY = 24 * 60
SHUTDOWN = "Piste - Arrêt hors des heures d'ouverture"


def ad_intent(owner: Mapping[str, Any]) -> dict[str, Any]:
    """``{base, apart, units, groups, wmi_filters, gpos, links}`` of a derived site, or of the town's own host."""
    directory = owner["directory"]
    return {
        "base": directory.get("path", "/"),
        "apart": directory.get("apart", []),
        "units": [dict(unit) for unit in directory["units"]],
        "groups": [_group(group) for group in directory["groups"]],
        "wmi_filters": [dict(entry) for entry in directory.get("wmi_filters", [])],
        "gpos": [_gpo(policy) for policy in directory.get("policies", [])],
        "links": [_links(place) for place in directory["links"]],
    }


def _group(group: Mapping[str, Any]) -> dict[str, Any]:
    return {**group, "members": dict.fromkeys(group["members"], True)}


def _links(place: Mapping[str, Any]) -> dict[str, Any]:
    """What applies, in order; what does not apply any more is taken away by null."""
    links: dict[str, Any] = {name: {} for name in place["policies"]} | dict.fromkeys(place["absent"])
    config = {"target": place["place"], "links": links}
    return config | ({"order": place["policies"]} if place["policies"] else {})


def _gpo(policy: Mapping[str, Any]) -> dict[str, Any]:
    config = {name: policy[name] for name in ("name", "comment", "wmi_filter", "exempt", "exclusive")}
    config |= {side: policy[side] for side in ("computer", "user") if policy[side] is not None}
    if policy["filtering"] is not None:
        config["filtering"] = policy["filtering"]
    if policy["shutdown"] is not None:
        config["computer"] = {"preferences": {"scheduled_tasks": {SHUTDOWN: _shutdown(policy["shutdown"])}}}
    return config


def _shutdown(rule: Mapping[str, Any]) -> dict[str, Any]:
    """A task that Windows starts only on a computer that nobody has used for a while, until the next opening.

    Task Scheduler schema, ``RunOnlyIfIdle`` and ``IdleSettings``: whoever works keeps his computer on, and it is asked
    again every hour.
    """
    start, end = _minutes(rule["start"]), _minutes(rule["end"])
    first = (end + rule["delay_min"]) % _DAY
    night = {"type": "daily", "every": 1, **_repeated(first, (start - first) % _DAY)}
    closed = [day for day in _WEEK if day not in rule["days"]]
    day = {"type": "weekly", "every": 1, "days": closed, **_repeated(start, (first - start) % _DAY)}
    warning = rule["warning_min"]
    return {
        "comment": f"Ouvert de {rule['start']} à {rule['end']}",
        "run_level": "highest",
        "needs_idle": True,
        "idle_duration": f"PT{rule['idle_min']}M",
        "idle_wait": "PT55M",
        "instances": "ignore",
        "not_on_batteries": False,
        "stop_on_batteries": False,
        "time_limit": "PT1H",
        "remove_when_unapplied": True,
        "action": "replace",
        "triggers": [night, *([day] if closed else [])],
        "actions": [
            {
                "command": "%SystemRoot%\\System32\\shutdown.exe",
                "arguments": f'/s /t {warning * 60} /c "Arrêt automatique dans {warning} minutes, hors des heures '
                "d'ouverture. Pour le refuser : touche Windows + R, puis shutdown /a\"",
            }
        ],
    }


def _repeated(first: int, length: int) -> dict[str, Any]:
    """Every hour from a minute of the day on, for so many minutes."""
    hours, minutes = divmod(length, 60)
    return {
        "start": f"{_FIRST_DAY}T{first // 60:02}:{first % 60:02}:00",
        "repeat_every": "PT1H",
        "repeat_for": f"PT{hours}H" + (f"{minutes}M" if minutes else ""),
    }


def _minutes(time: str) -> int:
    hours, minutes = time.split(":")
    return int(hours) * 60 + int(minutes)

