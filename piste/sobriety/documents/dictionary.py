"""The dictionary of the levers, by perimeter (CCTP 4.4.5)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypedDict

from piste.papers.dossier.blocks import Block, Column, Facts, Section, Steps, Table, Text
from piste.sobriety.documents.levers import (
    PERIMETERS,
    LeverData,
    investment_text,
    lever_data,
    lever_facts,
    risks_table,
    stage_text,
)
from piste.sobriety.documents.subject import SobrietySubject


class Dictionary(TypedDict):
    levers: list[LeverData]


def dictionary(subject: SobrietySubject) -> Dictionary:
    """Give the data of the dictionary: every lever, sorted by perimeter."""
    town = subject.town
    levers = [lever_data(town, name, subject.today) for name in town.sobriety.levers]
    return {"levers": sorted(levers, key=lambda lever: list(PERIMETERS).index(lever["perimeter"]))}


def dictionary_sections(data: Dictionary, subject: SobrietySubject) -> Iterator[Section]:
    """Print the dictionary: the list of levers, then a section a lever."""
    table = Table.of(
        "levers",
        "Leviers, par périmètre",
        data["levers"],
        lambda lever: lever["id"],
        (Column("perimeter", "Périmètre", 2), lambda lever: PERIMETERS[lever["perimeter"]]),
        (Column("label", "Levier", 3), lambda lever: lever["label"]),
        (Column("stage", "Où il en est", 2), lambda lever: stage_text(lever["stage"])),
        (Column("investment", "Investissement", 2), lambda lever: investment_text(lever["investment"])),
        required=True,
    )
    yield Section("list", "Les leviers", [table])
    for lever in data["levers"]:
        yield Section(lever["id"], lever["label"], list(_lever(lever)))


def _lever(lever: LeverData) -> Iterator[Block]:
    yield Facts("Le levier", lever_facts(lever))
    yield risks_table("Risques, et ce qui les contient", lever)
    yield Text("Marche à suivre :")
    yield Steps(lever["procedure"])
    yield Text(f"Retour en arrière : {lever['reversal']}")
    yield Text(f"Message aux agents : « {lever['message']} »")
