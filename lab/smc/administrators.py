"""Administrators: enabled and disabled; of a password, only the age shows."""

from __future__ import annotations

from lab.smc.call import Answer, Call
from lab.smc.elements import name_of
from lab.smc.errors import refused
from lab.smc.world import Json

KINDS = frozenset({"admin_user", "api_client", "web_portal_user"})
_VALID = 90 * 86_400_000


def complete(call: Call, admin: Json) -> None:
    """Enable a new administrator unless its body says otherwise."""
    admin["data"] = {"enabled": True, **admin["data"]}


def enable_disable(call: Call, admin: Json) -> Answer:
    admin["data"] = {**admin["data"], "enabled": not admin["data"].get("enabled", True)}
    call.world.touch(admin, call.admin, call.now)
    return Answer()


def change_password(call: Call, admin: Json) -> Answer:
    password = call.value("password")
    if not password:
        raise refused("The password is missing.")
    admin["password_since"] = call.now
    if admin["type"] == "admin_user":
        call.accounts[name_of(admin)] = password
    return Answer()


def password_age(call: Call, admin: Json) -> Answer:
    since, stamp = admin.get("password_since", admin["history"]["created"]), call.stamp
    return Answer(value={"creation_date": stamp(since), "expiration_date": stamp(since + _VALID)})
