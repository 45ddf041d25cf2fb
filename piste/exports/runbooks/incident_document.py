"""The runbooks of incidents as documents: calls, notices, steps, evidence, log sheet."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from piste.engine.clock import in_town
from piste.exports.runbooks.document import BLANK, call_table, command_table, step_blocks
from piste.exports.runbooks.document import KINDS as PLANS
from piste.exports.runbooks.incidents import Response, response, written
from piste.exports.runbooks.sources import Sources
from piste.papers.dossier.blocks import Block, Cell, Column, Section, Steps, Table, Text
from piste.papers.dossier.document import Envelope, Kind
from piste.town.model.incidents import Incident

PREFIX = "incident-"
LINES = 18
"""Lines of a log sheet."""


def sections(data: Response, subject: Sources) -> Iterator[Section]:
    """Print a runbook, from the list of calls to the log sheet."""
    titles = {step["key"]: step["title"] for step in data["steps"]}
    yield Section("calls", "Qui appeler", [
        Text("Cette procédure commence dès que l’un de ces signes est vu, sans attendre d’en être sûr :"),
        Steps(data["starts"], ordered=False), call_table(data["calls"]),
    ])  # fmt: skip
    yield Section("hour", "La première heure", [Steps(data["hour"], ordered=False)])
    if data["duties"]:
        yield Section("duties", "Qui prévenir, avant quand", [*_duties(data)])
    for rank, step in enumerate(data["steps"], 1):
        yield Section(step["key"], f"{rank}. {step['title']}", [*step_blocks(step, titles)])
    yield Section("freeze", "Ce qui se garde comme preuve", [*_freeze(data)])
    if data["notice"]:
        yield Section("notice", "La notification à la CNIL", [_fields(data)])
        yield Section("letter", "Le texte aux personnes, à compléter", [*map(Text, data["letter"])])
    yield Section("out", "La sortie, puis les leçons", [
        Steps(data["out"], ordered=False), Steps(data["lessons"], ordered=False)])  # fmt: skip
    yield Section("log", "La main courante", [_log()], own_page=True)


def _duties(data: Response) -> Iterator[Block]:
    yield Table.of(
        "duties", "Les délais partent de la connaissance, nuits et jours fériés compris", data["duties"],
        lambda duty: duty["to"],
        (Column("to", "À qui, par qui", 3), lambda duty: f"{duty['to']}\nPar : {duty['who']}"),
        (Column("delay", "Délai", 3), lambda duty: Cell(duty["delay"], required=True)),
        (Column("when", "Quand, source", 5), lambda duty: f"{duty['when']}.\n{duty['source']}."),
        (Column("due", "Échéance, puis fait le", 2), lambda duty: Cell(in_town(duty["due"]) if duty["due"] else BLANK)),
    )  # fmt: skip
    if doubts := [f"{duty['to']} : {duty['doubt']}." for duty in data["duties"] if duty.get("doubt")]:
        yield Text(f"Ce qui reste à vérifier ({len(doubts)}) :")
        yield Steps(doubts, ordered=False)


def _freeze(data: Response) -> Iterator[Block]:
    yield Text(
        "Rien n’est effacé, rallumé ni réinstallé avant. Une preuve vaut par qui l’a prise, quand, et son empreinte."
    )
    yield Table.of(
        "freeze", "Ce qui est gardé", data["freeze"], lambda kept: kept["what"],
        (Column("what", "Quoi", 3), lambda kept: kept["what"]),
        (Column("how", "Comment", 4), lambda kept: kept["how"]),
        (Column("place", "Où, par qui, quand", 2), lambda kept: Cell(BLANK)),
        (Column("digest", "Empreinte (SHA-256)", 3), lambda kept: Cell(BLANK)),
    )  # fmt: skip
    yield command_table([each for kept in data["freeze"] for each in kept["commands"]])


def _fields(data: Response) -> Table:
    return Table.of(
        "notice", "Ce que l’article 33, paragraphe 3, demande ; « inconnu » se dit, et se complète",
        data["notice"], lambda field: field["label"],
        (Column("label", "Champ", 4), lambda field: field["label"]),
        (Column("source", "Article", 1), lambda field: field["source"]),
        (Column("value", "Ce qui est su", 6), lambda field: Cell(field["value"] or BLANK)),
    )  # fmt: skip


def _log() -> Table:
    return Table.of(
        "log", "Chaque fait, chaque geste, chaque décision ; rien ne s’y efface", range(1, LINES + 1), str,
        (Column("rank", "N°"), lambda rank: rank),
        (Column("at", "Date, heure", 2), lambda rank: Cell(BLANK)),
        (Column("who", "Qui", 2), lambda rank: Cell(BLANK)),
        (Column("what", "Fait, geste, décision", 7), lambda rank: Cell(BLANK)),
        (Column("visa", "Visa", 1), lambda rank: Cell(BLANK)),
    )  # fmt: skip


def kind_of(name: str, entry: Incident | None = None, site: str | None = None) -> Kind[Sources]:
    """Make the kind of document of a runbook.

    With an incident of the register, or a site: of it alone.
    """
    suffix = "".join(f"-{part}" for part in (entry and entry["id"], site) if part)
    said = written()["kinds"][name]["title"]
    title = f"Procédure d’incident : {said[:1].lower()}{said[1:]}{f' ({suffix[1:]})' if suffix else ''}"
    made = partial(response, name=name, entry=entry, site=site)
    return Kind(f"{PREFIX}{name}{suffix}", title, Envelope[Response], made, sections)


INCIDENTS = tuple(kind_of(name) for name in written()["kinds"])
PAPERS: tuple[Kind[Sources], ...] = (*PLANS, *INCIDENTS)
"""Every runbook of the town, as documents."""
