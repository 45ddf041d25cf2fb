"""GUIDs derived from their object: writing the same thing again gives the same bytes."""

from __future__ import annotations

import uuid

_NAMESPACE = uuid.UUID("5f0f7b0e-8a53-5b2c-9f0f-6a1f6f2c8d11")


def derived(*seed: str) -> str:
    """GUID of a seed, in braces and upper case (RFC 4122, version 5)."""
    return f"{{{str(uuid.uuid5(_NAMESPACE, '/'.join(seed))).upper()}}}"
