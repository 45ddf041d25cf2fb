"""The local administrators of a Windows server: members of BUILTIN\\Administrators.

The group is known by its SID: its name depends on the language. A group counts as a member; its own members belong to
the directory. A member whose account is deleted is named by its SID, and has no power any more.

Sources: ADSI, `IADsGroup` (`Members`; `IADsGroup::Add`, remarks: WinNT takes `WinNT://S-1-5-…`, and so does `Remove`);
PowerShell/PowerShell#2996 (`Get-LocalGroupMember` returns nothing where an account is deleted).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from piste.engine.converge.module import Module
from piste.engine.converge.resource import Field
from piste.engine.finding import Finding
from piste.systems.administrators import OF_THE_DOMAIN, OPTIONS, WRITING, Accounts, Administrator, answer
from piste.systems.windows.administrators import DOMAIN_ADMINS
from piste.systems.windows.winrm import Session
from piste.systems.windows.winrm_access import WINRM, Access


def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    with Session(Access.of(params["winrm"]), params["server"]) as session:
        unnamed: dict[str, str] = {}

        def read() -> list[Administrator]:
            members = session.run("local_administrators_read")["members"]
            unnamed.clear()
            unnamed.update({str(member["sid"]): str(member["error"]) for member in members if member.get("error")})
            return [_administrator(str(member["name"]), str(member["sid"])) for member in members]

        def remove(administrator: Administrator) -> None:
            session.run("local_administrators_remove", sid=administrator.place)

        def add(name: str, grants: Mapping[str, Any]) -> None:
            session.run("local_administrators_add", sid=str(grants["sid"]))

        result = answer(str(params["server"]), Accounts(read, remove, make=add), params, check)
        unread = [_unnamed(str(params["server"]), sid, why) for sid, why in unnamed.items()]
        result["findings"] = [*result.get("findings", ()), *unread]
        return {**result, "calls": session.calls}


def _unnamed(server: str, sid: str, why: str) -> dict[str, str]:
    """Return the finding of a member whose name is unknown, because its domain does not answer."""
    todo = "Rendez son domaine joignable depuis ce serveur, ou retirez ce membre dans la console, puis relancez."
    return Finding(f"{server}.unnamed", "unknown", f"{server} : le nom de {sid} n’est pas lu ({why})", todo).to_json()


def _administrator(name: str, sid: str) -> Administrator:
    group = sid.endswith(f"-{DOMAIN_ADMINS}")
    return Administrator(
        _names(name or sid), bool(name), sid, person=not group, active=bool(name), group=group,
        roles=(OF_THE_DOMAIN,) if group else (), grants={"sid": sid},
    )  # fmt: skip


def _names(name: str) -> tuple[str, ...]:
    """Return `DOMAIN\\name`, and the bare name."""
    return (name, name.rpartition("\\")[2])


MODULES: Mapping[str, Module] = {
    "win_administrators": Module(
        name="win_administrators",
        options=(WINRM, Field("server", "Name of the server.", required=True), *OPTIONS),
        run=_run,
        **WRITING,
    )
}
