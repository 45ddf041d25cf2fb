"""Commands in French over a library of English messages."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from contextlib import suppress
from difflib import get_close_matches
from typing import Any

import click

from piste.engine.converge.errors import PisteError
from piste.engine.converge.private import not_written, refused_by_disk
from piste.engine.words import NO_BREAK, in_french, safe

_SHOWN = 20
"""Most values that an error proposes."""
HEADINGS = {"Commands": "Commandes", "Options": "Options"}
WORDS = {
    "COMMAND [ARGS]": "VERBE [ARGUMENTS]",
    "FILE": "FICHIER",
    "DIRECTORY": "DOSSIER",
    "FLOAT": "NOMBRE",
    "INTEGER RANGE": "NOMBRE",
    "TEXT": "TEXTE",
    "[default: ": "[par défaut : ",
    "; x>=0]": "]",
    "[required]": "[obligatoire]",
}
_ENGLISH = re.compile("|".join(rf"\b{word}\b" if word.isalpha() else re.escape(word) for word in WORDS))


class _Formatter(click.HelpFormatter):
    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, _translated(args), "Usage : ")

    def write_text(self, text: str) -> None:
        super().write_text(in_french(text))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        french = [(_translated(name), in_french(_translated(text))) for name, text in rows]
        super().write_dl(french, col_max, col_spacing)

    def getvalue(self) -> str:
        return super().getvalue().replace(NO_BREAK, " ")

    def write_heading(self, heading: str) -> None:
        super().write_heading(f"{HEADINGS.get(heading, heading)} ")


def _translated(text: str) -> str:
    return _ENGLISH.sub(lambda word: WORDS[word.group()], text)


class _Context(click.Context):
    formatter_class = _Formatter


class Verb(click.Command):
    """A verb that writes its errors as a sentence and leaves with the exit code of their kind."""

    context_class = _Context

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        return _in_french(super().get_help_option(ctx))

    def get_short_help_str(self, limit: int = 45) -> str:
        return _first_sentence(super().get_short_help_str(limit=1000))

    def make_context(self, *args: Any, **more: Any) -> click.Context:
        from piste.runs.plans.trace import LOST, WAIVED

        for known in (LOST, WAIVED):
            known.clear()
        return super().make_context(*args, **more)

    def invoke(self, ctx: click.Context) -> Any:
        from piste.runs.plans.trace import LOST

        result, code = None, None
        try:
            result = self._invoked(ctx)
        except SystemExit as end:
            code = end.code
        # The last lines: all else may have gone well.
        if LOST:
            click.echo("\n".join(f"! {safe(line)}" for line in LOST), err=True)
        if code or LOST:
            sys.exit(code or 1)
        return result

    def _invoked(self, ctx: click.Context) -> Any:
        from piste.commands.output import EXIT
        from piste.runs.plans.stop import stoppable

        try:
            with stoppable():
                return super().invoke(ctx)
        except PisteError as error:
            said = error
        except OSError as error:
            if not refused_by_disk(error):
                raise
            said = not_written(error)
        click.echo(safe(said.sentence(), "\n"), err=True)
        sys.exit(EXIT[said.kind])


class Verbs(click.Group):
    """The command itself. A wrong command line is an error (1), since 2 stands for changes."""

    context_class = _Context
    command_class = Verb
    group_class = type

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        return _in_french(super().get_help_option(ctx))

    def get_short_help_str(self, limit: int = 45) -> str:
        return _first_sentence(super().get_short_help_str(limit=1000))

    def main(self, *args: Any, **more: Any) -> Any:
        if not more.pop("standalone_mode", True):
            return self._run(*args, **more)
        try:
            sys.exit(self._run(*args, **more))
        except click.Abort:
            click.echo("Abandonné.", err=True)
        except click.ClickException as error:
            if isinstance(error, click.UsageError) and error.ctx:
                click.echo(f"{error.ctx.get_usage()}\nAide : {error.ctx.command_path} --help", err=True)
            click.echo(f"Erreur : {safe(_sentence(error), '\n')}", err=True)
        sys.exit(1)

    def _run(self, *args: Any, **more: Any) -> Any:
        return super().main(*args, **{**more, "standalone_mode": False})


def _first_sentence(text: str) -> str:
    """Give the sentence of a verb in a list: its help before the details."""
    return re.split(r" : | ; |\.", text)[0]


def _in_french(option: click.Option | None) -> click.Option | None:
    if option:
        option.help = "Montrer cette aide."
    return option


def _sentence(error: click.ClickException) -> str:
    if isinstance(error, click.NoSuchOption):
        near = f", vouliez-vous dire {' ou '.join(error.possibilities)} ?" if error.possibilities else "."
        return f"l’option {error.option_name} n’existe pas{near}"
    if isinstance(error, click.MissingParameter) and error.param:
        return f"il manque {error.param.get_error_hint(error.ctx)}.{_possible(error)}"
    if isinstance(error, click.BadOptionUsage):
        return f"l’option {error.option_name} attend une valeur."
    if isinstance(error, click.BadParameter) and error.param:
        return f"{error.param.get_error_hint(error.ctx)} : {_expected(error, error.param.type)}"
    if isinstance(error, click.BadParameter) and isinstance(error.param_hint, str):
        return f"{error.param_hint} : {error.message}"
    if extra := re.match(r"Got unexpected extra arguments? \((.*)\)", error.message):
        return f"il y a de trop : {extra[1]}."
    if isinstance(error, click.UsageError) and error.ctx and isinstance(error.ctx.command, click.Group):
        verbs = error.ctx.command.list_commands(error.ctx)
        wrong = re.search(r"'(.*)'", error.message)
        alike = get_close_matches(wrong[1], verbs, n=1, cutoff=0.6) if wrong else []
        rest = f"vouliez-vous dire « {alike[0]} » ?" if alike else f"ceux qui existent : {', '.join(verbs)}."
        return f"verbe inconnu ; {rest}"
    return error.format_message()


def _possible(error: click.MissingParameter) -> str:
    """List the values that completion proposes for what is missing, if any."""
    if error.param is None or error.ctx is None:
        return ""
    with suppress(PisteError, OSError):  # A declaration with faults proposes nothing; `validate` says which.
        proposed = error.param.shell_complete(error.ctx, "")
        names = [item.value for item in proposed if item.type == "plain"]
        more = f" et {len(names) - _SHOWN} de plus" if len(names) > _SHOWN else ""
        return f" Au choix : {', '.join(names[:_SHOWN])}{more}." if names else ""
    return ""


def _expected(error: click.BadParameter, kind: click.ParamType[Any]) -> str:
    """Say what a value should have been; in our words where a check of ours refused it."""
    if isinstance(kind, click.Choice):
        return f"une de ces valeurs : {', '.join(kind.choices)}."
    if isinstance(kind, click.Path):
        return f"{'un dossier' if not kind.file_okay else 'un fichier'} qui existe et se laisse lire est attendu."
    if isinstance(kind, (click.types.IntParamType, click.types.FloatParamType)):
        return "un nombre est attendu, et dans les bornes."
    return error.message
