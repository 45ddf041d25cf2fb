"""Intent of an owner for routing: its interfaces on the core, and the town's routes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def routing_intent(owner: Mapping[str, Any]) -> dict[str, Any]:
    """Intent of a site or of the town: `{routed_interfaces, static_routes}`."""
    return {"routed_interfaces": [], "static_routes": []}
