"""The verbs `piste runbook …`: recovery and continuity, as documents; the exercise."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from piste.commands.french import Verbs
from piste.commands.options import environment_option, text_or_json
from piste.commands.output import say_json, write_schemas
from piste.engine.clock import DAY, in_town
from piste.engine.converge.errors import Misused
from piste.engine.words import agreed, safe

if TYPE_CHECKING:
    from piste.exports.runbooks.rehearsal import StepRun
    from piste.exports.runbooks.sources import Sources
    from piste.exports.runbooks.step import Runbook
    from piste.papers.dossier.document import Kind
    from piste.papers.dossier.subject import Described
    from piste.town.model import Town

_TO = click.option(
    "--to", "out", type=click.Path(file_okay=False, path_type=Path), help="Dossier où écrire PDF, page et données."
)
_FOLDER = click.Path(path_type=Path)


@click.group(cls=Verbs)
def runbook() -> None:
    """Reprise et continuité (PRA, PCA) : les étapes, dans l'ordre des dépendances ; l'exercice « la ville est perdue ».

    \b
    Exemples :
      piste runbook pra
      piste runbook pca --to /srv/plans --environment production
      piste runbook rehearse --bag /srv/remise/sac --key /srv/remise/ancre.pub --work /srv/exercice/depot

    Tout vient de la déclaration ; imprimez-les, et gardez-les hors des systèmes (docs/reprise.md).
    """


@runbook.command()
@environment_option
@click.option("--bag", type=_FOLDER, help="Dossier du sac, tel que les commandes le disent.")
@click.option("--work", type=_FOLDER, help="Dossier où le dépôt du sac est cloné.")
@click.option("--again", type=_FOLDER, help="Dossier de l’export qui prouve.")
@_TO
@text_or_json
def pra(environment: str, bag: Path | None, work: Path | None, again: Path | None, out: Path | None, form: str) -> None:
    """Le plan de reprise : la ville revient d'un sac et des sauvegardes, étape par étape.

    \b
    piste runbook pra
    piste runbook pra --to /srv/plans --environment production

    Chaque étape : prérequis, qui, commandes, résultat attendu, RTO, dernière preuve, que faire si elle échoue.
    """
    from piste.exports.runbooks.recovery import recovery
    from piste.exports.runbooks.step import Places

    given = {"bag": bag, "work": work, "again": again}
    places = Places()._replace(**{name: str(path) for name, path in given.items() if path})
    sources = _sources(environment)
    _give(recovery(sources, places), sources, "pra", out, form)


@runbook.command()
@environment_option
@_TO
@text_or_json
def pca(environment: str, out: Path | None, form: str) -> None:
    """Le plan de continuité : un élément manque, qui prend le relais, quoi faire.

    \b
    piste runbook pca
    piste runbook pca --to /srv/plans --environment production
    """
    from piste.exports.runbooks.continuity import continuity

    sources = _sources(environment)
    _give(continuity(sources), sources, "pca", out, form)


@runbook.command()
@click.option("--bag", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path), help="Le sac.")
@click.option("--key", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="Clé publique (PEM) qui a signé le sac.")  # fmt: skip
@click.option("--work", required=True, type=_FOLDER, help="Dossier neuf où le dépôt du sac sera cloné.")
@_TO
@text_or_json
def rehearse(bag: Path, key: Path, work: Path, out: Path | None, form: str) -> None:
    """Répéter le plan de reprise au laboratoire vide, du sac seul, chaque étape chronométrée.

    \b
    piste lab reset
    piste runbook rehearse --bag /srv/remise/sac --key /srv/remise/ancre.pub --work /srv/exercice/depot

    Une répétition ne prouve rien des systèmes de la Ville. Codes de sortie : 0 refaite, 1 une étape a échoué.
    """
    from piste.engine.converge.private import private_folder
    from piste.exports.bag.bagit import TAGS, digest
    from piste.exports.runbooks.recovery import LAB
    from piste.exports.runbooks.rehearsal import REPORT, Rehearsal, Rehearsed, terminal
    from piste.exports.runbooks.step import Places
    from piste.town import declared

    bag, work, key = bag.resolve(), work.resolve(), key.resolve()
    if work.exists():
        raise Misused(f"{work} existe déjà", todo="Donnez un dossier neuf : l’exercice part de rien.")
    private_folder(work.parent)
    places = Places(str(bag), str(work), str(work.with_name(f"{work.name}-relu")), str(key))
    if not (bag / TAGS).is_file():
        raise Misused(f"{bag} n’est pas un sac", todo="Faites-en un : piste export --to DOSSIER --wheels --key CLÉ.")
    going = Rehearsal(places, terminal(work), tell=_say_step if form == "text" else lambda step: None)
    exercise = going.run(digest(bag / TAGS))
    if out:
        town = declared.town(LAB)
        said = _write(REPORT, Rehearsed(exercise, town.name, "exercice"), town, LAB, out)
        click.echo(said, err=form == "json")
    if form == "json":
        say_json(exercise)
    else:
        click.echo(
            f"\nRÉPÉTITION {'jusqu’au bout' if exercise['outcome'] == 'done' else 'arrêtée'} en "
            f"{round(exercise['seconds'])} s : elle ne prouve rien des systèmes de la Ville."
        )
    sys.exit(0 if exercise["outcome"] == "done" else 1)


def _sources(environment: str) -> Sources:
    from piste.exports.runbooks.sources import gathered
    from piste.town import declared

    return gathered(declared.town(environment), environment)


def _give(plan: Runbook, sources: Sources, name: str, out: Path | None, form: str) -> None:
    """Print a plan, or write it as documents."""
    if out:
        from piste.exports.runbooks.document import KINDS

        kind = next(kind for kind in KINDS if kind.name == name)
        click.echo(_write(kind, sources, sources.town, sources.environment, out))
    elif form == "json":
        say_json(plan)
    else:
        _say(plan)


def _write(kind: Kind[Any], subject: Described, town: Town, environment: str, out: Path) -> str:
    """Write a document in its three forms, with its schema; say where."""
    from piste.papers.dossier.document import make, schemas
    from piste.papers.dossier.forms import write
    from piste.sites.dossiers import origin

    made = make(kind, subject, origin(town, environment))
    write(made, out)
    write_schemas(out, schemas((kind,)))
    return f"{out / made.name}.pdf, .html, .json : {agreed(len(made.gaps.missing), 'champ(s)')} à renseigner."


def _say(plan: Runbook) -> None:
    from piste.exports.runbooks.critical import broken, ways

    for late in broken(plan["steps"]):
        way = " → ".join(late.way)
        said = f"promis en {late.promised} h, commence après {late.hours} h au moins"
        click.echo(f"✗ {safe(late.title)} : {said} : {safe(way)}")
    before = ways(plan["steps"])
    for rank, step in enumerate(plan["steps"], 1):
        way = f", commence après {before[step['key']].hours} h" if before[step["key"]].hours else ""
        rto = f", RTO {step['rto_hours']} h{way}" if step["rto_hours"] else ""
        click.echo(f"\n{rank}. {safe(step['title'])} ({step['who']}{rto})")
        for line in step["what"]:
            click.echo(f"   {safe(line)}")
        for each in step["commands"]:
            click.echo(f"   $ {safe(each['line'])}")
        for item in step["items"]:
            click.echo(
                f"   · {safe(item['name'])} : {item['family']}, RTO {item['rto_hours']} h, depuis "
                f"{', '.join(item['stores']) or 'rien'}"
            )
        for proof in step["proofs"]:
            said = f"prouvé le {in_town(proof['proven_on'], DAY)}" if proof["proven_on"] else "jamais prouvé"
            click.echo(f"   {safe(proof['label'])} : {said}")
        if step["rto_hours"] and not step["proofs"]:
            click.echo("   aucun essai de restauration déclaré : jamais prouvé")
        click.echo(f"   → {safe(step['expected'])}")
        for line in step["on_failure"]:
            click.echo(f"   ! {safe(line)}")


def _say_step(step: StepRun) -> None:
    from piste.exports.runbooks.rehearsal import WORDS, duration

    spent = f" en {duration(step['seconds'])}" if step["outcome"] in ("done", "failed") else ""
    click.echo(f"{WORDS[step['outcome']]:<14}{safe(step['title'])}{spent}")
    if step["outcome"] == "failed":
        click.echo(f"$ {safe(step['command'] or '')}\n{safe(step['said'], chr(10))}", err=True)
