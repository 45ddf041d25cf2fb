"""Maintenances of an owner: its change windows, and the freezes of the town."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

BEGINNING, END = 1_767_225_600, 2_114_380_800
"""Limits of what comes every week, from 2026 to 2037, as Zabbix asks for some."""
_DAY = 24 * 60


def windows(here: Mapping[str, Any], group: str) -> list[dict[str, Any]]:
    """List the maintenance of a site's change windows: what a change cuts off is no problem."""
    weekly = [
        {"days": list(window["days"]), "start": start, "minutes": (end - start) % _DAY or _DAY}
        for window in here["windows"]
        for start, end in ((_minutes(window["start"]), _minutes(window["end"])),)
    ]
    name = f"{here['root']}, fenêtres de changement, {here['group']}"
    why = "Les fenêtres de changement déclarées (change_windows)"
    limits = {"since": BEGINNING, "until": END}
    return [{"name": name, "description": why, **limits, "groups": [group], "weekly": weekly}] if weekly else []


def freezes(town: Mapping[str, Any], groups: Sequence[str]) -> list[dict[str, Any]]:
    """List the maintenances of the freezes: only what is of low criticality can wait."""
    zone = ZoneInfo(town["timezone"])
    return [
        {
            "name": f"{town['root']}, gel du {freeze['start']}",
            "description": freeze["why"],
            "since": _second(freeze["start"], zone),
            "until": _second(freeze["until"], zone),
            "groups": list(groups),
            "tags": [{"tag": "criticality", "value": "low"}],
        }
        for freeze in town["freezes"]
    ]


def _minutes(time: str) -> int:
    hours, _, minutes = time.partition(":")
    return int(hours) * 60 + int(minutes)


def _second(moment: str, zone: ZoneInfo) -> int:
    return int(datetime.fromisoformat(moment).replace(tzinfo=zone).timestamp())
