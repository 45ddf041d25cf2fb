"""The documents in a bag: those that Piste makes of the town and of each site, and those that somebody joins."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from piste.model import Town
from piste.runs.dossier import establish

JOINED, EVIDENCE = "joints", "preuves"


@dataclass(frozen=True, slots=True)
class Documents:
    """What was put there: how many documents, the sites without a report, how many files were `joined`."""

    made: int
    unverified: tuple[str, ...]
    joined: int


def put(folder: Path, town: Town, environment: str, source: Path | None) -> Documents:
    """Write the documents of the town and of its sites in service, and copy those of `source` beside.

    The evidence of a report is in its PDF; it also lies beside it as files, which anybody can look through.
    """
    made, unverified = 0, []
    for about, _, document in establish(town, ["all"], environment, folder):
        if document is None:
            unverified.append(about.id)
            continue
        made += 1
        for path in document.evidence:
            (folder / about.id / EVIDENCE).mkdir(exist_ok=True)
            shutil.copy(path, folder / about.id / EVIDENCE / path.name)
    if source is not None:
        shutil.copytree(source, folder / JOINED)
    return Documents(made, tuple(unverified), sum(1 for path in (folder / JOINED).rglob("*") if path.is_file()))
