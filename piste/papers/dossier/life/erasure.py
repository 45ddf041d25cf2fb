"""The certificate of erasure of an asset (CCTP 3.4.1)."""

from __future__ import annotations

from collections.abc import Iterator

from piste.papers.dossier import notation
from piste.papers.dossier.blocks import Cell, Column, Fact, Facts, Section, Table, Text, optional, required
from piste.papers.dossier.decision import decided
from piste.papers.dossier.life.paper import Paper
from piste.town.model.forms import Record


class Erasure(Record):
    """An erasure; `data` is what the asset stores, `evidence` the file that `sha256` proves."""

    id: str
    asset: str
    label: str
    serial: str
    maker: str | None = None
    model: str | None = None
    site: str
    before: str | None = None
    data: str | None = None
    method: str
    erased_on: str
    role: str
    reference: str | None = None
    evidence: str | None = None
    sha256: str


def erasure_sections(record: Erasure, paper: Paper[Erasure]) -> Iterator[Section]:
    """Print the certificate."""
    asset = Facts(
        "L’équipement",
        [
            Fact("asset", "Nom à l’inventaire", required(record.asset)),
            Fact("class", "Classe", required(record.label)),
            Fact("serial", "Numéro de série", required(record.serial)),
            Fact("model", "Fabricant et modèle", optional(" ".join(filter(None, (record.maker, record.model))))),
            Fact("site", "Site", required(record.site)),
            Fact("before", "Affectation d’avant", optional(record.before)),
            Fact("data", "Ce qu’il gardait", optional(record.data)),
        ],
    )
    erasure = Facts(
        "L’effacement",
        [
            Fact("id", "Numéro du certificat", required(record.id)),
            Fact("method", "Méthode", required(record.method)),
            Fact("erased_on", "Jour", required(notation.day(record.erased_on))),
            Fact("role", "Opérateur, par son rôle", required(record.role)),
            Fact("reference", "Demande ou décision", optional(record.reference)),
        ],
    )
    proof = Table.of(
        "proof",
        "Le rapport de l’outil d’effacement",
        [record],
        lambda record: record.sha256,
        (Column("file", "Fichier", 1), lambda record: optional(record.evidence)),
        (Column("sha256", "SHA-256", code=True), lambda record: Cell(record.sha256, required=True)),
    )
    yield Section("asset", "Objet", [asset])
    yield Section("erasure", "Effacement", [erasure])
    words = (
        "Le rapport reste chez le titulaire ; son empreinte prouve qu’il est celui de ce certificat. Le certificat "
        "est exigé avant la sortie d’inventaire, et avant qu’un autre service reçoive l’équipement."
    )
    yield Section("proof", "Preuve", [proof, Text(words)])
    yield decided((), ["Pour le titulaire", "Pour la Ville"])
