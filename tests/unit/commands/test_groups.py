"""The help of the command: every verb in a single group, with its own first sentence."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

import click
import pytest
from click.testing import CliRunner

import piste.commands
from piste.cli import GROUPS, Place, main

PLACES = [place for group in GROUPS.values() for place in group]


def written() -> dict[str, click.Command]:
    """Collect the verbs that the modules of `piste/commands` have and no other verb contains."""
    modules = (import_module(f"piste.commands.{module.name}") for module in iter_modules(piste.commands.__path__))
    values = (value for module in modules for value in vars(module).values())
    every = {id(value): value for value in values if isinstance(value, click.Command)}
    below = {id(verb) for group in every.values() if isinstance(group, click.Group) for verb in group.commands.values()}
    return {str(verb.name): verb for key, verb in every.items() if key not in below}


def test_every_verb_is_in_a_single_group() -> None:
    assert sorted(place.verb for place in PLACES) == sorted(written())


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.verb)
def test_the_help_has_the_first_sentence_of_the_verb(place: Place) -> None:
    verb = main.get_command(click.Context(main), place.verb)
    assert verb is written()[place.verb]
    assert verb.get_short_help_str().replace("'", "’") == place.sentence


def test_the_help_goes_from_group_to_group_within_a_terminal() -> None:
    lines = CliRunner().invoke(main, ["--help"]).output.splitlines()
    assert [line.removesuffix(" :") for line in lines if line.endswith(" :")] == ["Options", *GROUPS]
    assert max(map(len, lines)) <= 80
