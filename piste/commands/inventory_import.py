"""The verb `piste inventory import`: lists and inventories of agents, planned, then written."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from piste.commands.french import Verb
from piste.commands.options import text_or_json
from piste.commands.output import leave_on_no, say_json
from piste.engine.converge.errors import Missing
from piste.engine.words import agreed, safe

if TYPE_CHECKING:
    from piste.sites.imports.item import Items
    from piste.sites.imports.matching import Step

_SHOWN = 40
"""Items of an outcome that are listed; beyond, they are counted."""


def _complete_class(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    from piste.town.model.assets.classes import CLASSES

    return [name for name, entry in CLASSES.items() if entry.table != "none" and name.startswith(begun)]


@click.command("import", cls=Verb)
@click.argument(
    "files", metavar="FICHIER...", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--class", "kind", metavar="CLASSE", shell_complete=_complete_class, help="La classe des lignes d’une liste."
)
@click.option("--site", metavar="SITE", help="Le site de ce dont rien ne dit le site.")
@click.option(
    "--read",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Ce qu’un export a lu : ce qu’un système connaît n’est pas saisi.",
)
@click.option("--dry-run", is_flag=True, help="Montrer ce qui serait écrit, sans rien écrire.")
@click.option("--yes", is_flag=True, help="Ne pas demander.")
@text_or_json
def import_files(
    files: tuple[Path, ...],
    kind: str | None,
    site: str | None,
    folder: Path | None,
    dry_run: bool,
    yes: bool,
    form: str,
) -> None:
    """Faire entrer des listes (CSV) et des inventaires d'agents (JSON, XML) dans les tables de l'inventaire.

    \b
    piste inventory import livraison.csv --class computer --dry-run
    piste inventory import pc-jau-013.json pc-jau-014.xml
    piste inventory import parc.csv --read lu --yes

    Une liste a ses colonnes dans n'importe quel ordre, en français ou en anglais. Ce que Piste connaît déjà est
    reconnu à son numéro de série, son adresse MAC ou son nom : complété là où rien n'est sûr, jamais remplacé ni
    saisi deux fois. Les fautes sont dites toutes ensemble, par ligne, et rien n'est alors écrit.
    Codes de sortie : 0 écrit, ou rien à écrire ; 2 à écrire (--dry-run) ; 1 des fautes ; 4 refusé.
    """
    from piste.engine.repository import ROOT
    from piste.sites import declaring
    from piste.sites.imports import matching, reading
    from piste.sites.life.changes import shown
    from piste.town import declared

    town = declared.sound("lab")
    _refuse_unknown(kind, site, town.sites)
    read = reading.read_files(files, kind)
    steps, faults = matching.planned(read.items, town, _observed(folder), site)
    faults = sorted([*read.faults, *faults])
    tables = {} if faults else reading.files(steps, declaring.TOWN, ROOT)
    if form == "json":
        say_json(_json(read, steps, faults))
    else:
        _print(read, steps, [str(fault) for fault in faults])
    if faults:
        click.echo("Rien n’a été écrit : corrigez ces lignes.", err=True)
        sys.exit(1)
    before = {path: declaring.text_at(ROOT / path) for path in tables}
    if tables:
        declaring.validated(tables, ROOT)
        if form == "text":
            for line in shown(tables, ROOT):
                click.echo(line)
    if not tables or dry_run:
        click.echo("Rien n’a été écrit.", err=True)
        sys.exit(2 if tables else 0)
    leave_on_no("\nÉcrire ces tables ?", yes=yes)
    declaring.write_files(tables, ROOT, before)
    for path in tables:
        click.echo(f"Écrit : {path}", err=form == "json")


def _refuse_unknown(kind: str | None, site: str | None, sites: object) -> None:
    from piste.town.model.assets.classes import CLASSES
    from piste.town.model.wording import closest

    known = [name for name, entry in CLASSES.items() if entry.table != "none"]
    if kind is not None and kind not in known:
        todo = closest(kind, known) or f"Classes : {', '.join(known)}."
        raise Missing(f"« {kind} » n’est pas une classe qui se dit dans une table", todo=todo)
    if site is not None and site not in list(sites):  # type: ignore[call-overload]
        raise Missing(f"« {site} » n’est pas un site", todo=closest(site, list(sites)))  # type: ignore[call-overload]


def _observed(folder: Path | None) -> list[str]:
    """List the serial numbers that an export read."""
    if folder is None:
        return []
    from piste.exports.bag.contents import read

    return [serial for place in read(folder, (), {}).places for serial in place["devices"]]


def _json(read: Items, steps: Sequence[Step], faults: Sequence[object]) -> dict[str, object]:
    return {
        "faults": [fault._asdict() for fault in faults],  # type: ignore[attr-defined]
        "remarks": read.remarks,
        "steps": [
            {
                "outcome": step.outcome,
                "file": step.item.file,
                "line": step.item.line,
                "class": step.kind,
                "name": step.name,
                "cells": dict(step.cells),
                "why": step.why,
            }
            for step in steps
        ],
    }


def _print(read: Items, steps: Sequence[Step], faults: Sequence[str]) -> None:
    from piste.sites.imports.matching import OUTCOMES

    for remark in read.remarks:
        click.echo(safe(f"note : {remark}"))
    for fault in faults:
        click.echo(safe(f"✗ {fault}"))
    counts = Counter(step.outcome for step in steps)
    for outcome, words in OUTCOMES.items():
        if not counts[outcome]:
            continue
        click.echo(f"{words} : {counts[outcome]}")
        for step in [step for step in steps if step.outcome == outcome][:_SHOWN]:
            detail = step.why or ", ".join(f"{name} {value}" for name, value in step.cells.items() if name != "name")
            click.echo(safe(f"  {step.name} ({step.item.file}:{step.item.line}) : {detail}"))
        if counts[outcome] > _SHOWN:
            click.echo(f"  et {agreed(counts[outcome] - _SHOWN, 'autre(s)')}")
