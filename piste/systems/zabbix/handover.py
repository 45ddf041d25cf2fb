"""The hand-over: the whole configuration, for an empty Zabbix and no Piste.

Hosts, templates, maps and media types are Zabbix's own YAML (`configuration.export`). What Zabbix does not export
(dashboards, services, accounts, actions, maintenances) are calls of its API, in order, with names in the place of ids.
`importing.py`, which goes with them, imports both with the standard library of Python.
[belief zabbix.memory], [belief zabbix.secrets_hidden]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from piste.engine.converge.module import Module
from piste.engine.converge.plan import Operation
from piste.engine.converge.reading import reading, text, whole
from piste.engine.converge.secrets import Vault
from piste.engine.transport.subjects import subject
from piste.systems.kinds.zabbix import SUPERVISION
from piste.systems.zabbix import connection
from piste.systems.zabbix.api import Zabbix
from piste.systems.zabbix.dependencies import Dependencies
from piste.systems.zabbix.driver import Lookup, ZabbixDriver

CONFIGURATION, CALLS, PROGRAM = "configuration.yaml", "calls.json", "import.py"
NATIVE: Mapping[str, str] = {
    "host_groups": "host_groups",
    "hosts": "hosts",
    "maps": "maps",
    "media_types": "mediaTypes",
    "templates": "templates",
}
"""Kinds that Zabbix exports itself, with the name of each in its export."""
PLACEHOLDER = "{{{kind}:{name}}}"


class _Named(Lookup):
    """Names in the place of ids: the successor's program finds the ids of its own Zabbix."""

    def id_of(self, kind: str, name: str) -> str:
        return PLACEHOLDER.format(kind=kind, name=name)

    def __missing__(self, kind: str) -> Mapping[str, str]:
        names = super().__missing__(kind)
        self[kind] = {self.id_of(kind, name): name for name in names.values()}
        return self[kind]


def handover(zabbix: Zabbix) -> dict[str, str | Any]:
    """Give the files of a hand-over, by name. No secret is in them: Zabbix exports none."""
    account = zabbix.account()
    drivers = {kind.name: _driver(zabbix, kind.driver_class) for kind in SUPERVISION}
    live = {name: _kept(driver) for name, driver in drivers.items()}
    live["users"].pop(account, None)  # Piste's own is not handed over
    ids = {
        NATIVE[name]: [text(document[drivers[name].at.id]) for document in documents.values()]
        for name, documents in live.items()
        if name in NATIVE
    }
    linked = {text(known["templateid"]) for host in live["hosts"].values() for known in whole(host["parentTemplates"])}
    asked = {"format": "yaml", "options": {**ids, "templates": sorted(linked | {*ids["templates"]})}}
    calls = [call for name, driver in drivers.items() if name not in NATIVE for call in _calls(driver, live[name])]
    return {
        CONFIGURATION: text(zabbix.call("configuration.export", asked)),
        CALLS: calls,
        PROGRAM: (Path(__file__).parent / "importing.py").read_text("utf-8"),
    }


def _driver(zabbix: Zabbix, driver_class: type[ZabbixDriver]) -> ZabbixDriver:
    return driver_class(zabbix, Vault(), "", everything=True)


def _kept(driver: ZabbixDriver) -> dict[str, dict[str, Any]]:
    return {key: document for key, document in driver.live().items() if key not in driver.delivered}


def _calls(driver: ZabbixDriver, live: Mapping[str, Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the calls that make the objects of a kind again."""
    if isinstance(driver, Dependencies):
        yield from _dependencies(live)
        return
    with reading(f"{driver.zabbix.host} {driver.at.name}"):
        items = {key: driver.canonical(document) for key, document in live.items()}
    driver.names = _Named(driver.zabbix)
    for key, item in sorted(items.items()):
        made = driver.full(Operation("zabbix", "", driver.resource.name, key, "create", None, item))
        yield {"kind": driver.resource.name, "method": f"{driver.at.name}.create", "params": driver.body(made, {})}


def _dependencies(live: Mapping[str, Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the call that makes the triggers of all presences depend on each other."""
    triggers = [
        {"triggerid": _presence(host), "dependencies": [{"triggerid": _presence(document["parent"])}]}
        for host, document in sorted(live.items())
    ]
    if triggers:
        yield {"kind": "dependency", "method": "trigger.update", "params": triggers}


def _presence(host: str) -> str:
    return PLACEHOLDER.format(kind="presence", name=host)


MODULES: Mapping[str, Module] = subject(
    "zabbix_handover", connection.SUPERVISION, lambda zabbix, params: {"files": handover(zabbix)}
)
