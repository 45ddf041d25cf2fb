"""A restore that people do by a procedure: its steps, its checks, their report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from piste.engine.converge.bounded import Unreadable, content, of_yaml
from piste.engine.converge.errors import Misused
from piste.town.model.forms import Form
from piste.trials.restore.method import Answer, Context, Isolation, Steps


class Check(Form):
    """A check of the procedure, its answer, and what was seen."""

    check: str
    answer: bool | None
    seen: str | None = None


class Report(Form):
    """The report of a person; `asset` is the inventoried computer that was restored."""

    procedure: str
    role: str
    asset: str
    image: str
    started: datetime = Field(strict=False)
    ended: datetime = Field(strict=False)
    steps_done: bool | None
    checks: list[Check]


def blank(test: Mapping[str, Any]) -> dict[str, Any]:
    """Make the report to fill in: null is an answer that nobody has given."""
    return {
        "procedure": test["name"],
        "role": None,
        "asset": None,
        "image": None,
        "started": None,
        "ended": None,
        "steps": list(test["steps"] or ()),
        "steps_done": None,
        "checks": [{"check": check, "answer": None, "seen": None} for check in test["checks"] or ()],
    }


class Procedure(Steps):
    """The method: nothing is made by Piste; the report of the person is the proof."""

    def prepare(self, context: Context) -> Isolation:
        how = "un poste d’essai, hors service, que la procédure efface à la fin"
        if context.report is None:
            todo = f"piste restore sheet {context.test['name']} > constat.yml, remplissez-le, puis --report constat.yml"
            return Isolation(how, faults=[f"le constat de la personne manque ({todo})"])
        try:
            report = read(context.report)
        except Misused as error:
            return Isolation(how, faults=error.why.split(" ; "))
        return Isolation(how, faults=[*_faults(report, context)])

    def probe(self, context: Context) -> Iterator[Answer]:
        report = read(context.report or {})
        steps, spent = context.test["steps"] or [], (report.ended - report.started).total_seconds()
        context.kept["rto_seconds"], minutes = spent, round(spent / 60)
        began, ended = (moment.astimezone(UTC) for moment in (report.started, report.ended))
        context.kept["followed"] = began.isoformat(timespec="seconds"), ended
        yield Answer(
            "Étapes de la procédure", f"{len(steps)} étapes, suivies dans l’ordre",
            "suivies" if report.steps_done else "pas toutes suivies",
            "conform" if report.steps_done else "wrong" if report.steps_done is False else "unknown",
            {"steps": steps, "role": report.role, "asset": report.asset, "image": report.image},
        )  # fmt: skip
        allowed = context.test["rto_hours"]
        if allowed:
            yield Answer(
                "Durée", f"{allowed} heures au plus", f"{minutes} minutes",
                "conform" if minutes <= 60 * allowed else "wrong",
                {"started": report.started.isoformat(), "ended": report.ended.isoformat()},
            )  # fmt: skip
        for entry in report.checks:
            yield Answer(
                entry.check, "oui", {True: "oui", False: "non", None: ""}[entry.answer] + _beside(entry.seen),
                {True: "conform", False: "wrong", None: "unknown"}[entry.answer],  # type: ignore[arg-type]
                entry.model_dump(),
            )  # fmt: skip


def written(path: Path) -> dict[str, Any]:
    """Read the file of a report. Raises `Misused`."""
    try:
        report = of_yaml(content(path))
    except Unreadable as error:
        raise Misused(f"{path} ne se lit pas", why=str(error)) from None
    if not isinstance(report, dict):
        raise Misused(f"{path} n’est pas un constat", todo="Partez de piste restore sheet.")
    return {str(name): str(value) if hasattr(value, "isoformat") else value for name, value in report.items()}


def read(report: Mapping[str, Any]) -> Report:
    """Read a report: its faults are the `why` of a `Misused`."""
    try:
        return Report.model_validate({name: value for name, value in report.items() if name != "steps"})
    except ValidationError as error:
        from piste.town.model.wording import explain

        faults = [
            f"{'.'.join(map(str, detail['loc']))} : {explain(detail, Report)[1]}"
            for detail in error.errors(include_url=False)
        ]
        raise Misused("le constat ne se lit pas", why=" ; ".join(faults)) from None


def _faults(report: Report, context: Context) -> Iterator[str]:
    """List what makes a report that of another procedure, or of no moment."""
    test = context.test
    if report.procedure != test["name"]:
        yield f"ce constat est celui de {report.procedure}"
    if [entry.check for entry in report.checks] != list(test["checks"] or ()):
        yield "les vérifications du constat ne sont pas celles de la déclaration : redemandez-le (piste restore sheet)"
    moments = [report.started, report.ended]
    if any(moment.tzinfo is None for moment in moments):
        yield "started et ended demandent leur fuseau, par exemple 2026-11-28T09:00:00+01:00"
    elif report.ended <= report.started:
        yield "ended précède started"
    elif report.ended > context.now():
        yield "ended est dans le futur"
    elif (context.now() - report.ended).days >= test["every_days"]:
        yield f"la procédure a été suivie il y a plus de {test['every_days']} jours"


def _beside(seen: str | None) -> str:
    return f" : {seen}" if seen else ""
