"""Intent of the DHCP servers: the `config` of each module, from a derived owner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from piste.town.model.dhcp.derived import Scope, TownDhcp
    from piste.town.model.site import Commune, Site

_SETTINGS = ("options", "audit_log", "conflict_attempts")
_RELATION = ("name", "partner", "mode", "share", "client_lead", "switch_after", "shared_secret")


def addressing_intent(owner: Site | Commune) -> dict[str, Any]:
    """Return the intent of a derived owner: options of its tasks, and objects by kind.

    `server` is empty where the town has none. Scopes are on the first server alone: without a relation, two servers
    would lend the same addresses. The settings of the servers and their relation are the town's.
    """
    dhcp = owner["dhcp"]
    names = [known["name"] for known in dhcp["servers"]]
    of_town = "scopes" not in owner
    scopes = [_scope(scope) for scope in owner["scopes"]] if "scopes" in owner else []
    within = [owner["block"]] if "block" in owner else []
    return {
        "server": names[0] if names else "",
        "failover": _failover(dhcp),
        "servers": names,
        "within": within,
        "settings": _settings(dhcp) if of_town else [],
        "scopes": scopes if names else [],
        "waiting": {scope["subnet"]: _waiting(scope) for scope in owner["scopes"]} if "scopes" in owner else {},
        "relations": _relation(dhcp) if of_town else [],
        "update_account": (dhcp["settings"]["update_account"] if dhcp["settings"] else None) or "",
    }


def _settings(dhcp: TownDhcp) -> list[dict[str, Any]]:
    """Return what each server is to have; nothing where nothing is declared."""
    declared = dhcp["settings"]
    if declared is None:
        return []
    content = {name: declared[name] for name in _SETTINGS if declared[name] is not None}  # type: ignore[literal-required]
    return [{"name": server["name"], **content} for server in dhcp["servers"]] if content else []


def _relation(dhcp: TownDhcp) -> list[dict[str, Any]]:
    declared = _failover(dhcp)
    return [{"switch_after": None, **declared}] if declared else []


def _failover(dhcp: TownDhcp) -> dict[str, Any]:
    relation = dhcp["failover"]
    if relation is None:
        return {}
    return {name: relation[name] for name in _RELATION if relation[name] is not None}  # type: ignore[literal-required]


def _waiting(scope: Scope) -> list[str]:
    """List the reserved addresses whose MAC is to confirm: they are nobody's orphans."""
    return [entry["address"] for entry in scope["reservations"] if entry["status"]]


def _scope(scope: Scope) -> dict[str, Any]:
    plain = {name: scope[name] for name in ("subnet", "name", "start", "end", "lease")}
    given = [entry for entry in scope["reservations"] if not entry["status"]]
    reservations = {entry["address"]: {"name": entry["name"], "mac": entry["mac"]} for entry in given}
    exclusions = [dict(span) for span in scope["exclusions"]]
    options = dict(scope["options"])
    return {**plain, "exclusions": exclusions, "active": True, "options": options, "reservations": reservations}
