"""The plan of reversibility, which the town has from the first day of the contract (CCTP 6.1): its form, its print."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from piste.dossier import french
from piste.dossier.blocks import Block, Column, Fact, Facts, Row, Section, Steps, Table, filled, optional, required
from piste.model.beside import Beside
from piste.model.faults import Faults
from piste.model.schema import Form, Marked
from piste.model.source import read
from piste.site import refuse
from piste.words import agreed

if TYPE_CHECKING:
    from piste.dossier.subject import Commune

PLAN = Path(__file__).resolve().parents[2] / "docs/plan-reversibilite.yml"
Text = Annotated[str, Field(min_length=1)]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class Step(Form):
    """A step, and who has which part in it (RACI); `consulted` may be nobody."""

    step: Text
    when: Text
    deliverable: Text
    responsible: Text
    accountable: Text
    consulted: Annotated[str, Field(min_length=0)] = ""
    informed: Text


class Environment(Form):
    """Where a part of the handing over is rehearsed or done."""

    name: Text
    purpose: Text


class Plan(Marked):
    """What 6.1 of the CCTP wants of the plan, and the day on which it was last read again."""

    title: Text
    updated: Day
    review_months: Annotated[int, Field(ge=1, le=12)]
    principles: Annotated[list[Text], Field(min_length=1)]
    steps: Annotated[list[Step], Field(min_length=1)]
    environments: Annotated[list[Environment], Field(min_length=1)]
    conditions: Annotated[list[Text], Field(min_length=1)]
    lots: Annotated[list[Text], Field(min_length=1)]


def read_plan(path: Path = PLAN) -> Plan:
    """Read the plan. Raises :class:`piste.site.InvalidDeclaration` with every fault and its line."""
    faults = Faults()
    document = read(path, path.name, faults, path.stem)
    found = Beside(path.stem, path.stem, document, not faults).validated(Plan, faults)
    refuse(faults)
    assert found is not None
    return found


def plan(subject: Commune) -> Plan:
    """The data of the document: the plan itself."""
    return subject.plan


def plan_sections(data: Plan, subject: Commune) -> Iterator[Section]:
    """The plan as it prints."""
    yield Section("object", "Objet", [_object(data), Steps(data.principles)])
    yield Section("calendar", "Calendrier, jalons et livrables", [_calendar(data)])
    yield Section("raci", "Qui fait quoi", [_raci(data)])
    yield Section("environments", "Environnements", [_environments(data)])
    told: list[Block] = [Steps(data.conditions, ordered=False), _lots(data)]
    yield Section("switch", "Conditions de bascule", told)


def _object(data: Plan) -> Facts:
    review = f"tous les {agreed(data.review_months, 'mois')}"
    return Facts(
        "Le plan",
        [
            Fact("title", "Titre", required(data.title), data.status),
            Fact("updated", "Relu le", required(french.day(data.updated))),
            Fact("review_months", "À relire", required(review)),
        ],
    )


def _calendar(data: Plan) -> Table:
    columns = [Column("step", "Étape", 3), Column("when", "Quand", 2), Column("deliverable", "Livrable", 3)]
    rows = [filled(one.step, [one.step, one.when, one.deliverable]) for one in data.steps]
    return Table("steps", "Étapes, dans leur ordre", columns, rows, required=True)


def _raci(data: Plan) -> Table:
    columns = [
        Column("step", "Étape", 3),
        Column("responsible", "Réalise", 2),
        Column("accountable", "Décide", 1),
        Column("consulted", "Consulté", 2),
        Column("informed", "Informé", 2),
    ]
    rows = [
        Row(
            one.step,
            [
                required(one.step),
                required(one.responsible),
                required(one.accountable),
                optional(one.consulted),
                required(one.informed),
            ],
        )
        for one in data.steps
    ]
    return Table("raci", "Matrice RACI : celui qui décide répond de l'étape", columns, rows, required=True)


def _environments(data: Plan) -> Table:
    columns = [Column("name", "Environnement", 1), Column("purpose", "Ce qui s'y fait", 3)]
    rows = [filled(one.name, [one.name, one.purpose]) for one in data.environments]
    return Table("environments", "Où l'on répète, où l'on bascule", columns, rows, required=True)


def _lots(data: Plan) -> Table:
    columns = [Column("rank", "Ordre"), Column("lot", "Lot, et son procès-verbal de bascule", 1)]
    rows = [filled(lot, [rank, lot]) for rank, lot in enumerate(data.lots, 1)]
    return Table("lots", "Lots, un procès-verbal chacun", columns, rows, required=True)
