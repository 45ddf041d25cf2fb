"""Refusals of a directory, as errors that a person can act on.

Sources: RFC 4511, 4.1.9 (result codes); MS-ADTS 3.1.1.5 (right that each operation needs) and 5.1.1.5 (message of a
refused bind).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from piste.engine.converge.errors import Conflict, PisteError, Rejected, Unreachable

SUCCESS = 0
NO_SUCH_ATTRIBUTE = 16
VALUE_EXISTS = 20
NO_SUCH_OBJECT = 32
INVALID_CREDENTIALS = 49
INSUFFICIENT_RIGHTS = 50
ENTRY_EXISTS = 68

_NOT_NOW = frozenset({1, 3, 11, 51, 52, 80})
"""operationsError, timeLimitExceeded, adminLimitExceeded, busy, unavailable, other: nothing known, nothing done."""

_MOVED = frozenset({NO_SUCH_ATTRIBUTE, VALUE_EXISTS, NO_SUCH_OBJECT, ENTRY_EXISTS})
"""Answers to a write that mean that the directory is no longer as it was read."""

_MEANING: Mapping[int, str] = {
    10: "l’objet est tenu par un autre contrôleur",
    17: "l’attribut n’existe pas dans le schéma de ce domaine",
    19: "la valeur enfreint une contrainte du schéma",
    21: "la valeur n’a pas la syntaxe de l’attribut",
    34: "le nom distinctif est mal formé",
    53: "le contrôleur s’y refuse",
    64: "le nom n’est pas admis pour cette classe d’objet",
    65: "il manque un attribut que la classe exige, ou l’un d’eux n’y est pas admis",
    66: "l’objet en contient d’autres",
    67: "le nom d’un objet ne se change pas ainsi",
    69: "la classe d’un objet ne se change pas",
}

_CREDENTIALS: Mapping[str, str] = {
    "418": "NTLM est refusé, et avec lui ici la liaison simple : demandez authentication: kerberos",
    "525": "ce compte n’existe pas",
    "52e": "mot de passe ou nom erroné",
    "52f": "une restriction pèse sur ce compte ; un membre de Protected Users demande authentication: kerberos",
    "530": "ce compte ne peut pas se connecter à cette heure",
    "531": "ce compte ne peut pas se connecter depuis ce poste",
    "532": "le mot de passe a expiré",
    "533": "ce compte est désactivé",
    "701": "ce compte a expiré",
    "773": "le mot de passe est à changer avant la première connexion",
    "775": "ce compte est verrouillé",
}


class RefusedAccount(Unreachable):
    """The system answers and refuses the account: nothing of it is known."""


class Unread(Rejected):
    """An object cannot be read: it is unknown, and its neighbours are known."""

    kind = "unknown"


def refused_bind(controller: str, username: str, code: int, message: str) -> PisteError:
    """Make the error for a bind that was not accepted: nothing of the domain is known."""
    if code == INVALID_CREDENTIALS:
        match = re.search(r"\bdata ([0-9a-f]{3})\b", message)
        why = _CREDENTIALS.get(match.group(1), "") if match else ""
        return RefusedAccount(
            f"refuse le compte « {username} »",
            where=controller,
            why=why or message,
            todo="Vérifiez piste_ad.username et le mot de passe dans le coffre.",
        )
    return Unreachable(f"refuse la connexion ({code})", where=controller, why=message)


def refused(controller: str, code: int, message: str, what: str, dn: str, right: str) -> PisteError:
    """Make the error for a refused operation.

    `what` names the operation, `right` the right that it needs and the object on which it needs it.
    """
    where = f"{controller}, {dn}" if dn else controller
    if code == INSUFFICIENT_RIGHTS:
        return Rejected(
            f"{what} : droits insuffisants",
            status=code,
            where=where,
            why=message,
            todo=f"Donnez au compte de Piste le droit « {right} ».",
        )
    if code in _MOVED:
        return Conflict(
            f"{what} : {'un objet de ce nom existe déjà' if code == ENTRY_EXISTS else 'l’objet n’est plus tel que lu'}",
            where=where,
            why=message,
            todo="Quelqu’un d’autre l’a modifié : relancez pour planifier sur l’état actuel.",
        )
    if code in _NOT_NOW:
        return Unreachable(f"{what} : sans suite ({code})", where=where, why=message, todo="Relancez plus tard.")
    return Rejected(
        f"{what} : refusé ({code}{', ' + _MEANING[code] if code in _MEANING else ''})",
        status=code,
        where=where,
        why=message,
    )
