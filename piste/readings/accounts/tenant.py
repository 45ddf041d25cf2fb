"""The holders of roles of Microsoft 365 as accounts, from the reading of the tenant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from piste.engine.converge.reading import FAULTS
from piste.engine.words import some
from piste.readings.accounts.kept import Live
from piste.readings.belief import Doubted, Last, Reading, Unread
from piste.readings.tenant import kept as parts
from piste.readings.tenant.rules import GLOBAL
from piste.town.model.dates import now
from piste.town.model.derived import Derived

_READS = (" Reader", " Readers")
"""The end of the names of Entra's own roles that change nothing."""


def accounts(town: Derived, environment: str) -> Last[Sequence[Live]] | None:
    """Give the holders of roles, those who may take a role included; None where nobody asked.

    Who may take a role is not read without P2: nobody can where the tenant has no P2, else the accounts are unknown.
    """
    known = parts.last(town, environment)
    try:
        return _accounts(known)
    except FAULTS:
        return Unread("la réponse n’a pas la forme attendue", now())


def _accounts(known: Mapping[str, Last[Any]]) -> Last[Sequence[Live]] | None:
    active, eligible, roles = (known.get(name) for name in ("administrators", "eligible", "roles"))
    if not isinstance(active, Reading):
        return active
    if not isinstance(roles, Reading):
        return _unread(roles, "les noms des rôles", active)
    rows = [*active.value]
    if isinstance(eligible, Reading):
        rows += eligible.value
    elif parts.tenant(known).has("AAD_PREMIUM_P2") is not False:
        return _unread(eligible, "ceux qui peuvent prendre un rôle", active)
    if groups := [str(row["label"]) for row in rows if row["kind"] == "group"]:
        return Unread(f"les membres de {some(groups)} ne sont pas lus"[:500], active.read_at)
    read = [last.read_at for last in (active, roles, eligible) if isinstance(last, Reading)]
    factors = known.get("registrations")
    capable = {row["name"]: row["capable"] for row in (factors.value if isinstance(factors, Reading) else ())}
    named = {row["role"]: row for row in roles.value}
    holders: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        holders.setdefault(row["id"], []).append(row)
    return Reading([_live(mine, named, capable) for mine in holders.values()], min(read))


def _unread(last: Unread | Doubted | None, what: str, active: Reading[Any]) -> Unread:
    return Unread(f"{what} : {last.why if last else 'jamais lus'}"[:500], (last and last.read_at) or active.read_at)


def _live(
    mine: Sequence[Mapping[str, Any]], named: Mapping[str, Mapping[str, Any]], capable: Mapping[str, Any]
) -> Live:
    """Make the account of a holder from its roles."""
    first = mine[0]
    names = [str(name) for name in (first["name"], first["label"], first["id"]) if name]
    roles = [named.get(row["role"], {}) for row in mine]
    return Live(
        name=names[0], other_names=[first["label"]] if first["name"] and first["label"] else [],
        whole=any(row["role"] == GLOBAL and row["scope"] == "/" for row in mine),
        person=first["kind"] != "servicePrincipal",
        reads=all(role.get("builtin") is True and str(role.get("name")).endswith(_READS) for role in roles),
        active=first["enabled"] is not False,
        roles=sorted({str(role.get("name") or row["role"]) for role, row in zip(roles, mine, strict=True)}),
        mfa=capable.get(first["name"]), used_at=None, key_from=None, ends=None,
    )  # fmt: skip
