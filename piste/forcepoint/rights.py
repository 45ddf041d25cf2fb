"""What an SMC lets our account do, as far as it tells without a write: install a policy, wait for an approval.

Source: the vendor's library 1.0.34: ``current_user``, roles (``upload_policy``), system properties 50
(``enforce_change_management``) and 51 (``self_approve_changes``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from piste.converge.reading import listed, mapped, text, truth
from piste.forcepoint.smc import Smc

APPROVAL = "50"
INSTALL = "upload_policy"


def approval(smc: Smc) -> bool | None:
    """Whether changes have to be approved before an installation, asked once a run; None where it does not tell."""
    place = f"/{smc.version}/system/system_properties/{APPROVAL}"
    told = smc.shared.once("approval", lambda: mapped(smc.get(place)).get("value"))
    return None if told is None else str(told).lower() == "true"


def may_install(smc: Smc) -> bool | None:
    """Whether a role of our account installs policies; None where the SMC does not let it read its own rights."""
    place = smc.entry_points.get("current_user")
    user = mapped(smc.get(place)).get("value") if place else None
    account = smc.get(text(user)) if user else None
    if not account:
        return None
    if account.get("superuser"):
        return True
    told = [_installs(smc, one.get("role_ref")) for one in _permissions(account)]
    return True if True in told else None if None in told or not told else False


def _permissions(account: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from map(mapped, listed(mapped(account.get("permissions")).get("permission")))


def _installs(smc: Smc, role: str | None) -> bool | None:
    document = smc.get(role) if role else None
    return None if document is None or INSTALL not in document else truth(document[INSTALL])
