"""The accounts that Prism Central keeps itself, people and service accounts: one that leaves is made inactive.

An account of a directory is let in by that directory, and leaves with it; where nobody declares it, it is named all the
same, for its rights are given here. Source: Nutanix v4 API, namespace ``iam`` 4.0 (``authn/users``,
``$actions/change-state``, ``UserType``, ``UserStatusType``), as its own Python client has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from piste.administrators import Administrator, Read, Remove, module
from piste.converge.module import Module
from piste.converge.reading import text
from piste.converge.run import Params
from piste.nutanix.connection import PRISM_CENTRAL
from piste.nutanix.prism import USERS, Prism

OWN = ("LOCAL", "SERVICE_ACCOUNT")
IN_CHARGE = "admin"
"""The account that every Prism Central has, and that no policy limits [inferred]; who else may do all is said by
policies whose form its client leaves open, so that nobody else counts as one."""


def _people(prism: Prism, params: Params) -> tuple[Read, Remove]:
    every = params.get("known") is not None

    def read() -> list[Administrator]:
        return [
            _administrator(one)
            for one in prism.all(USERS, fresh=True)
            if (text(one["userType"]) in OWN or every) and text(one["status"]) != "INACTIVE"
        ]

    def deactivate(one: Administrator) -> None:
        prism.write("POST", USERS, one.place, "$actions", "change-state", body={"status": "INACTIVE"})

    return read, deactivate


def _administrator(user: Mapping[str, Any]) -> Administrator:
    names = (text(user["username"]), *(text(user[name]) for name in ("displayName", "emailId") if user.get(name)))
    return Administrator(names, user.get("username") == IN_CHARGE, text(user["extId"]))


MODULES: Mapping[str, Module] = {"prism_administrators": module("prism_administrators", PRISM_CENTRAL, _people)}
