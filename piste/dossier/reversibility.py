"""The plan of reversibility as a document of the town (CCTP 6.1)."""

from __future__ import annotations

from collections.abc import Iterator

from piste.dossier import notation
from piste.dossier.blocks import Block, Column, Fact, Facts, Section, Steps, Table, optional, required
from piste.dossier.reversibility_plan import Plan, Step
from piste.dossier.subject import Commune
from piste.words import agreed


def plan(subject: Commune) -> Plan:
    """Give the data of the document: the plan itself."""
    return subject.plan


def plan_sections(data: Plan, subject: Commune) -> Iterator[Section]:
    """Print the plan."""
    yield Section("object", "Objet", [_object(data), Steps(data.principles)])
    yield Section("calendar", "Calendrier, jalons et livrables", [_calendar(data)])
    yield Section("raci", "Qui fait quoi", [_raci(data)])
    yield Section("environments", "Environnements", [_environments(data)])
    switch: list[Block] = [Steps(data.conditions, ordered=False), _lots(data)]
    yield Section("switch", "Conditions de bascule", switch)


def _object(data: Plan) -> Facts:
    review = f"tous les {agreed(data.review_months, 'mois')}"
    return Facts(
        "Le plan",
        [
            Fact("title", "Titre", required(data.title), data.status),
            Fact("updated", "Relu le", required(notation.day(data.updated))),
            Fact("review_months", "À relire", required(review)),
        ],
    )


def _step(step: Step) -> str:
    return step.step


def _calendar(data: Plan) -> Table:
    return Table.of(
        "steps", "Étapes, dans leur ordre", data.steps, _step,
        (Column("step", "Étape", 3), _step),
        (Column("when", "Quand", 2), lambda step: step.when),
        (Column("deliverable", "Livrable", 3), lambda step: step.deliverable),
        required=True,
    )


def _raci(data: Plan) -> Table:
    return Table.of(
        "raci", "Matrice RACI : celui qui décide répond de l'étape", data.steps, _step,
        (Column("step", "Étape", 3), _step),
        (Column("responsible", "Réalise", 2), lambda step: step.responsible),
        (Column("accountable", "Décide", 1), lambda step: step.accountable),
        (Column("consulted", "Consulté", 2), lambda step: optional(step.consulted)),
        (Column("informed", "Informé", 2), lambda step: step.informed),
        required=True,
    )


def _environments(data: Plan) -> Table:
    return Table.of(
        "environments", "Où l'on répète, où l'on bascule", data.environments, lambda environment: environment.name,
        (Column("name", "Environnement", 1), lambda environment: environment.name),
        (Column("purpose", "Ce qui s'y fait", 3), lambda environment: environment.purpose),
        required=True,
    )


def _lots(data: Plan) -> Table:
    return Table.of(
        "lots", "Lots, un procès-verbal chacun", enumerate(data.lots, 1), lambda lot: lot[1],
        (Column("rank", "Ordre"), lambda lot: lot[0]),
        (Column("lot", "Lot, et son procès-verbal de bascule", 1), lambda lot: lot[1]),
        required=True,
    )
