"""The declared town with a few sites open: enough for what does not depend on their number."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from tests.support.playbooks import REPOSITORY

OPEN = ("hotel-de-ville", "ecole-jaures", "mediatheque")


def small_town(folder: Path) -> Path:
    """Copy the declaration to a folder, every site but three planned; return its inventory."""
    shutil.copytree(REPOSITORY / "group_vars", folder / "group_vars")
    shutil.copytree(REPOSITORY / "inventories/town", folder / "inventories/town", symlinks=True)
    for path in (folder / "inventories/town/host_vars").glob("*.yml"):
        if path.stem not in OPEN:
            path.write_text(re.sub(r"lifecycle: open", "lifecycle: planned", path.read_text("utf-8")), "utf-8")
    return folder / "inventories/town"
