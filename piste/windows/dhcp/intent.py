"""Intent of the DHCP servers: the `config` of each module, from a derived owner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from piste.model.dhcp.derived import Scope, TownDhcp
    from piste.model.site import Commune, Site

_RELATION = ("name", "partner", "mode", "share", "client_lead", "switch_after", "shared_secret")


def addressing_intent(owner: Site | Commune) -> dict[str, Any]:
    """Return `{server, failover, within, scopes}` of a derived owner.

    `server` is empty where the town has none. Scopes are on the first server alone: without a relation, two servers
    would lend the same addresses.
    """
    dhcp = owner["dhcp"]
    scopes = [_scope(scope) for scope in owner["scopes"]] if "scopes" in owner else []
    within = [owner["block"]] if "block" in owner else []
    server = dhcp["servers"][0]["name"] if dhcp["servers"] else ""
    return {"server": server, "failover": _failover(dhcp), "within": within, "scopes": scopes if server else []}


def _failover(dhcp: TownDhcp) -> dict[str, Any]:
    relation = dhcp["failover"]
    if relation is None:
        return {}
    return {name: relation[name] for name in _RELATION if relation[name] is not None}  # type: ignore[literal-required]


def _scope(scope: Scope) -> dict[str, Any]:
    plain = {name: scope[name] for name in ("subnet", "name", "start", "end", "lease")}
    reservations = {r["address"]: {"name": r["name"], "mac": r["mac"]} for r in scope["reservations"]}
    exclusions = [dict(span) for span in scope["exclusions"]]
    options = dict(scope["options"])
    return {**plain, "exclusions": exclusions, "active": True, "options": options, "reservations": reservations}
