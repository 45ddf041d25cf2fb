"""Delegation of Kerberos of the account of Piste; a point of the directory judges others.

A member of Protected Users, or an account that is marked sensitive, is never delegated. Source: MS-ADTS 2.2.16
(userAccountControl).
"""

from __future__ import annotations

from collections.abc import Iterator

from piste.engine.converge.errors import PisteError, Unreachable
from piste.engine.finding import Finding
from piste.systems.windows.directory import Directory
from piste.systems.windows.dn import literal, sid_text

PROTECTED_USERS = 525
NOT_DELEGATED = 0x100000


def is_protected(directory: Directory) -> bool:
    """Return True if Piste's account is in Protected Users, through any number of groups.

    Raises `Unreachable`.
    """
    root = directory.read("", ("tokenGroups",))
    try:
        groups = set(map(sid_text, root.raw("tokenGroups") if root else ()))
    except ValueError:
        groups = set()
    if not groups:  # every account has a primary group: no group is no answer
        raise Unreachable(
            "les groupes du compte ne se montrent pas",
            where=directory.controller,
            todo="Voyez dans la console s’il est de Protected Users.",
        )
    return f"{directory.sid}-{PROTECTED_USERS}" in groups


def findings(directory: Directory) -> Iterator[Finding]:
    """Yield what is true of Piste's account."""
    try:
        yield _account(directory)
    except PisteError as error:
        yield Finding("ad.delegation", "unknown", f"la délégation du compte : {error.what}", error.todo or "Relancez.")


def _account(directory: Directory) -> Finding:
    account = directory.domain.username
    terms = "".join(f"({name}={literal(account)})" for name in ("distinguishedName", "userPrincipalName"))
    terms += f"(sAMAccountName={literal(account.partition('@')[0].rpartition('\\')[2])})"
    entries = directory.search(directory.base, f"(&(objectClass=user)(|{terms}))", ("userAccountControl",))
    if len(entries) != 1 or not entries[0].raw("userAccountControl"):
        todo = "Voyez-les dans la console : Compte, « sensible et ne peut pas être délégué »."
        return Finding("ad.delegation", "unknown", f"les options du compte « {account} » ne se montrent pas", todo)
    why = [
        *(["il est de Protected Users"] if is_protected(directory) else []),
        *(["il est « sensible »"] if entries[0].number("userAccountControl") & NOT_DELEGATED else []),
    ]
    if why:
        what = f"le compte « {account} » n’est jamais délégué ({', '.join(why)}) : DHCP se réplique sur place"
    else:
        what = f"le compte « {account} » pourrait être délégué : rien ici ne le demande"
    return Finding("ad.delegation", "ok", what)

