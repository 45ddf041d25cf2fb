"""Periods: maintenances in change windows and freezes, hours that an objective counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from piste.town.model.hours import DAYS

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


def counted(hours: Sequence[Mapping[str, Any]]) -> list[dict[str, int]]:
    """List the hours of a week that count, as seconds since Sunday.

    Those that touch are joined, as the server joins them.
    """
    spans = sorted(
        (60 * (day * _DAY + _minutes(open_["start"])), 60 * (day * _DAY + _minutes(open_["end"])))
        for open_ in hours
        for day in ((DAYS.index(name) + 1) % 7 for name in open_["days"])
    )
    joined: list[dict[str, int]] = []
    for start, end in spans:
        if joined and start <= joined[-1]["end"]:
            joined[-1]["end"] = max(joined[-1]["end"], end)
        else:
            joined.append({"start": start, "end": end})
    return joined


def _minutes(time: str) -> int:
    hours, _, minutes = time.partition(":")
    return int(hours) * 60 + int(minutes)


def _second(moment: str, zone: ZoneInfo) -> int:
    return int(datetime.fromisoformat(moment).replace(tzinfo=zone).timestamp())
