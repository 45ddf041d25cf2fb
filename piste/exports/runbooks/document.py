"""The runbooks as documents of the town: PDF, page, data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from piste.engine.clock import DAY, in_town
from piste.engine.words import agreed
from piste.exports.runbooks.continuity import continuity
from piste.exports.runbooks.critical import HOUR, Promise, Way, broken, lasting, never, timed, ways
from piste.exports.runbooks.recovery import recovery
from piste.exports.runbooks.sources import Sources
from piste.exports.runbooks.step import Call, Command, Runbook, RunbookStep
from piste.papers.dossier.blocks import (
    Block,
    Cell,
    Column,
    Fact,
    Facts,
    Section,
    Steps,
    Table,
    Text,
    optional,
    required,
)
from piste.papers.dossier.document import Envelope, Kind

NEVER = "jamais prouvé"
BLANK = "\N{NO-BREAK SPACE}\n\N{NO-BREAK SPACE}"
"""A cell that a hand writes in."""


def sections(data: Runbook, subject: Sources) -> Iterator[Section]:
    """Print a runbook: its purpose, the order of its steps, then a section a step."""
    titles = {entry["key"]: entry["title"] for entry in data["steps"]}
    promises, lost = broken(data["steps"]), [entry for entry in data["steps"] if entry["unprotected"]]
    unproven = [*_never(data)] if data["plan"] == "pra" else []
    said = [*unproven, *_late(data, promises), *_lost(lost)]
    yield Section("calls", "Qui appeler", [*said, call_table(data["calls"])])
    if promises or lost:
        tables = [*([_promises(promises)] if promises else ()), *([_unpromised(lost)] if lost else ())]
        yield Section("late", "Ce qui ne peut pas être tenu", tables)
    yield Section("log", "La feuille de marche", [_log(data)])
    yield Section("order", "L’ordre", [*map(Text, data["purpose"]), _order(data, titles)])
    for rank, entry in enumerate(data["steps"], 1):
        yield Section(entry["key"], f"{rank}. {entry['title']}", [*step_blocks(entry, titles)])


def _never(data: Runbook) -> Iterator[Text]:
    """Say first which steps nobody has timed: their hours are promises."""
    unproven = never(data["steps"])
    if unproven:
        few = len(unproven) < len(data["steps"])
        said = ", ".join(entry["title"] for entry in unproven) if few else "aucune vraie restauration n’en a mesuré une"
        yield Text(f"Jamais prouvé, {agreed(len(unproven), 'étape(s)')} sur {len(data['steps'])} : {said}.")


def _late(data: Runbook, promises: Sequence[Promise]) -> Iterator[Text]:
    """Say first, in a line, the promises that the order of the steps cannot keep."""
    made = sum(entry["rto_hours"] is not None for entry in data["steps"])
    if promises:
        worst = promises[0]
        yield Text(
            f"{agreed(len(promises), 'promesse(s) intenable(s)')} sur {made} : {worst.title} est promis "
            f"en {worst.promised} h, et son chemin est de {lasting(worst.hours)}. Chaque étape y compte pour le temps "
            "qu’une vraie restauration a mesuré, sinon pour le RTO promis. À décider : allonger le délai promis, ou "
            "raccourcir la reprise."
        )


def _lost(lost: Sequence[RunbookStep]) -> Iterator[Text]:
    """Say first, in a line, what no backup has: its silence would pass for a promise."""
    if lost:
        said = ", ".join(f"{entry['title']} ({', '.join(entry['unprotected'])})" for entry in lost)
        yield Text(
            f"{agreed(len(lost), 'étape(s)')} sans promesse, faute de sauvegarde : {said}. "
            "À décider : sauvegarder ces machines (protection), ou écrire que leur contenu se perd."
        )


def call_table(calls: Sequence[Call]) -> Table:
    """List whom to call in order, with a place for the hour."""
    return Table.of(
        "calls", "Par téléphone, dans cet ordre", calls, lambda item: f"{item['of']}/{item['who']}",
        (Column("who", "Qui", 3), lambda item: item["who"]),
        (Column("of", "De", 3), lambda item: item["of"]),
        (Column("phone", "Téléphone", 2), lambda item: required(item["phone"])),
        (Column("hours", "Heures", 2), lambda item: optional(item["hours"])),
        (Column("called", "Appelé à", 1.3), lambda item: Cell("")),
        status=lambda item: item["status"], required=True,
    )  # fmt: skip


def _log(data: Runbook) -> Table:
    """Print the sheet that a hand fills in, a line a step."""
    return Table.of(
        "log", "Une ligne par étape ; rien ne s’y efface", enumerate(data["steps"], 1), lambda item: item[1]["key"],
        (Column("rank", "N°"), lambda item: item[0]),
        (Column("step", "Étape", 4), lambda item: item[1]["title"]),
        (Column("role", "Qui", 3), lambda item: item[1]["who"]),
        (Column("who", "Nom", 2), lambda item: Cell(BLANK)),
        (Column("began", "Début", 1), lambda item: Cell(BLANK)),
        (Column("ended", "Fin", 1), lambda item: Cell(BLANK)),
        (Column("visa", "Visa", 1), lambda item: Cell(BLANK)),
    )  # fmt: skip


def _promises(promises: Sequence[Promise]) -> Table:
    return Table.of(
        "promises", "Promesses plus courtes que leur chemin", promises, lambda item: item.title,
        (Column("title", "Étape", 3), lambda item: item.title),
        (Column("promised", "Promis"), lambda item: _hours(item.promised)),
        (Column("hours", "Chemin"), lambda item: Cell(lasting(item.hours), "bad")),
        (Column("way", "Par", 5), lambda item: " → ".join(item.way)),
        (Column("never", "Jamais prouvées"), lambda item: optional(len(item.never) or None)),
    )  # fmt: skip


def _unpromised(lost: Sequence[RunbookStep]) -> Table:
    return Table.of(
        "unpromised", "Ce que rien ne sauvegarde", lost, lambda entry: entry["key"],
        (Column("title", "Étape", 3), lambda entry: entry["title"]),
        (Column("promised", "Promis"), lambda entry: Cell(_hours(entry["rto_hours"]) or "rien", "bad")),
        (Column("machines", "Machines sans sauvegarde", 5), lambda entry: ", ".join(entry["unprotected"])),
    )  # fmt: skip


def _order(data: Runbook, titles: dict[str, str]) -> Table:
    before = ways(data["steps"])
    return Table.of(
        "steps", "Étapes, dans leur ordre", data["steps"], lambda entry: entry["key"],
        (Column("title", "Étape", 3), lambda entry: entry["title"]),
        (Column("needs", "Après", 3), lambda entry: optional(", ".join(titles[key] for key in entry["needs"]))),
        (Column("who", "Qui", 2), lambda entry: entry["who"]),
        (Column("rto_hours", "Promis"), _promised),
        (Column("timed", "Mesuré"), _timed),
        (Column("way_hours", "Commence après"), lambda entry: _way(entry, before[entry["key"]])),
        (Column("proof", "Restauration", 2), _proof),
        required=True,
    )  # fmt: skip


def step_blocks(entry: RunbookStep, titles: dict[str, str]) -> Iterator[Block]:
    """Print a step: what is done, by whom, its commands, what comes back, what if it fails."""
    yield Steps(entry["what"])
    needs, hours = ", ".join(titles[key] for key in entry["needs"]), _hours(entry["rto_hours"])
    yield Facts(
        "L’étape",
        [
            *([Fact("needs", "Prérequis", optional(needs))] if needs else ()),
            Fact("who", "Qui", required(entry["who"])),
            Fact("expected", "Résultat attendu", required(entry["expected"])),
            *([Fact("rto_hours", "RTO", optional(hours))] if hours else ()),
        ],
    )
    if entry["commands"]:
        yield command_table(entry["commands"])
    if entry["items"]:
        yield Table.of(
            "items", "Ce qui revient, d’où, en combien de temps", entry["items"], lambda item: item["name"],
            (Column("name", "Nom", 2), lambda item: item["name"]),
            (Column("what", "Quoi", 3), lambda item: optional(item["what"])),
            (Column("family", "Famille", 1), lambda item: item["family"]),
            (Column("rpo_hours", "RPO"), lambda item: _hours(item["rpo_hours"])),
            (Column("rto_hours", "RTO"), lambda item: _hours(item["rto_hours"])),
            (Column("stores", "Depuis", 2), lambda item: optional(", ".join(item["stores"]))),
            (Column("last_copy", "Dernière copie", 1), lambda item: _moment(item["last_copy"], "jamais lue")),
            status=lambda item: item["status"],
        )  # fmt: skip
    if entry["proofs"]:
        yield Table.of(
            "proofs", "Ce qui l’a prouvé", entry["proofs"], lambda item: item["test"],
            (Column("label", "Essai de restauration", 3), lambda item: item["label"]),
            (Column("proven_on", "Dernier PV", 1), lambda item: _moment(item["proven_on"], NEVER)),
            (Column("seconds", "Mesuré", 1),
             lambda item: optional(item["seconds"] is not None and lasting(item["seconds"] / HOUR))),
            (Column("rehearsed_on", "Répétition au laboratoire", 1), lambda item: _moment(item["rehearsed_on"], "—")),
        )  # fmt: skip
    elif entry["rto_hours"]:
        yield Text("Aucun essai de restauration n’est déclaré pour cette étape : jamais prouvé.")
    if entry["on_failure"]:
        yield Text("Si cela échoue :")
        yield Steps(entry["on_failure"], ordered=False, ticked=False)


def command_table(commands: Sequence[Command]) -> Table:
    """Print commands in a size that a reader types from paper."""
    return Table.of(
        "commands", "Les commandes, exactement", enumerate(commands, 1), lambda item: str(item[0]),
        (Column("rank", "Ordre"), lambda item: item[0]),
        (Column("line", "Commande", 5, code=True, typed=True), lambda item: Cell(item[1]["line"], required=True)),
        (Column("codes", "Issue attendue", 1), lambda item: _codes(item[1])),
    )  # fmt: skip


def _codes(item: Command) -> Cell:
    return optional("réussit" if item["codes"] == [0] else f"dit l’état ({', '.join(map(str, item['codes']))})")


def _hours(hours: int | None) -> str:
    return f"{hours} h" if hours is not None else ""


def _promised(entry: RunbookStep) -> Cell:
    hours = _hours(entry["rto_hours"])
    return Cell(hours or "rien", "bad") if entry["unprotected"] else optional(hours)


def _way(entry: RunbookStep, way: Way) -> Cell:
    """Write the hours of the longest way to a step, in red where they reach its promise."""
    late = entry["rto_hours"] is not None and way.hours >= entry["rto_hours"]
    return Cell(lasting(way.hours), "bad" if late else None) if way.hours else optional(None)


def _timed(entry: RunbookStep) -> Cell:
    hours = timed(entry)
    return Cell(NEVER, "doubt") if hours is None else Cell(lasting(hours))


def _moment(moment: str | None, nothing: str) -> Cell:
    return optional(in_town(moment, DAY)) if moment else Cell(nothing, "doubt" if nothing != "—" else None)


def _proof(entry: RunbookStep) -> Cell:
    """Say the oldest of the last proofs: a step is proven as far as its least proven part."""
    if not entry["proofs"]:
        return Cell(NEVER, "doubt") if entry["rto_hours"] else optional(None)
    days = [proof["proven_on"] for proof in entry["proofs"]]
    return Cell(NEVER, "doubt") if None in days else _moment(min(filter(None, days)), NEVER)


KINDS: tuple[Kind[Sources], ...] = (
    Kind("pra", "Plan de reprise d’activité (PRA)", Envelope[Runbook], recovery, sections),
    Kind("pca", "Plan de continuité d’activité (PCA)", Envelope[Runbook], continuity, sections),
)
"""The runbooks of the town."""
