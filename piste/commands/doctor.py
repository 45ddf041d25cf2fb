"""The verb `piste doctor`: reasons that would stop a run, and their mends, before a run."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import click

from piste.commands.french import Verb
from piste.commands.options import environment_option, text_or_json
from piste.commands.output import EXIT, say_json
from piste.engine.converge.errors import Misused
from piste.engine.words import agreed, safe

if TYPE_CHECKING:
    from piste.engine.finding import Finding, State

SAID = {"ok": ("✓ conforme  ", "green"), "wrong": ("✗ à corriger", "red"), "unknown": ("? inconnu   ", "magenta")}
_UNDEFINED = re.compile(r"'(\w+)' is undefined")
PLAYBOOK = "playbooks/doctor.yml"


@click.command(cls=Verb)
@environment_option
@text_or_json
def doctor(environment: str, form: str) -> None:
    """Examiner ce poste et l'environnement, sans rien écrire : une ligne par contrôle, et comment corriger.

    \b
    piste doctor
    piste doctor --environment production
    piste doctor --format json

    Versions, déclaration, coffre et secrets, âge des lectures, accès et droits, horloge, limites, verrous, journal.
    Codes de sortie : 0 tout est conforme, 1 quelque chose est à corriger, 3 quelque chose n'a pas répondu.
    """
    findings = []
    for finding in examine(environment):
        findings.append(finding)
        if form == "text":
            show(finding)
    states = {finding.state for finding in findings}
    outcome = "error" if "wrong" in states else "unknown" if "unknown" in states else "ok"
    if form == "json":
        answer = {"environment": environment, "outcome": outcome, "findings": [f.to_json() for f in findings]}
        say_json(answer)
    else:
        click.echo(f"\n{counted(findings)}")
    sys.exit(EXIT[outcome])


def examine(environment: str) -> Iterator[Finding]:
    """List the findings of this machine, of the inventories, then of the systems."""
    from piste.commands import doctor_checks as checks
    from piste.readings.findings import ages_of
    from piste.runs.plans import forgotten, hosts
    from piste.town import declared

    yield from checks.local(environment)
    try:
        variables = hosts.variables(environment)
    except hosts.Unreadable as error:
        yield checks.unreadable(error.said)
        return
    commune = variables.get("commune", {})
    yield from checks.environment(environment, commune)
    town = declared.derived(environment)
    yield from ages_of(town, environment)
    yield from forgotten.findings(environment)
    yield from checks.accounts(town, environment)
    yield from checks.beliefs(environment)
    yield from checks.vault_keys(environment, commune)
    yield from systems(environment, checks.lacking_keys(commune))


def systems(environment: str, lacking: Collection[str] = (), tags: str = "") -> Iterator[Finding]:
    """List the findings of each system, or of some tags: a failed task is a finding too.

    A cause that several share is said once: `lacking` keys of the vault and names that do not resolve, first; what
    several checks meet alike, by the first of them.
    """
    from piste.engine.finding import Finding
    from piste.engine.transport.faults import unresolved_name
    from piste.runs.plans.play import Order, play

    try:
        played = play(Order(PLAYBOOK, environment, tags=tags), check=True)
    except Misused as refused:
        yield Finding("systems", "unknown", f"rien n’a été demandé aux systèmes : {refused.what}", refused.todo)
        return
    findings = [Finding.from_json(content) for content in played.findings]
    waiting = []
    for trouble in played.troubles:
        undefined = _UNDEFINED.search(trouble.message)
        if undefined and undefined[1] in lacking:
            waiting.append(trouble.task)
            continue
        what = f"la variable {undefined[1]} n’est définie nulle part" if undefined else trouble.message.strip()
        state: State = "unknown" if trouble.kind == "unknown" else "wrong"
        todo = "Corrigez la variable ou le système nommé, puis relancez « piste doctor »."
        findings.append(Finding("systems", state, f"{trouble.task} : {what}", todo))
    yield from _unresolved(environment, [name for known in findings if (name := unresolved_name(known.what))])
    if waiting:
        what = f"{agreed(len(waiting), 'contrôle(s)')} sans réponse, faute des clés du coffre : {' ; '.join(waiting)}"
        yield Finding("systems.vault", "unknown", what, "Complétez le coffre, puis relancez « piste doctor ».")
    alike: set[tuple[str, str, str]] = set()
    for finding in findings:
        met = (finding.state, finding.what, finding.todo)
        if met not in alike and not unresolved_name(finding.what):
            alike.add(met)
            yield finding


def _unresolved(environment: str, stopped: Sequence[str]) -> Iterator[Finding]:
    """Say once the names that do not resolve, in place of each finding that stops there."""
    from piste.engine.finding import Finding

    if stopped:
        names = ", ".join(dict.fromkeys(stopped))
        what = f"ce poste ne résout pas {names} : {agreed(len(stopped), 'contrôle(s)')} sans réponse"
        todo = (
            "Ce poste doit demander les noms aux serveurs DNS de la ville (dns.servers) : resolvectl status, ou "
            f"/etc/resolv.conf. Si un nom est faux, corrigez-le dans inventories/{environment}/group_vars/all/main.yml."
        )
        yield Finding("systems.names", "unknown", what, todo)


def show(finding: Finding) -> None:
    """Write a finding: the sign and the word before any colour, the mend below."""
    said, colour = SAID[finding.state]
    # Click leaves colour out without a terminal; NO_COLOR is ours to honour.
    click.echo(f"{said if os.environ.get('NO_COLOR') else click.style(said, fg=colour)}  {safe(finding.what, '\n')}")
    if finding.todo:
        click.echo(f"{' ' * len(said)}  → {safe(finding.todo, '\n')}")


def counted(findings: Iterable[Finding]) -> str:
    """Write the counts: `12 conformes, 1 à corriger, 0 inconnu`."""
    states: list[str] = [finding.state for finding in findings]
    conform, wrong, unknown = (states.count(state) for state in SAID)
    return f"{agreed(conform, 'conforme(s)')}, {wrong} à corriger, {agreed(unknown, 'inconnu(s)')}."
