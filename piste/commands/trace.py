"""Refusal of a verb to write without a record, unless a person decides otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from piste.engine.converge.errors import Untraced

if TYPE_CHECKING:
    from piste.runs.plans.play import Played


def _waive(ctx: click.Context, param: click.Parameter, reason: str | None) -> None:
    """Let the passes of the verb write without a record."""
    if reason is None:
        return
    from piste.runs.plans.conditions import check_waiver
    from piste.runs.plans.trace import WAIVED

    given = {"piste_without_journal": reason}
    try:
        check_waiver(given)
    except Untraced:
        raise click.BadParameter("« Nom : raison » est attendu : qui en décide, et pourquoi.") from None
    WAIVED.update(given)


without_journal_option = click.option(
    "--without-journal",
    metavar="NOM : RAISON",
    expose_value=False,
    callback=_waive,
    help="Écrire même sans trace au journal : qui en décide, et pourquoi.",
)


def refuse_untraced(before: Played) -> None:
    """Refuse to write after a pass without a record: the next would leave no trace either."""
    from piste.engine.converge.task_log import untraced
    from piste.runs.plans.trace import LOST, WAIVED

    if before.unrecorded and not WAIVED:
        LOST.clear()  # The refusal says it.
        raise untraced(before.unrecorded[0])
