"""The rehearsal of `piste twin up --plan`: the twin before a plan, on the way and after."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from piste.engine.words import agreed, safe

if TYPE_CHECKING:
    from piste.town.model.derived import Derived
    from piste.trials.rehearsal.said import Rehearsed
    from piste.trials.twin.readings import Readings


def read_plan(name: str, environment: str) -> dict[str, Any]:
    """Read the plan to rehearse. Raises `StalePlan`, `Missing`, `UsageError`."""
    from piste.runs.plans import saved

    made = saved.read(name)
    asked = click.get_current_context().get_parameter_source("environment")
    if asked is not ParameterSource.DEFAULT and environment != made["environment"]:
        raise click.UsageError(f"ce plan est de « {made['environment']} », pas de « {environment} ».")
    return made


def sites_of(made: Mapping[str, Any], serving: Collection[str]) -> list[str]:
    """List the sites whose objects a plan changes."""
    owners = dict.fromkeys(str(described["owner"]) for described in made["operations"])
    listed = [name for name in owners if name in serving]
    if not listed:
        raise click.UsageError("ce plan n’est d’aucun site en service : nommez ceux à dresser, SITE...")
    return listed


def rehearse(
    made: Mapping[str, Any], readings: Readings, town: Derived, sites: Sequence[str], identity: str, *, by_step: bool
) -> Rehearsed:
    """Raise the twin as read, then as the plan leaves it, and measure each state."""
    from piste.engine.converge.reading import reading
    from piste.runs.plans import saved
    from piste.trials.probe.ways import Ways
    from piste.trials.rehearsal.asked import asked
    from piste.trials.rehearsal.course import course
    from piste.trials.rehearsal.measured import Measure, measure
    from piste.trials.rehearsal.said import Rehearsed
    from piste.trials.twin import machine

    operations = saved.to_do(made)
    with reading("ce qui a été lu"):
        planned = course(readings, town, sites, operations, by_step=by_step)
        wanted = asked(planned, ways := Ways(town), operations)
    measures: list[Measure] = []
    try:
        for rank, stage in enumerate(planned.stages):
            began = time.monotonic()
            if rank:
                machine.change(planned.stages[rank - 1].layout, stage.layout, identity)
            else:
                about = {"sites": list(sites), "environment": made["environment"], "plan": made["id"]}
                machine.up(stage.layout, identity, about)
            measures.append(measure(identity, wanted, measures))
            spent = f"{time.monotonic() - began:.1f}".replace(".", ",")
            click.echo(safe(f"{stage.title} : essayé en {spent} s"), err=True)
    except BaseException:
        machine.down(identity)
        raise
    return Rehearsed(planned, measures, ways)


def say(rehearsed: Rehearsed, made: Mapping[str, Any], town: Derived, *, by_step: bool) -> None:
    """Print what a rehearsal has seen."""
    course = rehearsed.course
    click.echo(f"Plan {made['id']} répété : {agreed(len(course.touched), 'opération(s)')} au jumeau.")
    for title, lines in rehearsed.by_turn():
        click.echo(f"\n{title} :")
        for line in lines:
            click.echo(safe(f"  {line}"))
    if by_step:
        click.echo("\nPas à pas :")
        for title, lines in rehearsed.by_step():
            click.echo(safe(f"  {title}" + ("" if lines else " : rien ne change")))
            for line in lines:
                click.echo(safe(f"    {line}"))
    _say_computed(rehearsed, made, town)
    for line in (*course.remarks, *rehearsed.errors):
        click.echo(safe(f"À savoir : {line}"))
    click.echo(f"\nÉprouvé par des paquets : {rehearsed.verdict()}.")


def _say_computed(rehearsed: Rehearsed, made: Mapping[str, Any], town: Derived) -> None:
    """Print the computed consequences, and where the packets say otherwise."""
    from piste.commands.consequences import say_consequences
    from piste.runs.plans import saved
    from piste.sites.consequences.beside import beside, population

    consequences = say_consequences(made) if saved.to_do(made) else None
    if consequences is None:
        return
    places = population(rehearsed.course.stages[0].layout, town)
    result = beside(consequences, rehearsed.measures[0], rehearsed.measures[-1], places)
    said = {
        "Mesuré, et pas calculé": [*rehearsed.words.lines(result.uncomputed)],
        "Calculé, essayé, et pas mesuré": [line.sentence() for line in result.unmeasured],
    }
    for title, lines in said.items():
        if lines:
            click.echo(f"\n{title} :")
        for line in lines:
            click.echo(safe(f"  {line}"))
    if rehearsed.untried or any(said.values()):
        return
    whole, part = "Ce qui est calculé et ce que font les paquets", "Pour ce qui a été éprouvé, le calcul et les paquets"
    click.echo(f"\n{whole if rehearsed.whole else part} s’accordent.")
