"""The verbs `piste supervision …`: what Piste says to Zabbix of itself."""

from __future__ import annotations

import sys

import click

from piste.commands.french import Verb, Verbs
from piste.commands.output import say_command, say_troubles
from piste.commands.plan import environment_option
from piste.words import agreed

PLAYBOOK = "playbooks/push.yml"


@click.group(cls=Verbs)
def supervision() -> None:
    """La supervision : ce que Piste lui dit de lui-même et des certificats.

    \b
    Exemples :
      piste supervision push --environment production
      ansible-playbook playbooks/domains/supervision.yml --check --diff
      ansible-playbook playbooks/coverage.yml

    Pousser ce qui est surveillé est une convergence comme les autres : piste plan --domain supervision, piste apply.
    """


@supervision.command("push", cls=Verb)
@environment_option
def push(environment: str) -> None:
    """Pousser dans Zabbix la dernière exécution, la dernière dérive, la fin de chaque certificat lu.

    Des nombres seuls : issues, comptes, jours ; ni valeur, ni secret. Ce qui est déjà poussé ne l’est pas deux fois.
    Une minuterie le fait chaque heure.

    Codes de sortie : 0 poussé, ou rien à dire, 1 erreur, 3 Zabbix n’a pas répondu, 4 refusé.
    """
    from piste import declared
    from piste.certificates import kept
    from piste.plans.play import EXIT, Order
    from piste.plans.progress import watched
    from piste.records.chain import journal_folder
    from piste.records.journal import newest
    from piste.sites.pushed import values
    from piste.town import refuse_faults

    commune = refuse_faults(declared.derived(environment)).commune
    said = values(commune, newest(journal_folder(), environment), kept.last(environment)) if commune else []
    if not said:
        click.echo("Rien à dire : aucune exécution au journal, aucun certificat lu.")
        return
    order = Order(PLAYBOOK, environment, extra={"pushed_values": said})
    say_command(order.command(check=False))
    played = watched(order, check=False)
    say_troubles(played)
    if played.troubles:
        sys.exit(EXIT[played.outcome])
    if any(played.calls.values()):
        click.echo(f"La supervision est à jour de {agreed(len(said), 'valeur(s)')}.")
    else:
        click.echo("Cet environnement n’a pas de Zabbix : rien n’est dit.")
