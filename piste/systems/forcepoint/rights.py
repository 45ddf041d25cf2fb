"""Rights of our account in an SMC, as reads show them: installation, need of approval.

Source: the vendor's library 1.0.34: `current_user`, roles (`upload_policy`), system properties 50
(`enforce_change_management`) and 51 (`self_approve_changes`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from piste.engine.converge.reading import listed, mapped, text, truth
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
    place = smc.entry_points.get("current_user")
    user = mapped(smc.get(place)).get("value") if place else None
    account = smc.get(text(user)) if user else None
    if not account:
        return None
    if account.get("superuser"):
        return True
    answers = [_installs(smc, permission.get("role_ref")) for permission in _permissions(account)]
    return True if True in answers else None if None in answers or not answers else False


def _permissions(account: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from map(mapped, listed(mapped(account.get("permissions")).get("permission")))


def _installs(smc: Smc, role: str | None) -> bool | None:
    document = smc.get(role) if role else None
    return None if document is None or INSTALL not in document else truth(document[INSTALL])
