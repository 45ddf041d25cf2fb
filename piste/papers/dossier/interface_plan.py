"""The interface plan of a third party: contacts, delays, escalation (CCTP 3.3.2, 4.1.4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypedDict

from piste.papers.dossier import notation
from piste.papers.dossier.blocks import (
    Column,
    Fact,
    Facts,
    Section,
    Table,
    address,
    optional,
    required,
)
from piste.papers.dossier.decision import decided
from piste.papers.dossier.subject import About
from piste.town.model import Town
from piste.town.model.assets.classes import CLASSES
from piste.town.model.contracts import Contract
from piste.town.model.relations import relations
from piste.town.model.third_parties import Delay, Escalation, PlanContact, ThirdParty

_OTHERS: Mapping[str, tuple[str, str]] = {
    "application": ("application", "applications"),
    "licence": ("licence", "licences"),
    "link": ("liaison", "liaisons"),
}


@dataclass(frozen=True, slots=True)
class Party:
    """A third party of a town, as the subject of a document."""

    third_party: ThirdParty
    town: Town

    @property
    def about(self) -> About:
        party = self.third_party
        section = f", CCTP {party['cctp']}" if party["cctp"] else ""
        return About(party["id"], party["label"], f"{self.town.name}, tiers{section}", self.town.name)


class Covered(TypedDict):
    contract: str
    what: str
    count: int


class InterfaceSheet(TypedDict):
    """A third party, its contracts and what they cover, the applications that it publishes."""

    third_party: ThirdParty
    contracts: list[Contract]
    covered: list[Covered]
    applications: list[str]


def interface_sheet(subject: Party) -> InterfaceSheet:
    """Give the data of the document."""
    party, commune = subject.third_party, subject.town.commune
    assert commune is not None
    contracts = [contract for contract in commune["contracts"] if contract["supplier"] == party["id"]]
    names = {contract["id"] for contract in contracts}
    counts = Counter(
        (relation.target.name, relation.source.kind)
        for relation in relations(subject.town)
        if relation.kind == "covered_by" and relation.target.kind == "contract" and relation.target.name in names
    )
    return InterfaceSheet(
        third_party=party,
        contracts=contracts,
        covered=[Covered(contract=name, what=kind, count=count) for (name, kind), count in sorted(counts.items())],
        applications=[entry["label"] for entry in commune["applications"] if entry["publisher"] == party["id"]],
    )


def interface_sections(data: InterfaceSheet, subject: Party) -> Iterator[Section]:
    """Print the plan: what is shared, whom to call, within which delays, and up to whom."""
    party = data["third_party"]
    plan = party["interface"]
    yield Section("party", "Le tiers", [_party(data), _contracts(data), _covered(data)])
    yield Section("shared", "Ce que les deux côtés touchent", [_shared(plan["shared"] if plan else [])])
    yield Section("contacts", "Points de contact", [contacts_table(plan["contacts"] if plan else [])])
    yield Section("delays", "Délais", [delays_table(plan["delays"] if plan else [])])
    yield Section("escalation", "Escalade", [escalation_table(plan["escalation"] if plan else [])])
    rules = [
        Fact(key, label, required(plan[key] if plan else None), plan["status"] if plan else None)  # type: ignore[literal-required]
        for key, label in (
            ("incidents", "Incident commun"), ("reviews", "Revue de service"), ("recorded_in", "Où s’écrit l’échange"),
            ("category", "Catégorie de ses tickets"),
        )
    ]  # fmt: skip
    yield Section("rules", "Conduite", [Facts("Règles communes", rules)])
    day = plan["approved_on"] if plan else None
    approval = [
        Fact("approved_by", "Approuvé par", required(plan["approved_by"] if plan else None)),
        Fact("approved_on", "Le", required(notation.day(day) if day else None)),
    ]
    yield Section("approval", "Approbation", [Facts("Approbation du plan par la DSI", approval)])
    yield decided((), ["Pour la DSI", f"Pour {party['label']}"])


def _party(data: InterfaceSheet) -> Facts:
    party = data["third_party"]
    facts = [
        Fact("label", "Nom", required(party["label"])),
        Fact("scope", "Périmètre", required(party["scope"]), party["status"]),
        Fact("website", "Site", optional(party["website"])),
        Fact("applications", "Applications qu’il édite", optional(", ".join(data["applications"]))),
    ]
    return Facts("Identité", facts)


def _vehicle(contract: Contract) -> str | None:
    """Name the market of a contract, with the chapter of the tender that speaks of it."""
    chapter = f" (CCTP {contract['cctp']})" if contract["cctp"] else ""
    return f"{contract['vehicle']}{chapter}" if contract["vehicle"] else None


def _contracts(data: InterfaceSheet) -> Table:
    return Table.of(
        "contracts", "Contrats", data["contracts"], lambda contract: contract["id"],
        (Column("label", "Contrat", 2), lambda contract: contract["label"]),
        (Column("vehicle", "Marché", 2), _vehicle),
        (Column("reference", "Numéro", 1), lambda contract: contract["reference"]),
        (Column("end", "Fin", 1), lambda contract: contract["end"] and notation.day(contract["end"])),
        (Column("scope", "Ce qu’il comprend", 3), lambda contract: contract["scope"]),
        status=lambda contract: contract["status"],
        empty="Aucun contrat n’est déclaré avec ce tiers.",
    )  # fmt: skip


def _covered(data: InterfaceSheet) -> Table:
    def words(covered: Covered) -> str:
        kind, many = covered["what"], covered["count"] > 1
        entry = CLASSES.get(kind)
        return (entry.plural if many else entry.label) if entry else _OTHERS.get(kind, (kind, kind))[many]

    return Table.of(
        "covered", "Ce que couvrent les contrats", data["covered"],
        lambda covered: f"{covered['contract']}.{covered['what']}",
        (Column("contract", "Contrat", 1), lambda covered: covered["contract"]),
        (Column("what", "Quoi", 2), words),
        (Column("count", "Nombre"), lambda covered: notation.number(covered["count"])),
        empty="Rien de l’inventaire n’est dit couvert.",
    )  # fmt: skip


def _shared(shared: list[str]) -> Table:
    columns = (Column("what", "Quoi", 1), lambda what: what)
    return Table.of("shared", "Points communs", shared, lambda what: what, columns, required=True)


def contacts_table(contacts: list[PlanContact]) -> Table:
    """Print whom to call, by function."""
    return Table.of(
        "contacts", "Points de contact, par fonction", contacts, lambda contact: contact["role"],
        (Column("role", "Fonction", 2), lambda contact: contact["role"]),
        (Column("phone", "Téléphone", 1), lambda contact: optional(contact["phone"])),
        (Column("mail", "Adresse électronique", 2), lambda contact: address(contact["mail"])),
        (Column("hours", "Quand", 2), lambda contact: optional(contact["hours"])),
        status=lambda contact: contact["status"],
        required=True,
    )  # fmt: skip


def delays_table(delays: list[Delay]) -> Table:
    """Print the delays that were agreed."""
    return Table.of(
        "delays", "Délais convenus", delays, lambda delay: delay["event"],
        (Column("event", "Quoi", 2), lambda delay: delay["event"]),
        (Column("within", "Délai", 1), lambda delay: delay["within"]),
        status=lambda delay: delay["status"],
        required=True,
    )  # fmt: skip


def escalation_table(steps: list[Escalation]) -> Table:
    """Print whom to call next, in order."""
    return Table.of(
        "escalation", "Qui appeler ensuite, dans l’ordre", enumerate(steps, 1), lambda step: str(step[0]),
        (Column("rank", "Ordre"), lambda step: step[0]),
        (Column("to", "Qui", 2), lambda step: step[1]["to"]),
        (Column("after", "Sans réponse après", 1), lambda step: step[1]["after"]),
        status=lambda step: step[1]["status"],
        required=True,
    )  # fmt: skip
