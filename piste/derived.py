"""What the declaration derives for one owner, as the tasks of a run read it once ``piste_site`` has run."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from piste.converge.errors import Missing
from piste.transport.shared import Shared, run_folder

INTENTS: Mapping[str, tuple[str, str]] = {
    "network": ("piste.meraki.intent", "meraki_intent"),
    "directory": ("piste.windows.intent", "ad_intent"),
    "access": ("piste.windows.nps.intent", "nps_intent"),
    "printing": ("piste.windows.intent", "printing_intent"),
    "firewall": ("piste.forcepoint.intent", "smc_intent"),
    "hosting": ("piste.nutanix.intent", "prism_intent"),
}
"""The function that turns a derived owner into what a domain is to hold for it, by domain."""


def shared() -> Shared:
    """The part of the run's folder where ``piste_site`` puts the derived owners."""
    return Shared(run_folder(), "declaration")


def keep(owner: str, content: Mapping[str, Any]) -> None:
    """Give the tasks of the run what is derived for an owner."""
    shared().put(f"site-{owner}", content)
    shared().update("owners", lambda known: list(dict.fromkeys([*(known or ()), owner])))


def owners() -> dict[str, Mapping[str, Any]]:
    """All that is derived in this run, by owner: the town first, then every site, whatever its state."""
    return {name: derived(name) for name in shared().get("owners") or ()}


def derived(owner: str) -> Mapping[str, Any]:
    """The derived site, or the derived town. Raises Missing where ``piste_site`` has not run for this declaration."""
    found: Mapping[str, Any] | None = shared().get(f"site-{owner}")
    if found is None:
        raise Missing(
            f"rien n'est encore déduit de la déclaration pour « {owner} » dans cette exécution",
            why="Une tâche « piste_site » doit passer avant celles des domaines.",
            todo="Commencez par le rôle « declaration », ou vérifiez le nom dans inventories/town/hosts.yml.",
        )
    return found


def intent(domain: str, owner: str, **environment: Any) -> Mapping[str, Any]:
    """What a domain is to hold for an owner; ``environment`` is what the declaration does not say (``probe``,
    ``previous``). Raises Missing where ``piste_site`` has not run."""
    return compute(domain, derived(owner), **environment)


def compute(domain: str, owner: Mapping[str, Any], **environment: Any) -> Mapping[str, Any]:
    """What a domain is to hold for a derived owner. Imports the vendor of that domain alone."""
    place, name = INTENTS[domain]
    found: Mapping[str, Any] = getattr(import_module(place), name)(owner, **environment)
    return found
