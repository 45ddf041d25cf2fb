"""Values that Piste pushes to its items of type trapper.

Source: Zabbix 7.0 manual, API, history.push. A value that is no newer than the last of its item is not pushed again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from piste.engine.converge.errors import Rejected
from piste.engine.converge.module import Module
from piste.engine.converge.reading import listed, mapped, number, reading, text
from piste.engine.converge.resource import Field
from piste.systems.zabbix.api import Zabbix
from piste.systems.zabbix.connection import ZABBIX

Item = tuple[str, str]


def push(zabbix: Zabbix, values: Sequence[Mapping[str, Any]], *, check: bool = False) -> dict[str, list[str]]:
    """Push the values that are newer than what their items have.

    Return `{pushed, absent}`, `host : key` each; `absent` are those whose item is not on the server. Raises
    `Rejected` where some are refused; the others stay.
    """
    last = _last(zabbix, values)
    fresh = [value for value in values if _item(value) in last and value["clock"] > last[_item(value)]]
    if fresh and not check:
        sent = [{name: value[name] for name in ("host", "key", "value", "clock")} for value in fresh]
        answer = zabbix.call("history.push", sent)
        with reading(f"{zabbix.host} history"):
            results = [mapped(result) for result in listed(mapped(answer)["data"])]
            refused = {
                _named(value): text(result["error"])
                for value, result in zip(fresh, results, strict=True)
                if "error" in result
            }
        if refused:
            raise Rejected(
                "history.push : des valeurs sont refusées",
                where=zabbix.host,
                why=" ; ".join(f"{name} : {why}" for name, why in refused.items()),
                todo="Un élément créé à l’instant n’est connu du serveur qu’une minute plus tard : relancez.",
            )
    absent = [_named(value) for value in values if _item(value) not in last]
    return {"pushed": [_named(value) for value in fresh], "absent": absent}


def _last(zabbix: Zabbix, values: Sequence[Mapping[str, Any]]) -> dict[Item, float]:
    """Read the moment of the last value of each item, 0 without a value."""
    if not values:
        return {}
    items = zabbix.get(
        "item",
        output=["itemid", "key_", "lastclock"],
        selectHosts=["host"],
        filter={"key_": sorted({value["key"] for value in values})},
        monitored=True,
    )
    with reading(f"{zabbix.host} item"):
        return {
            (text(host["host"]), text(item["key_"])): number(item["lastclock"])
            for item in items
            for host in listed(item["hosts"])
        }


def _item(value: Mapping[str, Any]) -> Item:
    return value["host"], value["key"]


def _named(value: Mapping[str, Any]) -> str:
    return f"{value['host']} : {value['key']}"


def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    zabbix = Zabbix(params["zabbix"])
    try:
        result = push(zabbix, params["values"], check=check)
    finally:
        zabbix.close()
    return {"changed": bool(result["pushed"]), **result, "calls": zabbix.calls}


VALUES = Field(
    "values",
    "Values to push.",
    type="list",
    required=True,
    of=(
        Field("host", "Technical name of the host.", required=True),
        Field("key", "Key of its item.", required=True),
        Field("value", "The value, a whole number.", type="int", required=True),
        Field("clock", "Second of the value, since 1970.", type="int", required=True),
    ),
)

MODULES: Mapping[str, Module] = {
    "zabbix_push": Module(name="zabbix_push", options=(ZABBIX, VALUES), run=_run, writes=True, waits="freeze")
}
