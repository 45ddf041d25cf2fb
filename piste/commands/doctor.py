"""The verb `piste doctor`: what would stop a run, and how to mend it, before there is one."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import click

from piste.commands.french import Verb
from piste.commands.plan import environment_option
from piste.words import agreed

if TYPE_CHECKING:
    from piste.finding import Finding, State

SAID = {"ok": ("✓ conforme  ", "green"), "wrong": ("✗ à corriger", "red"), "unknown": ("? inconnu   ", "magenta")}
PLAYBOOK = "playbooks/doctor.yml"


@click.command(cls=Verb)
@environment_option
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="Forme de la sortie.")
def doctor(environment: str, form: str) -> None:
    """Examiner ce poste et l'environnement, sans rien écrire : une ligne par contrôle, et comment corriger.

    \b
    piste doctor
    piste doctor --environment production
    piste doctor --format json

    Versions, déclaration, coffre et secrets, accès et droits, certificats, horloge, limites, verrous, journal.
    Codes de sortie : 0 tout est conforme, 1 quelque chose est à corriger, 3 quelque chose n'a pas répondu.
    """
    from piste.plans.play import EXIT

    found = []
    for finding in examine(environment):
        found.append(finding)
        if form == "text":
            show(finding)
    states = {finding.state for finding in found}
    outcome = "error" if "wrong" in states else "unknown" if "unknown" in states else "ok"
    if form == "json":
        answer = {"environment": environment, "outcome": outcome, "findings": [f.to_json() for f in found]}
        click.echo(json.dumps(answer, ensure_ascii=False, indent=1))
    else:
        click.echo(f"\n{counted(found)}")
    sys.exit(EXIT[outcome])


def examine(environment: str) -> Iterator[Finding]:
    """What this machine says, then what the inventories say, then what the systems answer."""
    from piste.commands import doctor_checks as checks
    from piste.plans import hosts

    yield from checks.local(environment)
    try:
        variables = hosts.variables(environment)
    except hosts.Unreadable as error:
        yield checks.unreadable(error.said)
        return
    yield from checks.environment(environment, variables.get("commune", {}))
    yield from systems(environment)


def systems(environment: str) -> Iterator[Finding]:
    """What each system answers, by one task of the playbook; a task that failed is a finding too."""
    from piste.converge.errors import Misused
    from piste.finding import Finding
    from piste.plans.play import Order, play

    try:
        played = play(Order(PLAYBOOK, environment), check=True)
    except Misused as refused:
        yield Finding("systems", "unknown", f"rien n'a été demandé aux systèmes : {refused.what}", refused.todo)
        return
    for found in played.findings:
        yield Finding.from_json(found)
    for trouble in played.troubles:
        state: State = "unknown" if trouble.kind == "unknown" else "wrong"
        todo = "Corrigez la variable ou le système nommé, puis relancez « piste doctor »."
        yield Finding("systems", state, f"{trouble.task} : {trouble.message.strip()}", todo)


def show(finding: Finding) -> None:
    """One line, the sign and the word before any colour; how to mend below."""
    from piste.plans.show import safe

    said, colour = SAID[finding.state]
    # Colour is left out by click where there is no terminal, NO_COLOR is for us to honour.
    click.echo(f"{said if os.environ.get('NO_COLOR') else click.style(said, fg=colour)}  {safe(finding.what, "\n")}")
    if finding.todo:
        click.echo(f"{' ' * len(said)}  → {safe(finding.todo, "\n")}")


def counted(found: Iterable[Finding]) -> str:
    """`12 conformes, 1 à corriger, 0 inconnu`."""
    states: list[str] = [finding.state for finding in found]
    conform, wrong, unknown = (states.count(state) for state in SAID)
    return f"{agreed(conform, 'conforme(s)')}, {wrong} à corriger, {agreed(unknown, 'inconnu(s)')}."
