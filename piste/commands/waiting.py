"""Saved plans that do not do all: words to give, missing answers, operations done already."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from piste.commands.output import EXIT, say_troubles
from piste.engine.converge.allowed import named

if TYPE_CHECKING:
    from piste.runs.plans.play import Played

REDO = "Corrigez ce que disent ses lignes « ! », attendez le système pour celles en « ? », puis refaites-le."
DRIFTED = (
    "Incomplet : ce que disent les lignes « ! » et « ? » n’a pas été comparé. Avant la reprise de l’existant, c’est "
    "attendu (piste adopt) ; ensuite, corrigez ou attendez le système, puis relancez piste drift."
)
"""What closes a drift that could not compare all: it is no plan to be made again."""


def say_words(made: Mapping[str, Any]) -> None:
    """Say how to make the plan of what waits for a word."""
    from piste.runs.plans import show

    if not (words := show.to_confirm(made)):
        return
    # Imported here: the form of a plan costs more than the rest, and most plans wait for nothing.
    from piste.runs.plans.show import UNDO

    options = shlex.join([option for word in words for option in ("--confirm", word)])
    if made["playbook"] == UNDO:
        click.echo(f"Pour ce qui attend un mot, s’il est voulu : le même « piste undo », avec {options}")
        return
    domain = re.fullmatch(r"playbooks/domains/(\w+)\.yml", made["playbook"])
    again = ["piste", "plan", made["limit"].replace(":", ",") or "all"]
    again += ["--domain", domain[1]] if domain else []
    again += ["--environment", made["environment"]] if made["environment"] != "lab" else []
    click.echo(f"Pour ce qui attend un mot, s’il est voulu : {shlex.join(again)} {options}")


def refuse_incomplete(made: Mapping[str, Any]) -> None:
    from piste.runs.plans.accounts import stands_alone
    from piste.runs.plans.saved import StalePlan

    if made["troubles"] and not stands_alone(made):
        hosts = ", ".join(dict.fromkeys(trouble["host"] for trouble in made["troubles"]))
        raise StalePlan(
            f"le plan est incomplet, il y manque {hosts}", todo=f"{REDO} Les sites qui répondent ont le leur."
        )


def refuse_lost(made: Mapping[str, Any], now: Played) -> None:
    """Check that the operations no longer to do of a begun plan are done indeed."""
    from piste.runs.plans import saved
    from piste.runs.plans.play import Order
    from piste.runs.plans.progress import watched
    from piste.runs.plans.undo import outcome

    tasks = outcome(saved.settled(made, now.operations))
    if not tasks:
        return
    path = saved.folder() / f"{made['id']}.done.undo.json"
    saved.write_json(tasks, path)
    order = Order("playbooks/undo.yml", made["environment"], ":".join(sorted(tasks)), {"piste_undo": str(path)})
    click.echo("Vérification de ce qui est déjà fait…", err=True)
    again = watched(order, check=True)
    say_troubles(again)
    if again.outcome == "unknown":
        click.echo("Rien n’a été écrit. Reprenez le même plan quand le système répond.", err=True)
        sys.exit(EXIT["unknown"])
    lost = [f"{named(o)} : n’est plus à faire, et n’est pas fait" for o in again.operations]
    # What the plan itself could not do is no news of what it has done.
    withheld = [line for line in again.withheld if line not in made["withheld"]]
    if lost or withheld or again.troubles:
        listing = "\n".join(f"  - {line}" for line in dict.fromkeys([*lost, *withheld]))
        raise saved.StalePlan(
            "ce plan, déjà commencé, ne dit plus où en est la situation ; rien n’a été écrit",
            todo=f"Refaites le plan, relisez-le, puis appliquez-le.\n{listing}\n",
        )
