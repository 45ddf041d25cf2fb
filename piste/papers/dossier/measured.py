"""The record of processing of the measures of computers, and the note to the agents.

RGPD, articles 13 and 30.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple, TypedDict

from piste.papers.dossier.blocks import Column, Fact, Facts, Section, Steps, Table, Text, optional, required
from piste.papers.dossier.notation import day
from piste.papers.dossier.subject import Commune
from piste.town.model.computer_measures import TownComputerMeasures
from piste.town.model.directory.form import Rollout


class Measured(NamedTuple):
    """A kind of data of a computer's file: fields of the form, what it is, what it serves."""

    fields: tuple[str, ...]
    what: str
    purpose: str


DATA: Final = (
    Measured(("computer", "serial", "maker", "model", "chassis", "system", "firmware_on", "installed_on"),
             "nom et numéro de série du poste, marque, modèle, genre, version du système, dates du micrologiciel et de "
             "l’installation",
             "rattacher la mesure à l’inventaire ; âge, réemploi, fin de vie"),
    Measured(("battery",), "capacités de la batterie, cycles", "fin de vie d’un portable"),
    Measured(("power", "shutdown"), "durées avant la veille, dernier arrêt automatique",
             "les postes se mettent-ils en veille et s’arrêtent-ils (F1)"),
    Measured(("states",), "plages où le poste est allumé, en veille, éteint, sur 35 jours",
             "les postes dorment-ils hors des horaires (F1, F2)"),
    Measured(("wakes", "requests", "armed"),
             "ce qui réveille le poste ou le tient éveillé : tâche, pilote, périphérique",
             "corriger ce qui empêche la veille"),
    Measured(("startup",), "programmes qui démarrent d’eux-mêmes, par leur nom", "rationaliser les démarrages"),
    Measured(("sessions",), "minutes avec une session ouverte, par heure de la semaine, sommées sur 35 jours",
             "comparer l’usage réel aux horaires déclarés"),
    Measured(("printers",), "imprimantes du poste, par genre de port et pilote",
             "trouver les imprimantes locales isolées"),
    Measured(("telemetry",), "niveau de télémesure du système", "limiter les échanges sans objet"),
    Measured(("policies", "encrypted", "firewall"),
             "stratégies que le poste applique, protection de son disque (jamais sa clé), pare-feu en service",
             "prouver qu’un poste remis est durci et chiffré (CCTP 3.4.1)"),
    Measured(("updates",), "dates et nombres des mises à jour de Windows, redémarrage attendu",
             "trouver les postes en retard ou en échec (CCTP 4.2.3)"),
    Measured(("software",), "programmes installés pour tout le poste, par leur nom et leur version, jamais leur usage",
             "comparer les versions à celles qui sont déclarées (CCTP 4.3.4)"),
    Measured(("format", "taken_at", "collector"), "date du relevé, version du programme", "lire le fichier"),
)  # fmt: skip
"""All that a file contains; a test compares it with the form."""

NEVER: Final = (
    "le nom, le compte ou l’identifiant d’une personne",
    "ce qui est affiché, tapé, ouvert ou enregistré",
    "les sites et les serveurs visités",
    "les titres et les noms de documents, de files et d’imprimantes",
    "la position, le son, l’image",
)
"""What the program does not read, as a test of its source proves."""
SECURITY: Final = (
    "programme signé par la Ville ; Windows en exige la signature",
    "un poste ajoute et réécrit son seul fichier : il ne lit, ne liste et ne supprime rien du partage",
    "partage chiffré (SMB 3) ; lecture réservée aux groupes ci-dessous",
    "fichier borné, de forme fermée : un champ inconnu, un chemin ou un compte le fait refuser",
)
RIGHTS: Final = "Accès, rectification, opposition, limitation : auprès du délégué à la protection des données."


class Declared(TypedDict):
    """The declared measure, without the computers: the inventory has them."""

    state: Rollout
    server: str
    share: str
    readers: list[str]
    at: str
    spread_min: int
    keep_days: int
    informed_on: str | None
    status: str | None


class MeasuredData(TypedDict):
    """The record of processing; `measures` is None where nothing is declared."""

    measures: Declared | None
    data: list[dict[str, str]]
    never: list[str]
    security: list[str]


class NoteData(TypedDict):
    """The letter: what is measured, what never is, for how many days.

    `keep_days` is None where nothing is declared.
    """

    measured: list[str]
    never: list[str]
    keep_days: int | None


def measured(subject: Commune) -> MeasuredData:
    """Gather what the computers measure, why, for how long, read by whom."""
    assert subject.town.commune
    rows = [{"fields": ", ".join(entry.fields), "what": entry.what, "purpose": entry.purpose} for entry in DATA]
    known = subject.town.commune["computer_measures"]
    return MeasuredData(
        measures=_declared(known) if known else None, data=rows, never=list(NEVER), security=list(SECURITY)
    )


def _declared(known: TownComputerMeasures) -> Declared:
    return Declared(
        state=known["state"], server=known["server"], share=known["share"], readers=known["readers"], at=known["at"],
        spread_min=known["spread_min"], keep_days=known["keep_days"], informed_on=known["informed_on"],
        status=known["status"],
    )  # fmt: skip


def note(subject: Commune) -> NoteData:
    """Gather what the letter says; the last of the data is for programs."""
    assert subject.town.commune
    known = subject.town.commune["computer_measures"]
    return NoteData(
        measured=[entry.what for entry in DATA[:-1]], never=list(NEVER), keep_days=known["keep_days"] if known else None
    )


_STATES = {"off": "aucun poste", "pilot": "les postes du groupe pilote", "enforced": "tous les postes"}


def record_sections(data: MeasuredData, subject: Commune) -> Iterator[Section]:
    """Print the record: purpose, data, durations, readers, security, information."""
    known = data["measures"]
    status = known["status"] if known else None
    yield Section("purpose", "Pourquoi et comment", [
        Facts("Le traitement", [
            Fact("purpose", "Finalité", optional("objectiver la consommation des postes et ce qui les tient éveillés "
                 "(CCTP 4.4.2, 4.4.6) ; jamais l’activité d’un agent")),
            Fact("basis", "Base légale", optional("mission d’intérêt public (RGPD, article 6.1.e)")),
            Fact("who", "Postes concernés", required(known and _STATES[known["state"]]), status),
            Fact("when", "Quand", required(known and _when(known)), status),
            Fact("where", "Où", required(known and rf"\\{known['server']}\{known['share']}"), status),
            Fact("informed", "Agents informés le", required(_informed(known)), status),
        ]),
    ])  # fmt: skip
    yield Section("data", "Ce qui est relevé, et ce qui ne l’est pas", [_table(data["data"]), *_never(data)])
    yield Section("durations", "Jusqu’à quand, et qui lit", [
        Facts("Durées et lecteurs", [
            Fact("file", "Dans le fichier d’un poste", optional("35 jours ; chaque relevé remplace le précédent")),
            Fact("keep", "Mesures gardées", required(known and f"{known['keep_days']} jours"), status),
            Fact("readers", "Groupes qui lisent", required(known and ", ".join(known["readers"])), status),
            Fact("risk", "Ce qui reste personnel", optional("un poste affecté à un seul agent : l’inventaire lui "
                 "rattache les plages et les minutes de session ; jamais lues pour évaluer ou contrôler")),
            Fact("published", "Publié", optional("par site, modèle et genre ; la liste des postes à corriger va à "
                 "l’informatique seule")),
        ]),
    ])  # fmt: skip
    safeties = Steps(data["security"], ordered=False, ticked=False)
    yield Section("security", "Sécurités et droits", [safeties, Text(RIGHTS)])


def note_sections(data: NoteData, subject: Commune) -> Iterator[Section]:
    """Print the letter to the agents."""
    yield Section("note", "Vos postes de travail vont mesurer leur propre sobriété", [
        Text("La Ville veut savoir si ses ordinateurs se mettent en veille, s’éteignent le soir, et ce qui les en "
             "empêche. Pour cela, chaque poste écrit une fois par jour un petit fichier de chiffres. Vous n’avez rien "
             "à installer ni à régler, et rien ne change dans votre travail."),
        Text("Le poste relève : " + " ; ".join(data["measured"]) + "."),
    ])  # fmt: skip
    yield Section("never", "Ce que le poste ne relève jamais", [Steps(data["never"], ordered=False, ticked=False)])
    yield Section("use", "À quoi cela sert, et jusqu’à quand", [
        Text("Les chiffres servent à régler les postes et à choisir lesquels garder. Ils ne servent ni à évaluer ni à "
             "contrôler qui que ce soit : un poste n’est relié à aucun agent dans ces fichiers."),
        Text(f"Les mesures se gardent {data['keep_days'] or '…'} jours ; seule l’informatique lit le détail d’un "
             f"poste. {RIGHTS}"),
    ])  # fmt: skip


def _when(known: Declared) -> str:
    spread = f"étalé sur {known['spread_min']} minutes"
    return f"chaque jour à partir de {known['at']}, {spread} ; le poste n’est pas réveillé"


def _informed(known: Declared | None) -> str | None:
    return day(known["informed_on"]) if known and known["informed_on"] else None


def _never(data: MeasuredData) -> list[Text | Steps]:
    return [Text("Jamais relevés :"), Steps(data["never"], ordered=False, ticked=False)]


def _table(rows: Sequence[dict[str, str]]) -> Table:
    return Table.of(
        "data", "Les données, et leur usage", rows, lambda row: row["fields"],
        (Column("what", "Donnée", 3), lambda row: row["what"]),
        (Column("purpose", "Usage", 2), lambda row: row["purpose"]),
        (Column("fields", "Champs du fichier", 2), lambda row: row["fields"]),
    )  # fmt: skip
