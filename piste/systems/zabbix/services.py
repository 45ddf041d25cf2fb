"""Services and their objectives: the availability of classes of assets.

Source: Zabbix 7.0 manual, API, service and sla. A service is known by its name, which Zabbix lets several have; the
server joins hours that touch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from piste.engine.converge.normalise import to_wire
from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.reading import listed, number, text
from piste.engine.converge.resource import Field, Resource
from piste.systems.zabbix.driver import At, ZabbixDriver

PERIODS = ("daily", "weekly", "monthly", "quarterly", "annually")
_TAG = (Field("tag", "Name.", required=True), Field("value", "Value.", default=""))

_WEEK = 7 * 24 * 3600
_HOURS = (
    Field("start", "First second.", type="int", wire="period_from", required=True, minimum=0, maximum=_WEEK),
    Field("end", "Second after the last.", type="int", wire="period_to", required=True, minimum=0, maximum=_WEEK),
)

SERVICES = Resource(
    system="zabbix",
    name="service",
    doc="Service",
    endpoint=At(
        "service",
        "serviceid",
        read={
            "output": ["serviceid", "name", "description", "algorithm", "sortorder"],
            "selectProblemTags": ["tag", "value", "operator"],
            "selectTags": ["tag", "value"],
        },
    ),
    fields=(
        Field("name", "Name of the service.", required=True, maximum=128),
        Field("description", "Description.", default=""),
        Field("problems", "Tags of the problems that put it out of order, all of them.", type="list", unordered=True,
              identity=("tag", "value"), wire="problem_tags", default=[], of=_TAG),
        Field("tags", "Tags of the service, by which objectives name it.", type="list", unordered=True,
              identity=("tag", "value"), default=[], of=_TAG),
    ),
)  # fmt: skip
OBJECTIVES = Resource(
    system="zabbix",
    name="sla",
    doc="Niveau de service",
    endpoint=At(
        "sla",
        "slaid",
        read={
            "output": ["slaid", "name", "description", "period", "slo", "effective_date", "timezone", "status"],
            "selectServiceTags": ["tag", "value", "operator"],
            "selectSchedule": ["period_from", "period_to"],
        },
    ),
    fields=(
        Field("name", "Name of the objective.", required=True, maximum=255),
        Field("description", "Description.", default=""),
        Field("period", "Period over which it is measured.", choices=PERIODS),
        Field("availability", "Share of the time, in percent.", type="float", wire="slo", minimum=0, maximum=100),
        Field("since", "First second that counts, since 1970, midnight UTC.", type="int", wire="effective_date"),
        Field("timezone", "Time zone of the periods."),
        Field("enabled", "Whether it is computed.", type="bool", wire="status", default=True),
        Field("hours", "Hours of a week that count, as seconds since Sunday; none: all of them.", type="list",
              unordered=True, identity=("start", "end"), wire="schedule", default=[], of=_HOURS),
        Field("services", "Tags of the services that it is about.", type="list", unordered=True,
              identity=("tag", "value"), wire="service_tags", of=_TAG),
    ),
)  # fmt: skip


class Services(ZabbixDriver):
    resource = SERVICES

    def plain(self, document: Mapping[str, Any]) -> dict[str, Any]:
        return {
            **{name: document[name] for name in ("name", "description")},
            "problem_tags": _tags(document.get("problem_tags")),
            "tags": _tags(document.get("tags")),
        }

    def body(self, content: Item, live: Mapping[str, Any]) -> dict[str, Any]:
        body = to_wire(self.resource.fields, content, self.names)
        if "problem_tags" in body:
            body["problem_tags"] = [{**tag, "operator": "0"} for tag in body["problem_tags"]]
        if not live:
            # The worst of its problems, as the status of a service.
            body |= {"algorithm": "2", "sortorder": "0"}
        return body

    def guarded(self, operations: Sequence[Operation]) -> dict[str, str]:
        return {
            f"service:{operation.key}": "l’historique de sa disponibilité s’en va avec lui"
            for operation in operations
            if operation.action == "delete"
        }


class Objectives(ZabbixDriver):
    resource = OBJECTIVES

    def plain(self, document: Mapping[str, Any]) -> dict[str, Any]:
        period = int(text(document["period"]))
        return {
            **{name: document[name] for name in ("name", "description", "effective_date", "timezone")},
            "period": PERIODS[period] if period < len(PERIODS) else str(period),
            "slo": float(text(document["slo"])),
            "status": text(document["status"]) == "1",
            "service_tags": _tags(document.get("service_tags")),
            "schedule": [
                {name: number(hours[name]) for name in ("period_from", "period_to")}
                for hours in listed(document.get("schedule"))
            ],
        }

    def body(self, content: Item, live: Mapping[str, Any]) -> dict[str, Any]:
        body = to_wire(self.resource.fields, content, self.names)
        if "period" in body:
            body["period"] = str(PERIODS.index(body["period"]))
        if "slo" in body:
            body["slo"] = str(body["slo"])
        if "status" in body:
            body["status"] = "1" if body["status"] else "0"
        if "service_tags" in body:
            body["service_tags"] = [{**tag, "operator": "0"} for tag in body["service_tags"]]
        return body


def _tags(value: Any) -> list[dict[str, Any]]:
    return [{"tag": text(tag["tag"]), "value": text(tag["value"])} for tag in listed(value)]
