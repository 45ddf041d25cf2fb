"""Sources of the portal: the declared town, and the last readings kept on this machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any

from piste.engine.converge.moments import ahead
from piste.engine.finding import Finding
from piste.exports.portal.filed import Filed
from piste.papers.dossier.verification_record import Verification, latest
from piste.papers.dossier.verification_record import future as verifications_ahead
from piste.readings.accounts import judgment as accounts
from piste.readings.belief import FAILED, Doubted, Last, value
from piste.readings.certificates import kept as certificates
from piste.readings.certificates.judgment import Judged as JudgedCertificate
from piste.readings.findings import findings, read_between
from piste.readings.history import Month, Trend, by_month, dated, trends
from piste.readings.links import kept as links
from piste.readings.protection import figures as protection
from piste.readings.protection.judgment import Judged as JudgedSet
from piste.readings.subject import Subject
from piste.readings.table import SUBJECTS
from piste.readings.tenant import kept as tenant
from piste.runs.plans import listed as plans
from piste.runs.plans.listed import Listed
from piste.runs.plans.saved import to_do
from piste.runs.plans.show import is_drift
from piste.runs.records.chain import journal_folder
from piste.runs.records.journal import future as future_runs
from piste.runs.records.journal import newest
from piste.runs.records.record import Record
from piste.sites import status
from piste.sites.conformity import Facts, facts, judge
from piste.sites.conformity import Judged as Clause
from piste.sites.consequences.shown import Shown, shown
from piste.sites.decisions import Decision, Difference, decisions, differing
from piste.sites.living import kept as living
from piste.sites.living.kept import Kept, Part, Problem, label
from piste.sites.month import kept as reports
from piste.sites.month.form import Report
from piste.sites.verified import folder
from piste.sobriety import history
from piste.sobriety.history import Reading
from piste.sobriety.report import folder_of_readings
from piste.town.model import Town
from piste.town.model.derived import Derived
from piste.town.model.freshness import ages
from piste.trials.restore.calendar import Row as Restore
from piste.trials.restore.calendar import calendar
from piste.trials.restore.signatures import Signature

RUNS = 100
"""Newest runs of the journal that the portal shows, readings left out."""
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
    trends: Mapping[str, Trend] = field(default_factory=dict)
    months: Mapping[str, Mapping[str, Month]] = field(default_factory=dict)
    """The last value of each figure in each month of the year, by figure and month."""
    read: tuple[datetime, datetime] | None = None
    """The moments of the oldest and of the newest reading that is believed."""
    runs: Sequence[Record] = ()
    certificates: Sequence[JudgedCertificate] = ()
    sets: Sequence[JudgedSet] = ()
    protection: Sequence[protection.Figure] = ()
    restores: Sequence[Restore] = ()
    accounts: Sequence[accounts.System] = ()
    tenant: Mapping[str, Last[Any]] = field(default_factory=dict)
    conformity: Mapping[str, Clause] = field(default_factory=lambda: judge(Facts()))
    """The clauses of every framework, judged."""
    decisions: Sequence[Decision] = ()
    differences: Sequence[Difference] = ()
    """The decisions that are not what was sealed."""
    reports: Sequence[tuple[Report, list[Signature]]] = ()
    """The reports that are kept, with their signatures."""
    sobriety: Reading | None = None
    living: Kept = field(default_factory=Kept)
    links: Sequence[links.Readings] = ()
    documents: Sequence[Filed] = ()
    plans: Sequence[Listed] = ()
    consequences: Mapping[str, Shown] = field(default_factory=dict)
    """What plans of this declaration do to people, by their ids."""
    unread: Mapping[str, str] = field(default_factory=dict)
    doubts: Mapping[str, str] = field(default_factory=dict)
    """The parts of what lives, and the certificates, that were read too long ago, or in the future, with the reason.

    They are not in `living`; the certificates are unread.
    """
    future: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The records of the future by subject, which nothing here believes."""

    @property
    def now(self) -> datetime:
        return datetime.fromisoformat(self.moment)

    @property
    def problems(self) -> Part[dict[str, list[Problem]]] | None:
        """Give the open problems, where they were read.

        Zabbix that shows no host has no problem to show either, as for an account without rights: they are unknown.
        """
        problems, hosts = self.living.get("problems"), self.living.get("hosts")
        return problems if problems and (problems["values"] or (hosts and hosts["values"])) else None

    def nothing(self, subject: str, words: str) -> str:
        """Give the words for a subject without anything; unread, it is unknown."""
        return "Inconnu : n’a pas pu être lu." if subject in self.unread else words

    def lifeless(self, part: str, words: str) -> str:
        """Give the words for an unknown part of what lives: the reason, else those given."""
        why = self.doubts.get(part)
        return f"Inconnu : {label(part)}, {why}." if why else self.nothing("living", words)


class _Reader:
    """Reads by subject: a failure is the reason of its subject, and stops no other."""

    def __init__(self) -> None:
        self.unread: dict[str, str] = {}

    def __call__[T](self, subject: str, reader: Callable[[], T], empty: T) -> T:
        try:
            return reader()
        except FAILED as error:
            said = (self.unread.get(subject), str(error) or type(error).__name__)
            self.unread[subject] = " ".join(filter(None, said))
            return empty


def known(
    town: Town,
    environment: str,
    moment: str,
    commit: str,
    clean: bool,
    documents: Sequence[Filed] = (),
    subjects: Sequence[Subject] = (*SUBJECTS.values(),),
) -> Known:
    """Gather what this machine knows of an environment, with the findings of subjects.

    No system is asked.
    """
    read, now = _Reader(), datetime.fromisoformat(moment)
    listed = town.commune["certificates"] if town.commune else None
    sets, figures = _protected(read, town, environment)
    restores = read("restores", lambda: calendar(town, environment), list[Restore]())
    months = read("links", lambda: [*links.known(environment).values()], list[Last[links.Readings]]())[-MONTHS:][::-1]
    scanned = read("certificates", lambda: certificates.last(environment, ages(town)), certificates.NOTHING)
    figured = read("sobriety", lambda: history.read_all(folder_of_readings(environment), environment), list[Reading]())
    life, doubts = living.believed(read("living", lambda: living.known(town, environment), {}))
    states = read("runs", lambda: status.sites(town, environment), list[status.SiteState]())
    said = findings(town, environment, subjects)
    said = read("findings", lambda: dated(environment, said), said)
    saved = read("plans", lambda: plans.listed(environment), list[Listed]())
    future = {
        "journal": read("journal", lambda: future_runs(journal_folder(), environment), list[str]()),
        "verifications": [
            f"{site}/{id_}" for site in town.sites for id_ in verifications_ahead(folder(environment), site)
        ],
        "sobriety": [made.day for made in figured if ahead(made.moment, now)],
    }
    if listed and (doubted := [last.why for last in scanned.known.values() if isinstance(last, Doubted)]):
        doubts["certificates"] = " ; ".join(dict.fromkeys(doubted))
    every = [*said, *status.findings(town, environment)]
    clauses = judge(facts(town, environment, every))
    return Known(
        town,
        environment,
        moment,
        commit,
        clean,
        states={state.site: state for state in states},
        verifications=_verified(read, town, environment),
        findings=every,
        trends=trends(environment),
        months=by_month(environment),
        read=read_between(town, environment),
        runs=read("journal", lambda: _runs(environment), []),
        certificates=read("certificates", lambda: certificates.judged(listed, scanned), []) if listed else [],
        sets=sets,
        protection=figures,
        restores=restores,
        tenant=read("tenant", lambda: tenant.last(town, environment), {}),
        conformity=clauses,
        decisions=read("decisions", lambda: decisions(town, environment, clauses), list[Decision]()),
        differences=read("sealed", lambda: differing(town, environment), list[Difference]()),
        reports=_reports(read, environment),
        accounts=read("accounts", lambda: accounts.judged(town, environment), list[accounts.System]()),
        sobriety=next((made for made in reversed(figured) if not ahead(made.moment, now)), None),
        links=[month for last in months if (month := read("links", partial(value, last), None))],
        living=life,
        documents=documents,
        plans=saved,
        consequences=consequences_of(saved, town, states),
        unread=read.unread,
        doubts=doubts,
        future=future,
    )


def _reports(read: _Reader, environment: str) -> list[tuple[Report, list[Signature]]]:
    """Read the reports that are kept with their signatures; what does not read hides no other."""
    named = read("reports", lambda: reports.names(environment), list[str]())
    made = [read("reports", partial(reports.read, environment, name), None) for name in named]
    every = [(each, read("reports", partial(reports.signed, environment, each), None)) for each in made if each]
    return [(report, signatures) for report, signatures in every if signatures is not None]


def consequences_of(saved: Sequence[Listed], town: Derived, states: Sequence[status.SiteState]) -> dict[str, Shown]:
    """Compute what plans do to people: those with something to do, on the declaration of today."""
    return {
        each.id: shown(each.plan, drifted=is_drift(each.plan), town=town, states=states)
        for each in saved
        if each.plan and each.plan["declaration"] == town.town_digest and to_do(each.plan)
    }


def _protected(read: _Reader, town: Town, environment: str) -> tuple[Sequence[JudgedSet], Sequence[protection.Figure]]:
    """Read the copies of the protected sets, and their figures."""
    if not town.commune or not town.commune["protection"]["sets"]:
        return [], []
    nothing: tuple[list[JudgedSet], list[protection.Source]] = ([], [])
    sets, sources = read("backups", lambda: protection.last(town, environment), nothing)
    return sets, [protection.figure(name, sets, sources) for name in ("F14", "RPO")] if sets else []


def _verified(read: _Reader, town: Town, environment: str) -> dict[str, Verification]:
    last = {site: read("verifications", partial(_verification, environment, site), None) for site in town.sites}
    return {site: record for site, record in last.items() if record}


def _runs(environment: str) -> list[Record]:
    every = islice(newest(journal_folder(), environment), status.RECORDS)
    return [*islice((record for record in every if not status.is_reading(record)), RUNS)]


def _verification(environment: str, site: str) -> Verification | None:
    """Return the last verification of a site.

    Raises `UnreadableRecord`, `ValueError` for that of another.
    """
    last = latest(folder(environment), site)
    if last and (last[0].site, last[0].environment) != (site, environment):
        raise ValueError(f"{last[1]} est la vérification de {last[0].site}, environnement {last[0].environment}")
    return last[0] if last else None
