"""The verbs `piste supervision …`: what Piste says to Zabbix of itself."""

from __future__ import annotations

import sys

import click

from piste.commands.french import Verb, Verbs
from piste.commands.options import environment_option
from piste.commands.output import EXIT, say_command, say_troubles
from piste.commands.trace import without_journal_option
from piste.engine.words import agreed


@click.group(cls=Verbs)
def supervision() -> None:
    """Ce que Piste dit à la supervision : de lui-même et des certificats.

    \b
    Exemples :
      piste supervision push --environment production
      ansible-playbook playbooks/domains/supervision.yml --check --diff
      ansible-playbook playbooks/coverage.yml

    Pousser ce qui est surveillé est une convergence comme les autres : piste plan --domain supervision, piste apply.
    """


@supervision.command("push", cls=Verb)
@environment_option
@without_journal_option
def push(environment: str) -> None:
    """Pousser dans Zabbix la dernière exécution, la dernière dérive, la fin de chaque certificat lu.

    Des nombres seuls : issues, comptes, jours ; ni valeur, ni secret. Ce qui est déjà poussé ne l’est pas deux fois.
    « piste apply » le fait à sa fin en production, une minuterie chaque heure.

    Codes de sortie : 0 poussé, rien à dire, ou un gel en cours, 1 erreur, 3 Zabbix n’a pas répondu, 4 refusé.
    """
    from piste.commands.noting import frozen, values
    from piste.runs.plans.progress import watched

    order = values(environment)
    if order is None:
        click.echo("Rien à dire : aucune exécution au journal, aucun certificat lu.")
        return
    say_command(order.command(check=False))
    played = watched(order, check=False)
    say_troubles(played)
    if played.troubles:
        sys.exit(0 if frozen(played) else EXIT[played.outcome])
    if any(played.calls.values()):
        click.echo(f"La supervision est à jour de {agreed(len(order.extra['pushed_values']), 'valeur(s)')}.")
    else:
        click.echo("Cet environnement n’a pas de Zabbix : rien n’est dit.")
