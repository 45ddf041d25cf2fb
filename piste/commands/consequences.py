"""A plan and its consequences, printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from piste.commands.output import say_json, say_lines

if TYPE_CHECKING:
    from piste.sites.consequences.computed import Consequences
    from piste.town.model.derived import Derived


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
            say_evidence(made, form)
    else:
        say_plan(made, brief=brief)
        click.echo(f"\nPlan {made['id']} : {show.counted(made)}.")


def say_plan(made: Mapping[str, Any], *, brief: bool = False, town: Derived | None = None) -> None:
    """Print the lines of a plan or of a drift, and what it does to people unless `brief`.

    `town` is the declaration that it was made on, where that is not the one of the repository.
    """
    from piste.runs.plans.show import is_drift

    say_operations(made, brief=brief)
    if not brief:
        say_consequences(made, drifted=is_drift(made), town=town)


def say_operations(made: Mapping[str, Any], *, brief: bool = False) -> None:
    """Print the lines of a plan alone."""
    from piste.runs.plans import show

    say_lines(show.lines(made, brief=brief))


def say_consequences(
    plan: Mapping[str, Any], *, drifted: bool = False, town: Derived | None = None
) -> Consequences | None:
    """Print the consequences of a plan, or of the drift that it repairs.

    Returns them; None where nothing is to do, or where they are not known.
    """
    from piste.engine.converge.allowed import is_left, is_waiting
    from piste.runs.plans import saved

    if not saved.to_do(plan) and not any(is_waiting(each) and not is_left(each) for each in plan["operations"]):
        return None
    # Imported here: most plans of a town that is as declared have nothing to do.
    from piste.sites.consequences.shown import shown

    what = shown(plan, drifted=drifted, town=town)
    say_lines([("", ""), *([("", f"{what.title} :")] if what.title else []), *what.lines])
    return what.made


def say_remaining(plan: Mapping[str, Any], now: Sequence[Mapping[str, Any]]) -> None:
    """Print the consequences of what remains of a begun plan.

    `now` are the operations of its verification; what is done is in place before and after.
    """
    from piste.engine.converge.allowed import LEFT
    from piste.runs.plans import saved
    from piste.sites.consequences.computed import undone

    done = [{**undone(operation), "waiting": LEFT} for operation in saved.settled(plan, now)]
    # Without its seal it is no kept plan, whose other lines could be shown elsewhere.
    rest = {name: value for name, value in plan.items() if name != "seal"}
    say_consequences({**rest, "operations": [*now, *done]})


def say_evidence(plan: Mapping[str, Any], form: str) -> None:
    """Print the consequences of a plan, or of a drift, with their evidence. Raises PisteError."""
    from piste.runs.plans.show import is_drift
    from piste.sites.consequences import said
    from piste.sites.consequences.shown import computed, title

    drifted = is_drift(plan)
    made, since = computed(plan, drifted=drifted)
    if form == "json":
        say_json(said.data(made, plan, since, drifted=drifted))
    elif form == "markdown":
        click.echo(said.markdown(made, plan, since, drifted=drifted))
    else:
        click.echo(f"\n{title(drifted=drifted)} :")
        say_lines(said.lines(made, plan, since, whole=True, drifted=drifted))
