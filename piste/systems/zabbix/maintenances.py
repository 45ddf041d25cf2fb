"""Maintenances: periods in which problems are not said, while data is still read.

Source: Zabbix 7.0 manual, API, maintenance. Times are the town's: those of a week are seconds after midnight of the
server, those of a period are seconds since 1970, to the minute.
[belief zabbix.server_zone]
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from piste.engine.converge.normalise import to_wire
from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.reading import listed, text
from piste.engine.converge.resource import Field, Resource
from piste.systems.zabbix.driver import At, ZabbixDriver

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ONCE, _WEEKLY = "0", "3"

MAINTENANCES = Resource(
    system="zabbix",
    name="maintenance",
    doc="Maintenance",
    parents={"host_group": "groups"},
    endpoint=At(
        "maintenance",
        "maintenanceid",
        read={
            "output": ["maintenanceid", "name", "description", "active_since", "active_till"],
            "selectHostGroups": ["groupid"],
            "selectTags": ["tag", "value"],
            "selectTimeperiods": ["timeperiod_type", "every", "dayofweek", "start_time", "start_date", "period"],
        },
    ),
    fields=(
        Field("name", "Name of the maintenance.", required=True, maximum=128),
        Field("description", "Reason.", default=""),
        Field("since", "First second, since 1970.", type="int", wire="active_since"),
        Field("until", "Last second, since 1970.", type="int", wire="active_till"),
        Field("groups", "Groups of hosts in maintenance.", type="list", ref="host_group", unordered=True),
        Field("tags", "Tags of the problems that are not said; all where empty.", type="list", unordered=True,
              identity=("tag", "value"), default=[],
              of=(Field("tag", "Name.", required=True), Field("value", "Value.", default=""))),
        Field("weekly", "Periods of a week; none where the whole is one period.", type="list", unordered=True,
              default=[],
              of=(
                  Field("days", "Days.", type="list", choices=DAYS, required=True),
                  Field("start", "Minutes after midnight.", type="int", required=True, minimum=0, maximum=1439),
                  Field("minutes", "Length.", type="int", required=True, minimum=5, maximum=10080),
              )),
    ),
)  # fmt: skip


class Maintenances(ZabbixDriver):
    resource = MAINTENANCES

    def plain(self, document: Mapping[str, Any]) -> dict[str, Any]:
        periods = listed(document.get("timeperiods"))
        return {
            **{name: document[name] for name in ("name", "description", "active_since", "active_till")},
            "groups": [text(group["groupid"]) for group in listed(document.get("hostgroups"))],
            "tags": [{"tag": tag["tag"], "value": tag["value"]} for tag in listed(document.get("tags"))],
            "weekly": [_week(period) for period in periods if text(period["timeperiod_type"]) == _WEEKLY],
        }

    def full(self, operation: Operation) -> Item:
        """Give all of it: periods and limits go together."""
        return operation.after or {}

    def body(self, content: Item, live: Mapping[str, Any]) -> dict[str, Any]:
        body = to_wire(self.resource.fields, content, self.names)
        weekly = body.pop("weekly", None) or []
        periods: list[dict[str, Any]] = [
            {
                "timeperiod_type": _WEEKLY,
                "every": 1,
                "dayofweek": sum(1 << DAYS.index(day) for day in period["days"]),
                "start_time": period["start"] * 60,
                "period": period["minutes"] * 60,
            }
            for period in weekly
        ]
        if not weekly:
            since, until = body["active_since"], body["active_till"]
            periods = [{"timeperiod_type": _ONCE, "start_date": since, "period": max(300, until - since)}]
        body["timeperiods"] = periods
        body["groups"] = [{"groupid": id_} for id_ in body.get("groups") or ()]
        body["tags"] = [{**tag, "operator": 0} for tag in body.get("tags") or ()]
        return body


def _week(period: Mapping[str, Any]) -> dict[str, Any]:
    days = int(text(period["dayofweek"]))
    return {
        "days": [day for place, day in enumerate(DAYS) if days & 1 << place],
        "start": int(text(period["start_time"])) // 60,
        "minutes": int(text(period["period"])) // 60,
    }
