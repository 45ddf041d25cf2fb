"""Two papers to sign: a withdrawal of accounts (CCTP 6.6), a quarterly review (7.2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

from piste.papers.dossier import notation
from piste.papers.dossier.blocks import (
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
from piste.papers.dossier.decision import decided
from piste.papers.dossier.document import Envelope, Kind
from piste.papers.dossier.subject import About
from piste.readings.accounts.findings import nominal, words
from piste.readings.accounts.judgment import KINDS, RIGHTS, System
from piste.readings.accounts.matrix import rows
from piste.readings.accounts.withdrawal import Line, whole

STATES: dict[str, tuple[str, Mark]] = {
    "ok": ("✓ plus aucun", "good"), "wrong": ("✗ il en reste", "bad"), "unknown": ("? inconnu", "doubt")
}  # fmt: skip
_VERDICTS: dict[str, tuple[str, Mark]] = {
    "ok": ("✓ conforme", "good"), "wrong": ("✗ à corriger", "bad"), "unknown": ("? inconnu", "doubt")
}  # fmt: skip
TOWN, HOLDER = "Pour la Ville (DSI)", "Pour le titulaire"


class WithdrawalRecord(TypedDict):
    """The data of a withdrawal: who left, what came of each system, what is left to do by hand."""

    who: str
    names: list[str]
    at: str
    operator: str
    lines: list[Line]
    by_hand: list[str]
    whole: bool


@dataclass(frozen=True, slots=True)
class Withdrawn:
    who: str
    names: Sequence[str]
    at: str
    operator: str
    town: str
    lines: Sequence[Line]
    by_hand: Sequence[str]

    @property
    def about(self) -> About:
        said = f"{self.town}, accès retirés le {notation.moment(self.at)}"
        return About("comptes", self.who, said, self.town, observed=self.at)


def _withdrawal(subject: Withdrawn) -> WithdrawalRecord:
    return WithdrawalRecord(
        who=subject.who, names=[*subject.names], at=subject.at, operator=subject.operator, lines=[*subject.lines],
        by_hand=[*subject.by_hand], whole=whole(subject.lines, subject.by_hand),
    )  # fmt: skip


def _withdrawal_sections(data: WithdrawalRecord, subject: Withdrawn) -> Iterator[Section]:
    facts = [
        Fact("who", "Qui part", required(data["who"])),
        Fact("names", "Ses comptes", required(", ".join(data["names"]))),
        Fact("at", "Retirés le", required(notation.moment(data["at"]))),
        Fact("operator", "Par", required(notation.signatory(data["operator"]))),
    ]
    yield Section("who", "Qui part", [Facts("Départ", facts)])
    table = Table.of(
        "systems", "Ce que Piste a fait et relu", data["lines"], lambda line: line["system"],
        (Column("system", "Système", 2), lambda line: Cell(line["label"])),
        (Column("withdrawn", "Retirés", 2), lambda line: optional(", ".join(line["withdrawn"]))),
        (Column("state", "Sortants qui restent", 2), lambda line: Cell(*STATES[line["state"]])),
        (Column("said", "Constat", 4), lambda line: Cell(line["said"])),
    )  # fmt: skip
    yield Section("systems", "Système par système", [table])
    yield Section("hand", "À faire à la main, puis à cocher", [Steps(data["by_hand"], ordered=False)])
    yield decided((), [TOWN, HOLDER])


def _verdict(data: WithdrawalRecord) -> Cell:
    if data["whole"]:
        return Cell("Retrait entier : plus aucun accès là où Piste écrit.", "good")
    return Cell("Retrait partiel : un système n’est pas lu, un accès reste, ou se retire à la main.", "bad")


WITHDRAWAL: Kind[Withdrawn] = Kind(
    "pv-retrait-acces", "Procès-verbal de retrait des accès", Envelope[WithdrawalRecord], _withdrawal,
    _withdrawal_sections, observed=True, headline=_verdict,
)  # fmt: skip


class ArrivalRecord(TypedDict):
    """The data of an arrival: who comes, what Piste asks of the systems, what is done by hand."""

    who: str
    at: str
    operator: str
    given: list[str]
    by_hand: list[str]


@dataclass(frozen=True, slots=True)
class Arrived:
    who: str
    at: str
    operator: str
    town: str
    given: Sequence[str]
    by_hand: Sequence[str]

    @property
    def about(self) -> About:
        said = f"{self.town}, accès à donner le {notation.moment(self.at)}"
        return About("comptes", self.who, said, self.town, observed=self.at)


def _arrival(subject: Arrived) -> ArrivalRecord:
    return ArrivalRecord(
        who=subject.who, at=subject.at, operator=subject.operator, given=[*subject.given], by_hand=[*subject.by_hand]
    )


def _arrival_sections(data: ArrivalRecord, subject: Arrived) -> Iterator[Section]:
    facts = [
        Fact("who", "Qui arrive, ou change", required(data["who"])),
        Fact("at", "Comparé le", required(notation.moment(data["at"]))),
        Fact("operator", "Par", required(notation.signatory(data["operator"]))),
        Fact("given", "Ce que le plan donne", optional(", ".join(data["given"]))),
    ]
    yield Section("who", "Qui arrive", [Facts("Arrivée", facts)])
    yield Section("hand", "À faire à la main, puis à cocher", [Steps(data["by_hand"], ordered=False)])
    yield decided((), [TOWN, HOLDER])


ARRIVAL: Kind[Arrived] = Kind(
    "acces-a-donner", "Accès à donner", Envelope[ArrivalRecord], _arrival, _arrival_sections, observed=True
)


class ReviewRecord(TypedDict):
    """The data of a review: each account as it was read, F19 in words."""

    at: str
    f19: str
    accounts: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Review:
    town: str
    at: str
    every: Sequence[System]

    @property
    def about(self) -> About:
        return About(
            "comptes", "Revue des comptes", f"{self.town}, {notation.moment(self.at)}", self.town, observed=self.at
        )


def _review(subject: Review) -> ReviewRecord:
    return ReviewRecord(at=subject.at, f19=words(nominal(subject.every)), accounts=[*rows(subject.every)])


def _review_sections(data: ReviewRecord, subject: Review) -> Iterator[Section]:
    yield Section("figure", "F19", [Text(f"{data['f19'][:1].upper()}{data['f19'][1:]}.")])
    table = Table.of(
        "accounts", "Comptes", data["accounts"], lambda row: f"{row['system']}/{row['account'] or ''}",
        (Column("system", "Système"), lambda row: Cell(row["system"])),
        (Column("account", "Compte", 2), lambda row: optional(row["account"])),
        (Column("kind", "Genre"), lambda row: Cell(KINDS[row["kind"]] if row["account"] else "—")),
        (Column("who", "À qui", 2), lambda row: optional(row["person"] or row["holder"])),
        (Column("rights", "Droits"), lambda row: Cell(RIGHTS[row["rights"]] if row["account"] else "—")),
        (Column("state", "État"), lambda row: Cell(*_VERDICTS[row["state"]])),
        (Column("why", "Constat", 3), lambda row: optional(row["why"])),
        (Column("decision", "Gardé, retiré, corrigé", 2), lambda row: Cell("☐ gardé ☐ retiré ☐ corrigé")),
    )  # fmt: skip
    how = Text("La décision prise, inscrivez le jour de la revue (reviewed_on) de chaque compte gardé.")
    yield Section("accounts", "Compte par compte", [how, table])
    yield decided((), [TOWN, HOLDER])


REVIEW: Kind[Review] = Kind(
    "revue-des-comptes", "Revue des comptes", Envelope[ReviewRecord], _review, _review_sections, observed=True
)
