"""The local administrators of a Windows server: members of BUILTIN\\Administrators, whatever that is called there.

A group is one member: who is in it is the directory's affair. Source: module Microsoft.PowerShell.LocalAccounts
(``Get-LocalGroupMember``, ``Remove-LocalGroupMember``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from piste.converge.administrators import OPTIONS, Administrator, withdraw
from piste.converge.module import Module
from piste.converge.resource import Field
from piste.windows.winrm import WINRM, Access, Session


def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    with Session(Access.of(params["winrm"]), params["server"]) as session:

        def read() -> list[Administrator]:
            return [
                Administrator(_names(str(one["name"])), True, str(one["sid"]))
                for one in session.run("local_administrators_read")["members"]
            ]

        def remove(one: Administrator) -> None:
            session.run("local_administrators_remove", sid=one.place)

        result = withdraw(str(params["server"]), read, remove, params, check)
        return {**result, "calls": session.calls}


def _names(name: str) -> tuple[str, ...]:
    """``DOMAIN\\name``, and the name alone."""
    return (name, name.rpartition("\\")[2])


MODULES: Mapping[str, Module] = {
    "win_administrators": Module(
        name="win_administrators",
        options=(WINRM, Field("server", "Name of the server.", required=True), *OPTIONS),
        run=_run,
        held=True,
    )
}
