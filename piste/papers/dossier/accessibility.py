"""The declaration of accessibility, in the words that the law asks for (CCTP 7.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypedDict

from piste.papers.dossier import notation
from piste.papers.dossier.blocks import (
    Cell,
    Column,
    Fact,
    Facts,
    Section,
    Steps,
    Table,
    Text,
    address,
    optional,
    required,
)
from piste.papers.dossier.subject import Commune
from piste.town.model.accessibility import Accessibility, Conformity, NotAccessible

STATES: Mapping[Conformity, str] = {
    "full": "en conformité totale",
    "partial": "en conformité partielle",
    "none": "non conformes",
}


def _link(target: str | None) -> Cell:
    return Cell(target, required=True, link=target) if target else required(None)


_DEFENDER = Facts(
    "Joindre le Défenseur des droits",
    [
        Fact("form", "Par son formulaire", _link("https://formulaire.defenseurdesdroits.fr")),
        Fact("delegate", "Par son délégué", _link("https://www.defenseurdesdroits.fr/saisir/delegues")),
        Fact("post", "Par courrier, sans affranchir",
             required("Défenseur des droits, Libre réponse 71120, 75342 Paris CEDEX 07")),
    ],
)  # fmt: skip


class AccessibilityData(TypedDict):
    """The declaration, None where there is none, and the state in law that follows."""

    declared: Accessibility | None
    conformity: Conformity


def accessibility(subject: Commune) -> AccessibilityData:
    """Give the data of the declaration."""
    declared = subject.town.accessibility
    return {"declared": declared, "conformity": declared.conformity(subject.day) if declared else "none"}


def headline(data: AccessibilityData) -> Cell:
    """Give the state in law."""
    marks = {"full": "good", "partial": "doubt", "none": "bad"}
    return Cell(f"Les pages sont {STATES[data['conformity']]} au RGAA.", marks[data["conformity"]])  # type: ignore[arg-type]


def accessibility_sections(data: AccessibilityData, subject: Commune) -> Iterator[Section]:
    """Print the declaration."""
    declared, town = data["declared"], subject.town.name
    if declared is None:
        facts = Facts("Déclaration", [Fact("declared", "Déclarée", required(None))])
        yield Section("commitment", "Engagement", [facts])
        return
    yield Section(
        "commitment",
        "Engagement",
        [
            Text(
                f"La {town} s’engage à rendre ses pages accessibles, conformément à l’article 47 de la loi n° 2005-102 "
                "du 11 février 2005. Cette déclaration s’applique à ce qui suit."
            ),
            Steps(declared.covers, ordered=False, ticked=False),
            Facts(
                "Stratégie",
                [
                    Fact("multi_year_plan", "Schéma pluriannuel", _link(declared.multi_year_plan), declared.status),
                    Fact("yearly_plan", "Plan d’actions de l’année", _link(declared.yearly_plan), declared.status),
                ],
            ),
        ],
    )
    yield Section("state", "État de conformité", [_state(data, declared, subject.day)])
    yield Section(
        "contents",
        "Contenus non accessibles",
        [
            _contents("not_accessible", "Ce qui n’est pas conforme", declared.not_accessible),
            _contents("exempt", "Ce qui est dispensé, et pourquoi", declared.exempt),
        ],
    )
    yield Section(
        "made",
        "Établissement de la déclaration",
        [
            Facts("Comment elle a été établie", [
                Fact("technologies", "Techniques", required(", ".join(declared.technologies))),
                Fact("checked_with", "Contrôles automatiques", required(" ; ".join(declared.checked_with))),
            ]),
            Text("Un contrôle automatique couvre une part des critères : il ne prouve pas la conformité."),
        ],
    )  # fmt: skip
    yield Section(
        "contact",
        "Retour d’information et contact",
        [
            Text("Un contenu, un service n’est pas accessible ? Demandez qu’il vous soit donné sous une autre forme."),
            Facts("Contact", [Fact("mail", "Courriel", address(declared.contact), declared.status)]),
        ],
    )
    yield appeal()


def appeal() -> Section:
    """Print the ways of appeal, which the law gives to everybody."""
    said = Text("Sans réponse satisfaisante, vous pouvez saisir le Défenseur des droits.")
    return Section("appeal", "Voies de recours", [said, _DEFENDER])


def _state(data: AccessibilityData, declared: Accessibility, day: str) -> Text:
    audit = declared.audit
    state = STATES[data["conformity"]]
    said = f"Les pages sont {state} au référentiel général d’amélioration de l’accessibilité (RGAA)"
    if audit is None:
        return Text(f"{said} : aucun audit n’a été fait.")
    share = notation.measure(100 * audit.conforming / audit.applicable, "%", 1)
    made = (
        f"l’audit du {notation.day(audit.made_on)}, de {audit.by}, sur le RGAA {audit.rgaa}, trouve "
        f"{audit.conforming} critères conformes sur {audit.applicable} qui s’appliquent ({share})"
    )
    if not audit.valid(day):
        return Text(f"{said} : {made}, mais il ne vaut plus.")
    return Text(f"{said} : {made}.")


def _contents(key: str, caption: str, contents: Sequence[NotAccessible]) -> Table:
    return Table.of(
        key,
        caption,
        contents,
        lambda content: content.content,
        (Column("content", "Contenu", 2), lambda content: content.content),
        (Column("why", "Pourquoi", 4), lambda content: content.why),
        (Column("remedy", "Ce qui est fait", 3), lambda content: optional(content.remedy)),
        empty="Rien n’est connu.",
    )
