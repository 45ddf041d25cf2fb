"""Administrators of a Meraki organization.

Source: Dashboard API, `getOrganizationAdmins`, `deleteOrganizationAdmin`, `createOrganizationAdmin`, which invites.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from piste.engine.converge.errors import Rejected
from piste.engine.converge.module import Module
from piste.engine.converge.moments import stamped
from piste.engine.converge.reading import listed, optional, text, truth
from piste.engine.converge.run import Params
from piste.systems.administrators import Accounts, Administrator, module
from piste.systems.meraki.connection import MERAKI
from piste.systems.meraki.dashboard import Dashboard


def _people(dashboard: Dashboard, params: Params) -> Accounts:
    def path() -> str:
        return f"/organizations/{dashboard.organization}/admins"

    def read() -> list[Administrator]:
        return [_administrator(admin) for admin in dashboard.items(path())]

    def delete(administrator: Administrator) -> None:
        try:
            dashboard.request("DELETE", f"{path()}/{administrator.place}")
        except Rejected as error:
            if error.status != 404:  # it is gone already
                raise

    def invite(email: str, grants: Mapping[str, Any]) -> None:
        known = {name: grants[name] for name in _GRANTS if name in grants}
        dashboard.request("POST", path(), body={"name": email, "tags": [], "networks": [], **known, "email": email})

    return Accounts(read, delete, make=invite)


_GRANTS = ("name", "orgAccess", "tags", "networks")
"""What an invitation says, beside the address."""


def _administrator(admin: Mapping[str, Any]) -> Administrator:
    access, below = text(admin["orgAccess"]), [*listed(admin.get("networks")), *listed(admin.get("tags"))]
    key = ["clé d’API"] if admin.get("hasApiKey") else []
    roles = (access, *sorted({text(part["access"]) for part in below}), *key)
    return Administrator(
        (text(admin["email"]), text(admin["name"])),
        access == "full",
        text(admin["id"]),
        awaited=admin.get("accountStatus", "ok") != "ok",
        reads=access == "read-only" and not below,
        roles=roles,
        mfa=_second_factor(admin),
        used_at=stamped(admin["lastActive"]) if admin.get("lastActive") else None,
        grants={name: admin[name] for name in _GRANTS if admin.get(name)},
    )


def _second_factor(admin: Mapping[str, Any]) -> bool | None:
    """Tell whether the Dashboard asks for a second factor; another service may, unseen."""
    known = optional(truth, admin.get("twoFactorAuthEnabled"))
    return known if known or admin.get("authenticationMethod", "Email") == "Email" else None


MODULES: Mapping[str, Module] = {"meraki_administrators": module("meraki_administrators", MERAKI, _people)}
