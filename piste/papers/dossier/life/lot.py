"""The *PV de déploiement* of a lot of thin clients (CCTP 4.1.3, 8.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import Field

from piste.papers.dossier import notation
from piste.papers.dossier.blocks import (
    Block,
    Cell,
    Column,
    Fact,
    Facts,
    Mark,
    Section,
    Steps,
    Table,
    Text,
    optional,
    required,
)
from piste.papers.dossier.decision import decided, failing
from piste.papers.dossier.life.paper import AGAIN, DECISIONS, PARTIES, Paper
from piste.papers.dossier.report import evidence_table, requirements_table, tests_tables, verdicts_blocks
from piste.papers.dossier.verification_record import Test
from piste.town.model.forms import Record
from piste.town.model.lots.derived import DerivedLot, DerivedStudy
from piste.town.model.lots.form import Fitness, Verdict

MILESTONE = "PV de déploiement clients légers par lot (CCTP 8.3, tranche ferme 1)"
VERDICTS: Mapping[Verdict, str] = {
    "favourable": "favorable",
    "with_reserves": "favorable avec réserves",
    "unfavourable": "défavorable",
}
FITNESS: Mapping[Fitness, str] = {
    "compatible": "compatible",
    "adapted": "adaptée",
    "incompatible": "incompatible",
}
_MARKS: Mapping[Fitness, Mark] = {"compatible": "good", "adapted": "doubt", "incompatible": "bad"}


class LotMachine(Record):
    """A machine of a lot, as the inventory has it."""

    name: str
    serial: str | None = None
    model: str | None = None
    place: str | None = None
    assigned_to: str | None = None
    state: str
    status: str | None = None


class LotRecord(Record):
    """A lot, its machines and those that they replace, its tests."""

    id: str
    milestone: str
    site_name: str
    lot: DerivedLot
    machines: list[LotMachine]
    replaced: list[LotMachine] = Field(default_factory=list)
    tests: list[Test]
    reserves: list[str] = Field(default_factory=list)


def lot_sections(record: LotRecord, paper: Paper[LotRecord]) -> Iterator[Section]:
    """Print the PV; a lot has a study."""
    study = record.lot["study"]
    assert study is not None
    yield Section("object", "Objet", [_object(record)])
    yield Section("study", "Étude de compatibilité", list(_study(study)))
    yield Section("machines", "Machines", [_machines("machines", "Clients légers du lot", record.machines)])
    if record.replaced:
        table = _machines("replaced", "Postes remplacés : réemploi ou sortie", record.replaced)
        yield Section("replaced", "Postes remplacés", [table])
    yield Section("summary", "Synthèse", [*verdicts_blocks(record.tests), requirements_table(record.tests)])
    yield Section("tests", "Tests", list(tests_tables(record.tests)))
    yield Section("evidence", "Preuves", [evidence_table(record.tests)])
    yield decided(DECISIONS, PARTIES, failing(record.reserves, record.tests, AGAIN))


def _object(record: LotRecord) -> Facts:
    lot = record.lot
    deployed = notation.day(lot["deployed_on"]) if lot["deployed_on"] else None
    return Facts(
        "Le lot",
        [
            Fact("id", "Numéro du PV", required(record.id)),
            Fact("lot", "Lot", required(f"{lot['id']} : {lot['label']}"), lot["status"]),
            Fact("milestone", "Jalon", required(record.milestone)),
            Fact("site", "Site", required(record.site_name)),
            Fact("planned_on", "Prévu le", required(notation.day(lot["planned_on"])), lot["status"]),
            Fact("deployed_on", "Déployé le", required(deployed), lot["status"]),
            Fact("count", "Clients légers", required(len(record.machines))),
        ],
    )


def _study(study: DerivedStudy) -> Iterator[Block]:
    status = study["status"]
    yield Facts(
        "L’étude",
        [
            Fact("by", "Faite par, selon son rôle", required(study["by"]), status),
            Fact("made_on", "Faite le", required(notation.day(study["made_on"])), status),
            Fact("users", "Utilisateurs", required(study["users"]), status),
            Fact("storage", "Stockage", required(_room(study["storage_gib"], study["storage_available_gib"], "Gio")),
                 status),
            Fact("iops", "IOPS", required(_room(study["iops"], study["iops_available"], "op/s")), status),
            Fact("iops_measured", "Mesure des IOPS", required(study["iops_measured"]), status),
            Fact("verdict", "Avis", required(VERDICTS[study["verdict"]]), status),
        ],
    )  # fmt: skip
    yield Table.of(
        "applications",
        "Applications des utilisateurs du lot",
        study["applications"],
        lambda entry: entry["name"],
        (Column("name", "Application", 2), lambda entry: entry["name"]),
        (Column("fitness", "Compatibilité"), lambda entry: Cell(FITNESS[entry["fitness"]], _MARKS[entry["fitness"]])),
        (Column("note", "Ce qui a été changé", 3), lambda entry: optional(entry["note"])),
        status=lambda _: status,
        required=True,
    )
    if study["reserves"]:
        yield Text("Réserves de l’étude :")
        yield Steps(study["reserves"])


def _room(needed: float, available: float, unit: str) -> str:
    return f"{notation.measure(needed, unit)} demandés, {notation.measure(available, unit)} disponibles"


def _machines(key: str, caption: str, machines: list[LotMachine]) -> Table:
    return Table.of(
        key,
        caption,
        machines,
        lambda machine: machine.name,
        (Column("name", "Nom", 2), lambda machine: machine.name),
        (Column("serial", "Série", 2), lambda machine: required(machine.serial)),
        (Column("model", "Modèle", 2), lambda machine: optional(machine.model)),
        (Column("place", "Lieu", 2), lambda machine: optional(machine.place)),
        (Column("assigned_to", "Affectation", 2), lambda machine: required(machine.assigned_to)),
        (Column("state", "Statut"), lambda machine: machine.state),
        status=lambda machine: machine.status,
        required=True,
    )
