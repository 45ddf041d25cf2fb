"""The papers of `piste asset`: labels, and the documents of the life of the assets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from piste.commands.french import Verb
from piste.commands.options import environment_option
from piste.engine.converge.private import write_shared
from piste.engine.words import agreed

if TYPE_CHECKING:
    from piste.town.model import Town
    from piste.town.model.assets.derived import Asset

DEFAULT_SHEET = "a4-21"
PAPERS = ("delivery", "erasure", "lot", "off", "parity")


def complete_name(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    """Complete the name of an asset."""
    from piste.commands.validate import INVENTORY
    from piste.town.derived import derivation
    from piste.town.kept import Inputs

    return [item["name"] for item in derivation(Inputs(INVENTORY)).assets if item["name"].startswith(begun)]


def complete_site(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    """Complete the id of a site."""
    from piste.commands.validate import INVENTORY
    from piste.town.derived import derivation
    from piste.town.kept import Inputs

    return [name for name in derivation(Inputs(INVENTORY)).sites if name.startswith(begun)]


def _complete_sheet(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    from piste.papers.dossier.labels import SHEETS

    return [name for name in SHEETS if name.startswith(begun)]


@click.command("label", cls=Verb)
@click.argument("names", metavar="[NOM]...", nargs=-1, shell_complete=complete_name)
@click.option("--site", metavar="SITE", shell_complete=complete_site, help="Ceux d’un site.")
@click.option("--class", "kind", metavar="CLASSE", help="Ceux d’une classe : computer, printer…")
@click.option("--sheet", default=DEFAULT_SHEET, show_default=True, metavar="FEUILLE", shell_complete=_complete_sheet,
              help="La feuille ou le rouleau.")  # fmt: skip
@click.option("--skip", type=click.IntRange(0, 1000), default=0, metavar="NOMBRE", help="Étiquettes déjà utilisées.")
@click.option("--outline", is_flag=True, help="Tracer les bords, pour essayer une feuille sur du papier.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default="etiquettes.pdf",
              help="Fichier où écrire.")  # fmt: skip
def label(
    names: tuple[str, ...],
    site: str | None,
    kind: str | None,
    sheet: str,
    skip: int,
    outline: bool,
    out: Path,
) -> None:
    """Imprimer des étiquettes : nom, série, site, et un code QR du nom, que « piste find » retrouve.

    \b
    piste asset label pc-ccas-009 pc-ccas-010
    piste asset label --site ecole-jaures --sheet a4-65 --skip 12
    piste asset label --class printer --out imprimantes.pdf

    Rien n'est écrit dans la déclaration ; que l'étiquette est posée se dit à l'affectation (--labelled).
    """
    from piste.commands.validate import INVENTORY
    from piste.papers.dossier.labels import SHEETS, Label, as_labels
    from piste.sites.dossiers import origin
    from piste.sites.life.changes import named
    from piste.sites.life.papers import site_name
    from piste.town.town import load_town, refuse_faults

    if sheet not in SHEETS:
        known = " ; ".join(f"{name} ({entry.label})" for name, entry in SHEETS.items())
        raise click.UsageError(f"« {sheet} » n’est pas une feuille : {known}")
    if not (names or site or kind):
        raise click.UsageError("il faut des noms, un site (--site) ou une classe (--class)")
    town = refuse_faults(load_town(INVENTORY))
    chosen = [named(town, name) for name in names] + list(_chosen(town, site, kind, bool(names)))
    if not chosen:
        raise click.UsageError("aucun équipement n’est ainsi")
    labels = [Label(item["name"], item["name"], item["serial"] or "", site_name(town, item["site"])) for item in chosen]
    date = datetime.fromisoformat(origin(town, "lab").date)
    made = as_labels(labels, SHEETS[sheet], town.name, int(date.timestamp()), skip=skip, outline=outline)
    write_shared(out, made)
    click.echo(f"{out} : {agreed(len(labels), 'étiquette(s)')}, {SHEETS[sheet].label}")


def _chosen(town: Town, site: str | None, kind: str | None, named: bool) -> Iterator[Asset]:
    if named and not (site or kind):
        return
    for item in town.assets:
        if site in (None, item["site"]) and kind in (None, item["kind"]) and item["state"] != "retired":
            yield item


@click.command("report", cls=Verb)
@click.argument("paper", metavar="DOCUMENT", type=click.Choice(PAPERS))
@click.argument("names", metavar="[NOM]...", nargs=-1)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default="dossiers", help="Dossier où écrire.")
@environment_option
@click.option("--tests", type=click.Path(exists=True, file_okay=False, path_type=Path),
              help="Dossier des vérifications, s’il n’est pas celui de l’environnement.")  # fmt: skip
def report(paper: str, names: tuple[str, ...], out: Path, environment: str, tests: Path | None) -> None:
    """Établir un document, en PDF/A à signer, en HTML et en JSON.

    \b
    piste asset report delivery BC-2026-014   PV de réception : étiquettes, ports vus par piste verify
    piste asset report erasure pc-hdv-012     certificat d'effacement
    piste asset report lot                    PV de déploiement de chaque lot de clients légers, et leur index
    piste asset report off                    liste datée de ce qui est éteint (moins-value)
    piste asset report parity                 parité des Mac avec les autres postes

    Sans nom : tous. Un lot sans étude n'a pas de PV ; l'index le nomme.
    """
    from piste.sites.life.filing import file_papers
    from piste.town import declared

    town = declared.town(environment)
    for line in file_papers(town, paper, names, environment, out, tests):
        click.echo(line)
