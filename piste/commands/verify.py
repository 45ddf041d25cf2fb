"""The verb `piste verify`: a whole site, or its 802.1X alone before it is imposed."""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from piste.commands.french import Verb
from piste.commands.options import complete_target, environment_option, text_or_json, uncommitted_option
from piste.commands.output import EXIT, say_command, say_json, say_troubles
from piste.commands.plan import limit
from piste.engine.converge.errors import PisteError
from piste.engine.words import agreed, safe

if TYPE_CHECKING:
    from piste.engine.finding import Finding
    from piste.papers.dossier.verification_record import Test, TestVerdict
    from piste.town.model import Town

SAID = {
    "ok": ("✓ conforme    ", "green"),
    "wrong": ("✗ non conforme", "red"),
    "unknown": ("? inconnu     ", "magenta"),
    "untested": ("- non essayé  ", "cyan"),
    "kept": ("= gardé       ", "yellow"),
}
ACCESS = "playbooks/verify_access.yml"


@click.command(cls=Verb)
@click.argument("target", metavar="SITE", shell_complete=complete_target)
@environment_option
@uncommitted_option
@click.option("--domain", type=click.Choice(["access"]), help="Le 802.1X seul, quel que soit l’état du site.")
@text_or_json
def verify(target: str, environment: str, uncommitted: str | None, domain: str | None, form: str) -> None:
    """Vérifier un site : en service comme déclaré, isolé où il doit l'être, joint par qui doit l'être.

    \b
    piste verify ecole-jaures
    piste verify ccas --domain access
    piste verify ccas --environment production --format json

    Chaque test est conforme, non conforme, inconnu (sans réponse), non essayé, ou gardé tel que trouvé à la reprise,
    avec sa preuve ; le constat est gardé, pour le procès-verbal de recette. Rien n'est écrit sur aucun système. Un
    essai réussi du 802.1X s'inscrit : c'est ce que demande dot1x « enforced » (docs/passage-802.1x.md).
    Codes de sortie : 0 conforme, 1 non conforme, 2 sans faute, des valeurs gardées telles que trouvées, 3 quelque
    chose n'a pas répondu.
    """
    if domain == "access":
        _verify_access(limit(target, environment), environment, form)
    else:
        _verify_site(target, environment, uncommitted, form)


def _verify_site(name: str, environment: str, uncommitted: str | None, form: str) -> None:
    from piste.engine.converge.bounded import Unreadable, content, of_json
    from piste.papers.dossier.verification_record import write_verification
    from piste.readings.table import Answer
    from piste.runs.plans import conditions, hosts
    from piste.runs.plans.play import Order, Step, play
    from piste.sites import trials, verification, verified
    from piste.sites.living import kept
    from piste.sites.living.hosting import machines
    from piste.sites.living.seen import FILE

    town, site = verification.declared_site(name, environment)
    if environment != conditions.LAB:
        given = {} if uncommitted is None else {"piste_uncommitted": uncommitted}
        conditions.check_tree({**hosts.variables(environment, [name]).get(name, {}), **given})
    concerned: dict[str, Any] = {"hosting_concerned": True} if machines(town, site) else {}
    if trials.nexus(town, site):
        concerned["nexus_concerned"] = True
    if certificates := trials.certificates(town, site):
        concerned["certificates_concerned"] = certificates
    started, steps = datetime.now(UTC), list[Step]()
    with tempfile.TemporaryDirectory(prefix="piste-verify-") as read:
        own = town.commune["id"] if town.commune else ""
        order = Order(verification.PLAYBOOK, environment, f"{own},{name}", {"folder": read, **concerned})
        if form == "text":
            say_command(order.command(check=False))
        played = play(order, check=False, watch=steps.append)
        ran = trials.Ran(town, site, environment, played, steps, Path(read), _restores(town, environment))
        record, files = verification.draw_up(ran, started, uncommitted)
        place = write_verification(verified.folder(environment), record, files)
        # After the record, which took minutes: what lives can be read again.
        with suppress(Unreadable, FileNotFoundError):
            troubles = {trouble.task: trouble.message for trouble in played.troubles}
            kept.keep(town, environment, Answer(of_json(content(Path(read) / FILE)), {}, troubles))
    verdicts = {test.verdict for test in record.tests}
    grave = {"wrong": "error", "unknown": "unknown", "kept": "kept"}
    outcome = next((said for verdict, said in grave.items() if verdict in verdicts), "ok")
    if form == "json":
        say_json({"outcome": outcome, **record.model_dump()})
    else:
        _print(record.tests, record.reserves)
        say_troubles(played)
        click.echo(f"\nConstat {record.id} : {place / 'verification.json'}")
    sys.exit(EXIT[outcome])


def _restores(town: Town, environment: str) -> list[Finding]:
    """List the findings of the calendar of restores; a result that cannot be read is a finding."""
    from piste.engine.finding import Finding
    from piste.trials.restore.calendar import findings

    try:
        return list(findings(town, environment))
    except PisteError as error:
        return [Finding("restores", "unknown", str(error))]


def _print(tests: Sequence[Test], reserves: Sequence[str]) -> None:
    """Write the tests by domain, a line each; below a failure, the expectation and the reason."""
    for domain in dict.fromkeys(test.domain for test in tests):
        click.echo(domain)
        for test in tests:
            if test.domain == domain:
                said = signed(test.verdict)
                click.echo(f"  {said}  {test.title} : {test.observed}")
                if test.verdict != "conform":
                    click.echo(f"{' ' * 18}→ attendu : {test.expected}")
                    if test.reason:
                        click.echo(f"{' ' * 20}{'cause' if test.verdict == 'wrong' else 'raison'} : {test.reason}")
    for reserve in reserves:
        click.echo(f"! {reserve}")
    click.echo(f"\n{counted_verdicts(test.verdict for test in tests)}")


def counted_verdicts(verdicts: Iterable[TestVerdict]) -> str:
    """Write the counts: `12 conformes, 1 non conforme, 0 inconnu, 2 non essayés.`"""
    from piste.papers.dossier.report import COUNTED

    states = Counter(verdicts)
    said = ((states[state], word) for state, word in COUNTED.items() if states[state] or state != "kept")
    return ", ".join(agreed(count, word) for count, word in said) + "."


def _verify_access(target: str, environment: str, form: str) -> None:
    from piste.engine.finding import Finding
    from piste.runs.plans.play import Order, play

    order = Order(ACCESS, environment, target)
    if form == "text":
        say_command(order.command(check=False))
    played = play(order, check=False)
    findings = [Finding.from_json(content) for content in played.findings]
    states = {finding.state for finding in findings} | {trouble.kind for trouble in played.troubles}
    outcome = "error" if states - {"ok", "unknown"} else "unknown" if "unknown" in states or not findings else "ok"
    if form == "json":
        answer = {
            "environment": environment,
            "outcome": outcome,
            "findings": [finding.to_json() for finding in findings],
        }
        say_json(answer)
    else:
        for finding in findings:
            show(finding)
        say_troubles(played)
        if not findings and not played.troubles:
            click.echo("Rien n’a été essayé : seul un site ouvert est essayé (site.lifecycle).")
        click.echo(f"\n{counted(findings)}")
        if outcome == "ok":
            click.echo("L’essai est inscrit : ce site peut être imposé (dot1x: enforced).")
    sys.exit(EXIT[outcome])


def signed(state: str) -> str:
    said, colour = SAID["ok" if state == "conform" else state]
    return said if os.environ.get("NO_COLOR") else click.style(said, fg=colour)


def show(finding: Finding) -> None:
    """Write a test: the sign and the word before any colour, the expectation below."""
    click.echo(f"{signed(finding.state)}  {safe(finding.what, '\n')}")
    if finding.todo:
        click.echo(f"{' ' * len(SAID[finding.state][0])}  → {finding.todo}")


def counted(findings: list[Finding]) -> str:
    """Write the counts: `12 conformes, 1 non conforme, 0 inconnu`."""
    states = Counter(finding.state for finding in findings)
    words = {"ok": "conforme(s)", "wrong": "non conforme(s)", "unknown": "inconnu(s)"}
    return ", ".join(agreed(states[state], word) for state, word in words.items()) + "."  # type: ignore[index]
