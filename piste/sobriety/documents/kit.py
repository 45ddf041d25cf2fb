"""The kit to apply a lever, and the note to the agents about it (CCTP 4.4.5, 4.4.7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypedDict

from piste.engine.words import agreed
from piste.papers.dossier import notation
from piste.papers.dossier.blocks import Block, Cell, Column, Fact, Facts, Section, Steps, Table, Text, address, required
from piste.sobriety.documents.levers import (
    TARGETED,
    LeverData,
    lever_data,
    lever_facts,
    next_text,
    places_table,
    risks_table,
    stage_text,
)
from piste.sobriety.documents.models import Model, model, model_blocks
from piste.sobriety.documents.subject import LeverSubject
from piste.sobriety.driven import DRIVEN
from piste.sobriety.targets import others

COMMANDS = (
    ("Relever les indicateurs", "piste sobriety diagnose"),
    ("Voir ce qui changerait", "piste sobriety plan {lever}"),
    ("Annoncer aux agents", "piste sobriety apply {lever} --step information"),
    ("Appliquer au pilote", "piste sobriety apply {lever} --step pilot"),
    ("Généraliser", "piste sobriety apply {lever} --step general"),
    ("Établir le procès-verbal", "piste sobriety report"),
)
WITH_ANSIBLE = (
    ("Voir ce qui changerait", "ansible-playbook {playbook} --check --diff"),
    ("Appliquer ce qui est inscrit", "ansible-playbook {playbook}"),
)
REVERSALS = (
    ("Retirer d’une cible", 'piste sobriety revert {lever} {target} --why "RAISON"'),
    ("Retirer partout", 'piste sobriety revert {lever} --all --why "RAISON"'),
)
EFFORTLESS = "Vous n’avez rien à installer ni à régler."


class Command(TypedDict):
    what: str
    line: str


class Kit(TypedDict):
    """The data to apply a lever and to take it back."""

    lever: LeverData
    model: Model
    commands: list[Command]
    with_ansible: list[Command]
    reversals: list[Command]
    checklist: list[str]


class Note(TypedDict):
    """The message to the agents about a lever.

    `starts` is the day from which they notice it; None if it is not settled.
    """

    lever: str
    label: str
    message: str
    starts: str | None
    observation_days: int
    hours: str
    contact: str | None


def kit(subject: LeverSubject) -> Kit:
    """Give the data of the kit of a lever."""
    name = subject.lever
    driven = DRIVEN.get(subject.whole.town.sobriety.levers[name].drives)
    lever = lever_data(subject.whole.town, name, subject.whole.today)
    return {
        "lever": lever,
        "model": model(subject.whole.town, name),
        "commands": _commands_of(COMMANDS, subject, lever),
        "with_ansible": _commands_of(WITH_ANSIBLE, subject, lever, driven.playbook) if driven else [],
        "reversals": _commands_of(REVERSALS, subject, lever),
        "checklist": list(_checklist(lever)),
    }


def _commands_of(
    models: Iterable[tuple[str, str]], subject: LeverSubject, lever: LeverData, playbook: str = ""
) -> list[Command]:
    names = {
        "lever": subject.lever,
        "target": lever["places"][0]["id"] if lever["places"] else "CIBLE",
        "playbook": playbook,
    }
    return [{"what": what, "line": line.format(**names)} for what, line in models]


def _checklist(lever: LeverData) -> Iterator[str]:
    yield from lever["technical"]
    yield from lever["organisational"]
    yield from (f"Le levier « {label} » est appliqué" for label in lever["depends_on"])
    yield "Les indicateurs sont relevés avant l’application (piste sobriety diagnose)"
    yield "La note aux agents est envoyée"
    yield "Le plan est lu : il ne contient que ce levier"
    yield "Le levier est appliqué au pilote"
    days = agreed(lever["observation_days"], "jour(s)")
    yield f"L’observation a duré {days}, les retours des agents sont recueillis"
    yield "La décision de généraliser est prise, datée et signée"
    yield "Le levier est généralisé"
    yield "Les indicateurs sont relevés après, le procès-verbal est établi"
    yield "Le retour en arrière a été essayé sur un site au moins"


def kit_sections(data: Kit, subject: LeverSubject) -> Iterator[Section]:
    """Print the kit."""
    lever = data["lever"]
    stage = [
        Fact("stage", "Où il en est", required(stage_text(lever["stage"]))),
        Fact("next", "Étape suivante", required(next_text(lever["stage"]))),
    ]
    facts = [fact for fact in lever_facts(lever) if fact.key != "places"]
    yield Section("object", "Objet", [Facts("Le levier", [*stage, *facts])])
    yield Section("places", "Périmètre", [places_table(lever["places"], TARGETED[lever["target"]])])
    yield Section("model", "Modèle", list(model_blocks(data["model"])))
    blocks: list[Block] = [
        Steps(lever["procedure"]),
        _commands_table("commands", "Avec piste", data["commands"]),
        *([_commands_table("with_ansible", "Avec Ansible seul", data["with_ansible"])] if data["with_ansible"] else []),
    ]
    yield Section("procedure", "Marche à suivre", blocks)
    reversals = _commands_table("reversals", "Commandes de retour", data["reversals"])
    reversal: list[Block] = [Text(lever["reversal"]), reversals]
    yield Section("reversal", "Retour en arrière", reversal)
    yield Section("risks", "Risques", [risks_table("À surveiller", lever)])
    yield Section("checklist", "Liste de contrôle", [Steps(data["checklist"], ordered=False)])
    yield Section("message", "Note aux agents", [Text(f"« {lever['message']} »")])


def _commands_table(key: str, caption: str, commands: Sequence[Command]) -> Table:
    return Table.of(
        key,
        caption,
        commands,
        lambda command: command["what"],
        (Column("what", "Pour", 1), lambda command: Cell(command["what"])),
        (Column("line", "Ligne à lancer", 3, code=True), lambda command: Cell(command["line"])),
    )


def note(subject: LeverSubject) -> Note:
    """Give the data of the note to the agents."""
    whole = subject.whole
    lever = whole.town.sobriety.levers[subject.lever]
    return {
        "lever": subject.lever,
        "label": lever.label,
        "message": lever.message,
        "starts": subject.starts,
        "observation_days": lever.observation_days,
        "hours": lever_data(whole.town, subject.lever, whole.today)["hours"],
        "contact": whole.contact,
    }


def note_sections(data: Note, subject: LeverSubject) -> Iterator[Section]:
    """Print the note: a page of plain words."""
    whole = subject.whole
    texts = ["Bonjour,", data["message"]]
    if whole.town.sobriety.levers[subject.lever].drives != "ssid_cleaning":
        texts.append(EFFORTLESS)
    yield Section("what", "Ce qui change", [Text(text) for text in texts])
    starts = notation.day(data["starts"]) if data["starts"] else None
    days = agreed(data["observation_days"], "jour(s)")
    facts = [
        Fact("starts", "Premier jour", required(starts)),
        Fact("hours", "Aux heures", required(data["hours"])),
        Fact("where", "Qui commence", required(_first(subject))),
        Fact("contact", "À qui écrire", address(data["contact"])),
    ]
    yield Section("when", "Quand, et pour qui", [Facts("Repères", facts)])
    yield Section(
        "bother",
        "Si cela vous gêne",
        [
            Text(
                "Dites-le-nous, même si ce n’est qu’un détail : indiquez votre poste ou votre salle, ce que vous "
                "faisiez, et ce qui vous a gêné. Nous pouvons vous dispenser de ce réglage, ou revenir en arrière."
            ),
            Text(f"Pendant {days}, nous observons avec les premiers concernés, avant d’aller plus loin."),
        ],
    )
    yield Section(
        "why",
        "Pourquoi",
        [
            Text(
                f"La {whole.town.name} réduit la consommation de son informatique, sans rien retirer au service "
                "rendu. Chaque poste éteint, chaque page non imprimée compte. Merci de votre aide."
            ),
            Text("La direction des systèmes d’information"),
        ],
    )


def _first(subject: LeverSubject) -> str:
    town = subject.whole.town
    lever = town.sobriety.levers[subject.lever]
    if not lever.pilot:
        return "Les agents volontaires du groupe pilote, puis tous."
    labels = {name: site["name"] for name, site in town.sites.items()} | others(town, lever.target)
    names = [labels.get(pilot, pilot) for pilot in lever.pilot]
    return f"{', '.join(names)} ; puis tous."
