"""Options and arguments that several verbs have; they import no run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from piste.commands.output import checked_words
from piste.engine.repository import ENVIRONMENTS

environment_option = click.option(
    "--environment", "-e", type=click.Choice(ENVIRONMENTS), default="lab", help="Où : le laboratoire par défaut."
)


def forms_option(*forms: str, more: str = "") -> Callable[..., Any]:
    """Make the option of the forms of an output, the first by default."""
    said = f"Forme de la sortie{more}."
    return click.option("--format", "form", type=click.Choice(forms), default=forms[0], help=said)


text_or_json = forms_option("text", "json")
outside_window_option = click.option(
    "--outside-window", metavar="NOM : RAISON", help="Écrire hors des fenêtres : qui en décide, et pourquoi."
)
uncommitted_option = click.option(
    "--uncommitted", metavar="NOM : RAISON", help="D’un dépôt modifié : qui en décide, et pourquoi."
)
forgotten_option = click.option(
    "--forgotten", metavar="NOM : RAISON", help="D’un poste qui a oublié des lectures : qui en décide, et pourquoi."
)
brief_option = click.option("--brief", is_flag=True, help="Les noms des champs, sans leurs valeurs.")


def _complete_word(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    """Complete a word of confirmation that the last plans want, alone or with its object."""
    from piste.runs.plans import saved, show

    words = (word for name in saved.known()[-5:] for word in show.words_of(saved.folder() / f"{name}.json"))
    return [word for word in dict.fromkeys(words) if word.startswith(begun)]


confirm_option = click.option(
    "--confirm",
    multiple=True,
    metavar="MOT",
    callback=checked_words,
    shell_complete=_complete_word,
    help="Changement gardé qui est voulu (uplink, uplink:SÉRIE/PORT…).",
)


def complete_target(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    from piste.town import declared

    before, comma, last = begun.rpartition(",")
    known = declared.targets(ctx.params.get("environment") or "lab")
    names = known if comma else ["all", *known]
    return [before + comma + name for name in names if name.startswith(last)]


def complete_plan(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    from piste.runs.plans import saved

    return [name for name in saved.known() if name.startswith(begun)]


plan_argument = click.argument("saved_plan", metavar="PLAN", shell_complete=complete_plan)
