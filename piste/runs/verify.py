"""The verb ``piste verify``: a site's 802.1X by real exchanges, before anybody is forced onto it."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from typing import TYPE_CHECKING

import click

from piste.converge.plural import agreed
from piste.runs.commands import complete_target, environment_option, limit, say_command, say_troubles
from piste.runs.french import Verb

if TYPE_CHECKING:
    from piste.converge.finding import Finding

SAID = {"ok": ("✓ conforme    ", "green"), "wrong": ("✗ non conforme", "red"), "unknown": ("? inconnu     ", "magenta")}
PLAYBOOK = "playbooks/verify.yml"


@click.command(cls=Verb)
@click.argument("target", metavar="SITE", shell_complete=complete_target)
@environment_option
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="Forme de la sortie.")
def verify(target: str, environment: str, form: str) -> None:
    """Essayer le 802.1X d'un site par de vrais échanges EAP, sur chacun de ses serveurs RADIUS.

    \b
    piste verify ccas
    piste verify ccas --environment production
    piste verify ecole --format json

    Qui doit être admis, et dans quel VLAN ; qui doit être refusé. Rien n'est écrit sur aucun système ; un essai réussi
    s'inscrit : c'est ce que demande dot1x « enforced » (docs/passage-802.1x.md).
    Codes de sortie : 0 conforme, 1 non conforme, 3 quelque chose n'a pas répondu.
    """
    from piste.converge.finding import Finding
    from piste.runs.play import EXIT, Order, play

    order = Order(PLAYBOOK, environment, limit(target))
    if form == "text":
        say_command(order.command(check=False))
    played = play(order, check=False)
    found = [Finding.from_json(one) for one in played.findings]
    states = {finding.state for finding in found} | {trouble.kind for trouble in played.troubles}
    outcome = "error" if states - {"ok", "unknown"} else "unknown" if "unknown" in states or not found else "ok"
    if form == "json":
        answer = {"environment": environment, "outcome": outcome, "findings": [one.to_json() for one in found]}
        click.echo(json.dumps(answer, ensure_ascii=False, indent=1))
    else:
        for finding in found:
            show(finding)
        say_troubles(played)
        if not found and not played.troubles:
            click.echo("Rien n'a été essayé : seul un site ouvert est essayé (site.lifecycle).")
        click.echo(f"\n{counted(found)}")
        if outcome == "ok":
            click.echo("L'essai est inscrit : ce site peut être imposé (dot1x: enforced).")
    sys.exit(EXIT[outcome])


def show(finding: Finding) -> None:
    """One line, the sign and the word before any colour; what was expected below."""
    said, colour = SAID[finding.state]
    click.echo(f"{said if os.environ.get('NO_COLOR') else click.style(said, fg=colour)}  {finding.what}")
    if finding.todo:
        click.echo(f"{' ' * len(said)}  → {finding.todo}")


def counted(found: list[Finding]) -> str:
    """``12 conformes, 1 non conforme, 0 inconnu``."""
    states = Counter(finding.state for finding in found)
    words = {"ok": "conforme(s)", "wrong": "non conforme(s)", "unknown": "inconnu(s)"}
    return ", ".join(agreed(states[state], word) for state, word in words.items()) + "."  # type: ignore[index]
