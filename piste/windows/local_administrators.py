"""The local administrators of a Windows server: members of BUILTIN\\Administrators, whatever that is called there.

A group is one member: who is in it is the directory's affair. A member whose account is gone is known by its SID, and
can do nothing any more. Sources: ADSI, `IADsGroup` (`Members`, `Remove` by SID); PowerShell/PowerShell#2996
(`Get-LocalGroupMember` gives nobody where one account is gone).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from piste.administrators import OPTIONS, Administrator, answer
from piste.converge.module import Module
from piste.converge.resource import Field
from piste.finding import Finding
from piste.windows.winrm import Session
from piste.windows.winrm_access import WINRM, Access


def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    with Session(Access.of(params["winrm"]), params["server"]) as session:

        unnamed: dict[str, str] = {}

        def read() -> list[Administrator]:
            members = session.run("local_administrators_read")["members"]
            unnamed.clear()
            unnamed.update({str(one["sid"]): str(one["error"]) for one in members if one.get("error")})
            return [
                Administrator(_names(str(one["name"]) or str(one["sid"])), bool(one["name"]), str(one["sid"]))
                for one in members
            ]

        def remove(one: Administrator) -> None:
            session.run("local_administrators_remove", sid=one.place)

        result = answer(str(params["server"]), read, remove, params, check)
        unread = [_unnamed(str(params["server"]), sid, why) for sid, why in unnamed.items()]
        result["findings"] = [*result.get("findings", ()), *unread]
        return {**result, "calls": session.calls}


def _unnamed(server: str, sid: str, why: str) -> dict[str, str]:
    """A member that may leave or stay: its domain does not answer, so that nobody can say."""
    todo = "Rendez son domaine joignable depuis ce serveur, ou retirez ce membre dans la console, puis relancez."
    return Finding(f"{server}.unnamed", "unknown", f"{server} : le nom de {sid} n'est pas lu ({why})", todo).to_json()


def _names(name: str) -> tuple[str, ...]:
    """`DOMAIN\\name`, and the name alone."""
    return (name, name.rpartition("\\")[2])


MODULES: Mapping[str, Module] = {
    "win_administrators": Module(
        name="win_administrators",
        options=(WINRM, Field("server", "Name of the server.", required=True), *OPTIONS),
        run=_run,
        held=True,
    )
}
