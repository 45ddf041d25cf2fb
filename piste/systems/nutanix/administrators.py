"""Accounts that Prism Central keeps itself; a person who leaves is made inactive.

The accounts are those of people and of services. A directory lets its own accounts in, and they leave with it; where
nobody declares them they are named all the same, because their rights are given here. Source: Nutanix v4 API,
namespace `iam` 4.0 (`authn/users`, `$actions/change-state`, `UserType`, `UserStatusType`), as in the vendor's Python
client.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from piste.engine.converge.module import Module
from piste.engine.converge.moments import stamped
from piste.engine.converge.reading import text
from piste.engine.converge.run import Params
from piste.systems.administrators import Accounts, Administrator, module
from piste.systems.nutanix.connection import PRISM_CENTRAL
from piste.systems.nutanix.prism import USERS, Prism

OWN = ("LOCAL", "SERVICE_ACCOUNT")
IN_CHARGE = "admin"
"""Account of every Prism Central, which no policy limits [belief prism.admin_in_charge].

Other full rights come from policies whose form the vendor's client leaves open, so nobody else counts as in charge."""


def _people(prism: Prism, params: Params) -> Accounts:
    every, inactive = params.get("known") is not None or not params["outgoing"], bool(params.get("accounts"))

    def read() -> list[Administrator]:
        return [
            _administrator(user)
            for user in prism.all(USERS, fresh=True)
            if (text(user["userType"]) in OWN or every) and (inactive or text(user["status"]) != "INACTIVE")
        ]

    def turn(administrator: Administrator, state: str) -> None:
        prism.write("POST", USERS, administrator.place, "$actions", "change-state", body={"status": state})

    return Accounts(read, lambda account: turn(account, "INACTIVE"), lambda account: turn(account, "ACTIVE"))


def _administrator(user: Mapping[str, Any]) -> Administrator:
    names = (text(user["username"]), *(text(user[name]) for name in ("displayName", "emailId") if user.get(name)))
    last = user.get("lastLoginTime")
    return Administrator(
        names,
        user.get("username") == IN_CHARGE or None,
        text(user["extId"]),
        person=user["userType"] != "SERVICE_ACCOUNT",
        active=text(user["status"]) != "INACTIVE",
        roles=(text(user["userType"]),),
        used_at=stamped(last) if last else None,
    )


MODULES: Mapping[str, Module] = {"prism_administrators": module("prism_administrators", PRISM_CENTRAL, _people)}
