"""Sources of the portal: the declared town, and the last readings kept on this machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from piste.certificates import kept as certificates
from piste.certificates.judgment import Judged as JudgedCertificate
from piste.converge.errors import PisteError
from piste.converge.reading import FAULTS
from piste.dossier.verification_record import Verification, latest
from piste.finding import Finding
from piste.links import kept as links
from piste.model import Town
from piste.plans import listed as plans
from piste.plans.listed import Listed
from piste.portal.filed import Filed
from piste.protection import figures as protection
from piste.protection.judgment import Judged as JudgedSet
from piste.records.chain import journal_folder
from piste.records.journal import newest
from piste.records.record import Record
from piste.restore.calendar import Row as Restore
from piste.restore.calendar import calendar
from piste.restore.calendar import findings as restore_findings
from piste.sites import status
from piste.sites.living import kept as living
from piste.sites.living.kept import Kept
from piste.sites.verification import folder
from piste.sobriety import history
from piste.sobriety.history import Reading
from piste.sobriety.report import folder_of_readings

RUNS = 100
"""Newest runs of the journal that the portal shows."""
MONTHS = 3
"""Newest months of the links that the portal shows."""


@dataclass(frozen=True, slots=True)
class Known:
    """The town and its last readings; `unread` gives the reason of a subject that was not read."""

    town: Town
    environment: str
    moment: str
    commit: str
    clean: bool
    states: Mapping[str, status.SiteState] = field(default_factory=dict)
    verifications: Mapping[str, Verification] = field(default_factory=dict)
    findings: Sequence[Finding] = ()
    runs: Sequence[Record] = ()
    certificates: Sequence[JudgedCertificate] = ()
    sets: Sequence[JudgedSet] = ()
    protection: Sequence[protection.Figure] = ()
    restores: Sequence[Restore] = ()
    sobriety: Reading | None = None
    living: Kept = field(default_factory=Kept)
    links: Sequence[links.Readings] = ()
    documents: Sequence[Filed] = ()
    plans: Sequence[Listed] = ()
    unread: Mapping[str, str] = field(default_factory=dict)

    def nothing(self, subject: str, words: str) -> str:
        """Give the words for a subject without anything; unread, it is unknown."""
        return "Inconnu : n’a pas pu être lu." if subject in self.unread else words


def known(
    town: Town, environment: str, moment: str, commit: str, clean: bool, documents: Sequence[Filed] = ()
) -> Known:
    """Gather what this machine knows of an environment; no system is asked."""
    unread: dict[str, str] = {}

    def read[T](subject: str, reader: Callable[[], T], empty: T) -> T:
        try:
            return reader()
        except (PisteError, OSError, *FAULTS) as error:
            unread[subject] = " ".join(filter(None, (unread.get(subject), str(error) or type(error).__name__)))
            return empty

    def verified(site: str) -> Verification | None:
        return read("verifications", lambda: _verification(environment, site), None)

    def linked(month: str) -> links.Readings | None:
        return read("links", lambda: links.last(environment, month), None)

    commune = town.commune
    guarded = commune["protection"] if commune else None
    sets: tuple[list[JudgedSet], list[Any]] = ([], [])
    if guarded and guarded["sets"]:
        sets = read("backups", lambda: protection.last(guarded, environment), sets)
    figures: list[protection.Figure] = []
    if sets[0]:
        figures = [protection.figure(name, *sets) for name in ("F14", "RPO")]
    listed = commune["certificates"] if commune else None
    restores: list[Restore] = []
    restores = read("restores", lambda: calendar(town, environment), restores)
    demanded = commune is not None and bool(commune["restore_tests"])
    waiting = [*restore_findings(town, environment)] if demanded and "restores" not in unread else []
    months: list[str] = []
    months = read("links", lambda: links.months(environment)[-MONTHS:][::-1], months)
    return Known(
        town,
        environment,
        moment,
        commit,
        clean,
        states=read("runs", lambda: {state.site: state for state in status.sites(town, environment)}, {}),
        verifications={name: record for name in town.sites if (record := verified(name))},
        findings=[*status.findings(town, environment), *waiting],
        runs=read("journal", lambda: [*islice(newest(journal_folder(), environment), RUNS)], []),
        certificates=read("certificates", lambda: certificates.judged(listed, certificates.last(environment)), [])
        if listed
        else [],
        sets=sets[0],
        protection=figures,
        restores=restores,
        sobriety=read("sobriety", lambda: _sobriety(environment), None),
        links=[kept for month in months if (kept := linked(month))],
        living=read("living", lambda: living.last(environment), Kept()),
        documents=documents,
        plans=read("plans", lambda: plans.listed(environment), []),
        unread=unread,
    )


def _verification(environment: str, site: str) -> Verification | None:
    """Return the last verification of a site.

    Raises `UnreadableRecord`, `ValueError` for that of another.
    """
    last = latest(folder(environment), site)
    if last and (last[0].site, last[0].environment) != (site, environment):
        raise ValueError(f"{last[1]} est la vérification de {last[0].site}, environnement {last[0].environment}")
    return last[0] if last else None


def _sobriety(environment: str) -> Reading | None:
    readings = history.read_all(folder_of_readings(environment), environment)
    return readings[-1] if readings else None
