"""The verb `piste adopt`: as found values of what exists, or a report without a file."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from piste.commands import output, plan
from piste.commands.french import Verb
from piste.commands.options import complete_target, environment_option, text_or_json
from piste.commands.output import EXIT
from piste.engine.converge.errors import Misused
from piste.engine.converge.private import write_shared
from piste.engine.transport.witness import only_reading
from piste.engine.words import agreed, safe, some
from piste.systems.kinds import KINDS

if TYPE_CHECKING:
    from piste.sites.audit.form import Survey
    from piste.sites.matching import Question

SYSTEMS = tuple(dict.fromkeys(kind.system for kind in KINDS))
PLAYBOOK, PLACES = "playbooks/adopt.yml", "playbooks/places.yml"
_FILE = click.Path(dir_okay=False, path_type=Path)
_READ = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(cls=Verb)
@click.argument("target", metavar="[CIBLE]", default="all", shell_complete=complete_target)
@environment_option
@click.option("--system", type=click.Choice(SYSTEMS), help="Un seul système ; des autres, ce qui est gardé reste.")
@click.option("--audit", is_flag=True, help="Seulement dire ce qui existe et ce qui s’écarte de la règle.")
@click.option("--as", "named", multiple=True, metavar="RÉSEAU=SITE", help="De quel site est un réseau, ou « aucun ».")
@click.option("--answers", type=_READ, help="Les mêmes réponses dans un fichier YAML, une par ligne (RÉSEAU: SITE).")
@click.option("--yes", is_flag=True, help="Prendre ce qui est proposé.")
@click.option("--release", metavar="SYSTÈME[/GENRE]", help="Rendre à la règle ce qui en est gardé, sans rien lire.")
@text_or_json
@click.option("--out", type=_FILE, help="Enregistrer aussi le rapport (JSON) dans ce fichier.")
@click.option("--to", "concluded", type=click.Path(file_okay=False, path_type=Path),
              help="Avec --audit : conclure aussi l’audit initial dans ce dossier, comme piste audit.")  # fmt: skip
def adopt(
    target: str,
    environment: str,
    system: str | None,
    audit: bool,
    named: tuple[str, ...],
    answers: Path | None,
    yes: bool,
    release: str | None,
    form: str,
    out: Path | None,
    concluded: Path | None,
) -> None:
    """Reprendre l'existant : écrire ce que chaque site garde tel qu'on l'a trouvé ; le plan est alors vide.

    Aucun système n'est modifié. Ce qui est ambigu est demandé, sur un terminal, ou refusé avec la liste des questions.

    \b
    piste adopt --audit
    piste adopt all --environment production
    piste adopt all --system meraki --environment production
    piste adopt all --as "Mairie (Wi-Fi + switchs)=hotel-de-ville" --as "TEST prestataire 2023=aucun"
    piste adopt ecole-jaures --answers reponses.yml
    piste adopt commune --release zabbix            le plan dit ensuite ce que la règle y ferait
    piste adopt commune --release zabbix/template

    Codes de sortie : 0 fait (ou, avec --audit, conforme), 2 des écarts (--audit), 3 sans réponse, 1 erreur, 4 refus.
    """
    if concluded and not audit:
        raise Misused("--to conclut un audit", todo="Ajoutez --audit, ou retirez --to.")
    if release:
        if audit or system or named or answers or yes or out:
            raise click.UsageError("--release ne lit aucun système : seulement avec une cible et --environment.")
        _release(target, environment, release, form)
        return
    given = {**_read_answers(answers), **dict(map(_answer, named))}
    if audit:
        click.get_current_context().with_resource(only_reading())
    from piste.commands.audit import concluded as conclude

    try:
        report, outcome = looked(target, environment, system, given, audit=audit, yes=yes)
    except SystemExit:
        if concluded:
            conclude(environment, concluded, quiet=form == "json")
        raise
    if out:
        write_shared(out, (json.dumps(report, ensure_ascii=False, indent=1) + "\n").encode())
    if form == "json":
        output.say_json(report)
    else:
        _print(report, environment)
    if concluded:
        conclude(environment, concluded, surveyed(report, target, system), quiet=form == "json")
    sys.exit(EXIT[outcome])


def _release(target: str, environment: str, what: str, form: str) -> None:
    """Take out of the files what they keep of a system, or of one of its kinds."""
    from datetime import datetime
    from difflib import get_close_matches

    from piste.sites import adoption
    from piste.town import declared

    domains = {name: kind.domain for kind in KINDS for name in (kind.system, f"{kind.system}/{kind.table.name}")}
    if what not in domains:
        near = ", ".join(get_close_matches(what, domains) or SYSTEMS)
        raise Misused(f"« {what} » n’est ni un système, ni un système et un de ses genres", todo=f"Ainsi : {near}.")
    sites = declared.in_service(declared.rule(), plan.limit(target, environment))
    written = adoption.write(adoption.released(sites, environment, what), environment, datetime.now().astimezone())
    changed = {name: became for name, became in written.items() if became != "same"}
    if form == "json":
        output.say_json({"files": changed})
        return
    _say_files(changed, environment)
    again = f"piste plan {target} --domain {domains[what]}"
    again += f" --environment {environment}" if environment != "lab" else ""
    click.echo(f"Rendu à la règle. Ce qu’elle y ferait : {again}" if changed else "Rien n’en est gardé.")


def _say_files(files: Mapping[str, str], environment: str) -> None:
    from piste.town import declared

    for name, became in files.items():
        if became != "same":
            click.echo(f"{'Écrit' if became == 'written' else 'Retiré'} : {declared.folder(environment) / name}.yml")


def surveyed(report: Mapping[str, Any], target: str = "all", system: str | None = None) -> Survey:
    """Give what the first audit says of what was just looked at."""
    from piste.sites.audit import conclude
    from piste.town.model.dates import now

    return conclude.surveyed(report, now(), ", ".join(filter(None, (target if target != "all" else "", system))))


def looked(
    target: str, environment: str, system: str | None, given: dict[str, str], *, audit: bool, yes: bool
) -> tuple[dict[str, Any], str]:
    """Look at what exists; give the report, and the outcome. An adoption writes its files.

    Raises `OpenQuestions`, `SystemExit` where the places cannot be read.
    """
    from datetime import datetime

    from piste.runs.plans.play import Order
    from piste.runs.plans.progress import watched
    from piste.sites import adoption
    from piste.sites.matching import match
    from piste.town import declared

    limit = plan.limit(target, environment)
    rule, kept = declared.rule(), declared.town(environment)
    owners, sites = declared.designated(rule, limit), declared.in_service(rule, limit)
    first = Order(PLACES, environment)
    output.say_command(first.command(check=True))
    seen = watched(first, check=True)
    if seen.troubles:
        output.say_troubles(seen)
        sys.exit(EXIT[seen.outcome])
    names = adoption.network_names(rule, kept)
    matched = match(seen.places, declared.serving(rule), names, given)
    questions = matched.questions_about(sites) if limit else matched.questions
    given |= _answers_to(questions, propose=yes or audit, ask=not yes and not audit and sys.stdin.isatty())
    matched = match(seen.places, declared.serving(rule), names, given)
    if not audit:
        _refuse_open([question for question in questions if question.network not in given])
    matched.questions = questions if audit else []
    renamed = adoption.renamed(sites, rule, matched)
    tags = ",".join(dict.fromkeys(kind.domain for kind in KINDS if kind.system == system))
    order = Order(PLAYBOOK, environment, limit, {"piste_network_names": renamed} if renamed else {}, tags)
    output.say_command(order.command(check=True))
    played = watched(order, check=True)
    played.calls = {name: played.calls[name] + seen.calls[name] for name in played.calls}
    report = adoption.report(environment, owners, matched, played)
    if not audit:
        contents = adoption.adopted(sites, rule, kept, matched, played)
        report["files"] = adoption.write(contents, environment, datetime.now().astimezone())
    deviating = audit and any(site["deviations"] for site in report["sites"].values())
    changes = deviating or (audit and report["strangers"])
    return report, played.outcome if played.troubles else "changes" if changes else "ok"


def _answer(text: str) -> tuple[str, str]:
    network, sign, site = text.rpartition("=")
    if not sign or not network or not site:
        raise click.BadParameter(f"« {text} » n’est pas de la forme RÉSEAU=SITE.", param_hint="--as")
    return network, site


def _read_answers(path: Path | None) -> dict[str, str]:
    from piste.engine.converge.bounded import Unreadable, of_yaml

    if path is None:
        return {}
    try:
        content = of_yaml(path.read_bytes()) or {}
    except (OSError, Unreadable) as error:
        todo = "Corrigez-le : en UTF-8, une réponse par ligne, RÉSEAU: SITE, entre guillemets."
        raise Misused("ce n’est pas du YAML", where=str(path), why=" ".join(str(error).split()), todo=todo) from error
    if not isinstance(content, Mapping) or not all(isinstance(text, str) for pair in content.items() for text in pair):
        todo = "Une par ligne est attendue, RÉSEAU: SITE, entre guillemets."
        raise Misused("tout n’y est pas une réponse", where=str(path), todo=todo)
    return dict(content)


def _answers_to(questions: Sequence[Question], *, propose: bool, ask: bool) -> dict[str, str]:
    """Ask at the terminal, with a proposed answer; a question may stay open."""
    if ask:
        return {question.network: _ask(question) for question in questions}
    return {question.network: question.proposed for question in questions if propose and question.proposed}


def _ask(question: Question) -> str:
    from piste.sites.matching import NONE

    click.echo(f"{safe(str(question))}.", err=True)
    choices = list(dict.fromkeys((*question.choices, NONE)))
    while True:
        answer = click.prompt("De quel site est ce réseau ?", default=question.proposed or None, err=True)
        if answer in choices:
            return str(answer)
        click.echo(f"Au choix : {', '.join(choices)}.", err=True)


def _refuse_open(questions: Sequence[Question]) -> None:
    from piste.sites.matching import OpenQuestions

    if questions:
        listing = "\n".join(f"  - {question}" for question in questions)
        raise OpenQuestions(
            f"{agreed(len(questions), 'question(s)')} sans réponse, rien n’est gardé",
            todo="Répondez par --as RÉSEAU=SITE ou --answers FICHIER, ou prenez ce qui est proposé par --yes :\n"
            f"{listing}\n",
        )


def _print(report: Mapping[str, Any], environment: str) -> None:
    from piste.sites import adoption

    for line in adoption.table(report):
        click.echo(safe(line))
    if len(report["sites"]) == 1:
        for site in report["sites"].values():
            for line in adoption.lines(site):
                click.echo(safe(line))
    for line in adoption.remarks(report):
        click.echo(f"! {safe(line)}")
    _say_files(report.get("files") or {}, environment)
    if "files" in report:
        click.echo(_conclusion(report))
    click.echo(f"{agreed(report['calls']['reads'], 'lecture(s)')}, {agreed(report['calls']['writes'], 'écriture(s)')}.")


def _conclusion(report: Mapping[str, Any]) -> str:
    if left := sorted({trouble["host"] for trouble in report["troubles"]}):
        return (
            f"Rien n’est gardé de ce qui n’a pas tout répondu : {some(left)}. Relancez quand tout répond, "
            "ou reprenez un système à la fois (--system)."
        )
    if set(report["files"].values()) <= {"same"}:
        return "Rien de nouveau : les fichiers sont laissés tels quels."
    return "À relire, puis à versionner ; le plan de ces sites est maintenant vide (piste plan)."
