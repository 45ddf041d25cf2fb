"""Dependencies: a host behind a switch that is down is not said to be down.

Source: Zabbix 7.0 manual, API, trigger. Zabbix has no parent of a host: the trigger of its presence depends on that of
what carries it. The trigger is inherited from the template, and its dependencies are the host's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any

from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.progress import Progress
from piste.engine.converge.reading import listed, reading, text, whole
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

    def gather(self, desired: Sequence[Item], *, whole: bool, fresh: bool) -> dict[str, Item]:
        self.parents = {item["parent"] for item in desired if item.get("parent")}
        return super().gather(desired, whole=whole, fresh=fresh)

    def _list(self, fresh: bool, keys: Sequence[str]) -> list[dict[str, Any]]:
        """List the hosts that depend on another."""
        with reading(f"{self.zabbix.host} trigger"):
            if fresh:
                self._again({*keys, *self.parents})
            triggers = {text(entry["triggerid"]): entry for entry in super()._list(False, ())}
            self.triggers = {_host(entry): id_ for id_, entry in triggers.items()}
            hosts = {id_: name for name, id_ in self.triggers.items()}
            return [
                {"triggerid": id_, "host": hosts[id_], "parent": hosts[parents[0]]}
                for id_, entry in triggers.items()
                if (parents := [parent for parent in map(_id, whole(entry["dependencies"])) if parent in hosts])
            ]

    def _again(self, hosts: Set[str]) -> None:
        """Read again the triggers of some hosts, and the unknown triggers that they depend on."""
        asked = self.at.read
        named = {**asked, "filter": {**asked["filter"], "host": sorted(hosts)}}
        documents = self.zabbix.get(self.at.name, **named)
        self.zabbix.renew(self.list_name, hosts, _host, documents)
        known = {text(entry["triggerid"]) for entry in super()._list(False, ())}
        parents = {_id(parent) for entry in documents for parent in whole(entry["dependencies"])}
        if unknown := sorted(parents - known):
            others = self.zabbix.get(self.at.name, **asked, triggerids=unknown)
            self.zabbix.renew(self.list_name, {*map(_host, others)}, _host, others)

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
                self.doubt(operations)
        progress.done(*operations)

    def _on(self, operation: Operation) -> list[dict[str, str]]:
        return [{"triggerid": self._trigger(operation.after["parent"])}] if operation.after else []

    def _trigger(self, host: str) -> str:
        with reading(f"{self.zabbix.host} trigger {host}"):
            return self.triggers[host]


def _host(entry: Mapping[str, Any]) -> str:
    return text(listed(entry["hosts"])[0]["host"])


def _id(entry: Mapping[str, Any]) -> str:
    return text(entry["triggerid"])
