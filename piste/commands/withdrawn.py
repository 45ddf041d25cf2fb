"""The end of a withdrawal: the outcome on each system, and its paper to sign."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from piste.commands.output import EXIT, write_paper
from piste.engine.words import safe

if TYPE_CHECKING:
    from piste.readings.accounts.withdrawal import Line
    from piste.runs.plans.play import Played
    from piste.town.model import Town

OUT = "piste.papers"
"""The folder of the paper, in the context of the command that applies its plan."""


def conclude_withdrawal(made: Mapping[str, Any], done: Played) -> None:
    """Write the paper of a withdrawal that was applied; leave with 5 where it is partial."""
    from piste.readings.accounts.judgment import judged
    from piste.readings.accounts.withdrawal import by_hand, leaver, outcome, whole
    from piste.town import declared

    environment, who = made["environment"], made["extra"]["leaver"][0]
    town = declared.town(environment)
    every = judged(town, environment)
    hand = by_hand(leaver(town, who, every), every, town.commune["accounts"] if town.commune else ())
    lines = [*outcome(every, done)]
    for line in lines:
        sign = {"ok": "✓", "wrong": "✗", "unknown": "?"}[line["state"]]
        went = f"{', '.join(line['withdrawn'])} : " if line["withdrawn"] else ""
        click.echo(safe(f"{sign} {line['label']} : {went}{line['said']}"))
    out = click.get_current_context().meta.get(OUT, Path("dossiers"))
    write_withdrawal(town, environment, who, made["extra"]["outgoing"], lines, hand, out)
    sys.exit(EXIT["ok" if whole(lines, hand) else "partial"])


def write_withdrawal(
    town: Town,
    environment: str,
    who: str,
    names: Sequence[str],
    lines: Sequence[Line],
    hand: Sequence[str],
    out: Path,
) -> None:
    from piste.readings.accounts.document import WITHDRAWAL, Withdrawn
    from piste.runs.records.operator import operator
    from piste.town.model.dates import now

    at = now().isoformat(timespec="seconds")
    subject = Withdrawn(who, names, at, operator(environment), town.name, lines, hand)
    write_paper(WITHDRAWAL, subject, f"pv-retrait-acces-{at[:19].replace(':', '')}", town, environment, out)
