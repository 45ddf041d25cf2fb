"""The documents in a bag: those of the town, of its sites and of sobriety, and those that are joined."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from piste.model import Town
from piste.sites.dossiers import establish, origin
from piste.sobriety import documents as of_sobriety
from piste.sobriety import kept, report

JOINED, EVIDENCE, SOBRIETY = "joints", "preuves", "sobriete"


@dataclass(frozen=True, slots=True)
class Documents:
    """What was put there: how many documents, the sites without a report, how many files were `joined`, and the day of
    the reading that those of sobriety tell of (ISO 8601; empty where none was taken).
    """

    made: int
    unverified: tuple[str, ...]
    joined: int
    reading: str


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
    joined = sum(1 for path in (folder / JOINED).rglob("*") if path.is_file())
    return Documents(made, tuple(unverified), joined, _sobriety(folder / SOBRIETY, town, environment))


def _sobriety(folder: Path, town: Town, environment: str) -> str:
    """Write what the last reading of an environment tells, and the evidence of what was applied; its day."""
    readings = kept.read_all(report.folder_of_readings(environment), environment)
    if not readings:
        return ""
    told = report.subject(town, readings[-1])
    of_sobriety.write(told, origin(town, environment), folder)
    for lever, applied in told.applied.items():
        if applied.evidence:
            shutil.copytree(applied.evidence, folder / EVIDENCE / lever)
    return readings[-1].day
