"""From the declaration to what an inventory tells of each thing: its own words, then its model's, then its site's."""

from __future__ import annotations

from collections.abc import Mapping

from .schema import Dated, Lifecycle, Owned
from .site_premises import Item, ItemState

_STATES: Mapping[Lifecycle, ItemState] = {
    "planned": "awaited",
    "open": "in_service",
    "closing": "leaving",
    "closed": "stock",
}


def derive_item(owned: Owned, model: Dated | None, lifecycle: Lifecycle, where: str, *, here: bool = True) -> Item:
    """Derive the item: `where` is whom it serves unless it says so, `here` is false of what is still on its way."""
    return Item(
        assigned_to=owned.assigned_to or where,
        state=_STATES[lifecycle] if here else "awaited",
        warranty_until=owned.warranty_until or (model.warranty_until if model else None),
        end_of_life=owned.end_of_life or (model.end_of_life if model else None),
        status=owned.status,
    )
