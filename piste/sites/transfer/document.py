"""A paper of the transfer as a document to sign; what it lacks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from piste.engine.words import agreed
from piste.papers.dossier import forms, notation
from piste.papers.dossier.blocks import (
    Cell,
    Column,
    Fact,
    Facts,
    Row,
    Section,
    Table,
    Text,
    required,
)
from piste.papers.dossier.decision import decided
from piste.papers.dossier.document import Envelope, Kind, make
from piste.papers.dossier.life.paper import DECISIONS
from piste.papers.dossier.life.paper import Paper as Subject
from piste.papers.dossier.reversibility_plan import read_plan
from piste.sites.dossiers import origin
from piste.sites.sealed import received
from piste.sites.transfer import kept
from piste.sites.transfer.form import Paper, PaperList, papers
from piste.sites.transfer.lists import BY_HAND, Source, listed
from piste.town.model import Town
from piste.town.model.dates import now
from piste.town.model.forms import Record
from piste.town.model.transfer import UNHELD, path_of
from piste.trials.restore.signatures import PARTIES, Party, Signature


class PaperRecord(Record):
    """The data of the document."""

    paper: Paper
    signatures: list[Signature]


def gathered(town: Town, environment: str, name: str) -> Paper:
    """Make a paper of now, from the declaration."""
    declared = papers()[name]
    assert town.commune
    source = Source(town, town.commune, read_plan(), declared)
    return Paper(
        environment=environment, town=town.name, name=name, title=declared.title, place=declared.place,
        says=declared.says, lot=declared.lot, made=now().isoformat(timespec="seconds"),
        lists=[listed(each, source) for each in declared.lists], checks=[*declared.checks],
    )  # fmt: skip


def write(made: kept.Kept, town: Town, environment: str, folder: Path) -> list[Path]:
    """Write a kept paper as PDF/A, page and data, with its signatures."""
    paper = made.paper
    record = PaperRecord(paper=paper, signatures=made.signatures)
    subject = Subject(record, paper.name, paper.town, f"CCTP {paper.place}", paper.town, observed=paper.made)
    return forms.write(make(kind_of(paper.name), subject, origin(town, environment)), folder)


def kind_of(name: str) -> Kind[Subject[PaperRecord]]:
    """Give the kind of the document of a paper."""
    return Kind(
        f"pv-{name}", f"Procès-verbal : {papers()[name].title}", Envelope[PaperRecord], lambda it: it.content, sections,
        observed=True, headline=headline,
    )  # fmt: skip


def _for(party: Party) -> str:
    return PARTIES[party].replace("Pour", "pour")


def headline(record: PaperRecord) -> Cell:
    """Say who signed, or who refused."""
    if refused := [_for(each.party) for each in record.signatures if each.decision == "refused"]:
        return Cell(f"Refusé {' et '.join(refused)}.", "bad")
    signed = {signature.party for signature in record.signatures}
    absent = [_for(party) for party in PARTIES if party not in signed]
    if not absent:
        return Cell("Signé des deux parties.", "good")
    return Cell(f"Pas encore signé {' ni '.join(absent)}.", "doubt")


def sections(record: PaperRecord, subject: Subject[PaperRecord]) -> Iterator[Section]:
    """Print the paper: object, lists, what is ascertained, reserves, decision and signatures."""
    paper = record.paper
    yield Section("object", "Objet", [Text(paper.says), _object(paper)])
    yield Section("lists", "Ce qui est transféré", [_table(each) for each in paper.lists])
    yield Section("checks", "Constaté avant de signer", [_checks(paper)])
    yield decided(
        DECISIONS, [*PARTIES.values()], received=[*received(record.signatures), *_decided(record)],
    )  # fmt: skip


def _object(paper: Paper) -> Facts:
    lot = [Fact("lot", "Lot", required(paper.lot))] if paper.lot else []
    return Facts("Le procès-verbal", [
        Fact("number", "Numéro", required(paper.number)),
        *lot,
        Fact("place", "Place au marché", required(f"CCTP {paper.place}")),
        Fact("milestone", "Jalon du plan de réversibilité", required(papers()[paper.name].step)),
    ])  # fmt: skip


def _table(each: PaperList) -> Table:
    columns = [Column(f"c{rank}", head, width) for rank, (head, width) in
               enumerate(zip(each.heads, each.widths, strict=True))]  # fmt: skip
    rows = [Row(f"{rank}", [*map(_cell, row)]) for rank, row in enumerate(each.rows)]
    return Table(each.key, each.caption, columns, rows, each.empty)


def _cell(value: str | None) -> Cell:
    return Cell("") if value == BY_HAND else required(value)


def _checks(paper: Paper) -> Table:
    return Table.of(
        "checks", "À constater ensemble", paper.checks, lambda check: check.what,
        (Column("what", "Constat", 4), lambda check: Cell(check.what)),
        (Column("how", "Se voit par", 4), lambda check: Cell(check.how)),
        (Column("seen", "Oui, non", 1.4), lambda check: Cell("")),
    )  # fmt: skip


def _decided(record: PaperRecord) -> Iterator[Text]:
    for each in record.signatures:
        if each.decision:
            yield Text(f"{PARTIES[each.party]} : {kept.DECISIONS[each.decision]}.")


def frozen(town: Town, lot: str) -> str:
    """Say the freeze of a lot, and whether `freezes.yml` holds writes back meanwhile."""
    assert town.commune
    days = town.commune["transfer"]["lots"].get(lot)
    if not days or not days["freeze_from"] or not days["freeze_until"]:
        return "gel à renseigner"
    unheld = any(fault.rule == UNHELD and fault.path == path_of(lot) for fault in town.faults)
    said = f"gel du {notation.day(days['freeze_from'])} au {notation.day(days['freeze_until'])}"
    return f"{said}{', que freezes.yml ne tient pas : Piste y écrirait' if unheld else ', tenu par freezes.yml'}"


def lacks(state: kept.Standing) -> str:
    """Say what a paper lacks to be signed by both."""
    if state.state == "unreadable":
        return state.why
    if state.kept is None:
        return "à établir"
    if state.state == "refused":
        return "refusé : à corriger, puis à établir de nouveau"
    signed = {signature.party for signature in state.kept.signatures}
    absent: Sequence[str] = [_for(party) for party in PARTIES if party not in signed]
    count = state.kept.paper.lacking
    written = f" ; {agreed(count, 'case(s)')} à renseigner" if count and absent else ""
    return f"à signer {' et '.join(absent)}{written}" if absent else ""
