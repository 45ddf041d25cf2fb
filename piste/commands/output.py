"""The output of verbs that run playbooks: the command, the plan, the troubles, a question."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from piste.engine.words import agreed, safe

if TYPE_CHECKING:
    from piste.papers.dossier.document import Kind
    from piste.papers.dossier.subject import Described
    from piste.runs.plans.play import Order, Played
    from piste.sobriety.breakdown import Listing
    from piste.town.model import Town

EXIT = {"ok": 0, "error": 1, "changes": 2, "kept": 2, "unknown": 3, "refused": 4, "partial": 5}
"""Exit codes of every verb."""
SHOWN = 40
"""Rows of a list on a terminal; all of them in JSON."""


def checked_words(ctx: click.Context, param: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse a word of confirmation that no guard asks for: it would confirm nothing."""
    if not given:
        return given
    # Imported here: the form of the rules of review costs more than most verbs.
    from difflib import get_close_matches
    from typing import get_args

    from piste.town.model.review import Guard

    for text in given:
        word = text.partition(":")[0]
        if word not in get_args(Guard):
            near = get_close_matches(word.lower(), get_args(Guard), n=1)
            advice = f"Vouliez-vous dire « {near[0]} » ?" if near else "Les mots : docs/appliquer.md."
            raise click.BadParameter(f"« {word} » n’est le mot d’aucun changement gardé. {advice}")
    return given


def say_json(content: Any) -> None:
    """Print JSON; a lone surrogate, which no terminal and no file takes, is escaped."""
    text = json.dumps(content, ensure_ascii=False, indent=1)
    click.echo(text.encode("utf-8", "backslashreplace").decode())


def write_schemas(folder: Path, schemas: Mapping[str, Any]) -> None:
    """Write the schemas of documents beside them."""
    from piste.engine.converge.private import write_shared

    for name, schema in schemas.items():
        text = json.dumps(schema, ensure_ascii=False, indent=1) + "\n"
        write_shared(folder / "schemas" / f"{name}.schema.json", text.encode())


def say_table(lines: Sequence[Sequence[str]]) -> None:
    """Print cells in columns as wide as their widest."""
    shown = [[safe(cell) for cell in line] for line in lines]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    for line in shown:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def say_listing(listing: Listing, *, none: str) -> None:
    """Write a list of the figures, with what to do; `none` stands for an empty cell."""

    def cell(value: str | float | None) -> str:
        said = f"{value:g}".replace(".", ",") if isinstance(value, float) else str(value)
        return none if value is None else safe(said)

    click.echo(f"\n{listing.title} : {agreed(len(listing.rows), 'ligne(s)')}")
    if listing.rows:
        heads = [f"{column.label} ({column.unit})" if column.unit else column.label for column in listing.columns]
        say_table([heads, *([*map(cell, row)] for row in listing.rows[:SHOWN])])
    if len(listing.rows) > SHOWN:
        click.echo(f"… et {agreed(len(listing.rows) - SHOWN, 'autre(s)')} (--format json).")
    if listing.todo:
        click.echo(listing.todo)


def say_csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Print rows as CSV (RFC 4180, comma); no spreadsheet runs a cell of them."""
    from piste.engine.cells import as_csv, cell

    click.echo(as_csv([columns, *([cell(row.get(name)) for name in columns] for row in rows)]), nl=False)


def says_yes(question: str) -> bool:
    answer: str = click.prompt(f"{question} [oui/non]", default="non", show_default=False)
    return answer.strip().lower() in ("o", "oui")


def leave_on_no(question: str, what: str = "Rien n’a été écrit.", *, yes: bool) -> None:
    """Ask, unless `yes` is the answer; on a no, say what follows and leave with 4."""
    if not yes and not says_yes(question):
        click.echo(what, err=True)
        sys.exit(EXIT["refused"])


def say_troubles(played: Played) -> None:
    from piste.runs.plans import show

    for trouble in played.troubles:
        click.echo(f"{show.place(trouble.host, trouble.task)} : {safe(trouble.message, '\n')}", err=True)


def leave_on_trouble(played: Played, what: str) -> None:
    """Say what did not end well and what follows from it, and leave with the code of the run."""
    if played.troubles:
        say_troubles(played)
        click.echo(what, err=True)
        sys.exit(EXIT[played.outcome])


def say_command(command: list[str]) -> None:
    click.echo(f"$ {shlex.join(command)}", err=True)


def said(form: str) -> Callable[[Order], None]:
    """Give the function that says the command of an order; it says nothing to a program."""
    return (lambda order: say_command(order.command(check=False))) if form == "text" else lambda order: None


def say_lines(lines: Iterable[tuple[str, str]]) -> None:
    """Print lines in the colours of their signs; a long line goes on under its beginning."""
    said = [*lines]
    if not said:  # the printer costs more than the rest of a plan without changes
        return
    from textwrap import wrap

    from rich.console import Console
    from rich.text import Text

    from piste.runs.plans import show

    console = Console(highlight=False, soft_wrap=True)  # honours NO_COLOR; the symbol suffices without colour
    for symbol, text in said:
        for line in text.split("\n"):
            parts = [line]
            if console.is_terminal:
                indent = " " * (len(line) - len(line.lstrip()) + 2)
                parts = wrap(line, console.width, subsequent_indent=indent, break_on_hyphens=False)
            for part in parts:
                console.print(Text(part, style=show.COLOURS.get(symbol, "")))


def write_paper(
    kind: Kind[Any], subject: Described, name: str, town: Town, environment: str, out: Path, *, quiet: bool = False
) -> None:
    """Write a paper to sign, under a name of its own, in the folder of what it is about."""
    from dataclasses import replace

    from piste.papers.dossier import forms
    from piste.papers.dossier.document import make
    from piste.sites.dossiers import origin

    made = make(replace(kind, name=name), subject, origin(town, environment))
    folder = out / subject.about.id
    forms.write(made, folder)
    if not quiet:
        click.echo(f"{folder / made.name}.pdf, .html, .json : à signer")
