"""The declared town with a few sites open: enough for what does not depend on their number."""

from __future__ import annotations

from pathlib import Path

from tests.support.checkouts import few, open_alone

OPEN = ("hotel-de-ville", "ecole-jaures", "mediatheque")


def small_town(folder: Path) -> Path:
    """Copy the declaration to a folder, three sites open; return its inventory."""
    open_alone(few(folder), OPEN)
    return folder / "inventories/town"
