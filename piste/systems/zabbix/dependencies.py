"""Dependencies: a host behind a switch that is down is not said to be down.

Source: Zabbix 7.0 manual, API, trigger. Zabbix has no parent of a host: the trigger of its presence depends on that of
what carries it. The trigger is inherited from the template, and its dependencies are the host's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from piste.engine.converge.plan import Operation
from piste.engine.converge.progress import Progress
from piste.engine.converge.reading import reading, text, whole
from piste.engine.converge.resource import Field, Resource
from piste.systems.zabbix.driver import At, ZabbixDriver

TEMPLATE, PRESENCE = "ICMP Ping", "ICMP Ping: Unavailable by ICMP ping"
"""The vendor's template whose trigger says that a host is gone, and that trigger."""

DEPENDENCIES = Resource(
    system="zabbix",
    name="dependency",
    doc="Dépendance",
    key=("host",),
    parents={"host": "host"},
    endpoint=At(
        "trigger",
        "triggerid",
        key="description",
        read={
            "output": ["triggerid", "description"],
            "selectHosts": ["host"],
            "selectDependencies": ["triggerid"],
            "filter": {"description": PRESENCE},
            "templated": False,
        },
    ),
    fields=(
        Field("host", "Host that depends on another, by its technical name.", required=True),
        Field("parent", "Host that carries its way to the server; both have C(ICMP Ping)."),
    ),
)


class Dependencies(ZabbixDriver):
    resource = DEPENDENCIES

    def _list(self, fresh: bool, keys: Sequence[str]) -> list[dict[str, Any]]:
        """List the hosts that depend on another; a change of any host changes the whole list."""
        if fresh:
            self.zabbix.shared.forget(f"list-{self.resource.name}")
        with reading(f"{self.zabbix.host} trigger"):
            triggers = {text(entry["triggerid"]): entry for entry in super()._list(False, ())}
            self.triggers = {text(entry["hosts"][0]["host"]): id_ for id_, entry in triggers.items()}
            hosts = {id_: name for name, id_ in self.triggers.items()}
            return [
                {"triggerid": id_, "host": hosts[id_], "parent": hosts[parents[0]]}
                for id_, entry in triggers.items()
                if (parents := [parent for parent in map(_id, whole(entry["dependencies"])) if parent in hosts])
            ]

    def key(self, document: Mapping[str, Any]) -> str:
        return text(document["host"])

    def plain(self, document: Mapping[str, Any]) -> dict[str, Any]:
        return {"host": document["host"], "parent": document["parent"]}

    def apply(self, operations: Sequence[Operation], progress: Progress) -> None:
        """Write all of them in one call: each is a change of a trigger that is there."""
        triggers = [
            {"triggerid": self._trigger(operation.key), "dependencies": self._on(operation)} for operation in operations
        ]
        with progress.sending(*operations):
            try:
                self.zabbix.call("trigger.update", triggers)
            finally:
                self.zabbix.shared.forget(f"list-{self.resource.name}")
        for operation in operations:
            progress.done(operation)

    def _on(self, operation: Operation) -> list[dict[str, str]]:
        return [{"triggerid": self._trigger(operation.after["parent"])}] if operation.after else []

    def _trigger(self, host: str) -> str:
        with reading(f"{self.zabbix.host} trigger {host}"):
            return self.triggers[host]


def _id(entry: Mapping[str, Any]) -> str:
    return text(entry["triggerid"])
