"""The PV of a measure: application, tests, figures before and after, signatures.

Source: CCTP 4.4.5 and 4.4.6.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypedDict

from piste.engine.words import agreed
from piste.papers.dossier import notation
from piste.papers.dossier.blocks import (
    Block,
    Cell,
    Column,
    Fact,
    Facts,
    Section,
    Table,
    Text,
    optional,
    required,
)
from piste.papers.dossier.decision import decided, failing
from piste.papers.dossier.report import evidence_table, tests_tables, verdict_of, verdicts_blocks
from piste.papers.dossier.verification_record import Test
from piste.sobriety.documents.figure_tables import (
    UNKNOWN,
    figures_table,
    measure,
    named,
    names_text,
    quantity,
    target_text,
    verdict,
    verdicts,
)
from piste.sobriety.documents.levers import (
    STEPS,
    TARGETED,
    LeverData,
    lever_data,
    places_table,
    stage_text,
    steps_until,
)
from piste.sobriety.documents.notes import Notes
from piste.sobriety.documents.subject import AppliedSubject
from piste.sobriety.figure import Figure
from piste.town.model import Town
from piste.town.model.sobriety.form import RolloutStep

OPERATIONS = {
    "create": "création(s)",
    "update": "modification(s)",
    "delete": "suppression(s)",
    "reset": "remise(s) à zéro",
}
MOVED = {
    "sleep": ("F1", "F2"),
    "shutdown": ("F1", "F2"),
    "autostart": ("F1",),
    "telemetry": ("F1",),
    "thin_clients": ("F22",),
    "print_defaults": ("F6", "F7"),
    "machine_hours": ("F3", "F4"),
    "retention": ("F5",),
    "ssid_hours": ("F8",),
    "port_hours": ("F8",),
    "radio_power": ("F8",),
    "ssid_cleaning": ("F8",),
}
"""The figures that a lever moves, by what it drives."""


class RunData(TypedDict):
    id: str
    moment: str
    operator: str
    commit: str
    step: str
    operations: dict[str, int]
    targets: list[str]


class StepData(TypedDict):
    """A step as it was inscribed; `decided` names who set the rule aside, and why."""

    step: str
    date: str
    by: str
    targets: list[str]
    decided: str | None


class Acceptance(TypedDict):
    """A measure that was applied; `before` and `after` are the figures that it moves."""

    id: str
    lever: LeverData
    steps: list[StepData]
    runs: list[RunData]
    tests: list[Test]
    before_day: str | None
    after_day: str | None
    before: list[Figure]
    after: list[Figure]
    verdicts: dict[str, bool | None]
    reserves: list[str]


class _Change(NamedTuple):
    """A figure before and after a measure; either may be missing."""

    before: Figure | None
    after: Figure | None

    @property
    def figure(self) -> Figure:
        figure = self.after or self.before
        assert figure is not None
        return figure

    def value(self, figure: Figure | None) -> Cell:
        if figure is None or figure.value is None:
            return Cell(UNKNOWN, "doubt")
        return Cell(quantity(figure.value, self.figure.unit))

    @property
    def difference(self) -> Cell:
        if not self.before or not self.after or self.before.value is None or self.after.value is None:
            return Cell(UNKNOWN, "doubt")
        change = self.after.value - self.before.value
        unit = "points" if self.figure.unit == "%" else self.figure.unit
        return Cell(f"{'+' if change > 0 else ''}{measure(round(change, 2), unit)}")


def acceptance(subject: AppliedSubject) -> Acceptance:
    """Give the data of the PV."""
    applied, town, today = subject.applied, subject.whole.town, subject.whole.today
    moved = MOVED[town.sobriety.levers[subject.lever].drives]

    def of(figures: Sequence[Figure]) -> list[Figure]:
        return [figure for figure in figures if figure.id.partition(".")[0] in moved]

    after = of(applied.after.figures) if applied.after else []
    return {
        "id": f"PV-{subject.lever}-{applied.moment[:10]}",
        "lever": lever_data(town, subject.lever, today),
        "steps": [_step(step) for step in steps_until(town, subject.lever, today)],
        "runs": [
            {**run._asdict(), "operations": dict(run.operations), "targets": list(run.targets)}  # type: ignore[typeddict-item]
            for run in applied.runs
        ],
        "tests": list(applied.tests),
        "before_day": applied.before.day if applied.before else None,
        "after_day": applied.after.day if applied.after else None,
        "before": of(applied.before.figures) if applied.before else [],
        "after": after,
        "verdicts": verdicts(after),
        "reserves": list(applied.reserves),
    }


def _step(step: RolloutStep) -> StepData:
    decided = f"{step.decided.by} : {step.decided.why}" if step.decided else None
    return {"step": step.step, "date": step.date, "by": step.by, "targets": step.targets, "decided": decided}


def headline(data: Acceptance) -> Cell:
    """Give the verdict of the tests of the measure."""
    return verdict_of(data["tests"])


def acceptance_sections(data: Acceptance, subject: AppliedSubject) -> Iterator[Section]:
    """Print the PV."""
    lever = data["lever"]
    names = {place["id"]: place["name"] for place in lever["places"]}
    yield Section("object", "Objet", [_object(data)])
    yield Section("applied", "Ce qui a été appliqué", [_steps(data["steps"], names), _runs(data["runs"], names)])
    yield Section("places", "Cibles", [places_table(lever["places"], TARGETED[lever["target"]])])
    yield Section("tests", "Tests", list(_tests(data["tests"])))
    yield Section("figures", "Relevés avant et après", list(_figures(data, subject.whole.town)))
    yield decided(
        ["Mesure reçue sans réserve", "Mesure reçue avec réserves", "Mesure refusée, retour en arrière"],
        ["Pour la DSI de la Ville", "Pour le titulaire"],
        failing(data["reserves"], data["tests"], "piste sobriety diagnose : ce test conforme"),
    )


def _object(data: Acceptance) -> Facts:
    lever = data["lever"]
    return Facts(
        "La mesure reçue",
        [
            Fact("id", "Numéro du PV", required(data["id"])),
            Fact("lever", "Mesure", required(lever["label"]), lever["status"]),
            Fact("what", "Ce qui est fait", required(lever["what"])),
            Fact("stage", "Où elle en est", required(stage_text(lever["stage"]))),
            Fact("operators", "Opérateurs", required(_operators(data["runs"]))),
            Fact("effect", "Effet attendu", required(lever["effect"])),
            Fact("reversal", "Retour en arrière", required(lever["reversal"])),
            Fact("cctp", "CCTP", required(f"{lever['cctp']}, 4.4.6")),
        ],
    )


def _operators(runs: Sequence[RunData]) -> str:
    return ", ".join(dict.fromkeys(notation.signatory(run["operator"]) for run in runs))


def _steps(steps: Sequence[StepData], names: Mapping[str, str]) -> Table:
    return Table.of(
        "steps",
        "Étapes inscrites",
        steps,
        lambda step: f"{step['step']}/{step['date']}",
        (Column("step", "Étape", 2), lambda step: STEPS[step["step"]]),
        (Column("date", "Date"), lambda step: notation.day(step["date"])),
        (Column("by", "Inscrite par", 2), lambda step: notation.signatory(step["by"])),
        (
            Column("targets", "Cibles", 3),
            lambda step: Cell(_named(step["targets"], names) or "toutes celles de l’étape"),
        ),
        (Column("decided", "Décidé hors règle", 3), lambda step: optional(step["decided"])),
        required=True,
    )


def _named(targets: Sequence[str], names: Mapping[str, str]) -> str:
    return names_text([names.get(target, target) for target in targets], 6)


def _runs(runs: Sequence[RunData], names: Mapping[str, str]) -> Table:
    return Table.of(
        "runs",
        "Exécutions",
        runs,
        lambda run: run["id"],
        (Column("moment", "Quand, par qui", 2), lambda run: f"{notation.moment(run['moment'])}, {run['operator']}"),
        (Column("step", "Étape", 2), lambda run: STEPS.get(run["step"], run["step"])),
        (Column("operations", "Opérations", 2), lambda run: Cell(_operations(run["operations"]))),
        (Column("targets", "Cibles", 5), lambda run: optional(_named(run["targets"], names))),
        (
            Column("id", "Exécution, commit", code=True),
            lambda run: f"{run['id']}\n{run['commit'][:12] or 'hors dépôt'}",
        ),
        required=True,
    )


def _operations(counts: Mapping[str, int]) -> str:
    written = [agreed(count, OPERATIONS[name]) for name, count in counts.items() if count and name in OPERATIONS]
    return ", ".join(written) or "aucune"


def _tests(tests: Sequence[Test]) -> Iterator[Block]:
    if not tests:
        yield Table("tests", "Tests de la mesure", [], [], required=True)
        return
    yield from verdicts_blocks(tests)
    yield from tests_tables(tests)
    yield evidence_table(tests)


def _figures(data: Acceptance, town: Town) -> Iterator[Block]:
    if not data["before_day"] and not data["after_day"]:
        yield Table("figures", "Relevés avant et après", [], [], required=True)
        return
    if not data["before"] and not data["after"]:
        yield Text("Aucun indicateur ne se rapporte à cette mesure.")
        return
    before = {figure.id: figure for figure in data["before"]}
    after = {figure.id: figure for figure in data["after"]}
    yield Table.of(
        "figures",
        "Ce que la mesure a changé (cibles à titre indicatif)",
        [_Change(before.get(key), after.get(key)) for key in dict.fromkeys([*before, *after])],
        lambda change: change.figure.id,
        (Column("figure", "Indicateur", 4), lambda change: named(change.figure)),
        (Column("before", f"Avant ({_day(data['before_day'])})", 2), lambda change: change.value(change.before)),
        (Column("after", f"Après ({_day(data['after_day'])})", 2), lambda change: change.value(change.after)),
        (Column("change", "Écart", 2), lambda change: change.difference),
        (Column("target", "Cible", 2), lambda change: optional(target_text(change.figure.target, change.figure.unit))),
        (Column("verdict", "Verdict", 2), lambda change: verdict(change.after)),
    )
    notes = Notes(town, data["after"])
    yield figures_table("after", "Détail du relevé après", data["after"], notes)
    yield notes.table("sources", "Source de chaque indicateur de ce relevé")


def _day(day: str | None) -> str:
    return notation.day(day) if day else "non relevé"
