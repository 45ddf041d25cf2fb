"""The reports that are kept, sealed and signed, and what they prove.

A report is kept once its period is over, in a folder of its own: `result.json` sealed, then the signatures. Signed, it
is never made again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

from piste.engine.clock import DAY, in_town
from piste.engine.converge.moments import zoned
from piste.engine.finding import Finding, State
from piste.papers.dossier.notation import month as month_words
from piste.readings import file
from piste.readings.belief import Reading, Tried
from piste.readings.links.period import MONTH, month_before
from piste.readings.table import DIRECTION, SUBJECTS
from piste.sites import sealed
from piste.sites.month.form import Report, Row
from piste.sites.month.lines import amount
from piste.sites.month.period import is_period, period
from piste.sites.sealed import UnreadableReport
from piste.town.model.dates import today
from piste.town.model.derived import Derived
from piste.trials.restore.results import RESULT
from piste.trials.restore.signatures import PARTIES, Signature, signatures

SUBJECT = SUBJECTS["months"]


REMADE = timedelta(days=92)
"""Time after the end of its period for which an unsigned report is made again: later, the history forgets."""


def folder(environment: str) -> Path:
    """Locate the reports of an environment, beside its readings."""
    return file.place(environment).parent / "months"


def place(environment: str, name: str) -> Path:
    """Locate the report of a period. Raises `Misused`."""
    return folder(environment) / period(name).name


def read(environment: str, name: str) -> Report | None:
    """Read the kept report of a period; None where there is none. Raises `UnreadableReport`."""
    made = sealed.read(place(environment, name), Report)
    if made and (made.period, made.environment) != (name, environment):
        where = str(place(environment, name) / RESULT)
        raise UnreadableReport("ce rapport est celui d’une autre période", where=where, why=made.period)
    return made


def signed(environment: str, report: Report) -> list[Signature]:
    """List the signatures of a kept report. Raises `UnreadableResult`."""
    return signatures(place(environment, report.period), report) if report.hash else []


def papers(environment: str, report: Report) -> dict[str, Path]:
    """Give the signed PDF of each party that signed on paper. Raises `UnreadableResult`."""
    made = (signature for signature in signed(environment, report) if not signature.key)
    folder = place(environment, report.period)
    return {Path(signature.file).stem: folder / Path(signature.file).name for signature in made}


def known(environment: str, name: str) -> tuple[Report, bool] | None:
    """Give the kept report of a period, and whether it is signed.

    Raises `UnreadableReport`, `UnreadableResult`.
    """
    report = read(environment, name)
    return (report, bool(signed(environment, report))) if report else None


def keep(report: Report) -> Report:
    """Seal and keep a report whose period is over, unless the kept is signed; give the kept."""
    kept = read(report.environment, report.period)
    if kept and signed(report.environment, kept):
        return kept
    return sealed.keep(place(report.environment, report.period), report)


def names(environment: str) -> list[str]:
    """Name the periods whose report is kept, months first, oldest first; other folders are none."""
    every = (path.parent.name for path in folder(environment).glob(f"*/{RESULT}"))
    return sorted(filter(is_period, every), key=lambda name: (not MONTH.fullmatch(name), name))


def last(environment: str) -> Mapping[str, Tried[Report]]:
    """Give every kept report by its period. Raises `UnreadableReport`."""
    made = {name: report for name in names(environment) if (report := read(environment, name))}
    return {name: Reading(report, zoned(report.made)) for name, report in made.items()}


def findings(town: Derived, environment: str) -> Iterator[Finding]:
    """Say whether the report of the month is made, signed, validated, and what it measures.

    A report is due until the end of the next month: the tender gives no day. A lab that keeps none says nothing.
    """
    monthly = [name for name in names(environment) if MONTH.fullmatch(name)]
    reports = {name: made for name in monthly if (made := read(environment, name))}
    newest, owed = month_before(today()), month_before(period(month_before(today())).first)
    again = f"piste month {newest}"
    if not reports:
        if environment != "lab":
            yield Finding(f"{SUBJECT.name}.report", "unknown", "rapport du mois : aucun n’est gardé", again)
        return
    day = today().isoformat()
    sat = [each for each in (town.commune["committees"] if town.commune else ()) if each["date"] <= day]
    latest = {"report": max(reports), "signed": "", "committee": ""}
    for name, report in reports.items():
        if {signature.party for signature in signed(environment, report)} == {*PARTIES}:
            latest["signed"] = max(name, latest["signed"])
        if any(name in committee["reports"] for committee in sat):
            latest["committee"] = max(name, latest["committee"])
    for id_, (what, todo, who) in _ASKED.items():
        name = latest[id_]
        said = f"{what} : {month_words(name)}" if name else f"{what} : aucun"
        if name >= owed:
            yield Finding(f"{SUBJECT.name}.{id_}", "ok", said, who=who)
        else:
            lacking = f"{said}, celui de {month_words(owed)} manque"
            yield Finding(f"{SUBJECT.name}.{id_}", "wrong", lacking, todo.format(month=owed), who=who)
    yield from _measured(reports[max(reports)], old="" if max(reports) >= owed else again)


_ASKED: Mapping[str, tuple[str, str, str]] = {
    "report": ("dernier rapport établi", "piste month {month}", ""),
    "signed": ("dernier rapport signé par les deux", "piste month {month} --to DOSSIER, puis --receive", DIRECTION),
    "committee": (
        "dernier rapport validé en comité", "Inscrivez le comité dans group_vars/all/committees.yml.", DIRECTION,
    ),
}  # fmt: skip
_SUPPORT = ("desk.opened", "desk.solved", "desk.first_answer_hours_median", "desk.resolution_hours_median")


def _measured(report: Report, old: str) -> Iterator[Finding]:
    """Judge support, availability and bonus-malus by a report; an `old` report is not now."""
    at = f"rapport de {month_words(report.period)}, fait le {in_town(report.made, DAY)}"
    if old:
        for name, said in (("support", "centre de services"), ("available", _SITES), ("bonus", "bonus-malus")):
            what = f"{said} : le dernier rapport est trop ancien"
            yield Finding(f"{SUBJECT.name}.{name}", "unknown", what, old, evidence=at)
        return
    lacking = [made for made in report.lines if made.id in _SUPPORT and not made.is_known]
    what = lacking[0].why if lacking else "volumes et délais mesurés"
    yield Finding(
        f"{SUBJECT.name}.support", "unknown" if lacking else "ok", f"centre de services : {what}",
        "piste read desk, puis refaites le rapport" if lacking else "", evidence=at,
    )  # fmt: skip
    bonus = report.lists["bonus"].rows
    yield _available(report, next((row for row in bonus if row["line"] == _LEVEL and not row["year_before"]), None), at)
    unknown = [row for row in bonus if row["verdict"] == "unknown"]
    said = f"{unknown[0]['label']} : {unknown[0]['why'] or 'inconnu'}" if unknown else f"{len(bonus)} jugés"
    said = said if bonus else "aucun indicateur n’est déclaré (group_vars/all/bonus_malus.yml)"
    state: State = "ok" if bonus and not unknown else "unknown"
    todo = "" if state == "ok" else "Voyez le rapport du mois : il dit ce qui manque."
    yield Finding(f"{SUBJECT.name}.bonus", state, f"bonus-malus : {said}", todo, evidence=at, who=DIRECTION)


_LEVEL, _SITES = "sites.available", "disponibilité des sites"


def _available(report: Report, level: Row | None, at: str) -> Finding:
    """Judge the availability of sites by the agreed level: the tender has none (5.1)."""
    made = next((line for line in report.lines if line.id == _LEVEL), None)
    states: Mapping[object, State] = {"malus": "wrong", "neutral": "ok", "bonus": "ok"}
    state = states.get(level["verdict"], "unknown") if level and level["malus"] is not None else "unknown"
    said = (
        amount(made.value, made.unit) if made and made.value is not None else made.why if made else "absente du rapport"
    )
    todo = "" if state == "ok" else "Voyez le rapport du mois : il dit ce qui manque."
    if not level or level["malus"] is None:
        said, todo = (
            f"{said}, sans niveau arrêté",
            f"Inscrivez le seuil de {_LEVEL} dans group_vars/all/bonus_malus.yml.",
        )
    return Finding(f"{SUBJECT.name}.available", state, f"{_SITES} : {said}", todo, evidence=at)
