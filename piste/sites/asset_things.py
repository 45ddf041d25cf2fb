"""The assets that people look for: what no other part of the declaration makes a thing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from piste.model.assets.tables import FOLDER
from piste.sites.thing import Thing

if TYPE_CHECKING:
    from piste.model.assets.derived import Asset
    from piste.model.site import Commune, Site

_ALONE = ("firewall", "core_switch", "cluster")
"""Classes that are derived, and that no other thing shows."""
_KINDS = {"server": "hardware"}
"""The kind of a thing, where that of an asset means something else (`server` is a reserved address)."""


def asset_things(owner: Site | Commune) -> Iterator[Thing]:
    """List the assets of tables, then the appliances of the firewall, the Nexus, the cluster."""
    for asset in owner["assets"]:
        if f"/{FOLDER}/" in asset["source"] or asset["kind"] in _ALONE:
            words = tuple(word for word in (asset["serial"], asset["mac"]) if word)
            kind = _KINDS.get(asset["kind"], asset["kind"])
            yield Thing(kind, asset["name"], owner["id"], words, asset_facts(asset), source=asset["source"])


def asset_facts(asset: Asset) -> dict[str, Any]:
    shown = (
        "maker", "model", "serial", "mac", "address", "place", "assigned_to", "state", "warranty_until", "end_of_life",
        "contract",
    )  # fmt: skip
    return {name: asset[name] for name in shown}  # type: ignore[literal-required]
