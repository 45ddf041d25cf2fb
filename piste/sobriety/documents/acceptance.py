"""The PV of a measure: what was applied, tested and read, before and after, and where to sign (CCTP 4.4.5, 4.4.6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypedDict

from piste.dossier import french
from piste.dossier.blocks import (
    Block,
    Cell,
    Column,
    Fact,
    Facts,
    Row,
    Section,
    Signatures,
    Steps,
    Table,
    Text,
    optional,
    required,
)
from piste.dossier.report import evidence_table, reserves, tests_tables, verdicts_blocks
from piste.dossier.tests import Test
from piste.sobriety.documents.figures import (
    UNKNOWN,
    figures_table,
    measure,
    quantity,
    sources_table,
    target_text,
    verdict,
    verdicts,
)
from piste.sobriety.documents.levers import STEPS, LeverData, lever_data, places_table, stage_text, steps_until
from piste.sobriety.figure import Figure
from piste.words import agreed

if TYPE_CHECKING:
    from piste.model.schema_sobriety import RolloutStep
    from piste.sobriety.documents.subject import AppliedSubject

OPERATIONS = {
    "create": "création(s)",
    "update": "modification(s)",
    "delete": "suppression(s)",
    "reset": "remise(s) à zéro",
}
DRIVEN = {
    "sleep": ("F1", "F2"),
    "shutdown": ("F1", "F2"),
    "print_defaults": ("F6", "F7"),
    "machine_hours": ("F3", "F4"),
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
    """A step as it was inscribed; `decided` is who did without the rule, and why."""

    step: str
    date: str
    by: str
    targets: list[str]
    decided: str | None


class Acceptance(TypedDict):
    """A measure that was applied. `before` and `after` are the figures that it moves."""

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


def acceptance(subject: AppliedSubject) -> Acceptance:
    """The data of the PV."""
    applied, town, today = subject.applied, subject.whole.town, subject.whole.today
    moved = DRIVEN[town.sobriety.levers[subject.lever].drives]

    def of(figures: Sequence[Figure]) -> list[Figure]:
        return [one for one in figures if one.id.partition(".")[0] in moved]

    after = of(applied.after.figures) if applied.after else []
    return {
        "id": f"PV-{subject.lever}-{applied.moment[:10]}",
        "lever": lever_data(town, subject.lever, today),
        "steps": [_step(one) for one in steps_until(town, subject.lever, today)],
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


def _step(one: RolloutStep) -> StepData:
    decided = f"{one.decided.by} : {one.decided.why}" if one.decided else None
    return {"step": one.step, "date": one.date, "by": one.by, "targets": one.targets, "decided": decided}


def acceptance_sections(data: Acceptance, subject: AppliedSubject) -> Iterator[Section]:
    """The PV as it prints."""
    lever = data["lever"]
    names = {one["id"]: one["name"] for one in lever["places"]}
    yield Section("object", "Objet", [_object(data)])
    yield Section("applied", "Ce qui a été appliqué", [_steps(data["steps"], names), _runs(data["runs"], names)])
    what = "Machine" if lever["perimeter"] == "hebergement" else "Site"
    yield Section("places", "Cibles", [places_table(lever["places"], what)])
    yield Section("tests", "Tests", list(_tests(data["tests"])))
    yield Section("figures", "Relevés avant et après", list(_figures(data)))
    yield Section("reserves", "Réserves", [reserves(data["reserves"], data["tests"])])
    yield Section(
        "decision",
        "Décision et signatures",
        [
            Steps(
                ["Mesure reçue sans réserve", "Mesure reçue avec réserves", "Mesure refusée, retour en arrière"],
                ordered=False,
            ),
            Signatures(["Pour la DSI de la Ville", "Pour le titulaire"]),
        ],
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
            Fact(
                "operators", "Opérateurs", required(", ".join(dict.fromkeys(run["operator"] for run in data["runs"])))
            ),
            Fact("effect", "Effet attendu", required(lever["effect"])),
            Fact("reversal", "Retour en arrière", required(lever["reversal"])),
            Fact("cctp", "CCTP", required(f"{lever['cctp']}, 4.4.6")),
        ],
    )


def _steps(found: Sequence[StepData], names: Mapping[str, str]) -> Table:
    columns = [
        Column("step", "Étape", 2),
        Column("date", "Date"),
        Column("by", "Inscrite par", 2),
        Column("targets", "Cibles", 3),
        Column("decided", "Décidé hors règle", 3),
    ]
    rows = [
        Row(
            f"{one['step']}/{one['date']}",
            [
                required(STEPS[one["step"]]),
                required(french.day(one["date"])),
                required(one["by"]),
                Cell(_named(one["targets"], names) or "toutes celles de l'étape"),
                optional(one["decided"]),
            ],
        )
        for one in found
    ]
    return Table("steps", "Étapes inscrites", columns, rows, required=True)


def _named(targets: Sequence[str], names: Mapping[str, str]) -> str:
    return ", ".join(names.get(target, target) for target in targets)


def _runs(found: Sequence[RunData], names: Mapping[str, str]) -> Table:
    columns = [
        Column("moment", "Quand, par qui", 3),
        Column("step", "Étape", 2),
        Column("operations", "Opérations", 2),
        Column("targets", "Cibles", 3),
        Column("id", "Exécution", code=True),
        Column("commit", "Commit", code=True),
    ]
    rows = [
        Row(
            one["id"],
            [
                required(f"{french.moment(one['moment'])}, {one['operator']}"),
                required(STEPS.get(one["step"], one["step"])),
                Cell(_operations(one["operations"])),
                optional(_named(one["targets"], names)),
                required(one["id"]),
                Cell(one["commit"][:12] or "hors dépôt"),
            ],
        )
        for one in found
    ]
    return Table("runs", "Exécutions", columns, rows, required=True)


def _operations(counts: Mapping[str, int]) -> str:
    told = [agreed(count, OPERATIONS[name]) for name, count in counts.items() if count and name in OPERATIONS]
    return ", ".join(told) or "aucune"


def _tests(found: Sequence[Test]) -> Iterator[Block]:
    if not found:
        yield Table("tests", "Tests de la mesure", [], [], required=True)
        return
    yield from verdicts_blocks(found)
    yield from tests_tables(found)
    yield evidence_table(found)


def _figures(data: Acceptance) -> Iterator[Block]:
    if not data["before_day"] and not data["after_day"]:
        yield Table("figures", "Relevés avant et après", [], [], required=True)
        return
    if not data["before"] and not data["after"]:
        yield Text("Aucun indicateur ne se rapporte à cette mesure.")
        return
    columns = [
        Column("figure", "Indicateur", 4),
        Column("before", f"Avant ({_day(data['before_day'])})", 2),
        Column("after", f"Après ({_day(data['after_day'])})", 2),
        Column("change", "Écart", 2),
        Column("target", "Cible", 2),
        Column("verdict", "Verdict", 2),
    ]
    before = {one.id: one for one in data["before"]}
    after = {one.id: one for one in data["after"]}
    rows = [_compared(before.get(key), after.get(key)) for key in dict.fromkeys([*before, *after])]
    yield Table("figures", "Ce que la mesure a changé (cibles à titre indicatif)", columns, rows)
    yield figures_table("after", "Détail du relevé après", data["after"])
    yield sources_table("sources", "Source, date et méthode de ce relevé", data["after"])


def _compared(before: Figure | None, after: Figure | None) -> Row:
    told = after or before
    assert told is not None
    values = [one.value if one else None for one in (before, after)]
    change = None if values[0] is None or values[1] is None else values[1] - values[0]
    sign = "+" if change and change > 0 else ""
    unit = "points" if told.unit == "%" else told.unit
    return Row(
        told.id,
        [
            required(f"{told.id} – {told.title}"),
            *(Cell(UNKNOWN, "doubt") if value is None else Cell(quantity(value, told.unit)) for value in values),
            Cell(UNKNOWN, "doubt") if change is None else Cell(f"{sign}{measure(round(change, 2), unit)}"),
            optional(target_text(told.target, told.unit)),
            verdict(after) if after else Cell("? inconnu", "doubt"),
        ],
    )


def _day(day: str | None) -> str:
    return french.day(day) if day else "non relevé"
