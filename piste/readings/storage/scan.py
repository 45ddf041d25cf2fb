"""The module that scans the targeted shares, a share after the other."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from piste.engine import cells
from piste.engine.converge.errors import Missing, PisteError, Unreachable
from piste.engine.converge.module import Module
from piste.engine.converge.resource import Field
from piste.readings.storage.index import Index
from piste.readings.storage.reading import COLUMNS, ShareReading, candidates, moment, reading, scope_of, silent
from piste.readings.storage.walk import Pace, walk
from piste.systems.windows.share_option import SMB, opened
from piste.town.model.storage import TargetedShare, TownStorage

MIB = 1 << 20


def scanned(
    share: TargetedShare,
    rules: TownStorage,
    option: Mapping[str, Any],
    folder: Path,
    lists: Path | None,
    seconds: float,
) -> ShareReading:
    """Scan a share, or go on with its scan; what stops it leaves the index to the next run."""
    limits = rules["limits"]
    pace = Pace(limits["listings_per_second"], limits["mib_per_second"] * MIB, seconds)
    index = Index(folder / f"{share['name']}.index", scope_of(share, rules), moment())
    ended = stopped = False
    try:
        tree = opened(share["server"], share["share"], share["address"], option)
        try:
            ended = walk(tree, share, rules, index, pace, time.time())
            stopped = not ended
        finally:
            tree.close()
        made = reading(share, rules, index, pace.read, "" if ended else "temps écoulé : la prochaine exécution reprend")
        if ended and lists is not None:
            _write(lists / f"{share['name']}.csv", index)
    except Unreachable as error:
        why = " : ".join(part for part in (error.where, error.what, error.why) if part)
        made = silent(share, rules, f"{why} : la prochaine exécution reprend" if index.folders() else why)
    finally:
        # Where nothing was listed there is nothing to go on with; what never had its turn keeps when it was begun.
        index.close(ended=ended or not (stopped or index.folders()))
    return made


def _write(path: Path, index: Index) -> None:
    """Write the list of an owner, whole, for the account of the run alone."""
    draft = path.with_name(f".{path.name}")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_NOFOLLOW, 0o600))
    cells.write(draft, COLUMNS, candidates(index))
    draft.replace(path)


def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    rules: TownStorage = params["declared"]
    names, known = params.get("names"), {share["name"]: share for share in rules["shares"]}
    if unknown := [name for name in names or () if name not in known]:
        raise Missing(
            "ce partage n’est pas visé par la déclaration",
            where=", ".join(unknown),
            todo=f"Partages visés : {', '.join(known)} (storage.shares).",
        )
    end = time.monotonic() + 60 * rules["limits"]["minutes"]
    lists = Path(params["lists"]) if params.get("lists") else None
    readings, faults = [], []
    for name, share in known.items():
        if names is None or name in names:
            seconds = max(0.0, end - time.monotonic())
            try:
                made = scanned(share, rules, params["smb"], Path(params["index"]), lists, seconds)
            except PisteError as error:
                faults.append(error.sentence())
                made = silent(share, rules, error.what)
            readings.append(made)
    return {
        "changed": False,
        "readings": readings,
        "warnings": faults,
        "calls": {"reads": sum(made["folders"] for made in readings), "writes": 0},
    }


MODULES: Mapping[str, Module] = {
    "storage_scan": Module(
        name="storage_scan",
        options=(
            Field(
                "declared",
                "Targeted shares and their rules, as C(piste_site) gives them (C(storage)).",
                type="dict",
                required=True,
            ),
            SMB,
            Field("names", "Names of the targeted shares to scan; all of them where it is absent.", type="list"),
            Field(
                "index",
                "Private folder of the scans that have not ended; a run goes on with them.",
                type="path",
                required=True,
            ),
            Field(
                "lists",
                "Folder for a list of files by share, cold or duplicate, with their names; none where it is absent.",
                type="path",
            ),
        ),
        run=_run,
    ),
}
