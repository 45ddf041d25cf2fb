"""Accounts by kind, and the systems where each has rights: form, derivation, rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal, TypedDict

from pydantic import AfterValidator, Field

from . import values
from .flows.form import Administrators
from .forms import Date, Marked, Reference, data
from .third_parties import check_name

if TYPE_CHECKING:
    from .declaration import Declaration
    from .view import View

Login = Annotated[str, AfterValidator(values.login)]
Kind = Literal["nominative", "technical", "emergency", "third_party"]
Rights = Literal["all", "some", "read"]
DRIVEN: tuple[str, ...] = tuple(name for name in Administrators.model_fields if name != "status")
"""Systems whose administrators a drift compares with those that are declared."""
OTHERS = ("nexus", "zabbix", "glpi", "veeam", "nut", "vault", "forge", "microsoft")
"""Systems with accounts of their own, beside those, the applications and the machines."""


class DeclaredAccount(Marked):
    """An account, by its sign-in name.

    `systems` are driven systems, `nexus` for every Nexus, applications or machines. `holder` answers for it: a service
    of the town, or the third party of a `third_party` account. `persons` sign in with it: several share it. `secret` is
    where its password is kept.
    """

    kind: Kind
    systems: Annotated[list[str], Field(min_length=1)]
    rights: Rights
    holder: str
    persons: list[Annotated[str, Field(min_length=1, max_length=100)]] = Field(default_factory=list)
    purpose: str | None = None
    mfa: bool | None = None
    until: Date | None = None
    reviewed_on: Date | None = None
    secret: Reference | None = None


class Account(TypedDict):
    """An account of the inventory.

    `kind`, `rights` and `holder` are None where nothing describes it. `administers` are the driven systems whose list
    of administrators names it.
    """

    login: str
    kind: Kind | None
    systems: list[str]
    administers: list[str]
    rights: Rights | None
    holder: str | None
    persons: list[str]
    purpose: str | None
    mfa: bool | None
    until: str | None
    reviewed_on: str | None
    secret: dict[str, str] | None
    status: str | None


def derive_accounts(declaration: Declaration) -> list[Account]:
    """Derive the accounts: those described, then the administrators that nothing describes."""
    variables = declaration.town.variables
    listed = _administrators(variables.administrators)
    described: list[Account] = [
        data(entry, login=login, administers=listed.pop(login.casefold(), ("", []))[1])
        for login, entry in variables.accounts.items()
    ]
    status = variables.administrators.status if variables.administrators else None
    return described + [
        Account(
            login=login,
            kind=None,
            systems=systems,
            administers=systems,
            rights=None,
            holder=None,
            persons=[],
            purpose=None,
            mfa=None,
            until=None,
            reviewed_on=None,
            secret=None,
            status=status,
        )
        for login, systems in listed.values()
    ]


def _administrators(administrators: Administrators | None) -> dict[str, tuple[str, list[str]]]:
    """Give each administrator by its folded name: its name as declared, its systems."""
    listed: dict[str, tuple[str, list[str]]] = {}
    for system in DRIVEN if administrators else ():
        for login in getattr(administrators, system):
            listed.setdefault(login.casefold(), (login, []))[1].append(system)
    return listed


def check_accounts(view: View) -> None:
    """M270, M276, M278: accounts have known systems and holders; those of third parties end."""
    town = view.declared.town
    variables = town.variables
    known = [*DRIVEN, *OTHERS, *variables.applications, *variables.hosting_machines]
    for login, entry in variables.accounts.items():
        for rank, system in enumerate(entry.systems):
            check_name(view, ("accounts", login, "systems", rank), f"{login} : le système", system, known)
        if entry.kind != "third_party":
            continue
        check_name(view, ("accounts", login, "holder"), f"{login} : le tiers", entry.holder, variables.third_parties)
        if entry.until is None or entry.until < view.today.isoformat():
            mark = town.where(("accounts", login, "until"), ("accounts", login))
            over = f"sa fin, le {entry.until}, est passée" if entry.until else "il n’a pas de fin"
            view.faults.add("PISTE-M278", f"accounts[{login}].until", mark, f"Compte {login} d’un tiers : {over}")
    described = {(login.casefold(), system) for login, entry in variables.accounts.items() for system in entry.systems}
    for system, rank, login in _listed(variables.administrators):
        if "*" not in login and (login.casefold(), system) not in described:
            mark = town.where(("administrators", system, rank))
            message = f"{login} administre {system}, aucun compte ne le décrit là"
            view.faults.add("PISTE-M276", f"administrators.{system}[{rank + 1}]", mark, message)


def check_mastery(view: View) -> None:
    """M277: on each system with described accounts of full rights, an account is the town's."""
    variables = view.declared.town.variables
    whole: dict[str, list[str]] = {}
    for login, entry in variables.accounts.items():
        for system in entry.systems if entry.rights == "all" else ():
            whole.setdefault(system, []).append(login)
    for system, logins in whole.items():
        if all(variables.accounts[login].kind == "third_party" for login in logins):
            mark = view.declared.town.where(("accounts", logins[0], "systems"))
            message = f"{system} : seuls des tiers y ont tous les droits ({', '.join(logins)})"
            view.faults.add("PISTE-M277", f"accounts[{logins[0]}].systems", mark, message)


def _listed(administrators: Administrators | None) -> Iterator[tuple[str, int, str]]:
    for system in DRIVEN if administrators else ():
        for rank, login in enumerate(getattr(administrators, system)):
            yield system, rank, login
