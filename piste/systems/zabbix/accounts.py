"""User groups and users, with their rights on groups of hosts.

Source: Zabbix 7.0 manual, API, usergroup and user. A password is never read back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from piste.engine.converge.normalise import to_wire
from piste.engine.converge.plan import Item
from piste.engine.converge.reading import listed, text
from piste.engine.converge.resource import Field, Resource
from piste.systems.zabbix.driver import At, ZabbixDriver, reads

RIGHTS: Mapping[str, str] = {"deny": "0", "read": "2", "write": "3"}
SEVERITIES = ("not_classified", "information", "warning", "average", "high", "disaster")
_RIGHT_OF = {number: right for right, number in RIGHTS.items()}
_FRONTEND: Mapping[str, str] = {"default": "0", "internal": "1", "ldap": "2", "none": "3"}
_FRONTEND_OF = {number: name for name, number in _FRONTEND.items()}

USER_GROUPS = Resource(
    system="zabbix",
    name="user_group",
    doc="Groupe d’utilisateurs",
    endpoint=At(
        "usergroup",
        "usrgrpid",
        read={
            "output": ["usrgrpid", "name", "gui_access", "users_status"],
            "selectHostGroupRights": ["id", "permission"],
        },
    ),
    fields=(
        Field("name", "Name of the group.", required=True, maximum=64),
        Field("frontend", "Way in to the frontend.", choices=tuple(_FRONTEND), wire="gui_access", default="default"),
        Field("enabled", "Whether its users may sign in.", type="bool", wire="users_status", default=True),
        Field(
            "rights",
            "Rights on groups of hosts, by name of the group; they hold for the groups below where it is declared so.",
            type="map",
            choices=tuple(RIGHTS),
            wire="rights",
            default={},
        ),
    ),
)
USERS = Resource(
    system="zabbix",
    name="user",
    doc="Compte de Zabbix",
    key=("username",),
    parents={"user_group": "groups"},
    endpoint=At(
        "user",
        "userid",
        key="username",
        read={
            "output": ["userid", "username", "name", "surname", "roleid"],
            "selectUsrgrps": ["usrgrpid"],
            "selectMedias": ["mediatypeid", "sendto", "active", "severity", "period"],
        },
    ),
    off=None,
    fields=(
        Field("username", "Name to sign in with.", required=True, maximum=100),
        Field("name", "First name that people read.", default="", maximum=100),
        Field("surname", "Name that people read.", default="", maximum=100),
        Field("role", "Role, by its name.", wire="roleid", ref="role"),
        Field("groups", "Groups of the account.", type="list", ref="user_group", unordered=True, wire="usrgrps"),
        Field(
            "password",
            "Password.",
            wire="passwd",
            secret="zabbix/{username}/password",
            readable=False,
        ),
        Field(
            "media",
            "Ways to write to the account.",
            type="list",
            unordered=True,
            identity=("type",),
            wire="medias",
            default=[],
            of=(
                Field("type", "Media type, by its name.", ref="media_type", wire="mediatypeid", required=True),
                Field("to", "Addresses.", type="list", unordered=True, wire="sendto", required=True),
                Field("severity", "Lowest severity that is written.", choices=SEVERITIES, default="not_classified"),
            ),
        ),
    ),
)


class UserGroups(ZabbixDriver):
    resource = USER_GROUPS
    delivered = frozenset(
        {
            "Disabled",
            "Enabled debug mode",
            "Guests",
            "Internal",
            "No access to the frontend",
            "Zabbix administrators",
        }
    )

    def plain(self, document: Mapping[str, Any]) -> dict[str, Any]:
        groups = self.names["host_group"]
        return {
            "name": document["name"],
            "gui_access": _FRONTEND_OF.get(text(document["gui_access"]), document["gui_access"]),
            "users_status": text(document["users_status"]) == "0",
            "rights": {
                groups.get(text(right["id"]), text(right["id"])): _RIGHT_OF[text(right["permission"])]
                for right in listed(document.get("hostgroup_rights"))
            },
        }

    def body(self, content: Item, live: Mapping[str, Any]) -> dict[str, Any]:
        body = to_wire(self.resource.fields, content, self.names)
        if "gui_access" in body:
            body["gui_access"] = _FRONTEND[body["gui_access"]]
        if "users_status" in body:
            body["users_status"] = "0" if body["users_status"] else "1"
        if (rights := body.pop("rights", None)) is not None:
            body["hostgroup_rights"] = [
                {"id": self.names.id_of("host_group", name), "permission": RIGHTS[right]}
                for name, right in sorted(rights.items())
            ]
        return body


class Users(ZabbixDriver):
    resource = USERS
    delivered = frozenset({"Admin", "guest"})

    def plain(self, document: Mapping[str, Any]) -> dict[str, Any]:
        return {
            **{name: document[name] for name in ("username", "name", "surname", "roleid")},
            "usrgrps": [text(group["usrgrpid"]) for group in listed(document.get("usrgrps"))],
            "medias": [_media(media) for media in listed(document.get("medias"))],
        }

    def exported(self, item: Item, owner: str) -> Item:
        """Ask for no password of an account that no group lets in: it only receives."""
        groups = self.zabbix.listed("list-user_group", reads())
        closed = {text(group["name"]) for group in groups if _FRONTEND_OF.get(text(group["gui_access"])) == "none"}
        asked = super().exported(item, owner)
        return {name: value for name, value in asked.items() if name != "password" or not closed & {*item["groups"]}}

    def body(self, content: Item, live: Mapping[str, Any]) -> dict[str, Any]:
        body = to_wire(self.resource.fields, content, self.names)
        if "usrgrps" in body:
            body["usrgrps"] = [{"usrgrpid": id_} for id_ in body["usrgrps"]]
        if "medias" in body:
            for media in body["medias"]:
                lowest = SEVERITIES.index(media.get("severity") or SEVERITIES[0])
                media["severity"] = str(sum(1 << level for level in range(lowest, len(SEVERITIES))))
                media |= {"active": "0", "period": "1-7,00:00-24:00"}
        return body


def _media(media: Mapping[str, Any]) -> dict[str, Any]:
    """Read a way to write; people declare the lowest of its severities, a set of bits."""
    severities, to = int(text(media["severity"])), media["sendto"]
    lowest = next((name for level, name in enumerate(SEVERITIES) if severities & 1 << level), "")
    return {
        "mediatypeid": media["mediatypeid"],
        "sendto": [to] if isinstance(to, str) else listed(to),
        "severity": lowest,
    }
