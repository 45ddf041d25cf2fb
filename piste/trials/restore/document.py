"""The *procès-verbal de restauration* (CCTP 3.2.4, 3.6, 6.3, 6.6): its verdict first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from piste.papers.dossier import notation
from piste.papers.dossier.blocks import (
    Block,
    Cell,
    Column,
    Fact,
    Facts,
    Mark,
    Section,
    Table,
    Text,
    optional,
)
from piste.papers.dossier.blocks import required as needed
from piste.papers.dossier.decision import decided, failing
from piste.papers.dossier.document import Envelope, Kind
from piste.papers.dossier.report import evidence_table, tests_tables
from piste.papers.dossier.subject import About
from piste.town.model.forms import Record
from piste.town.model.restores import DEMANDED, RestoreTest
from piste.trials.restore.results import OUTCOMES, Outcome, RestoreResult
from piste.trials.restore.signatures import PARTIES, Signature

STEP_LABELS = {
    "prepare": "Préparer", "restore": "Restaurer", "start": "Démarrer", "wait": "Attendre la réponse",
    "probe": "Sonder", "teardown": "Retirer",
}  # fmt: skip
METHOD_LABELS = {
    "machine": "machine restaurée et démarrée à l’écart", "directory": "annuaire entier, à l’écart",
    "directory_object": "objet de l’annuaire", "nps": "réglages du contrôle d’accès au réseau",
    "policy": "stratégie de groupe", "share": "fichiers d’un partage", "procedure": "procédure suivie par une personne",
    "repository": "dépôt, du sac seul",
}  # fmt: skip
_DONE = {"done": Cell("✓ faite", "good"), "failed": Cell("✗ échouée", "bad"), "unknown": Cell("? inconnue", "doubt")}


class RestoreRecord(Record):
    """The data of the document."""

    result: RestoreResult
    signatures: list[Signature]


@dataclass(frozen=True, slots=True)
class Restored:
    """A result as the subject of its document; `place` is the folder of its evidence."""

    result: RestoreResult
    place: Path
    town: str
    signed: Sequence[Signature] = ()
    test: RestoreTest | None = None

    @property
    def id(self) -> str:
        return f"PV-REST-{self.result.test}-{self.result.id}"

    @property
    def about(self) -> About:
        files = dict.fromkeys(self.place / proof.file for test in self.result.tests for proof in test.evidence)
        return About(self.id, self.result.label, f"{self.town}, CCTP 3.2.4 et 6.6", self.town,
                     observed=self.result.ended, evidence=tuple(files))  # fmt: skip


def verdict(result: RestoreResult) -> str:
    """Write the verdict in capitals, the rehearsal first where it is one."""
    said = OUTCOMES[result.outcome].upper()
    return f"RÉPÉTITION – {said}" if result.rehearsal else said


def kind_of(result: RestoreResult) -> Kind[Restored]:
    """Give the kind of the document, whose title says a rehearsal."""
    return replace(KIND, title=f"{KIND.title} (répétition)") if result.rehearsal else KIND


def headline(record: RestoreRecord) -> Cell:
    """Give the verdict; a rehearsal is never good, for it proves nothing of the town."""
    result = record.result
    marks: Mapping[Outcome, Mark] = {"failed": "bad", "proven": "doubt" if result.rehearsal else "good"}
    return Cell(f"{verdict(result)}.", marks.get(result.outcome, "doubt"))


def content(subject: Restored) -> RestoreRecord:
    """Give the data of the document."""
    return RestoreRecord(result=subject.result, signatures=[*subject.signed])


def sections(record: RestoreRecord, subject: Restored) -> Iterator[Section]:
    """Print the record."""
    result = record.result
    yield Section("verdict", "Verdict", [*_verdict(result)])
    yield Section("object", "Objet", [_object(result, subject)])
    yield Section("steps", "Étapes", [_steps(result)])
    if result.tests:
        yield Section("tests", "Ce qui a été sondé", [*tests_tables(result.tests)])
        yield Section("evidence", "Preuves", [evidence_table(result.tests)])
    again = f"piste restore test {result.test} : ce test conforme"
    received = [_signed(record.signatures)] if record.signatures else []
    yield decided(_DECISIONS, [*PARTIES.values()], failing((), result.tests, again), received)


KIND: Kind[Restored] = Kind(
    "pv-restauration",
    "Procès-verbal de restauration",
    Envelope[RestoreRecord],
    content,
    sections,
    observed=True,
    headline=headline,
)
_DECISIONS = ("Restauration reconnue", "Restauration reconnue avec réserves", "Restauration refusée")


def _verdict(result: RestoreResult) -> Iterator[Block]:
    if result.rehearsal:
        yield Text(
            f"RÉPÉTITION {result.rehearsal} : ce procès-verbal ne prouve pas que les systèmes de la Ville reviennent."
        )
    if result.reason:
        yield Text(f"Motif : {result.reason}")
    for left in result.left:
        yield Text(f"N’a pas été retiré : {left}")
    facts = [
        Fact("rto", "Durée du retour", optional(_compared(result.rto_seconds, result.rto_hours))),
        Fact("rpo", "Âge de la copie", optional(_compared(result.rpo_seconds, result.rpo_hours))),
    ]
    yield Facts("Mesures", facts)


def _object(result: RestoreResult, subject: Restored) -> Facts:
    copied = result.copied
    demanded = DEMANDED.get(result.requirement) if result.requirement else None  # type: ignore[call-overload]
    facts = [
        Fact("id", "Numéro du PV", needed(subject.id)),
        Fact("label", "Ce qui est restauré", needed(result.label), result.status),
        Fact("demanded", "Restauration exigée", optional(demanded)),
        Fact("set", "Ensemble protégé", optional(result.set)),
        Fact("method", "Méthode", needed(METHOD_LABELS.get(result.method, result.method))),
        Fact("where", "Restauré dans", needed(result.isolation)),
        Fact("environment", "Environnement", needed(notation.environment(result.environment))),
        Fact("copy", "Copie", optional(f"{copied['id']} ({copied['store']})" if copied else None)),
        Fact("taken", "Copie du", optional(notation.moment(copied["taken_at"]) if copied else None)),
        Fact("size", "Taille de la copie", optional(_size(copied["size_bytes"]) if copied else None)),
        Fact("started", "Début", needed(notation.moment(result.started))),
        Fact("ended", "Fin", needed(notation.moment(result.ended))),
        Fact("operator", "Opérateur", needed(notation.signatory(result.operator))),
        Fact("commit", "Déclaration", needed(result.commit[:12] or "hors dépôt")),
        Fact("run", "Exécution au journal", optional(result.run)),
        Fact("again", "À refaire", needed(f"tous les {result.every_days} jours")),
        Fact("sealed", "Empreinte du résultat", needed(result.hash)),
    ]
    return Facts("L’essai", facts)


def _steps(result: RestoreResult) -> Table:
    return Table.of(
        "steps", "Les étapes et leur durée", result.steps, lambda step: step.step,
        (Column("step", "Étape", 2), lambda step: STEP_LABELS[step.step]),
        (Column("seconds", "Durée"), lambda step: notation.measure(step.seconds, "s", 1)),
        (Column("outcome", "Issue"), lambda step: _DONE[step.outcome]),
        (Column("reason", "Motif", 4), lambda step: optional(step.reason)),
        empty="L’essai a été interrompu avant sa première étape.",
    )  # fmt: skip


def _signed(signed: Sequence[Signature]) -> Table:
    return Table.of(
        "signed", "Signatures", signed, lambda signature: signature.party,
        (Column("party", "Partie"), lambda signature: PARTIES[signature.party]),
        (Column("role", "Rôle", 2), lambda signature: signature.role),
        (Column("signed_on", "Le"), lambda signature: notation.day(signature.signed_on)),
        (Column("how", "Forme"), lambda signature: "clé" if signature.key else "papier"),
        (Column("sha256", "SHA-256", code=True), lambda signature: Cell(signature.sha256)),
    )  # fmt: skip


def _compared(seconds: float | None, hours: int | None) -> str | None:
    if seconds is None:
        return None
    measured = duration(seconds)
    return f"{measured}, pour {hours} heures permises" if hours else measured


def _size(size: int | None) -> str | None:
    return None if size is None else notation.measure(size, "octets")


def duration(seconds: float) -> str:
    """Write a duration: `3,2 s`, `12 min`, `2 h 05`."""
    if seconds < 120:
        return str(notation.measure(seconds, "s", 1))
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60:02d}"
