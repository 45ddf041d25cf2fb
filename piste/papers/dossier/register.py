"""The register of the processing of personal data (RGPD, article 30; CCTP 6.7)."""

from __future__ import annotations

from collections.abc import Iterator

from piste.papers.dossier.blocks import Cell, Column, Fact, Facts, Section, Table, Text, optional, required
from piste.papers.dossier.subject import Commune
from piste.town.model.personal_data import PersonalData as PersonalData
from piste.town.model.personal_data import Processing

_WHO = {
    "controller": "Responsable du traitement",
    "represented_by": "Représenté par",
    "dpo": "Délégué à la protection des données",
    "dpo_contact": "Comment le joindre",
    "processor": "Sous-traitant : le titulaire du marché",
}
_MAP = (
    "Où sont les données personnelles du système d’information, et comment elles reviennent à la Ville à la fin du "
    "marché. Les registres des journaux et de la mesure des postes donnent le détail des leurs."
)


def register(subject: Commune) -> PersonalData:
    """Give the register as declared."""
    assert subject.town.commune
    return subject.town.commune["personal_data"]


def register_sections(data: PersonalData, subject: Commune) -> Iterator[Section]:
    """Print who answers, the map of the data, then each processing."""
    who = [Fact(key, label, required(data[key])) for key, label in _WHO.items()]  # type: ignore[literal-required]
    yield Section("who", "Qui répond des données", [Facts("Les parties", who)])
    yield Section("map", "La carte des données", [Text(_MAP), _map(data)])
    for name, made in data["processings"].items():
        yield Section(name, made["label"], [_processing(made)])


def _map(data: PersonalData) -> Table:
    return Table.of(
        "map", "Traitements, systèmes, retour", data["processings"].values(), lambda made: made["label"],
        (Column("label", "Traitement", 2), lambda made: made["label"]),
        (Column("systems", "Systèmes", 3), lambda made: ", ".join(made["systems"])),
        (Column("processors", "Autres sous-traitants", 2), lambda made: optional(", ".join(made["processors"]))),
        (Column("returned", "Comment elles reviennent", 4), lambda made: made["returned"]),
        status=lambda made: made["status"], required=True,
    )  # fmt: skip


def _processing(made: Processing) -> Facts:
    status = made["status"]
    return Facts(made["label"], [
        Fact("purpose", "Finalité", required(made["purpose"]), status),
        Fact("basis", "Base légale", required(made["basis"]), status),
        Fact("people", "Personnes", Cell(made["people"], required=True), status),
        Fact("data", "Données", Cell(made["data"], required=True), status),
        Fact("retention", "Conservation", required(made["retention"]), status),
        Fact("recipients", "Destinataires", required(made["recipients"]), status),
    ])  # fmt: skip
