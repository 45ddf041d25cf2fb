"""A paper for the DSI: what Piste proposes for the tenant, and never writes (CCTP 3.5.2.1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

from piste.engine.finding import GRAVITIES, Gravity
from piste.papers.dossier import notation
from piste.papers.dossier.blocks import Cell, Column, Fact, Facts, Mark, Section, Table, Text, required
from piste.papers.dossier.decision import decided
from piste.papers.dossier.document import Envelope, Kind
from piste.papers.dossier.subject import About
from piste.readings.belief import Last, Reading
from piste.readings.tenant.kept import tenant
from piste.readings.tenant.rules import RULES, verdict

GRAVITY: Mapping[Gravity, tuple[str, Mark | None]] = {
    "critical": ("grave", "bad"), "major": ("important", "doubt"), "minor": ("mineur", None)
}  # fmt: skip


class Proposal(TypedDict):
    """A broken rule; `licence`: what its cure asks for; `bought`: null where it is not read."""

    id: str
    same: list[str]
    title: str
    gravity: Gravity
    why: str
    cure: str
    effect: str
    licence: str | None
    bought: bool | None


class Unjudged(TypedDict):
    id: str
    title: str
    why: str


class ProposalsRecord(TypedDict):
    """The data of the proposals, the gravest first; a rule whose part is not read is unknown."""

    at: str
    rules: int
    proposals: list[Proposal]
    unknown: list[Unjudged]


@dataclass(frozen=True, slots=True)
class Proposals:
    """The last reading of each part of a tenant; a part at least was read."""

    town: str
    known: Mapping[str, Last[Any]]

    @property
    def at(self) -> str:
        """The moment of the oldest part."""
        return min(part.read_at for part in self.known.values() if isinstance(part, Reading)).isoformat()

    @property
    def about(self) -> About:
        said = f"{self.town}, locataire lu le {notation.moment(self.at)}"
        return About("microsoft-365", "Microsoft 365", said, self.town, observed=self.at)


def _proposals(subject: Proposals) -> ProposalsRecord:
    read = tenant(subject.known)
    record = ProposalsRecord(at=subject.at, rules=len(RULES), proposals=[], unknown=[])
    for id_, rule in RULES.items():
        state, why, _ = verdict(rule, read)
        if state == "unknown":
            record["unknown"].append(Unjudged(id=id_, title=rule["title"], why=why))
        elif state == "wrong":
            licence = rule.get("licence")
            made = Proposal(
                id=id_, same=[*rule.get("same", ())], title=rule["title"], gravity=rule.get("gravity", "major"),
                why=why, cure=rule["cure"], effect=rule["effect"],
                licence=f"Microsoft Entra ID {licence}" if licence else None,
                bought=read.bought(licence) if licence else None,
            )  # fmt: skip
            record["proposals"].append(made)
    record["proposals"].sort(key=lambda made: GRAVITIES.index(made["gravity"]))
    return record


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _seen(made: Proposal) -> Cell:
    return Cell(f"{_sentence(made['title'])}\nLu : {made['why'] or 'non tenue'}.")


def _proposed(made: Proposal) -> Cell:
    said = {True: "la Ville l’a", False: "à acheter, à chiffrer", None: "nul ne dit si la Ville l’a"}[made["bought"]]
    licence = f"\nLicence : {made['licence']}, {said}." if made["licence"] else ""
    return Cell(f"{_sentence(made['cure'])}{licence}")


def _sections(data: ProposalsRecord, subject: Proposals) -> Iterator[Section]:
    wrong, unknown = len(data["proposals"]), len(data["unknown"])
    grave = sum(made["gravity"] == "critical" for made in data["proposals"])
    bought = sum(made["bought"] is False for made in data["proposals"])
    facts = [
        Fact("at", "Locataire lu le", required(notation.moment(data["at"]))),
        Fact("rules", "Règles", required(data["rules"])),
        Fact("held", "Tenues", required(data["rules"] - wrong - unknown)),
        Fact("wrong", "Non tenues, proposées ici", required(wrong)),
        Fact("critical", "Dont graves, à décider d’abord", required(grave)),
        Fact("bought", "Dont avec une licence à acheter", required(bought)),
        Fact("unknown", "Inconnues", required(unknown)),
    ]
    how = Text(
        "Piste lit et propose ; il n’écrit rien dans le locataire. La DSI décide de chaque proposition, le titulaire "
        "fait dans la console ce qui est accordé, et la lecture suivante le constate."
    )
    yield Section("read", "Ce qui est lu", [Facts("Règles", facts), how])
    table = Table.of(
        "proposals", "Propositions", data["proposals"], lambda made: made["id"],
        (Column("id", "Règle", 2), lambda made: Cell("\n".join([made["id"], *made["same"]]))),
        (Column("gravity", "Gravité", 1.3), lambda made: Cell(*GRAVITY[made["gravity"]])),
        (Column("title", "Ce qui devrait être, ce qui est lu", 8), _seen),
        (Column("cure", "Proposition", 6), _proposed),
        (Column("effect", "Ce que cela change pour les agents", 5), lambda made: Cell(_sentence(made["effect"]))),
        (Column("decision", "Décision", 2), lambda made: Cell("☐ accordé\n☐ refusé\n☐ étudier")),
        empty="Aucune règle lue n’est en défaut.",
    )  # fmt: skip
    yield Section("proposals", "Règle par règle, la plus grave d’abord", [table])
    unjudged = Table.of(
        "unknown", "Règles inconnues", data["unknown"], lambda row: row["id"],
        (Column("id", "Règle", 2), lambda row: Cell(row["id"])),
        (Column("title", "Ce qui devrait être", 4), lambda row: Cell(row["title"])),
        (Column("why", "Pourquoi elle est inconnue", 4), lambda row: Cell(row["why"])),
    )  # fmt: skip
    yield Section("unknown", "Ce que Piste ne sait pas : ni tenu, ni proposé", [unjudged])
    yield decided((), ["Pour la Ville (DSI)", "Pour le titulaire"])


PROPOSALS: Kind[Proposals] = Kind(
    "propositions-microsoft-365", "Propositions à la DSI", Envelope[ProposalsRecord], _proposals, _sections,
    observed=True,
)  # fmt: skip
