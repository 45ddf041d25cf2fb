"""The verbs `piste restore …`: restore tests, their calendar, their records and signatures."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from piste.commands.french import Verbs
from piste.commands.options import environment_option, text_or_json
from piste.commands.output import EXIT, say_command, say_json, say_table, say_troubles
from piste.commands.trace import without_journal_option
from piste.engine.clock import DAY, in_town
from piste.engine.converge.errors import Missing, Misused
from piste.engine.words import agreed, safe

if TYPE_CHECKING:
    from piste.runs.plans.play import Played
    from piste.town.model.restores import RestoreTest
    from piste.trials.restore.calendar import Row
    from piste.trials.restore.results import RestoreResult

PLAYBOOK = "playbooks/restore.yml"
PARTY = click.Choice(["ville", "titulaire"])
_RESULT = click.option("--result", "wanted", metavar="ESSAI", help="Un essai plus ancien, par son numéro.")
_ROLE = click.option("--role", required=True, help="Rôle de qui signe (« DSI ») ; jamais un nom de personne.")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def _complete(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    from piste.town import declared

    commune = declared.derived(ctx.params.get("environment") or "lab").commune
    tests = commune["restore_tests"] if commune else []
    return [test["name"] for test in tests if test["name"].startswith(begun)]


_NAME = click.argument("name", metavar="ESSAI", shell_complete=_complete)


@click.group(cls=Verbs)
def restore() -> None:
    """Prouver que la ville revient : restaurer à part, sonder, mesurer, retirer, signer.

    \b
    Exemples :
      piste restore list
      piste restore test partages
      piste restore pv partages --out dossiers
      piste restore receive partages -e production --party ville --role DSI --evidence pv-signe.pdf

    Une copie ne revient jamais à la place de l'original ; seul un compte d'essai de l'annuaire est supprimé, puis
    rétabli à la sienne (docs/restaurations.md). Une répétition au laboratoire ne prouve rien des systèmes de la ville.
    """


@restore.command("list")
@environment_option
@text_or_json
def list_tests(environment: str, form: str) -> None:
    """Dire le calendrier : ce qui est prouvé et jusqu'à quand, ce qui est dû, ce qui ne l'a jamais été.

    \b
    piste restore list
    piste restore list --environment production --format json

    Codes de sortie : 0 tout est prouvé, 1 quelque chose ne l'est plus, 3 quelque chose ne l'a jamais été.
    """
    from piste.town import declared
    from piste.trials.restore.calendar import calendar, figure, findings

    town = declared.town(environment)
    rows = calendar(town, environment)
    counted = figure(town, environment)
    states = {finding.state for finding in findings(town, environment)}
    if form == "json":
        say_json({"tests": [_as_data(row) for row in rows], "figure": counted})
    else:
        _print(rows)
        click.echo(
            f"\nF15 : {counted['proven']} sur {agreed(counted['declared'], 'restauration(s) déclarée(s)')} "
            f"{'prouvées' if counted['proven'] > 1 else 'prouvée'} et "
            f"{'signées' if counted['proven'] > 1 else 'signée'} ; {agreed(counted['rehearsed'], 'répétée(s)')}."
        )
    sys.exit(EXIT["error" if "wrong" in states else "unknown" if "unknown" in states else "ok"])


@restore.command("test")
@_NAME
@environment_option
@click.option("--check", "only", is_flag=True, help="Dire ce qui serait restauré et où, sans rien faire.")
@click.option("--report", "given", type=_FILE, help="Constat de qui a suivi la procédure (piste restore sheet).")
@text_or_json
@without_journal_option
def test_restore(name: str, environment: str, only: bool, given: Path | None, form: str) -> None:
    """Faire un essai de restauration, ou tous les refus d'un coup avant de rien faire.

    \b
    piste restore test partages --check
    piste restore test partages
    piste restore test poste-ecole -e production --report constat.yml

    Ce qu'un essai interrompu a laissé est d'abord retiré. La preuve est gardée ; son procès-verbal : piste restore pv.
    Codes de sortie : 0 prouvée, 1 échouée, 3 quelque chose n'a pas répondu, 4 refus.
    """
    from piste.trials.restore.results import results

    test = _declared(name, environment)
    before = {result.id for result, _ in results(environment)}
    played = _play(environment, {"piste_restore": name, **_report(given)}, check=only, text=form == "text")
    made = [pair for pair in results(environment) if pair[0].id not in before]
    for result, place in made:
        if form == "text":
            _say(result, place)
    if form == "json":
        said = [result.model_dump(mode="json") for result, _ in made]
        say_json({"test": test, "results": said, "troubles": [trouble.message for trouble in played.troubles]})
    say_troubles(played)
    if only and not played.troubles and form == "text":
        for finding in played.findings:
            click.echo(finding["what"])
        click.echo("Rien ne s’y oppose. Rien n’a été fait.")
    if played.troubles:
        sys.exit(EXIT[played.outcome])
    outcomes = {result.outcome for result, _ in made if result.outcome != "interrupted"}
    sys.exit(EXIT["error" if "failed" in outcomes else "unknown" if "unknown" in outcomes else "ok"])


@restore.command("clean")
@environment_option
@without_journal_option
def clean_restores(environment: str) -> None:
    """Retirer ce que des essais interrompus ont laissé ; leur interruption est gardée.

    \b
    piste restore clean --environment production

    Codes de sortie : 0 plus rien n'est là, 1 quelque chose résiste, 3 un système n'a pas répondu.
    """
    from piste.trials.restore.state import left_open

    if not left_open(environment):
        click.echo("Aucun essai n’a rien laissé.")
        return
    played = _play(environment, {}, check=False, text=True)
    say_troubles(played)
    if not played.troubles:
        cleared = [safe(finding["what"]) for finding in played.findings]
        click.echo(f"{agreed(len(cleared), 'objet(s) retiré(s)')}{' : ' if cleared else ''}{', '.join(cleared)}")
    sys.exit(EXIT[played.outcome] if played.troubles else 0)


@restore.command("sheet")
@_NAME
@environment_option
def sheet(name: str, environment: str) -> None:
    """Écrire le constat à remplir d'une procédure : étapes, vérifications, durée.

    \b
    piste restore sheet poste-ecole > constat.yml
    """
    from piste.engine.converge.text import as_declaration
    from piste.trials.restore.procedure import blank

    test = _declared(name, environment)
    if test["method"] != "procedure":
        raise Misused(f"{name} n’est pas une procédure : il n’y a rien à remplir", todo=f"piste restore test {name}")
    click.echo("# started, ended : avec leur fuseau, par exemple 2026-11-28T09:00:00+01:00. answer : true ou false.")
    click.echo(f"# seen : ce que vous avez vu. Puis : piste restore test {name} --report CE-FICHIER")
    click.echo(as_declaration(blank(test)), nl=False)


@restore.command("pv")
@_NAME
@environment_option
@_RESULT
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default="dossiers", help="Dossier où écrire.")
def record(name: str, environment: str, wanted: str | None, out: Path) -> None:
    """Établir le procès-verbal du dernier essai, à signer : PDF/A, HTML et JSON, ses preuves jointes.

    \b
    piste restore pv partages
    piste restore pv partages -e production --out /srv/dossiers
    """
    from piste.papers.dossier.document import make
    from piste.papers.dossier.forms import write
    from piste.sites.dossiers import origin
    from piste.town import declared
    from piste.trials.restore.document import Restored, kind_of, verdict
    from piste.trials.restore.signatures import signatures

    town = declared.town(environment)
    result, place = _result(name, environment, wanted)
    subject = Restored(result, place, town.name, signatures(place, result))
    document = make(kind_of(result), subject, origin(town, environment))
    write(document, out / subject.id)
    click.echo(f"{out / subject.id / document.name}.pdf, .html, .json : {document.kind} – {verdict(result)}")


@restore.command("sign")
@_NAME
@environment_option
@_RESULT
@click.option("--party", type=PARTY, required=True, help="Partie qui signe.")
@_ROLE
@click.option("--key", type=_FILE, required=True, help="Clé privée (PEM) : celle qui signe les ancres et les sacs.")
def sign(name: str, environment: str, wanted: str | None, party: Any, role: str, key: Path) -> None:
    """Signer la preuve du dernier essai par une clé d'openssl.

    \b
    piste restore sign partages -e production --party ville --role DSI --key ancre.pem
    """
    from piste.town.model.dates import today
    from piste.trials.restore.signatures import sign_result

    result, place = _result(name, environment, wanted)
    made = sign_result(place, result, party, role, key, today().isoformat())
    click.echo(f"{place} : signé par la clé {made.key}, {role}.")
    _say_rehearsal(result)


@restore.command("receive")
@_NAME
@environment_option
@_RESULT
@click.option("--party", type=PARTY, required=True, help="Partie qui a signé.")
@_ROLE
@click.option("--evidence", type=_FILE, required=True, help="Procès-verbal signé, en PDF.")
@click.option("--date", "day", help="Jour de la signature (AAAA-MM-JJ) ; aujourd’hui par défaut.")
def receive_signed(
    name: str, environment: str, wanted: str | None, party: Any, role: str, evidence: Path, day: str | None
) -> None:
    """Recevoir le procès-verbal signé du dernier essai : le fichier est gardé, avec son empreinte.

    \b
    piste restore receive partages -e production --party ville --role DSI --evidence pv-signe.pdf
    """
    from piste.town.model.dates import today
    from piste.trials.restore.signatures import receive

    result, place = _result(name, environment, wanted)
    try:
        signed_on = date.fromisoformat(day) if day else today()
    except ValueError:
        raise Misused(f"« {day} » n’est pas un jour", todo="Écrivez-le 2026-11-28.") from None
    if signed_on > today() or signed_on.isoformat() < result.started[:10]:
        raise Misused(f"une signature du {signed_on:%d/%m/%Y} ne peut pas être celle de cet essai")
    made = receive(place, result, party, role, evidence, signed_on.isoformat())
    click.echo(f"{place / made.file} : reçu, SHA-256 {made.sha256}.")
    _say_rehearsal(result)


def _say_rehearsal(result: RestoreResult) -> None:
    if result.rehearsal:
        click.echo(f"C’est une répétition {result.rehearsal} : elle ne compte pas.", err=True)


def _declared(name: str, environment: str) -> RestoreTest:
    from piste.town import declared
    from piste.town.model.wording import choose

    commune = declared.town(environment).commune
    tests = {test["name"]: test for test in commune["restore_tests"]} if commune else {}
    return choose(name, tests, "n’est pas un essai de restauration déclaré")


def _result(name: str, environment: str, wanted: str | None) -> tuple[RestoreResult, Path]:
    from piste.trials.restore.results import results

    kept = [pair for pair in results(environment) if pair[0].test == name and wanted in (None, pair[0].id)]
    if not kept:
        test = f"{name} {wanted}" if wanted else name
        raise Missing(f"aucun essai « {test} » n’est gardé ({environment})", todo=f"piste restore test {name}")
    return kept[-1]


def _report(given: Path | None) -> dict[str, Any]:
    """Give the task the file: Ansible would evaluate its texts. Raises `Misused`."""
    from piste.trials.restore.procedure import written

    if given is None:
        return {}
    written(given)
    return {"restore_report": str(given.absolute())}


def _play(environment: str, extra: dict[str, Any], *, check: bool, text: bool) -> Played:
    from piste.runs.plans.play import Order, play

    order = Order(PLAYBOOK, environment, extra=extra)
    if text:
        say_command(order.command(check=check))
    return play(order, check=check)


def _say(result: RestoreResult, place: Path) -> None:
    from piste.trials.restore.document import STEP_LABELS, duration, verdict

    click.echo(f"{result.label} : {verdict(result)}")
    for step in result.steps:
        said = {"done": "✓", "failed": "✗", "unknown": "?"}[step.outcome]
        reason = f" : {step.reason}" if step.reason else ""
        click.echo(f"  {said} {STEP_LABELS[step.step]:<19} {duration(step.seconds)}{reason}")
    for test in result.tests:
        said = {"conform": "✓", "wrong": "✗"}.get(test.verdict, "?")
        click.echo(f"  {said} {test.title} : {test.observed}")
    if result.reason:
        click.echo(f"  Motif : {result.reason}")
    if result.rto_seconds is not None:
        click.echo(f"  Retour en {duration(result.rto_seconds)}" + _allowed(result.rto_hours))
    if result.rpo_seconds is not None:
        click.echo(f"  Copie âgée de {duration(result.rpo_seconds)}" + _allowed(result.rpo_hours))
    click.echo(f"  Preuve : {place}")


def _allowed(hours: int | None) -> str:
    return f", pour {agreed(hours, 'heure(s) permise(s)')}." if hours else "."


def _print(rows: list[Row]) -> None:
    from piste.trials.restore.calendar import DUES

    heads = ("essai", "méthode", "tous les", "état", "jusqu’au", "dernier essai", "répétition")
    say_table([heads, *(
        (
            row.test["name"], row.test["method"], f"{row.test['every_days']} j", DUES[row.due], _day(row.until),
            _day(row.last.ended if row.last else None), _day(row.rehearsed.ended if row.rehearsed else None),
        )
        for row in rows
    )])  # fmt: skip


def _day(moment: str | None) -> str:
    return in_town(moment, DAY) if moment else "–"


def _as_data(row: Row) -> dict[str, Any]:
    return {
        "name": row.test["name"],
        "method": row.test["method"],
        "requirement": row.test["requirement"],
        "every_days": row.test["every_days"],
        "state": row.due,
        "until": row.until,
        "last": row.last.id if row.last else None,
        "rehearsed": row.rehearsed.ended if row.rehearsed else None,
        "signed_by": [signature.party for signature in row.signed],
    }
