"""Port schedules: the hours outside which a switch turns a port off, what it feeds included.

Source: Dashboard API, `createNetworkSwitchPortSchedule`, `updateNetworkSwitchPortSchedule`. The vendor's list of batch
operations has the update only; its SDK also batches creation and removal, so both are sent directly.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from piste.engine.converge.errors import Fault, Guarded
from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.reading import optional, text
from piste.engine.converge.resource import Field, Resource
from piste.engine.words import agreed
from piste.systems.meraki.collection import Collection, in_list
from piste.systems.meraki.driver import retry_fresh
from piste.systems.meraki.ssid_parts import hour

WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_HALF_HOUR = re.compile(r"([01]\d|2[0-3]):[03]0|24:00")


def _day(name: str) -> Field:
    return Field(
        name,
        f"Hours of {name.capitalize()}; all of it unless they are given.",
        type="dict",
        of=(
            Field(
                "active",
                "Whether ports are on between these hours; false from 00:00 to 24:00 for a day on which they stay off.",
                type="bool",
                default=True,
            ),
            Field("start", "When they come on, on the half hour.", wire="from", default="00:00", normalise=hour),
            Field("end", "When they go off, on the half hour.", wire="to", default="24:00", normalise=hour),
        ),
    )


PORT_SCHEDULES = Resource(
    system="meraki",
    name="port_schedule",
    doc="Horaire de ports",
    parents={"network": ""},
    endpoint=in_list("/networks/{network_id}/switch/portSchedules"),
    known=frozenset({"id", "networkId"}),
    fields=(
        Field("name", "Name of the schedule; its identity.", required=True, maximum=127),
        Field("week", "Its days.", type="dict", wire="portSchedule", of=tuple(map(_day, WEEK))),
    ),
)


class PortSchedules(Collection):
    resource = PORT_SCHEDULES
    batched = False

    def check(self, desired: Sequence[Item]) -> list[Fault]:
        """Faults of the declared hours that the system would refuse."""
        return [
            Fault(f"config[{item.get('name')}].week.{day}", fault)
            for item in desired
            for day, hours in (item.get("week") or {}).items()
            if (fault := _fault(hours))
        ]

    def guards(self, operations: Sequence[Operation]) -> dict[str, str]:
        """Refuse to remove a schedule that ports still follow.

        They would be on at all hours, or the system would refuse.
        """
        gone = {self.raw[o.key]["id"]: o.key for o in operations if o.action == "delete"}
        followed = self._followed(gone)
        used = [f"{gone[schedule_id]} ({agreed(count, 'port(s)')})" for schedule_id, count in followed.items()]
        if used:
            raise Guarded(
                f"{agreed(len(used), 'horaire(s)')} de ports encore en usage : {', '.join(used)}",
                where=self.scope,
                todo="Changez d’abord ces ports.",
            )
        return {}

    def _followed(self, schedules: Mapping[str, str]) -> dict[str, int]:
        """Ports that follow each schedule, counted without those that check mode plans to change."""
        counts: dict[str, int] = {}
        if not schedules:
            return counts
        left = self.dashboard.planned("left_port_schedule").get(self.scope, {})
        switches = [
            device["serial"]
            for device in self.dashboard.devices()
            if device.get("networkId") == self.network_id and device.get("productType") == "switch"
        ]

        def read(serial: str) -> Any:
            return retry_fresh(self, lambda: self.dashboard.items(f"/devices/{serial}/switch/ports"))

        for serial, ports in zip(switches, self.dashboard.transport.map(read, switches), strict=True):
            for port in ports:
                known = optional(text, port.get("portScheduleId"))
                if known and known in schedules and left.get(f"{serial}/{port['portId']}") != known:
                    counts[known] = counts.get(known, 0) + 1
        return counts

    def body(self, operation: Operation) -> dict[str, Any]:
        """Body of a change, with every day of the week: an omitted day goes back to the whole day."""
        body = super().body(operation)
        if "portSchedule" in body:
            live = self.raw[operation.place]["portSchedule"]
            given = body["portSchedule"]
            body["portSchedule"] = {day: {**live.get(day, {}), **given.get(day, {})} for day in {**live, **given}}
        return body


def _fault(hours: Mapping[str, Any]) -> str:
    start, end = str(hours.get("start", "00:00")), str(hours.get("end", "24:00"))
    for value in (start, end):
        if not _HALF_HOUR.fullmatch(value):
            return f"« {value} » n’est pas une heure à la demi-heure près, par exemple 07:30"
    return f"l’horaire finit ({end}) avant de commencer ({start})" if start >= end else ""
