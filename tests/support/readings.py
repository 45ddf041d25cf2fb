"""Readings written to a folder as `playbooks/read_twin.yml` leaves them."""

from __future__ import annotations

import json
from pathlib import Path

from piste.trials.twin.readings import FILES, Readings


def write(folder: Path, readings: Readings) -> Path:
    """Write readings; return the folder."""
    documents = {path: {name: getattr(readings, name)} for name, (path, _) in FILES.items()}
    documents |= {f"network/{name}.yml": network for name, network in readings.networks.items()}
    documents["firewall/system.yml"] = {"system": []}
    documents["firewall/installations.yml"] = {
        "installations": [{"engine": "fw_cluster/fw-hdv", "policy": f"fw_policy/{readings.installed}"}]
    }
    for path, document in documents.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(json.dumps(document, ensure_ascii=False), "utf-8")
    (folder / "nexus").mkdir()
    for name, text in readings.nexus.items():
        (folder / "nexus" / f"{name}.txt").write_text(text, "utf-8")
    return folder
