"""Administrators of a Meraki organization.

Source: Dashboard API, `getOrganizationAdmins`, `deleteOrganizationAdmin`.
"""

from __future__ import annotations

from collections.abc import Mapping

from piste.engine.converge.errors import Rejected
from piste.engine.converge.module import Module
from piste.engine.converge.reading import text
from piste.engine.converge.run import Params
from piste.systems.administrators import Administrator, Read, Remove, module
from piste.systems.meraki.connection import MERAKI
from piste.systems.meraki.dashboard import Dashboard


def _people(dashboard: Dashboard, params: Params) -> tuple[Read, Remove]:
    def path() -> str:
        return f"/organizations/{dashboard.organization}/admins"

    def read() -> list[Administrator]:
        return [
            Administrator(
                (text(admin["email"]), text(admin["name"])), text(admin["orgAccess"]) == "full", text(admin["id"])
            )
            for admin in dashboard.items(path())
        ]

    def delete(administrator: Administrator) -> None:
        try:
            dashboard.request("DELETE", f"{path()}/{administrator.place}")
        except Rejected as error:
            if error.status != 404:  # it is gone already
                raise

    return read, delete


MODULES: Mapping[str, Module] = {"meraki_administrators": module("meraki_administrators", MERAKI, _people)}
