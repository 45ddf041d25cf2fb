"""Maps and dashboards of an owner: the town's, one a class, one a site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from piste.systems.zabbix.views import STEP

COLUMNS = 8
_MARGIN = 60


def site_views(here: Mapping[str, Any], group: str) -> dict[str, Any]:
    """Give the map and the dashboard of a site."""
    drawn = _map(here)
    board = {
        "name": f"{here['root']}, {here['group']}",
        "widgets": [
            {"type": "map", "title": here["group"], "map": drawn["name"], "x": 0, "y": 0, "width": 36, "height": 10},
            {"type": "problems", "title": "Problèmes", "groups": [group], "x": 36, "y": 0, "width": 36, "height": 10},
        ],
    }
    return {"maps": [drawn], "dashboards": [board]}


def town_views(town: Mapping[str, Any], groups: Sequence[str]) -> dict[str, Any]:
    """Give the dashboards of the town: all of it, then a class each."""
    every: dict[str, Any] = {"groups": list(groups), "x": 0, "width": 72}
    widgets = [
        {"type": "problemsbysv", "title": "Problèmes par gravité", **every, "y": 0, "height": 4},
        {"type": "problems", "title": "Problèmes en cours", **every, "y": 4, "height": 8},
    ]
    for place, objective in enumerate(town["objectives"]):
        name = f"{town['root']}, {objective['label']}"
        widgets.append(
            {"type": "slareport", "title": objective["label"], "objective": name, "x": 0, "y": 12 + 5 * place,
             "width": 72, "height": 5}
        )  # fmt: skip
    boards = [{"name": town["root"], "widgets": widgets}]
    for group in groups:
        label, only = group.rpartition("/")[2], {"groups": [group], "x": 0, "width": 72}
        boards.append(
            {
                "name": f"{town['root']}, {label}",
                "widgets": [
                    {"type": "problemsbysv", "title": "Par gravité", **only, "y": 0, "height": 4},
                    {"type": "problems", "title": "Problèmes", **only, "y": 4, "height": 10},
                ],
            }
        )
    return {"dashboards": boards}


def _map(here: Mapping[str, Any]) -> dict[str, Any]:
    """Draw the hosts of a site in rows, each linked to what carries it."""
    hosts = sorted(here["hosts"], key=lambda host: (host["parent"] is not None, host["kind"], host["name"]))
    names = [host["name"] for host in hosts]
    places = {
        name: f"{_MARGIN + STEP * (rank % COLUMNS)},{_MARGIN + STEP * (rank // COLUMNS)}"
        for rank, name in enumerate(names)
    }
    links = [" ".join(sorted((host["name"], host["parent"]))) for host in hosts if host["parent"] in places]
    rows = (len(names) + COLUMNS - 1) // COLUMNS
    return {
        "name": f"{here['root']}, {here['group']}",
        "width": _MARGIN * 2 + STEP * COLUMNS,
        "height": _MARGIN * 2 + STEP * rows,
        "hosts": places,
        "links": links,
    }
