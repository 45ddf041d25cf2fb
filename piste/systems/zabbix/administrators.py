"""Accounts of Zabbix; an account that leaves enters the group whose users may not sign in.

An account has no switch of its own: the group that Zabbix delivers disabled shuts it, and its other groups stay, so
that it comes back by leaving that group. Source: Zabbix 7.0 manual, API, user (`user.get`, `user.update`), usergroup
(`users_status`, `gui_access`, `mfa_status`), role (`type`), token (`lastaccess`), authentication (`mfa_status`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from piste.engine.converge.errors import Rejected
from piste.engine.converge.module import Module
from piste.engine.converge.moments import written
from piste.engine.converge.reading import listed, mapped, number, text
from piste.engine.converge.run import Params
from piste.systems.administrators import Accounts, Administrator, module
from piste.systems.zabbix.api import SUPER, Zabbix
from piste.systems.zabbix.connection import SUPERVISION

_USER_ROLE, _NO_FRONTEND, _ON, _OFF = "1", "3", "1", "1"
_NAMES = ("username", "name", "surname")


def _people(zabbix: Zabbix, params: Params) -> Accounts:
    groups: dict[str, list[str]] = {}

    def read() -> list[Administrator]:
        zabbix.sees_all()
        users = zabbix.get(
            "user",
            output=["userid", *_NAMES],
            selectRole=["name", "type"],
            selectUsrgrps=["usrgrpid", "name", "users_status", "gui_access", "mfa_status"],
        )
        used = _used(zabbix)
        asks = text(mapped(zabbix.call("authentication.get", {"output": ["mfa_status"]}))["mfa_status"]) == _ON
        groups.clear()
        groups.update({text(u["userid"]): [text(g["usrgrpid"]) for g in listed(u["usrgrps"])] for u in users})
        every = [_administrator(user, used.get(text(user["userid"])), asks=asks) for user in users]
        return [account for account in every if account.active or not params["outgoing"]]

    def closed() -> list[str]:
        return [text(group["usrgrpid"]) for group in zabbix.get("usergroup", output=["usrgrpid", "users_status"])
                if text(group["users_status"]) == _OFF]  # fmt: skip

    def put(account: Administrator, into: Iterable[str]) -> None:
        zabbix.call("user.update", {"userid": account.place, "usrgrps": [{"usrgrpid": id_} for id_ in into]})

    def shut(account: Administrator) -> None:
        if not (off := closed()):
            raise Rejected("Zabbix n’a aucun groupe d’utilisateurs désactivé", where=zabbix.host)
        put(account, [*groups[account.place], off[0]])

    def give_back(account: Administrator) -> None:
        off = closed()
        put(account, [group for group in groups[account.place] if group not in off])

    return Accounts(read, shut, give_back)


def _used(zabbix: Zabbix) -> dict[str, str]:
    """Give the last use of the API tokens of each account; Zabbix shows no sign-in."""
    last: dict[str, int] = {}
    for token in zabbix.get("token", output=["userid", "lastaccess"]):
        last[text(token["userid"])] = max(last.get(text(token["userid"]), 0), number(token["lastaccess"]))
    return {user: written(seconds) for user, seconds in last.items() if seconds}


def _administrator(user: Mapping[str, Any], used_at: str | None, *, asks: bool) -> Administrator:
    groups = [mapped(group) for group in listed(user["usrgrps"])]
    factors = {text(group["mfa_status"]) for group in groups}
    role = mapped(user.get("role"))
    return Administrator(
        tuple(name for name in (text(user["username"]), f"{user['name']} {user['surname']}".strip()) if name),
        role.get("type") == SUPER,
        text(user["userid"]),
        person=all(text(group["gui_access"]) != _NO_FRONTEND for group in groups),
        reads=role.get("type") == _USER_ROLE,
        active=bool(role) and all(text(group["users_status"]) != _OFF for group in groups),
        roles=(text(role["name"]),) if role else (),
        # Of several groups, the manual does not say which decides.
        mfa=False if not asks or factors <= {"0"} else True if factors == {_ON} else None,
        used_at=used_at,
    )


MODULES: Mapping[str, Module] = {"zabbix_administrators": module("zabbix_administrators", SUPERVISION, _people)}
