"""Delegation of Kerberos: of Piste's own account, and on the controllers.

A controller on which somebody may act for others is the gravest of weaknesses: that somebody is anybody there. A member
of Protected Users, or an account that is marked sensitive, is never delegated.

Sources: MS-ADTS 2.2.16 (userAccountControl), 2.2.27 (msDS-AllowedToActOnBehalfOfOtherIdentity); ANSSI, *Points de
contrôle Active Directory* (vuln_delegation_sourcedeleg, level 1).
"""

from __future__ import annotations

from collections.abc import Iterator

from piste.engine.converge.errors import PisteError, Unreachable
from piste.engine.finding import Finding
from piste.systems.windows.directory import Directory
from piste.systems.windows.dn import literal, sid_text
from piste.systems.windows.gpo.acl import parse
from piste.systems.windows.names import Names

PROTECTED_USERS = 525
NOT_DELEGATED = 0x100000
_CONTROLLER, _READ_ONLY = 8192, 67108864
_BITS = "1.2.840.113556.1.4.803"
_ACTS = "msDS-AllowedToActOnBehalfOfOtherIdentity"


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
    """Yield what is true of Piste's account, then of the controllers."""
    try:
        yield _account(directory)
    except PisteError as error:
        yield Finding("ad.delegation", "unknown", f"la délégation du compte : {error.what}", error.todo or "Relancez.")
    try:
        yield _controllers(directory)
    except PisteError as error:
        what = f"les délégations sur les contrôleurs : {error.what}"
        yield Finding("ad.controllers", "unknown", what, error.todo or "Relancez.")


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


def _controllers(directory: Directory) -> Finding:
    bits = "".join(f"(userAccountControl:{_BITS}:={bit})" for bit in (_CONTROLLER, _READ_ONLY))
    controllers = directory.search(directory.base, f"(&(objectClass=computer)(|{bits}))", ("cn", _ACTS))
    if not controllers:
        todo = "Donnez au compte de Piste le droit de lire les objets des contrôleurs."
        return Finding("ad.controllers", "unknown", "aucun contrôleur ne se montre à ce compte", todo)
    names, opened = Names(directory), []
    for entry in controllers:
        if entry.raw(_ACTS):
            who = sorted({names.name(ace.sid) for ace in entry.read(_ACTS, parse).dacl if ace.sid})
            opened.append(f"{entry.text('cn')} (par {', '.join(who) or 'personne'})")
    if opened:
        what = (
            "GRAVE, niveau 1 de l’ANSSI (vuln_delegation_sourcedeleg) : on peut agir au nom de n’importe qui sur "
            f"{' ; '.join(sorted(opened))}"
        )
        todo = "Retirez-la (Set-ADComputer … -PrincipalsAllowedToDelegateToAccount $null) et cherchez qui l’a posée."
        return Finding("ad.controllers", "wrong", what, todo)
    shown = ", ".join(sorted(str(entry.text("cn")) for entry in controllers))
    return Finding("ad.controllers", "ok", f"aucune délégation ne se lit sur les contrôleurs : {shown}")
