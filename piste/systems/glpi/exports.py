"""The whole export of GLPI: two files for each type, their counts reconciled.

Source of the need: CCTP 6.2.

Persons and contents stay out unless asked for. The official transfer of GLPI remains its SQL dump and its `files`
folder: this export is read without GLPI.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from piste.engine import cells
from piste.engine.converge.errors import Fault, InvalidConfig, Rejected
from piste.engine.converge.module import Module
from piste.engine.converge.resource import Field
from piste.systems.glpi.client import Document, Glpi
from piste.systems.glpi.connection import GLPI
from piste.systems.glpi.items import PARTS

COUNTS = "comptes.csv"
MANIFEST = ("itemtype", "announced", "read", "written", "state")


def export(glpi: Glpi, folder: Path, *, persons: bool, check: bool = False) -> list[dict[str, Any]]:
    """Read and write each type; return its counts, with the reason where it is not read."""
    counts = []
    for itemtype in sorted(PARTS):
        line: dict[str, Any] = {"itemtype": itemtype, "announced": None, "read": None, "written": 0, "state": "ok"}
        if not glpi.serves(itemtype):
            counts.append({**line, "state": f"not in version {glpi.version}"})
            continue
        try:
            items = glpi.whole(itemtype, persons=persons)
        except Rejected as error:
            counts.append({**line, "state": f"refused ({error.status})"})
            continue
        line |= {"announced": glpi.announced(itemtype), "read": len(items)}
        if not check:
            line["written"] = _write(folder, itemtype, items)
        counts.append(line)
    if not check:
        cells.write(folder / COUNTS, MANIFEST, counts)
    return counts


def _write(folder: Path, itemtype: str, items: list[Document]) -> int:
    """Write a type twice, for its owner alone; count what the file of JSON has."""
    path, table = folder / f"{itemtype}.json", folder / f"{itemtype}.csv"
    for place in (path, table):
        place.touch(0o600)
        place.chmod(0o600)
    with path.open("w", encoding="utf-8") as stream:
        json.dump(items, stream, ensure_ascii=False, indent=1, sort_keys=True)
    columns = sorted({name for item in items for name in item}, key=lambda name: (name != "id", name))
    cells.write(table, columns, items)
    return len(json.loads(path.read_text("utf-8")))


def _agrees(line: Mapping[str, Any]) -> bool:
    """True where a type was not read, or is written as it was read and announced."""
    return line["read"] is None or line["announced"] == line["read"] == line["written"]


def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    folder = Path(params["folder"])
    if not folder.is_absolute():
        raise InvalidConfig([Fault("folder", "il faut un chemin absolu")])
    if not check:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    glpi = Glpi(params["glpi"])
    try:
        counts = export(glpi, folder, persons=params["persons"], check=check)
    finally:
        glpi.close()
    short = [line["itemtype"] for line in counts if not check and not _agrees(line)]
    lacking = [f"{line['itemtype']} : {line['state']}" for line in counts if line["state"] != "ok"]
    return {
        "changed": not check,
        "counts": counts,
        "reconciled": not short,
        "warnings": lacking,
        "calls": dict(glpi.calls),
    }


MODULES: Mapping[str, Module] = {
    "glpi_export": Module(
        name="glpi_export",
        options=(
            GLPI,
            Field("folder", "Folder of the files, an absolute path.", required=True),
            Field("persons", "Include names of persons and contents of tickets.", type="bool", default=False),
        ),
        run=_run,
    )
}
