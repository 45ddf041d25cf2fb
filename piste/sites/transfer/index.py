"""The index of PVs: milestone, clause, state and invoice of each (CCTP 8.3, 8.9)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from piste.papers.dossier.life.lot import MILESTONE
from piste.papers.dossier.reversibility_plan import read_plan
from piste.papers.frameworks.clauses import clauses
from piste.readings.belief import Reading
from piste.sites import verified
from piste.sites.transfer import kept
from piste.sites.transfer.form import papers
from piste.town.declared import serving
from piste.town.model import Town

COLUMNS = (
    "paper", "number", "title", "milestone", "clause", "state", "made", "signed", "decision", "invoice",
    "amount_incl_tax",
)  # fmt: skip


class Line(NamedTuple):
    """A PV; `made` is the day of its state.

    A `made` PV is signed outside: `piste documents verify` says by whom. A site is `verified`, a lot `ready`: their
    papers are kept elsewhere.
    """

    paper: str
    number: str
    title: str
    milestone: str
    clause: str
    state: str
    made: str = ""
    signed: str = ""
    decision: str = ""


def index(town: Town, environment: str) -> Iterator[Mapping[str, str]]:
    """Give a row a PV: those of the transfer, of each site, of each lot of thin clients."""
    assert town.commune
    invoices = town.commune["transfer"]["invoices"]
    amounts = {line["id"]: line["incl_tax"] for line in town.commune["spending"]["lines"]}
    for line in (*_of_transfer(environment), *_of_sites(town, environment), *_of_thin_clients(town)):
        invoice = invoices.get(line.paper, "")
        yield {**line._asdict(), "invoice": invoice, "amount_incl_tax": str(amounts.get(invoice, ""))}


def _of_transfer(environment: str) -> Iterator[Line]:
    proven = {act: id_ for id_, clause in clauses().items() for act in clause.answered.get("acts", {})}
    for name, state in kept.standings(environment).items():
        made, paper = state.kept, papers()[name]
        number, day = (made.paper.number, made.paper.day) if made else ("", "")
        signatures = made.signatures if made else []
        yield Line(
            name, number, paper.title, paper.step, proven.get(name, ""), state.state, day,
            " ; ".join(f"{each.party} {each.signed_on}" for each in signatures),
            " ; ".join(f"{each.party} {each.decision}" for each in signatures),
        )  # fmt: skip


def _of_sites(town: Town, environment: str) -> Iterator[Line]:
    known = verified.kept(environment)
    for name, site in serving(town).items():
        last = known.get(name)
        day = last.value.ended[:10] if isinstance(last, Reading) else ""
        # A verification is no paper: its record is made and numbered by piste dossier, and signed by people.
        state = "verified" if day else "unreadable" if last else "none"
        title = f"Procès-verbal de recette : {site['name']}"
        yield Line(of_site(name), "", title, "Recette du site", "R067", state, day)


def _of_thin_clients(town: Town) -> Iterator[Line]:
    assert town.commune
    for lot in town.commune["thin_client_lots"]:
        ready = lot["study"] is not None and lot["state"] != "refused"
        title = f"Procès-verbal de déploiement : {lot['label']}"
        yield Line(of_lot(lot["id"]), "", title, MILESTONE, "R072", "ready" if ready else "none")


def of_site(name: str) -> str:
    return f"pv-recette-{name}"


def of_lot(name: str) -> str:
    return f"pv-clients-legers-{name}"


def strays(town: Town) -> list[str]:
    """Name the lots, papers and expenses of the declaration that do not exist."""
    assert town.commune
    given, expenses = town.commune["transfer"], {line["id"] for line in town.commune["spending"]["lines"]}
    known: Iterable[str] = (*papers(), *map(of_site, town.sites),
                            *(of_lot(lot["id"]) for lot in town.commune["thin_client_lots"]))  # fmt: skip
    return sorted(
        {*given["lots"]} - {*read_plan().lots}
        | {*given["invoices"]} - {*known}
        | {*given["invoices"].values()} - expenses
    )
