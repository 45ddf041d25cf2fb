"""The command line in French: helps and wrong lines."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner, Result

from piste.cli import main
from piste.commands.output import EXIT

ENGLISH = (
    "Show this",
    "Usage:",
    "Options:",
    "Commands:",
    "Error:",
    "Try '",
    "Aborted",
    "Missing",
    "No such",
    "Invalid",
    "Got ",
)
ENGLISH += ("COMMAND", "TEXT ", "FILE", "DIRECTORY", "INTEGER", "[default", "[required", "INVENTORY")


def piste(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def verbs() -> list[list[str]]:
    def below(command: click.Command, path: list[str]) -> Iterator[list[str]]:
        yield path
        if isinstance(command, click.Group):
            context = click.Context(command)
            for name in command.list_commands(context):
                if inner := command.get_command(context, name):
                    yield from below(inner, [*path, name])

    return [path for path in below(main, []) if path != ["lab"]]


def cut_badly(text: str) -> list[str]:
    """List the lines of a help that break where French does not, and the shortened texts."""
    _, _, rest = text.partition("\n")
    return re.findall(r"^ *[;:!?»].*|.*«$|.*\.\.\.$", rest, re.MULTILINE)


@pytest.mark.parametrize("path", verbs(), ids=" ".join)
def test_every_verb_has_a_help_in_french(path: list[str]) -> None:
    result = piste(*path, "--help")
    assert result.exit_code == 0
    assert result.output.startswith(f"Usage : {' '.join(['main', *path])} ")
    assert "Montrer cette aide." in result.output
    assert cut_badly(result.output) == []
    assert [words for words in ENGLISH if words in result.output] == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["apply"], "il manque 'PLAN'."),
        (["restore", "test"], "il manque 'ESSAI'. Au choix : serveur-critique, partages, "),
        (["plan", "--domaine", "x"], "l’option --domaine n’existe pas, vouliez-vous dire --domain ?"),
        (["plan", "--format", "xml"], "'--format' : une de ces valeurs : text, json, junit, markdown."),
        (["plan", "--out"], "l’option --out attend une valeur."),
        (["plan", "piscine", "ccas"], "il y a de trop : ccas. Séparez les sites par des virgules : piscine,ccas."),
        (["journal", "list", "-n", "dix"], "'-n' / '--last' : un nombre est attendu, et dans les bornes."),
        (["journal", "list", "-n", "-1"], "'-n' / '--last' : un nombre est attendu, et dans les bornes."),
        (["journal", "verify", "--public-key", "absente"], "'--public-key' : un fichier qui existe et se laisse lire"),
        (["journal", "export", "--month", "mai", "--to", "x"], "'--month' : « mai » n’est pas un mois de la forme"),
        (["adopt", "--as", "x"], "--as : « x » n’est pas de la forme RÉSEAU=SITE."),
        (["chanter"], "verbe inconnu ; ceux qui existent : accounts, adopt, apply, "),
        (["paln"], "verbe inconnu ; vouliez-vous dire « plan » ?"),
    ],
)
def test_a_wrong_line_is_an_error_in_french_and_not_a_change(arguments: list[str], said: str) -> None:
    result = piste(*arguments)
    assert result.exit_code == EXIT["error"]
    assert f"Erreur : {said}" in result.output
    assert [words for words in ENGLISH if words in result.output] == []
