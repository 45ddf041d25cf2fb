"""The verbs `piste runbook …`: recovery and continuity, as documents; the exercise."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from piste.commands.french import Verbs
from piste.commands.options import environment_option, text_or_json
from piste.commands.output import say_json, write_schemas
from piste.engine.clock import DAY, in_town
from piste.engine.converge.errors import Misused
from piste.engine.words import agreed, safe, some

if TYPE_CHECKING:
    from piste.exports.runbooks.incidents import Response
    from piste.exports.runbooks.sources import Sources
    from piste.exports.runbooks.step import Runbook, RunbookStep, StepRun
    from piste.papers.dossier.document import Kind
    from piste.papers.dossier.subject import Described
    from piste.town.model import Town
    from piste.town.model.incidents import Incident

_TO = click.option(
    "--to", "out", type=click.Path(file_okay=False, path_type=Path), help="Dossier où écrire PDF, page et données."
)
_FOLDER = click.Path(path_type=Path)
_INCIDENT = click.Choice([
    "rancongiciel", "compte-compromis", "appareil-perdu", "violation-de-donnees", "coupure-de-liaison",
    "panne-de-noeud", "panne-d-annuaire", "machine-de-piste",
])  # fmt: skip
"""The kinds of incidents, those of `runbooks/templates/incidents.yml` (a test compares)."""


@click.group(cls=Verbs)
def runbook() -> None:
    """Reprise, continuité (PRA, PCA), incidents : les étapes, qui appeler, qui prévenir ; les exercices.

    \b
    Exemples :
      piste runbook list
      piste runbook incident rancongiciel --to /srv/plans --environment production
      piste runbook pra
      piste runbook pca --to /srv/plans --environment production
      piste runbook rehearse --bag /srv/remise/sac --key /srv/remise/ancre.pub --work /srv/exercice/depot

    Tout vient de la déclaration ; imprimez-les, et gardez-les hors des systèmes (docs/reprise.md,
    docs/procedures-incident.md).
    """


@runbook.command("list")
@environment_option
@text_or_json
def list_(environment: str, form: str) -> None:
    """Les procédures : plans et incidents, leur dernière répétition, les rôles que nul ne tient.

    \b
    piste runbook list
    """
    from piste.exports.runbooks.drills import judged
    from piste.exports.runbooks.incident_document import PAPERS

    made = list(judged(_sources(environment).town, environment))
    if form == "json":
        say_json([each.to_json() for each in made])
        return
    for kind in PAPERS:
        click.echo(f"piste runbook {kind.name.replace('incident-', 'incident '):<34}{kind.title}")
    click.echo("")
    for each in made:
        mark = {"ok": "✓", "wrong": "✗", "unknown": "?"}[each.state]
        click.echo(f"{mark} {each.what}{f' → {each.todo}' if each.todo else ''}")


@runbook.command()
@environment_option
@click.option("--bag", type=_FOLDER, help="Dossier du sac, tel que les commandes le disent.")
@click.option("--work", type=_FOLDER, help="Dossier où le dépôt du sac est cloné.")
@click.option("--again", type=_FOLDER, help="Dossier de l’export qui prouve.")
@click.option("--application", metavar="NOM", help="Le plan de cette application seule : elle, et ce qu’il lui faut.")
@click.option("--site", metavar="SITE", help="Le plan de ce site seul, perdu quand la Ville vit.")
@_TO
@text_or_json
def pra(
    environment: str, bag: Path | None, work: Path | None, again: Path | None, application: str | None,
    site: str | None, out: Path | None, form: str,
) -> None:  # fmt: skip
    """Le plan de reprise : la ville revient d'un sac et des sauvegardes, étape par étape.

    \b
    piste runbook pra
    piste runbook pra --to /srv/plans --environment production
    piste runbook pra --application glpi
    piste runbook pra --site ecole-jaures

    Chaque étape : prérequis, qui, commandes, résultat attendu, RTO, dernière preuve, que faire si elle échoue.
    """
    from piste.exports.runbooks.recovery import of_application, recovery
    from piste.exports.runbooks.single import of_site
    from piste.exports.runbooks.step import Places

    given = {"bag": bag, "work": work, "again": again}
    places = Places()._replace(**{name: str(path) for name, path in given.items() if path})
    sources = _sources(environment)
    if application and site:
        raise click.UsageError("--application et --site sont deux plans : gardez l’un des deux.")
    kind, plan = _plan("pra"), recovery(sources, places)
    if application:
        plan = of_application(sources, application, places)
        kind = _narrowed(kind, plan, application, plan["steps"][-1]["title"])
    elif site:
        plan = of_site(sources, site)
        kind = _narrowed(kind, plan, f"site-{site}", sources.town.sites[site]["name"])
    _give(plan, sources, kind, out, form)


@runbook.command()
@environment_option
@click.option("--site", metavar="SITE", help="Le plan de ce site : son courant, ses liaisons, ce qu’il partage.")
@click.option("--application", metavar="NOM", help="Le plan de cette application : qui l’attend, comment s’en passer.")
@_TO
@text_or_json
def pca(environment: str, site: str | None, application: str | None, out: Path | None, form: str) -> None:
    """Le plan de continuité : un élément manque, qui prend le relais, quoi faire.

    \b
    piste runbook pca
    piste runbook pca --to /srv/plans --environment production
    piste runbook pca --site ecole-jaures
    piste runbook pca --application city-web
    """
    from piste.exports.runbooks.continuity import continuity
    from piste.exports.runbooks.single import of_application

    if application and site:
        raise click.UsageError("--application et --site sont deux plans : gardez l’un des deux.")
    sources = _sources(environment)
    kind, plan = _plan("pca"), continuity(sources, site)
    if application:
        plan = of_application(sources, application)
        label = next(each["label"] for each in sources.commune["applications"] if each["id"] == application)
        kind = _narrowed(kind, plan, f"application-{application}", label)
    elif site:
        kind = _narrowed(kind, plan, site, sources.town.sites[site]["name"])
    _give(plan, sources, kind, out, form)


@runbook.command()
@click.argument("name", metavar="INCIDENT", type=_INCIDENT)
@click.option("--for", "id_", metavar="N°", help="Un incident du registre : ses échéances, ce qui en est su.")
@click.option("--site", metavar="SITE", help="Le site touché : ses contacts seuls, ses commandes.")
@environment_option
@_TO
@text_or_json
def incident(name: str, id_: str | None, site: str | None, environment: str, out: Path | None, form: str) -> None:
    """La procédure d'une sorte d'incident : qui appeler, première heure, qui prévenir avant quand, preuves à garder.

    \b
    piste runbook incident rancongiciel
    piste runbook incident coupure-de-liaison --site ecole-jaures
    piste runbook incident violation-de-donnees --for INC-2026-014 --to /srv/crise --environment production

    Les sortes : piste runbook list.
    """
    from piste.exports.runbooks.incident_document import kind_of
    from piste.exports.runbooks.incidents import response
    from piste.town.model.wording import choose

    sources = _sources(environment)
    entry = _registered(sources, id_) if id_ else None
    if site:
        choose(site, sources.town.sites, "n’est pas un site de la Ville")
    _give(response(sources, name, entry, site), sources, kind_of(name, entry, site), out, form)


@runbook.command()
@click.argument("name", metavar="[INCIDENT]", type=_INCIDENT, required=False)
@click.option("--bag", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Le sac.")
@click.option("--key", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="Clé publique (PEM) qui a signé le sac.")  # fmt: skip
@click.option("--work", type=_FOLDER, help="Dossier neuf où le dépôt du sac sera cloné.")
@_TO
@text_or_json
def rehearse(
    name: str | None, bag: Path | None, key: Path | None, work: Path | None, out: Path | None, form: str
) -> None:
    """Répéter au laboratoire : le plan de reprise, du sac seul, ou ce que la procédure d'un incident lit.

    \b
    piste runbook rehearse rancongiciel
    piste lab reset
    piste runbook rehearse --bag /srv/remise/sac --key /srv/remise/ancre.pub --work /srv/exercice/depot

    Chaque étape est chronométrée ; celle d'un incident n'écrit sur aucun système, et sa date est gardée. Une répétition
    ne prouve rien des systèmes de la Ville. Codes de sortie : 0 refaite, 1 une étape a échoué.
    """
    if name:
        _drill(name, form)
        return
    if not (bag and key and work):
        raise Misused(
            "que répéter ?", todo="Nommez un incident (piste runbook list), ou donnez --bag, --key et --work."
        )
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


def _drill(name: str, form: str) -> None:
    """Rehearse the runbook of an incident, keep its date, leave with its exit code."""
    from piste.exports.runbooks import drills
    from piste.town import declared

    tell = _say_step if form == "text" else lambda step: None
    drill = drills.rehearse(declared.sound("lab"), name, drills.terminal(), tell)
    drills.keep(drill)
    if form == "json":
        say_json(drill.model_dump())
    else:
        click.echo(f"\nRÉPÉTITION en {round(drill.seconds)} s, gardée : elle ne prouve rien des systèmes de la Ville.")
    sys.exit(1 if drill.failed else 0)


def _sources(environment: str) -> Sources:
    from piste.exports.runbooks.sources import gathered
    from piste.town import declared

    return gathered(declared.town(environment), environment)


def _narrowed(kind: Kind[Sources], plan: Runbook, name: str, of: str) -> Kind[Sources]:
    """Make the kind of a plan of a single thing."""
    return replace(kind, name=f"{kind.name}-{name}", title=f"{kind.title} : {of}", data=lambda subject: plan)


def _plan(name: str) -> Kind[Sources]:
    from piste.exports.runbooks.document import KINDS

    return next(kind for kind in KINDS if kind.name == name)


def _registered(sources: Sources, id_: str) -> Incident:
    """Find an incident of the register. Raises `Misused`."""
    register = sources.commune["incidents"]
    known = {entry["id"]: entry for entry in register["entries"]} if register else {}
    if id_ not in known:
        todo = f"Inscrits : {some([*known]) or 'aucun'} (group_vars/all/incidents.yml)."
        raise Misused(f"« {safe(id_)} » n’est pas au registre des incidents", todo=todo)
    return known[id_]


def _give(plan: Runbook | Response, sources: Sources, kind: Kind[Sources], out: Path | None, form: str) -> None:
    """Print a plan, or write it as documents."""
    if out:
        click.echo(_write(kind, sources, sources.whole, sources.environment, out))
    elif form == "json":
        say_json(plan)
    else:
        if "hour" in plan:
            _say_alarm(cast("Response", plan))
        _say(plan["steps"])


def _write(kind: Kind[Any], subject: Described, town: Town, environment: str, out: Path) -> str:
    """Write a document in its three forms, with its schema; say where."""
    from piste.papers.dossier.document import make, schemas
    from piste.papers.dossier.forms import write
    from piste.sites.dossiers import origin

    made = make(kind, subject, origin(town, environment))
    write(made, out)
    write_schemas(out, schemas((kind,)))
    return f"{out / made.name}.pdf, .html, .json : {agreed(len(made.gaps.missing), 'champ(s)')} à renseigner."


def _say_alarm(plan: Response) -> None:
    """Print the signs of an incident, its calls, first hour and notices."""
    for line in plan["starts"]:
        click.echo(f"· {safe(line)}")
    for call in plan["calls"]:
        click.echo(f"☎ {safe(call['who'])} ({safe(call['of'])}) : {safe(call['phone'] or 'à renseigner')}")
    for line in plan["hour"]:
        click.echo(f"☐ {safe(line)}")
    for duty in plan["duties"]:
        due = f", avant le {in_town(duty['due'])}" if duty["due"] else ""
        click.echo(f"✉ {safe(duty['to'])} ({safe(duty['who'])}) : {safe(duty['delay'])}{due}. {safe(duty['source'])}")
        if doubt := duty.get("doubt"):
            click.echo(f"  ? {safe(doubt)}")


def _say(steps: list[RunbookStep]) -> None:
    from piste.exports.runbooks.critical import broken, lasting, never, timed, ways

    if unproven := never(steps):
        click.echo(f"? jamais prouvé, {agreed(len(unproven), 'étape(s)')} sur {len(steps)}")
    for late in broken(steps):
        way = " → ".join(late.way)
        said = f"promis en {late.promised} h, chemin de {lasting(late.hours)}"
        click.echo(f"✗ {safe(late.title)} : {said} : {safe(way)}")
    before = ways(steps)
    for rank, step in enumerate(steps, 1):
        way = f", commence après {lasting(before[step['key']].hours)}" if before[step["key"]].hours else ""
        rto = f", RTO {step['rto_hours']} h{way}" if step["rto_hours"] else ""
        known = timed(step)
        rto += f", mesuré en {lasting(known)}" if known is not None else ""
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
