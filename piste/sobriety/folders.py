"""The folder of the figures and applications of an environment."""

from __future__ import annotations

import os
from pathlib import Path

from piste.engine.repository import LAB, ROOT


def folder(environment: str) -> Path:
    """Locate the figures and applications of an environment: lab state, or inventory."""
    if environment == LAB:
        return Path(os.environ.get("PISTE_LAB_DIR") or ROOT / ".lab") / "sobriety"
    return ROOT / "inventories" / environment / "sobriety"
