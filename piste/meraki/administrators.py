"""The administrators of a Meraki organization.

Source: Dashboard API, ``getOrganizationAdmins``, ``deleteOrganizationAdmin``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from piste.converge.administrators import OPTIONS, Administrator, answer
from piste.converge.errors import Rejected
from piste.converge.module import Module
from piste.converge.reading import text
from piste.meraki.connection import DASHBOARD
from piste.meraki.dashboard import Dashboard


def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    dashboard = Dashboard(params["dashboard"])

    def path() -> str:
        return f"/organizations/{dashboard.organization}/admins"

    def read() -> list[Administrator]:
        return [
            Administrator((text(one["email"]), text(one["name"])), text(one["orgAccess"]) == "full", text(one["id"]))
            for one in dashboard.items(path())
        ]

    def delete(one: Administrator) -> None:
        try:
            dashboard.request("DELETE", f"{path()}/{one.place}")
        except Rejected as error:
            if error.status != 404:  # gone already: what is wanted
                raise

    try:
        result = answer("meraki", read, delete, params, check)
    finally:
        dashboard.close()
    return {**result, "calls": dashboard.transport.calls}


MODULES: Mapping[str, Module] = {
    "meraki_administrators": Module(name="meraki_administrators", options=(DASHBOARD, *OPTIONS), run=_run, held=True)
}
