"""The verbs `piste living …`: what lives in the whole town, read again for the portal."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from piste.commands.french import Verb, Verbs
from piste.commands.options import environment_option, text_or_json
from piste.commands.output import EXIT, say_command, say_json, say_table, say_troubles
from piste.engine.clock import in_town

if TYPE_CHECKING:
    from piste.runs.plans.play import Order
    from piste.sites.living.alone import PartRead


@click.group(cls=Verbs)
def living() -> None:
    """Relever ce qui vit : équipements, ports, machines, surveillance, pour le portail.

    \b
    Exemples :
      piste living read
      piste living read --environment production

    piste findings les juge ; piste verify compare un site à sa déclaration, et garde les mêmes relevés.
    """


@living.command(cls=Verb)
@environment_option
@text_or_json
def read(environment: str, form: str) -> None:
    """Relever ce qui vit dans toute la ville, par listes entières, et le garder pour le portail.

    \b
    piste living read
    piste living read --environment production

    Équipements et ports (Meraki), machines et leurs nœuds (Prism), hôtes et problèmes (Zabbix), ports de chaque Nexus ;
    rien n'est écrit sur aucun système. Ce qui n'a pas répondu est inconnu, et le relevé d'avant reste, avec sa date.
    Codes de sortie : 0 tout a été lu, 3 quelque chose n'a pas répondu.
    """
    from piste.sites.living import alone
    from piste.town import declared

    def said(order: Order) -> None:
        if form == "text":
            say_command(order.command(check=False))

    town = declared.sound(environment)
    parts, absent, played = alone.read(town, environment, said)
    outcome = "unknown" if any(part.why for part in parts) else "ok"
    if form == "json":
        say_json({"outcome": outcome, "calls": played.calls, "parts": [part._asdict() for part in parts]})
    else:
        say_troubles(played)
        _say(parts)
        for word in absent:
            click.echo(f"Cet environnement n’a rien à lire là : {word}.")
        click.echo(f"Appels aux systèmes : {sum(played.calls.values())}.")
    sys.exit(EXIT[outcome])


def _say(parts: Sequence[PartRead]) -> None:
    """Write a line a part: what was read, else why not and what is still kept."""
    lines = []
    for part in parts:
        at = in_town(part.read_at) if part.read_at else ""
        kept = f"reste celui du {at}" if at else "jamais lu"
        said = f"inconnu, {kept} : {part.why}" if part.why else f"lu le {at}"
        lines.append((part.label, "–" if part.number is None else str(part.number), said))
    say_table(lines)
