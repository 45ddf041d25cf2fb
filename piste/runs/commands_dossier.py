"""The verb ``piste dossier``: the documents of a site, or of the town, in PDF to keep, as pages and as data."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import click

from piste.converge.errors import Missing, Misused
from piste.converge.plural import agreed
from piste.runs.commands import environment_option
from piste.runs.french import Verb
from piste.runs.validate import INVENTORY

if TYPE_CHECKING:
    from piste.dossier.document import Document, Origin
    from piste.dossier.subject import Commune, Subject
    from piste.model import Town


def _complete_site(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    from piste.model import load

    return [name for name in ("all", *load(INVENTORY).owners) if name.startswith(begun)]


@click.command(cls=Verb)
@click.argument("sites", metavar="SITE...", nargs=-1, required=True, shell_complete=_complete_site)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default="dossiers", help="Dossier où écrire.")
@environment_option
@click.option(
    "--tests",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Dossier des vérifications, s'il n'est pas celui de l'environnement.",
)
@click.option("--inventory", type=click.Path(path_type=Path), default=INVENTORY, hidden=True)
def dossier(sites: tuple[str, ...], out: Path, environment: str, tests: Path | None, inventory: Path) -> None:
    """Établir les documents d'un site : fiche, plans, procédures, PV de recette ; en PDF, en HTML et en JSON.

    « commune » fait ceux de la Ville : le plan de réversibilité.

    \b
    piste dossier ecole-jaures
    piste dossier commune
    piste dossier ecole-jaures mediatheque --out dossiers/2026
    piste dossier all --environment production --out /srv/dossiers

    Rien n'est demandé à aucun système. Le PV de recette dit la dernière vérification du site (piste verify).
    Un document du laboratoire porte SPÉCIMEN LABORATOIRE à chaque page.
    """
    from piste.dossier.document import kinds, make, schemas
    from piste.dossier.forms import write

    for subject, origin in subjects(sites, environment, tests, inventory):
        about = subject.about
        folder = out / about.id
        for kind in kinds(subject):
            if kind.observed and about.observed is None:
                click.echo(f"{kind.title} : aucune vérification ; faites d'abord « piste verify {about.id} ».")
                continue
            made = make(kind, subject, origin)
            write(made, folder)
            click.echo(f"{folder / kind.name}.pdf, .html, .json : {_state(made)}")
    for name, schema in schemas().items():
        place = out / "schemas" / f"{name}.schema.json"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps(schema, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _state(made: Document) -> str:
    missing = len(made.gaps.missing)
    told = f"{agreed(missing, 'champ(s)')} à renseigner sur {made.gaps.mandatory}" if missing else "complet"
    return f"{told}, {len(made.gaps.to_confirm)} à confirmer"


def subjects(
    names: Sequence[str], environment: str, tests: Path | None = None, inventory: Path = INVENTORY
) -> list[tuple[Subject | Commune, Origin]]:
    """What the documents of sites, or of the town, are made from, in an environment; `all` are those in service.

    Raises Missing for a name that nobody declares, Misused for tests of another environment.
    """
    from piste.model.wording import closest
    from piste.runs import adoption
    from piste.site import load_town, refuse_faults

    town = refuse_faults(load_town(inventory, adoption.folder(environment)))
    origin = _origin(town, environment)
    in_service = [name for name, owner in town.owners.items() if owner["lifecycle"] in ("open", "closing")]
    for name in names:
        if name not in ("all", *town.owners):
            raise Missing(f"« {name} » n'est pas un site de la déclaration", todo=closest(name, town.sites))
    wanted = in_service if "all" in names else names
    return [(_subject(town, name, environment, tests), origin) for name in wanted]


def _subject(town: Town, name: str, environment: str, tests: Path | None) -> Subject | Commune:
    from piste.dossier.reversibility import read_plan
    from piste.dossier.subject import Commune, Subject
    from piste.dossier.tests import latest
    from piste.runs.verification import folder

    if name not in town.sites:
        return Commune(town, read_plan())
    record, place = latest(tests or folder(environment), name) or (None, None)
    if record and record.environment != environment:
        told = f"la vérification {record.id} est celle de « {record.environment} », pas de « {environment} »"
        raise Misused(told, where=str(place), todo="Donnez le dossier des vérifications de cet environnement.")
    names = {known: site["name"] for known, site in town.sites.items()}
    return Subject(town.sites[name], town.name, names, record, place)


def _origin(town: Town, environment: str) -> Origin:
    from piste.dossier.document import Origin
    from piste.runs.saved import commit

    head, clean = commit()
    tools = {name: version(name) for name in ("typst", "jinja2")}
    return Origin(environment, _date(head), head, clean, town.digest, tools)


def _date(head: str) -> str:
    """The moment of a commit; that of now where there is none."""
    if not head:
        return datetime.now(UTC).isoformat(timespec="seconds")
    root = Path(__file__).resolve().parents[2]
    shown = subprocess.run(
        ["git", "-C", str(root), "show", "-s", "--format=%cI", head], capture_output=True, text=True, check=True
    )
    return shown.stdout.strip()
