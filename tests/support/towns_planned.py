"""A town examined as a run does it, without a system; and one of its sites planned."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from piste.engine.converge.normalise import declared
from piste.engine.converge.secrets import Vault
from piste.systems.kinds import of_domain
from piste.town.derived import INTENTS, compute
from piste.town.model import Site, Town
from piste.town.town import load_town
from tests.support.inprocess import MerakiWorld
from tests.support.town import Outcome, converge, secret_values, world_of

UNLINKED = "PISTE-M390"
"""The warning of a site without a link: a town may have more sites than its core has ports."""


def examined(inventory: Path) -> Town:
    """Load a town, and normalise the objects of every owner as the modules would.

    Raises AssertionError with the faults, warnings too; InvalidConfig where a vendor's table refuses an object.
    """
    town = load_town(inventory)
    faults = [fault for fault in town.faults if fault.rule != UNLINKED]
    assert not faults, "\n".join(map(str, faults))
    vault = Vault(secret_values(town))
    for owner, content in town.owners.items():
        for domain, intent in intents(town, content).items():
            for kind in of_domain(domain):
                if kind.declared and kind.part in intent:
                    declared(kind.table, intent[kind.part], vault, owner)
    return town


def intents(town: Town, owner: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Compute the intents of an owner, by domain."""
    return {domain: compute(domain, owner) for domain in INTENTS if domain != "network" or owner is not town.commune}


def planned(folder: Path, town: Town, site: str) -> tuple[MerakiWorld, Outcome]:
    """Plan the network of a site in an organization where nothing is made yet."""
    world = world_of(folder, town)
    return world, converge(world, dict(town.sites[site]), check=True)


def last_with_hardware(town: Town) -> Site:
    """Give the site with devices whose number is the highest: its block may be in an extension."""
    return max((site for site in town.sites.values() if site["devices"]), key=lambda site: site["number"])
