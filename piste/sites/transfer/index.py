"""The index of PVs: milestone, clause, state and invoice of each (CCTP 8.3, 8.9)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from piste.engine.finding import Finding
from piste.engine.words import agreed
from piste.papers.dossier.life.lot import MILESTONE
from piste.papers.dossier.life.paper import folder_of
from piste.papers.dossier.reversibility_plan import read_plan
from piste.papers.frameworks.clauses import clauses
from piste.readings.belief import Reading
from piste.sites import verified
from piste.sites.transfer import kept
from piste.sites.transfer.form import papers
from piste.town.declared import serving
from piste.town.model import Town
from piste.town.model.dates import today
from piste.town.model.derived import Derived
from piste.town.model.life.history import orders

COLUMNS = (
    "paper", "number", "title", "milestone", "clause", "state", "made", "signed", "decision", "invoice",
    "amount_incl_tax",
)  # fmt: skip

INVOICES = "transfer.invoices"
_TIE = "Reliez chacune à son procès-verbal signé (transfer.invoices, docs/transfert.md)."


class Line(NamedTuple):
    """A PV; `made` is the day of its state.

    A `made` PV is signed outside: `piste documents verify` says by whom. A site is `verified`, a lot,
    a delivery or a lever `ready`: their papers are kept elsewhere.
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
    """Give a row a PV: those of the transfer, of sites, thin clients, deliveries, levers."""
    assert town.commune
    invoices = town.commune["transfer"]["invoices"]
    amounts = {line["id"]: line["incl_tax"] for line in town.commune["spending"]["lines"]}
    for line in (*_of_transfer(environment), *_of_sites(town, environment), *_made_elsewhere(town)):
        invoice = invoices.get(line.paper, "")
        yield {**line._asdict(), "invoice": invoice, "amount_incl_tax": str(amounts.get(invoice, ""))}


def invoiced(town: Derived, environment: str) -> Finding:
    """Judge the invoices: each is an expense that exists, by a paper that both signed."""
    assert town.commune
    invoices = town.commune["transfer"]["invoices"]
    if not invoices:
        return Finding(INVOICES, "unknown", "aucune facture n’est reliée à son procès-verbal", _TIE)
    expenses = {line["id"] for line in town.commune["spending"]["lines"]}
    wrong = [f"{invoice} n’est d’aucune dépense" for invoice in invoices.values() if invoice not in expenses]
    own = {paper: invoice for paper, invoice in invoices.items() if paper in papers()}
    states = {paper: kept.standing(environment, paper).state for paper in own}
    wrong += [f"{own[paper]} : {paper} n’est pas signé des deux parties" for paper in own if states[paper] != "signed"]
    if wrong:
        return Finding(INVOICES, "wrong", "des factures sans procès-verbal qui les ouvre : " + " ; ".join(wrong), _TIE)
    if outside := len(invoices) - len(own):
        what = f"{agreed(outside, 'facture(s)')} d’un procès-verbal signé hors du transfert"
        return Finding(INVOICES, "unknown", what, "Relisez ses signatures : piste documents verify.")
    return Finding(INVOICES, "ok", f"{agreed(len(own), 'facture(s)')}, chacune par son procès-verbal signé")


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


def _made_elsewhere(town: Town) -> Iterator[Line]:
    """Yield the PVs of lots, deliveries and levers: made by their verbs, signed by people."""
    assert town.commune
    for lot in town.commune["thin_client_lots"]:
        title = f"Procès-verbal de déploiement : {lot['label']}"
        ready = lot["study"] is not None and lot["state"] != "refused"
        yield Line(of_lot(lot["id"]), "", title, MILESTONE, "R072", "ready" if ready else "none")
    for order in orders(town.history):
        title = f"Procès-verbal de réception : {order}"
        yield Line(of_order(order), f"PV-REC-{order}", title, "Réception de la livraison (CCTP 3.4.1)", "R040", "ready")
    for name, lever in town.sobriety.levers.items():
        begun = any(step.date <= today().isoformat() for step in town.sobriety.rollout if step.lever == name)
        title = f"Procès-verbal de recette : {lever.label}"
        state = "ready" if begun else "none"
        yield Line(of_lever(name), "", title, "Mesure de sobriété appliquée (CCTP 4.4.6)", "R111", state)


def of_site(name: str) -> str:
    return f"pv-recette-{name}"


def of_lot(name: str) -> str:
    return f"pv-clients-legers-{name}"


def of_order(order: str) -> str:
    return f"pv-reception-{folder_of(order)}"


def of_lever(name: str) -> str:
    return f"pv-mesure-{name}"


def strays(town: Town) -> list[str]:
    """Name the lots, papers and expenses of the declaration that do not exist."""
    assert town.commune
    given, expenses = town.commune["transfer"], {line["id"] for line in town.commune["spending"]["lines"]}
    known = {*papers(), *map(of_site, town.sites), *(line.paper for line in _made_elsewhere(town))}
    return sorted(
        {*given["lots"]} - {*read_plan().lots}
        | {*given["invoices"]} - known
        | {*given["invoices"].values()} - expenses
    )
