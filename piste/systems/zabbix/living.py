"""Life of the hosts as Zabbix knows it.

Source: Zabbix 7.0 manual, API, host, item, trigger and problem.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from piste.engine.converge.module import Module
from piste.engine.converge.moments import written
from piste.engine.converge.reading import in_parts, listed, mapped, number, text
from piste.engine.transport.subjects import subject
from piste.systems.zabbix.api import Zabbix
from piste.systems.zabbix.connection import SUPERVISION

PRESENCE = (
    "icmpping", "agent.ping", "zabbix[host,agent,available]", "zabbix[host,snmp,available]",
    "piste.certificate.not_after", "piste.web.status",
)  # fmt: skip
"""Keys of the items that say whether a host is there; of a certificate, until when."""
_AVAILABLE, _UNKNOWN = "zabbix[host,", "2"
"""The items that the server fills by itself, and their value while nothing was read: that is no value."""
_UNCHANGED, _HEARTBEAT = "19", "20"
"""Preprocessing that drops a value equal to the last, for ever or for the time that it gives (API, item)."""
LONGEST = 300
"""Characters of the name of a problem, as it is kept."""


def living(zabbix: Zabbix) -> dict[str, Any]:
    """Read what lives: `{read_at, hosts, problems, unread}`.

    `hosts` are by name `{enabled, items: [{key, delay, last}]}`, `last` in seconds since 1970, 0 without a value;
    `problems` are those that are open, by host: `{id, name, severity, since, acknowledged}`, the severity from 0, not
    classified, to 5, disaster. `unread`: see `in_parts`. Raises `Unreachable`.
    """
    zabbix.sees_all()
    reads = {"hosts": partial(_hosts, zabbix), "problems": partial(_problems, zabbix)}
    seen = in_parts(zabbix.host, reads)
    return {"read_at": written(zabbix.transport.now()), **seen}


def _hosts(zabbix: Zabbix) -> dict[str, Any]:
    hosts = zabbix.get("host", output=["hostid", "host", "status"])
    items = zabbix.get(
        "item",
        output=["hostid", "key_", "delay", "lastclock", "lastvalue"],
        filter={"key_": [*PRESENCE], "status": "0"},
        selectPreprocessing=["type", "params"],
    )
    by_host: dict[str, list[dict[str, Any]]] = {}
    for item in items:
        key = text(item["key_"])
        unknown = key.startswith(_AVAILABLE) and text(item["lastvalue"]) == _UNKNOWN
        entry = {"key": key, "delay": _rhythm(item), "last": 0 if unknown else number(item["lastclock"])}
        by_host.setdefault(text(item["hostid"]), []).append(entry)
    return {
        text(host["host"]): {"enabled": text(host["status"]) == "0", "items": by_host.get(text(host["hostid"]), [])}
        for host in hosts
    }


def _rhythm(item: Mapping[str, Any]) -> str:
    """Give the longest time between two values; empty where a value that stays has none."""
    steps = {text(step["type"]): text(step["params"]) for step in map(mapped, listed(item["preprocessing"]))}
    return steps.get(_HEARTBEAT, "" if _UNCHANGED in steps else text(item["delay"]))


def _problems(zabbix: Zabbix) -> dict[str, list[dict[str, Any]]]:
    """Give the open problems of the triggers that are watched; a problem has no host of its own."""
    triggers = zabbix.get(
        "trigger", output=["triggerid"], only_true=1, monitored=1, selectHosts=["host"], filter={"value": "1"}
    )
    hosts = {text(trigger["triggerid"]): [text(host["host"]) for host in trigger["hosts"]] for trigger in triggers}
    problems: dict[str, list[dict[str, Any]]] = {}
    output = ["eventid", "objectid", "clock", "name", "acknowledged", "severity"]
    for problem in zabbix.get("problem", output=output, source=0, object=0) if hosts else ():
        entry = {
            "id": text(problem["eventid"]), "name": text(problem["name"])[:LONGEST],
            "severity": number(problem["severity"]), "since": written(number(problem["clock"])),
            "acknowledged": text(problem["acknowledged"]) == "1",
        }  # fmt: skip
        for host in hosts.get(text(problem["objectid"]), ()):
            problems.setdefault(host, []).append(entry)
    return problems


MODULES: Mapping[str, Module] = subject(
    "zabbix_living", SUPERVISION, lambda zabbix, params: {"living": living(zabbix)}
)
