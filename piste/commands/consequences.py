"""A plan and its consequences, printed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from piste.commands.output import say_json, say_lines, say_plan
from piste.engine.converge.errors import PisteError
from piste.engine.words import safe

if TYPE_CHECKING:
    from piste.sites.consequences.computed import Consequences


class Uncomputed(PisteError):
    """The consequences of a plan are unknown: it is shown, and review does not accept it."""

    code = "PISTE-E051"


def print_plan(made: Mapping[str, Any], form: str, *, brief: bool, hosts: Sequence[str] = ()) -> None:
    """Print a plan in one of its forms, with its counts; its consequences unless `brief`."""
    from piste.runs.plans import show

    if form == "json":
        say_json(made)
    elif form == "junit":
        click.echo(show.junit(made, hosts))
    elif form == "markdown":
        click.echo(show.markdown(made))
        if not brief:
            click.echo()
            say_consequences(made, form)
    else:
        say_plan(made, brief=brief)
        if not brief:
            say_consequences(made, drifted=made["playbook"] == show.DRIFT)
        click.echo(f"\nPlan {made['id']} : {show.counted(made)}.")


def computed(plan: Mapping[str, Any], *, drifted: bool = False) -> tuple[Consequences, Callable[[str], str]]:
    """Compute the consequences of a plan, and the day when an owner was last as declared.

    Raises Uncomputed where the computation fails: what a system answers may have any form.
    """
    from piste.sites import status
    from piste.sites.consequences.computed import of
    from piste.sites.consequences.evidence import since
    from piste.town import declared
    from piste.town.town import refuse_faults

    town = refuse_faults(declared.derived(plan["environment"]))
    states = status.sites(town, plan["environment"])
    try:
        return of(plan, town, drifted=drifted), lambda owner: since(states, owner)
    except Exception as error:
        raise Uncomputed(
            "les conséquences de ce plan ne se calculent pas",
            why=f"Une valeur lue n’a pas la forme attendue ({type(error).__name__} : {error})",
            todo="Relisez chaque opération (piste plan show) ; sans ce calcul, piste check n’accepte pas le plan.",
        ) from error


def say_consequences(
    plan: Mapping[str, Any], form: str = "text", *, whole: bool = False, drifted: bool = False
) -> Consequences | None:
    """Print the consequences of a plan, or of the drift that it repairs; `whole`: with evidence.

    Returns them; None where nothing is to do, or where they are not known.
    """
    from piste.runs.plans import saved
    from piste.sites.consequences import said

    if not whole and not saved.to_do(plan):
        return None
    try:
        made, since = computed(plan, drifted=drifted)
    except PisteError as error:
        if whole:
            raise
        # A plan that is kept is shown, whatever became of the declaration.
        click.echo(f"\n? Ce que cela fait aux personnes n’est pas connu : {safe(error.sentence())}")
        return None
    if form == "json":
        say_json(said.data(made, plan, since))
    elif form == "markdown":
        click.echo(said.markdown(made, plan, since))
    else:
        click.echo(f"\nCe que {'ces écarts font' if drifted else 'cela fait'} aux personnes :")
        say_lines(said.lines(made, plan, since, whole=whole, drifted=drifted))
    return made
