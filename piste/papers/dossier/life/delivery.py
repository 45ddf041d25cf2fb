"""The *PV de réception* of a delivery (CCTP 3.4.1), to the test of each port."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from piste.papers.dossier import notation
from piste.papers.dossier.blocks import (
    Block,
    Cell,
    Column,
    Fact,
    Facts,
    Section,
    Steps,
    Table,
    optional,
    required,
)
from piste.papers.dossier.decision import decided, failing
from piste.papers.dossier.life.paper import AGAIN, DECISIONS, PARTIES, Paper
from piste.papers.dossier.report import evidence_table, requirements_table, tests_tables, verdicts_blocks
from piste.papers.dossier.verification_record import Test
from piste.town.model.forms import Record


class Received(Record):
    """An asset of a delivery, and how far its installation is; `port` is where it is plugged."""

    asset: str
    label: str
    serial: str | None = None
    model: str | None = None
    received_on: str
    site: str
    place: str | None = None
    assigned_to: str | None = None
    port: str | None = None
    labelled: bool = False
    state: str
    warranty_until: str | None = None


class Delivery(Record):
    """A delivery: its order, its assets, their tests; `checklist` is for new computers."""

    id: str
    reference: str
    contracts: list[str] = Field(default_factory=list)
    roles: list[str]
    first_day: str
    last_day: str
    assets: list[Received]
    tests: list[Test]
    reserves: list[str] = Field(default_factory=list)
    checklist: list[str] = Field(default_factory=list)


def delivery_sections(record: Delivery, paper: Paper[Delivery]) -> Iterator[Section]:
    """Print the PV."""
    yield Section("object", "Objet", [_object(record)])
    yield Section("assets", "Équipements reçus", [_assets(record)])
    yield Section("installation", "Installation et raccordement", [_installation(record)])
    if record.checklist:
        yield Section("preparation", "Préparation de chaque poste", [Steps(record.checklist, ordered=False)])
    verdicts: list[Block] = [*verdicts_blocks(record.tests), requirements_table(record.tests)]
    yield Section("summary", "Synthèse", verdicts)
    yield Section("tests", "Tests", list(tests_tables(record.tests)))
    yield Section("evidence", "Preuves", [evidence_table(record.tests)])
    yield decided(DECISIONS, PARTIES, failing(record.reserves, record.tests, AGAIN))


def _object(record: Delivery) -> Facts:
    days = " au ".join(dict.fromkeys(notation.day(day) for day in (record.first_day, record.last_day)))
    return Facts(
        "La livraison",
        [
            Fact("id", "Numéro du PV", required(record.id)),
            Fact("reference", "Commande ou bon de livraison", required(record.reference)),
            Fact("contracts", "Marché", required(", ".join(record.contracts))),
            Fact("days", "Reçue", required(days)),
            Fact("roles", "Reçue par, selon son rôle", required(", ".join(record.roles))),
            Fact("count", "Équipements", required(len(record.assets))),
        ],
    )


def _assets(record: Delivery) -> Table:
    return Table.of(
        "assets",
        "Ce qui est reçu",
        record.assets,
        lambda item: item.asset,
        (Column("asset", "Nom", 2), lambda item: item.asset),
        (Column("class", "Classe", 2), lambda item: item.label),
        (Column("model", "Modèle", 2), lambda item: optional(item.model)),
        (Column("serial", "Série", 2), lambda item: required(item.serial)),
        (Column("received_on", "Reçu le"), lambda item: notation.day(item.received_on)),
        (Column("warranty_until", "Garantie"), lambda item: _day(item.warranty_until)),
        required=True,
    )


def _installation(record: Delivery) -> Table:
    return Table.of(
        "installation",
        "Où chacun est",
        record.assets,
        lambda item: item.asset,
        (Column("asset", "Nom", 2), lambda item: item.asset),
        (Column("site", "Site", 2), lambda item: item.site),
        (Column("place", "Lieu", 2), lambda item: required(item.place)),
        (Column("assigned_to", "Affectation", 2), lambda item: required(item.assigned_to)),
        (Column("port", "Port", 2), lambda item: optional(item.port)),
        (Column("labelled", "Étiqueté"), lambda item: Cell("oui" if item.labelled else "non")),
        (Column("state", "Statut"), lambda item: item.state),
    )


def _day(day: str | None) -> Cell:
    return required(notation.day(day) if day else None)
