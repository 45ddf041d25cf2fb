"""Our account in an SMC and its rights, as reads show them: installation, approval.

Source: the vendor's library 1.0.34: `current_user`, roles (`upload_policy`), system properties 50
(`enforce_change_management`) and 51 (`self_approve_changes`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from piste.engine.converge.errors import Rejected, Unreadable
from piste.engine.converge.reading import listed, mapped, reading, text, truth
from piste.systems.forcepoint.references import path_of
from piste.systems.forcepoint.smc import Smc

APPROVAL = "50"
INSTALL = "upload_policy"


def approval(smc: Smc) -> bool | None:
    """True where changes must be approved before an installation; None where unknown.

    The SMC is asked once a run.
    """
    place = f"/{smc.version}/system/system_properties/{APPROVAL}"
    value = smc.shared.once("approval", lambda: mapped(smc.get(place)).get("value"))
    return None if value is None else str(value).lower() == "true"


def may_install(smc: Smc) -> bool | None:
    """True where a role of our account installs policies; None where it may not read its rights."""
    account = account_of(smc)
    if account is None:
        return None
    if account.roles is None:
        return True
    answers = [_installs(smc, role) for role in account.roles]
    return True if True in answers else None if None in answers or not answers else False


class Account(NamedTuple):
    """Our account: its path, and the paths of its roles; None for an account of all rights."""

    path: str
    roles: list[str] | None


def account_of(smc: Smc) -> Account | None:
    """Read the account of our session; None where it may not be read."""
    place = smc.entry_points.get("current_user")
    try:
        with reading("current_user"):
            user = text((mapped(smc.get(place)) if place else {})["value"])
            document = mapped(smc.get(user))
            roles = [path_of(permission["role_ref"]) for permission in _permissions(document)]
            return Account(path_of(user), None if truth(document.get("superuser")) else roles) if document else None
    except (Rejected, Unreadable):
        return None


def _permissions(account: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from map(mapped, listed(mapped(account.get("permissions")).get("permission")))


def _installs(smc: Smc, role: str) -> bool | None:
    document = smc.get(role)
    return None if document is None or INSTALL not in document else truth(document[INSTALL])
