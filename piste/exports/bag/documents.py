"""The documents of a bag: town, sites, life, runbooks, sobriety, reports, those joined."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from piste.engine.cells import write as write_table
from piste.exports.runbooks.incident_document import PAPERS as KINDS
from piste.exports.runbooks.sources import gathered
from piste.papers.dossier.document import make
from piste.papers.dossier.forms import distinct, write
from piste.sites.audit import kept as audits
from piste.sites.audit.document import write as write_audit
from piste.sites.dossiers import establish, origin
from piste.sites.life.filing import PAPERS, file_papers
from piste.sites.month import kept
from piste.sites.month.document import kind_of, paper
from piste.sites.transfer import kept as transfer
from piste.sites.transfer.document import write as write_transfer
from piste.sites.transfer.form import papers as transfer_papers
from piste.sites.transfer.index import COLUMNS, index
from piste.sobriety import documents as of_sobriety
from piste.sobriety import history, report
from piste.town.model import Town

JOINED, EVIDENCE, SOBRIETY, LIFE, RUNBOOKS, MONTHS = "joints", "preuves", "sobriete", "vie", "plans", "mois"
AUDITS, TRANSFER = "audits", "transfert"


@dataclass(frozen=True, slots=True)
class Documents:
    """The documents of a bag: sites without a report, and how many there are of each kind.

    `reading` is the day of that of sobriety (ISO 8601; empty where there is none); `blanks` are the documents of the
    town that lack values, with how many.
    """

    made: int
    unverified: tuple[str, ...]
    joined: int
    reading: str
    months: int = 0
    audits: int = 0
    transfers: int = 0
    blanks: tuple[str, ...] = ()


def put(folder: Path, town: Town, environment: str, source: Path | None) -> Documents:
    """Write the documents of the town, its sites in service, its assets; copy `source`.

    The evidence of a report is in its PDF, and also in files beside it, for anybody to read.
    """
    made, unverified, blanks = 0, [], []
    for about, _, document in establish(town, ["all"], environment, folder):
        if document is None:
            unverified.append(about.id)
            continue
        made += 1
        if about.id == "commune" and (missing := len(document.gaps.missing)):
            blanks.append(f"{document.kind} ({missing} sur {document.gaps.mandatory})")
        for name, path in distinct(document.evidence).items():
            (folder / about.id / EVIDENCE).mkdir(exist_ok=True)
            shutil.copy(path, folder / about.id / EVIDENCE / name)
    for papers in PAPERS:
        for _ in file_papers(town, papers, (), environment, folder / LIFE):
            pass
    made += sum(1 for _ in (folder / LIFE).rglob("*.pdf"))
    for kind in KINDS:
        write(make(kind, gathered(town, environment), origin(town, environment)), folder / RUNBOOKS)
        made += 1
    if source is not None:
        shutil.copytree(source, folder / JOINED)
    joined = sum(1 for path in (folder / JOINED).rglob("*") if path.is_file())
    months = _months(folder / MONTHS, town, environment)
    concluded = _audits(folder / AUDITS, town, environment)
    transfers = _transfers(folder / TRANSFER, town, environment)
    reading = _sobriety(folder / SOBRIETY, town, environment)
    made += months + concluded + transfers
    return Documents(made, tuple(unverified), joined, reading, months, concluded, transfers, tuple(blanks))


def _months(folder: Path, town: Town, environment: str) -> int:
    """Write the kept reports of periods, their seals and signatures; count them."""
    names = kept.names(environment)
    for name in names:
        if report := kept.read(environment, name):
            subject = paper(report, kept.signed(environment, report))
            write(make(kind_of(report), subject, origin(town, environment)), folder / name)
            shutil.copytree(kept.place(environment, name), folder / name / EVIDENCE)
    return len(names)


def _audits(folder: Path, town: Town, environment: str) -> int:
    """Write the kept audits, their seals and signatures; count them."""
    names = audits.names(environment)
    for name in names:
        if audit := audits.read(environment, name):
            write_audit(audit, town, environment, folder / name)
            shutil.copytree(audits.place(audit), folder / name / EVIDENCE)
    return len(names)


def _transfers(folder: Path, town: Town, environment: str) -> int:
    """Write the kept papers of the transfer, seals, signatures, and their index; count them."""
    count = 0
    for name in transfer_papers():
        for made in transfer.every(environment, name):
            place = folder / name / made.paper.day
            write_transfer(made, town, environment, place)
            shutil.copytree(transfer.place(made.paper), place / EVIDENCE)
            count += 1
    write_table(folder / "index-des-pv.csv", COLUMNS, index(town, environment))
    return count


def _sobriety(folder: Path, town: Town, environment: str) -> str:
    """Write the documents of the last reading, the evidence of applications; give its day."""
    readings = history.read_all(report.folder_of_readings(environment), environment)
    if not readings:
        return ""
    sources = report.subject(town, readings[-1])
    of_sobriety.write(sources, origin(town, environment), folder)
    for lever, applied in sources.applied.items():
        if applied.evidence:
            shutil.copytree(applied.evidence, folder / EVIDENCE / lever)
    return readings[-1].day
