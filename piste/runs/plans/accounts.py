"""Accounts in a plan: the playbooks that write them, what gives them back, what is lost.

An account is none of the kinds that Piste converges: its modules make accounts sign in, or no more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from piste.engine.kind import ACCOUNT

WITHDRAW, ARRIVE = "playbooks/withdraw.yml", "playbooks/arrive.yml"
SYSTEMS = ("meraki", "smc", "prism", "ad", "zabbix", "glpi")
"""The systems with a module of administrators of their own; any other name is that of a Windows server."""
_AGAIN = {
    "meraki": "le Dashboard l’invite de nouveau (droits : {roles}) ; la personne répond au courriel, choisit un mot de "
    "passe et un second facteur ; sa clé d’API est perdue",
}
Described = Mapping[str, Any]


def is_account(described: Described) -> bool:
    return bool(described["kind"] == ACCOUNT)


def stands_alone(plan: Mapping[str, Any]) -> bool:
    """Tell whether what a system does not say holds nothing back elsewhere: a leaver leaves."""
    return bool(plan["playbook"] == WITHDRAW)


def config(operations: Sequence[Described], end: str) -> dict[str, list[dict[str, Any]]]:
    """Give the accounts as they are at an `end` of operations, *before* or *after*, by module."""
    made: dict[tuple[str, str, str], dict[str, Any]] = {}
    for described in reversed(operations) if end == "before" else operations:
        content = described["content"]
        wanted, shown = content[end] or {}, content["before"] or content["after"]
        entry = {"name": shown["name"], "signs_in": bool(wanted.get("signs_in"))}
        entry |= {name: shown[name] for name in ("roles", "grants") if name in shown}
        made[described["system"], shown["name"], str(shown.get("grants"))] = entry
    modules: dict[str, list[dict[str, Any]]] = {}
    for (system, *_), entry in made.items():
        own = system in SYSTEMS
        placed = entry if own else {**entry, "server": system}
        modules.setdefault(f"{system}_administrators" if own else "win_administrators", []).append(placed)
    return modules


def lost(operations: Sequence[Described]) -> Iterator[str]:
    """Say what an undo does not give back with an account."""
    for described in operations:
        if described["action"] == "delete" and described["system"] in _AGAIN:
            said = _AGAIN[described["system"]].format(roles=", ".join(described["content"]["before"]["roles"]))
            yield f"{described['system']} / {described['label']} : {said}"
