"""The dictionary of the levers, by perimeter (CCTP 4.4.5): its data, its print."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypedDict

from piste.dossier.blocks import Block, Column, Facts, Row, Section, Steps, Table, Text, required
from piste.sobriety.documents.levers import PERIMETERS, LeverData, investment_text, lever_data, lever_facts, stage_text

if TYPE_CHECKING:
    from piste.sobriety.documents.subject import SobrietySubject


class Dictionary(TypedDict):
    levers: list[LeverData]


def dictionary(subject: SobrietySubject) -> Dictionary:
    """The data of the dictionary: every lever, perimeter after perimeter."""
    town = subject.town
    found = [lever_data(town, name, subject.today) for name in town.sobriety.levers]
    return {"levers": sorted(found, key=lambda one: list(PERIMETERS).index(one["perimeter"]))}


def dictionary_sections(data: Dictionary, subject: SobrietySubject) -> Iterator[Section]:
    """The dictionary as it prints: the list, then a section for each lever."""
    columns = [
        Column("perimeter", "Périmètre", 2),
        Column("label", "Levier", 3),
        Column("stage", "Où il en est", 2),
        Column("investment", "Investissement", 2),
    ]
    rows = [
        Row(
            one["id"],
            [
                required(PERIMETERS[one["perimeter"]]),
                required(one["label"]),
                required(stage_text(one["stage"])),
                required(investment_text(one["investment"])),
            ],
        )
        for one in data["levers"]
    ]
    yield Section("list", "Les leviers", [Table("levers", "Leviers, par périmètre", columns, rows, required=True)])
    for one in data["levers"]:
        yield Section(one["id"], one["label"], list(_lever(one)))


def _lever(one: LeverData) -> Iterator[Block]:
    yield Facts("Le levier", lever_facts(one))
    risks = [Row(risk, [required(risk)]) for risk in one["risks"]]
    yield Table("risks", "Risques, et ce qui les contient", [Column("risk", "Risque", 1)], risks)
    yield Text("Marche à suivre :")
    yield Steps(one["procedure"])
    yield Text(f"Retour en arrière : {one['reversal']}")
    yield Text(f"Message aux agents : « {one['message']} »")
