"""The note of a run in GLPI, at the end of `piste apply`."""

from __future__ import annotations

import click

from piste.commands.output import say_troubles

PLAYBOOK = "playbooks/changes.yml"


def note(environment: str, change: int | None) -> None:
    """Note the runs that are not noted yet; a GLPI that does not answer costs the run nothing.

    In the lab, only a run that answers a change of GLPI is noted by itself.
    """
    if environment != "production" and change is None:
        return
    from piste import declared
    from piste.plans.play import Order
    from piste.plans.progress import watched

    commune = declared.derived(environment).commune
    part = commune and commune["glpi"]
    if not part or not part["changes"]:
        return
    played = watched(Order(PLAYBOOK, environment), check=False)
    if played.troubles:
        say_troubles(played)
        click.echo("Cette exécution n’est pas encore notée dans GLPI : la minuterie la notera.", err=True)
