"""Hosts: what is watched, with its groups, templates, interfaces, tags and macros.

Source: Zabbix 7.0 manual, API, host. The technical name is the identity. A secret macro is never read back
[belief zabbix.secrets_hidden].
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from piste.engine.converge.errors import Fault
from piste.engine.converge.normalise import to_wire
from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.reading import listed, mapped, text
from piste.engine.converge.resource import Field, Resource
from piste.engine.converge.secrets import Secret
from piste.systems.zabbix import disabled
from piste.systems.zabbix.driver import At, ZabbixDriver, reads

OWNER_TAG = "piste"
"""The tag by which a host says which owner declares it."""
KINDS: Mapping[str, str] = {"agent": "1", "snmp": "2", "ipmi": "3", "jmx": "4"}
PORTS: Mapping[str, str] = {"agent": "10050", "snmp": "161", "ipmi": "623", "jmx": "12345"}
_OF_KIND = {number: kind for kind, number in KINDS.items()}
SECRET, PLAIN = "1", "0"
_COMMUNITY, _IN_CLEAR = "{$SNMP_COMMUNITY}", "(écrite en clair)"
_INVENTORY = (
    Field("serial", "Serial number.", wire="serialno_a", default=""),
    Field("type", "Class of the asset.", default=""),
    Field("model", "Model.", default=""),
    Field("vendor", "Maker.", default=""),
    Field("location", "Site and place.", default=""),
    Field("contract", "Contract that covers it.", wire="contract_number", default=""),
    Field("warranty_until", "End of the warranty.", wire="date_hw_expiry", default=""),
    Field("end_of_life", "End of life.", wire="date_hw_decomm", default=""),
)

HOSTS = Resource(
    system="zabbix",
    name="host",
    doc="Hôte",
    parents={"host_group": "groups"},
    endpoint=At(
        "host",
        "hostid",
        key="host",
        read={
            "output": ["hostid", "host", "name", "description", "status", "inventory_mode"],
            "selectHostGroups": ["groupid", "name"],
            "selectParentTemplates": ["templateid", "host"],
            "selectInterfaces": ["interfaceid", "type", "main", "useip", "ip", "dns", "port", "details"],
            "selectTags": ["tag", "value"],
            "selectMacros": ["hostmacroid", "macro", "value", "description", "type"],
            "selectInventory": [entry.wire_name for entry in _INVENTORY],
        },
    ),
    fields=(
        Field("name", "Technical name; its identity.", wire="host", required=True, maximum=128),
        Field("label", "Name that people read.", wire="name", maximum=128),
        Field("description", "Description.", default=""),
        Field("enabled", "Whether it is watched.", type="bool", wire="status", default=True),
        Field("groups", "Groups of the host, by name.", type="list", ref="host_group", unordered=True),
        Field(
            "templates",
            "Templates of the host, by technical name. A template that leaves takes its items and data with it.",
            type="list",
            ref="template",
            unordered=True,
            default=[],
        ),
        Field(
            "interfaces",
            "Ways to the host, one of a kind.",
            type="list",
            unordered=True,
            identity=("kind",),
            element_id="interfaceid",
            default=[],
            of=(
                Field("kind", "Protocol.", choices=tuple(KINDS), required=True),
                Field("address", "IP address; empty where the name serves.", default=""),
                Field("dns", "Name, where there is no address.", default=""),
                Field("port", "Port.", default=""),
                Field("community", "Macro of the community of SNMP, C({$SNMP_COMMUNITY}) where empty.", default=""),
            ),
        ),
        Field(
            "tags",
            "Tags of the host.",
            type="list",
            unordered=True,
            identity=("tag", "value"),
            default=[],
            of=(
                Field("tag", "Name.", required=True),
                Field("value", "Value.", default=""),
            ),
        ),
        Field("macros", "Values of macros, C({$NAME}); null takes one away.", type="map", default={}),
        Field(
            "secret_macros",
            "Macros whose value is secret and is never read back.",
            type="map",
            default={},
            of=(
                Field(
                    "value",
                    "Secret that is the value.",
                    secret="zabbix/{name}/{word}",
                    readable=False,
                    required=True,
                ),
            ),
        ),
        *disabled.FIELDS,
        Field("inventory", "What the inventory of Zabbix says of it.", type="dict", of=_INVENTORY),
    ),
)


class Hosts(ZabbixDriver):
    resource = HOSTS
    delivered = frozenset({"Zabbix server"})

    def _list(self, fresh: bool, keys: Sequence[str]) -> list[dict[str, Any]]:
        documents = super()._list(fresh, keys)
        if fresh:
            ids = {self.key(document): text(document["hostid"]) for document in documents}
            self.disabled = disabled.disabled_again(self.zabbix, dict.fromkeys(keys, "") | ids)
        else:
            self.disabled = disabled.disabled(self.zabbix, reads())
        return documents

    def check(self, desired: Sequence[Item]) -> Sequence[Fault]:
        return [*super().check(desired), *disabled.strange(self.zabbix, desired)]

    def owned(self, document: Mapping[str, Any]) -> bool:
        tags = listed(document.get("tags"))
        return any((text(tag["tag"]), text(tag["value"])) == (OWNER_TAG, self.owner) for tag in tags)

    def plain(self, document: Mapping[str, Any]) -> dict[str, Any]:
        macros = [(text(macro["type"]), mapped(macro)) for macro in listed(document.get("macros"))]
        return {
            **{name: document[name] for name in ("host", "name", "description") if name in document},
            "status": text(document["status"]) == "0",
            "groups": [text(group["groupid"]) for group in listed(document.get("hostgroups"))],
            "templates": [text(template["templateid"]) for template in listed(document.get("parentTemplates"))],
            "interfaces": [_interface(mapped(entry)) for entry in listed(document.get("interfaces"))],
            "tags": listed(document.get("tags")),
            "macros": {text(macro["macro"]): macro.get("value", "") for sort, macro in macros if sort == PLAIN},
            "secretMacros": {text(macro["macro"]): {} for sort, macro in macros if sort == SECRET},
            **self.disabled.get(text(document["host"]), dict.fromkeys(disabled.SORTS, ())),
            "inventory": mapped(document.get("inventory") or None),
        }

    def body(self, content: Item, live: Mapping[str, Any]) -> dict[str, Any]:
        body = to_wire(self.resource.fields, content, self.names)
        if "status" in body:
            body["status"] = "0" if body["status"] else "1"
        if "groups" in body:
            body["groups"] = [{"groupid": id_} for id_ in body["groups"]]
        if "templates" in body:
            body["templates"] = [{"templateid": id_} for id_ in body["templates"]]
            left = {text(known["templateid"]) for known in listed(live.get("parentTemplates"))}
            if gone := left - {template["templateid"] for template in body["templates"]}:
                body["templates_clear"] = [{"templateid": id_} for id_ in sorted(gone)]
        if "interfaces" in body:
            known = {text(entry["type"]): text(entry["interfaceid"]) for entry in listed(live.get("interfaces"))}
            body["interfaces"] = [_wire_interface(entry, known) for entry in body["interfaces"]]
        if "macros" in content or "secret_macros" in content:
            body["macros"] = self._macros(content, live)
        for name in ("secretMacros", *disabled.SORTS):
            body.pop(name, None)
        if body.get("inventory"):
            body["inventory_mode"] = "0"
        elif "inventory" in body:
            del body["inventory"]
            body["inventory_mode"] = "-1"  # none, as it was read
        return body

    def complete(self, operations: Sequence[Operation]) -> None:
        disabled.switch(self.zabbix, operations)

    def doubt(self, operations: Sequence[Operation]) -> None:
        super().doubt(operations)
        disabled.doubt(self.zabbix, [operation.place for operation in operations])

    def full(self, operation: Operation) -> Item:
        """Add both sorts of macros where one has changed: Zabbix takes them as one list."""
        changed, after = super().full(operation), operation.after or {}
        if changed.keys() & {"macros", "secret_macros"}:
            changed |= {name: after[name] for name in ("macros", "secret_macros") if name in after}
        return changed

    def _macros(self, content: Item, live: Mapping[str, Any]) -> list[dict[str, Any]]:
        """List all macros of the host: those that the task does not name stay."""
        known = {text(macro["macro"]): macro for macro in listed(live.get("macros"))}
        given: dict[str, dict[str, Any]] = {}
        for sort, name in ((PLAIN, "macros"), (SECRET, "secret_macros")):
            if name not in content:
                given |= {macro: {"type": sort} for macro, entry in known.items() if entry["type"] == sort}
        for macro, value in (content.get("macros") or {}).items():
            given[macro] = {"type": PLAIN, "value": value}
        for macro, entry in (content.get("secret_macros") or {}).items():
            secret = entry.get("value")
            given[macro] = {"type": SECRET}
            if isinstance(secret, Secret) and secret.value is not None:
                given[macro]["value"] = secret.value
        for macro, entry in given.items():
            if macro in known:
                entry["hostmacroid"] = known[macro]["hostmacroid"]
        return [{"macro": macro, **entry} for macro, entry in sorted(given.items())]

    def guarded(self, operations: Sequence[Operation]) -> dict[str, str]:
        return {
            f"host:{operation.key}": "ce que Zabbix a relevé de lui (mesures, historique) s’en va avec lui"
            for operation in operations
            if operation.action == "delete"
        }


def _interface(document: Mapping[str, Any]) -> dict[str, Any]:
    kind = _OF_KIND.get(text(document["type"]), text(document["type"]))
    by_address = text(document["useip"]) == "1"
    details = document.get("details")
    community = details.get("community", "") if isinstance(details, Mapping) else ""
    if community and not community.startswith("{$"):
        community = _IN_CLEAR
    return {
        "kind": kind,
        "address": document["ip"] if by_address else "",
        "dns": "" if by_address else document["dns"],
        "port": "" if document["port"] == PORTS.get(kind) else document["port"],
        "community": "" if community == _COMMUNITY else community,
    }


def _wire_interface(entry: Mapping[str, Any], known: Mapping[str, str]) -> dict[str, Any]:
    kind = entry["kind"]
    body: dict[str, Any] = {
        "type": KINDS[kind],
        "main": "1",
        "useip": "1" if entry.get("address") else "0",
        "ip": entry.get("address") or "",
        "dns": entry.get("dns") or "",
        "port": entry.get("port") or PORTS[kind],
    }
    if kind == "snmp":
        body["details"] = {"version": "2", "bulk": "1", "community": entry.get("community") or _COMMUNITY}
    if KINDS[kind] in known:
        body["interfaceid"] = known[KINDS[kind]]
    return body
