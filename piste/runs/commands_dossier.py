"""The verb ``piste dossier``: the documents of a site, in PDF to keep, as pages and as data."""

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
    from piste.dossier.subject import Subject
    from piste.model import Town


def _complete_site(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    from piste.model import load

    return [name for name in ("all", *load(INVENTORY).sites) if name.startswith(begun)]


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

    \b
    piste dossier ecole-jaures
    piste dossier ecole-jaures mediatheque --out dossiers/2026
    piste dossier all --environment production --out /srv/dossiers

    Rien n'est demandé à aucun système. Le PV de recette dit la dernière vérification du site (piste verify).
    Un document du laboratoire porte SPÉCIMEN LABORATOIRE à chaque page.
    """
    from piste.dossier.document import KINDS, make, schemas
    from piste.dossier.forms import write

    for subject, origin in subjects(sites, environment, tests, inventory):
        folder = out / subject.site["id"]
        for kind in KINDS:
            if kind.needs_tests and subject.verification is None:
                click.echo(
                    f"{kind.title} : aucune vérification ; faites d'abord « piste verify {subject.site['id']} »."
                )
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
    sites: Sequence[str], environment: str, tests: Path | None = None, inventory: Path = INVENTORY
) -> list[tuple[Subject, Origin]]:
    """What the documents of sites are made from, in an environment; `all` are those in service.

    Raises Missing for a site that nobody declares, Misused for tests of another environment.
    """
    from piste.dossier.subject import Subject
    from piste.dossier.tests import latest
    from piste.model.wording import closest
    from piste.runs import adoption
    from piste.runs.verification import folder
    from piste.site import load_town, refuse_faults

    town = refuse_faults(load_town(inventory, adoption.folder(environment)))
    origin = _origin(town, environment)
    names = {name: site["name"] for name, site in town.sites.items()}
    in_service = [name for name, site in town.sites.items() if site["lifecycle"] in ("open", "closing")]
    found = []
    for name in in_service if "all" in sites else sites:
        if name not in town.sites:
            raise Missing(f"« {name} » n'est pas un site de la déclaration", todo=closest(name, town.sites))
        record, place = latest(tests or folder(environment), name) or (None, None)
        if record and record.environment != environment:
            told = f"la vérification {record.id} est celle de « {record.environment} », pas de « {environment} »"
            raise Misused(told, where=str(place), todo="Donnez le dossier des vérifications de cet environnement.")
        found.append((Subject(town.sites[name], town.name, names, record, place), origin))
    return found


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
