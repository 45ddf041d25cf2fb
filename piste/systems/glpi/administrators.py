"""Accounts of GLPI; an account that leaves is made inactive.

The High-Level API gives the profile that an account starts with, and no other: who starts as Super-Admin is taken for
in charge, and of all others the rights are unknown. An account of a directory signs in there. Source:
`AdministrationController` of GLPI 11, schema `User`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from piste.engine.converge.module import Module
from piste.engine.converge.moments import stamped
from piste.engine.converge.reading import mapped, reading, text, truth
from piste.engine.converge.run import Params
from piste.systems.administrators import Accounts, Administrator, module
from piste.systems.glpi.client import Glpi
from piste.systems.glpi.connection import GLPI_SYSTEM

IN_CHARGE = "Super-Admin"
"""The profile that GLPI delivers with all rights [inferred: a town may have changed it]."""


def _people(glpi: Glpi, params: Params) -> Accounts:
    def read() -> list[Administrator]:
        users = glpi.whole("User", persons=True)
        with reading(f"{glpi.host} User"):
            every = [_administrator(user) for user in users if not truth(user.get("is_deleted"))]
        return [account for account in every if account.active or not params["outgoing"]]

    def turn(account: Administrator, on: bool) -> None:
        glpi.update("User", int(account.place), {"is_active": on})

    return Accounts(read, lambda account: turn(account, False), lambda account: turn(account, True))


def _administrator(user: Mapping[str, Any]) -> Administrator:
    profile = mapped(user.get("default_profile")).get("name")
    last, password, ends = (user.get(name) for name in ("last_login", "date_password_change", "end_date"))
    shown = f"{user.get('firstname') or ''} {user.get('realname') or ''}".strip()
    return Administrator(
        tuple(filter(None, (text(user["username"]), shown))),
        profile == IN_CHARGE or None,
        str(int(user["id"])),
        active=truth(user["is_active"]),
        roles=(text(profile),) if profile else (),
        used_at=stamped(last) if last else None,
        key_from=stamped(password) if password else None,
        ends=stamped(ends)[:10] if ends else None,
    )


MODULES: Mapping[str, Module] = {"glpi_administrators": module("glpi_administrators", GLPI_SYSTEM, _people)}
