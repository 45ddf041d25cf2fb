"""The verb `piste dossier`: documents of a site, the town, a third party; PDF, pages, data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from piste.commands.french import Verb
from piste.commands.options import environment_option
from piste.commands.output import write_schemas
from piste.commands.validate import INVENTORY
from piste.engine.words import agreed

if TYPE_CHECKING:
    from piste.papers.dossier.document import Document

OUT = "dossiers"
"""The folder of documents, where nobody gives another."""


def _complete_site(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    from piste.town.derived import derivation
    from piste.town.kept import Inputs

    town = derivation(Inputs(INVENTORY))
    parties = town.commune["third_parties"] if town.commune else ()
    planned = [party["id"] for party in parties if party["plan_due"] or party["interface"]]
    return [name for name in ("all", *town.owners, *planned) if name.startswith(begun)]


@click.command(cls=Verb)
@click.argument("sites", metavar="SITE...", nargs=-1, required=True, shell_complete=_complete_site)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=OUT, help="Dossier où écrire.")
@environment_option
@click.option(
    "--tests",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Dossier des vérifications, s’il n’est pas celui de l’environnement.",
)
@click.option("--inventory", type=click.Path(path_type=Path), default=INVENTORY, hidden=True)
def dossier(sites: tuple[str, ...], out: Path, environment: str, tests: Path | None, inventory: Path) -> None:
    """Établir les documents d'un site : fiche, plans, procédures, PV de recette ; en PDF, en HTML et en JSON.

    « commune » fait ceux de la Ville : plan de réversibilité, catalogue des applications. Le nom d'un tiers fait le
    plan d'interface convenu avec lui.

    \b
    piste dossier ecole-jaures
    piste dossier commune
    piste dossier kyocera
    piste dossier ecole-jaures mediatheque --out dossiers/2026
    piste dossier all --environment production --out /srv/dossiers

    Rien n'est demandé à aucun système. Le PV de recette dit la dernière vérification du site (piste verify).
    Un document du laboratoire porte SPÉCIMEN LABORATOIRE à chaque page.
    """
    from piste.papers.dossier.document import schemas
    from piste.sites.dossiers import establish
    from piste.town import declared
    from piste.town.town import load_town, refuse_faults

    town = refuse_faults(load_town(inventory, declared.folder(environment), rehearsed=declared.rehearsed(environment)))
    for about, kind, made in establish(town, sites, environment, out, tests):
        if made is None:
            click.echo(f"{kind.title} : aucune vérification ; faites d’abord « piste verify {about.id} ».")
        else:
            click.echo(f"{out / about.id / made.name}.pdf, .html, .json : {_state(made)}")
    write_schemas(out, schemas())


def _state(made: Document) -> str:
    missing = len(made.gaps.missing)
    state = f"{agreed(missing, 'champ(s)')} à renseigner sur {made.gaps.mandatory}" if missing else "complet"
    return f"{state}, {len(made.gaps.to_confirm)} à confirmer"
