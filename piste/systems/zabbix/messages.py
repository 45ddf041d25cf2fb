"""Media types and actions: to whom problems are written, and by which server.

Source: Zabbix 7.0 manual, API, mediatype and action.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from piste.engine.converge.normalise import to_wire
from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.reading import listed, mapped, text
from piste.engine.converge.resource import Field, Resource
from piste.systems.zabbix.accounts import SEVERITIES
from piste.systems.zabbix.driver import At, ZabbixDriver

_MAIL, _TRIGGERS, _AT_LEAST, _IN_GROUP, _SEVERITY = "0", "0", "5", "0", "4"
_GROUP_CONDITION, _SEND = "0", "0"
PROBLEM = (
    "[Zabbix] {EVENT.SEVERITY} : {EVENT.NAME}",
    "{HOST.NAME} : {EVENT.NAME}\nDepuis {EVENT.TIME}, {EVENT.DATE}.\n",
)
SOLVED = ("[Zabbix] Résolu : {EVENT.NAME}", "{HOST.NAME} : {EVENT.NAME}\nRésolu en {EVENT.DURATION}.\n")
_MESSAGES = [
    {"eventsource": _TRIGGERS, "recovery": recovery, "subject": subject, "message": message}
    for recovery, (subject, message) in (("0", PROBLEM), ("1", SOLVED))
]

MEDIA_TYPES = Resource(
    system="zabbix",
    name="media_type",
    doc="Média",
    endpoint=At(
        "mediatype",
        "mediatypeid",
        read={
            "output": ["mediatypeid", "name", "type", "status", "smtp_server", "smtp_port", "smtp_email", "smtp_helo"],
            "filter": {"type": _MAIL},
        },
    ),
    fields=(
        Field("name", "Name of the media type, that of a mail server.", required=True, maximum=100),
        Field("server", "Server that takes the mails.", wire="smtp_server"),
        Field("port", "Its port.", type="int", wire="smtp_port", minimum=1, maximum=65535, default=25),
        Field("sender", "Address of the sender.", wire="smtp_email"),
        Field("domain", "Name by which Zabbix presents itself to the server.", wire="smtp_helo"),
        Field("enabled", "Whether it is used.", type="bool", wire="status", default=True),
    ),
)
ACTIONS = Resource(
    system="zabbix",
    name="action",
    doc="Action",
    parents={"user": "users"},
    endpoint=At(
        "action",
        "actionid",
        read={
            "output": ["actionid", "name", "eventsource", "status"],
            "selectFilter": ["evaltype", "conditions"],
            "selectOperations": ["operationtype", "opmessage", "opmessage_usr", "opmessage_grp"],
            "selectRecoveryOperations": ["operationtype", "opmessage"],
            "filter": {"eventsource": _TRIGGERS},
        },
    ),
    fields=(
        Field("name", "Name of the action, on problems of triggers.", required=True, maximum=255),
        Field("enabled", "Whether it acts.", type="bool", wire="status", default=True),
        Field("severity", "Lowest severity that it is about.", choices=SEVERITIES, default="not_classified"),
        Field("groups", "Groups of hosts that it is about; all where empty.", type="list", ref="host_group",
              unordered=True, default=[]),
        Field("users", "Accounts that it writes to, at the problem and at its end.", type="list", ref="user",
              unordered=True),
        Field("solved", "Whether it writes at the end of a problem.", type="bool", default=True),
    ),
)  # fmt: skip


class MediaTypes(ZabbixDriver):
    resource = MEDIA_TYPES
    delivered = frozenset({"Email", "Email (HTML)", "Gmail", "Gmail relay", "Office365", "Office365 relay"})

    def ours(self, document: Mapping[str, Any]) -> bool:
        return text(document["type"]) == _MAIL

    def plain(self, document: Mapping[str, Any]) -> dict[str, Any]:
        return {**document, "status": text(document["status"]) == "0"}

    def body(self, content: Item, live: Mapping[str, Any]) -> dict[str, Any]:
        body = to_wire(self.resource.fields, content, self.names)
        if "status" in body:
            body["status"] = "0" if body["status"] else "1"
        if not live:
            body |= {"type": _MAIL, "message_templates": _MESSAGES, "message_format": "1"}
        return body


class Actions(ZabbixDriver):
    resource = ACTIONS
    delivered = frozenset({"Report problems to Zabbix administrators"})

    def ours(self, document: Mapping[str, Any]) -> bool:
        return text(document["eventsource"]) == _TRIGGERS

    def plain(self, document: Mapping[str, Any]) -> dict[str, Any]:
        conditions = listed(mapped(document["filter"]).get("conditions"))
        lowest = [int(text(known["value"])) for known in conditions if text(known["conditiontype"]) == _SEVERITY]
        groups = [text(known["value"]) for known in conditions if text(known["conditiontype"]) == _GROUP_CONDITION]
        acts = map(mapped, listed(document.get("operations")))
        sent = [known for known in acts if text(known["operationtype"]) == _SEND]
        return {
            "name": document["name"],
            "status": text(document["status"]) == "0",
            "severity": SEVERITIES[max(lowest, default=0)],
            "groups": groups,
            "users": [text(user["userid"]) for known in sent for user in listed(known.get("opmessage_usr"))],
            "solved": bool(listed(document.get("recovery_operations"))),
        }

    def full(self, operation: Operation) -> Item:
        """Give all of it: conditions and operations are documents that change whole."""
        return operation.after or {}

    def body(self, content: Item, live: Mapping[str, Any]) -> dict[str, Any]:
        wire = to_wire(self.resource.fields, content, self.names)
        body: dict[str, Any] = {"name": wire["name"]}
        if "status" in wire:
            body["status"] = "0" if wire["status"] else "1"
        conditions = [{"conditiontype": _GROUP_CONDITION, "operator": _IN_GROUP, "value": id_}
                      for id_ in wire.get("groups") or ()]  # fmt: skip
        if lowest := SEVERITIES.index(wire.get("severity") or SEVERITIES[0]):
            conditions.append({"conditiontype": _SEVERITY, "operator": _AT_LEAST, "value": str(lowest)})
        message = {"operationtype": _SEND, "opmessage": {"default_msg": "1", "mediatypeid": "0"}}
        users = [{"userid": id_} for id_ in wire.get("users") or ()]
        solved = [{"operationtype": "11", "opmessage": {"default_msg": "1"}}] if wire.get("solved", True) else []
        body["filter"] = {"evaltype": "0", "conditions": conditions}
        body["operations"] = [{**message, "opmessage_usr": users}]
        body["recovery_operations"] = solved
        if not live:
            body |= {"eventsource": _TRIGGERS, "esc_period": "1h", "pause_suppressed": "1"}
        return body
