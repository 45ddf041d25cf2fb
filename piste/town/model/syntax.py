"""Faults of the text of a file, in words that help a person mend it."""

from __future__ import annotations

import re
from collections.abc import Sequence

import yaml

from piste.engine.converge.text import hidden


def hidden_lines(text: str) -> dict[int, str]:
    """Give the lines with an invisible character, comments included, and the first of each.

    A UTF-8 mark may begin the file.
    """
    if not hidden(text):
        return {}
    lines = enumerate(text.removeprefix("\ufeff").split("\n"), start=1)
    return {number: character for number, line in lines if (character := hidden(line))}


_CONFLICT = re.compile(r"<{7} |>{7} ")
"""The marks that Git leaves where two versions differ."""
_TOO_DEEP = "il s’imbrique trop profondément"
_EXPLAINED: Sequence[tuple[str, str]] = (
    ("tab character", "une tabulation, quand YAML n’indente qu’avec des espaces"),
    ("could not find expected ':'", "il manque un « : »"),
    ("expected ',' or ']'", "une liste « [ » n’est pas fermée, ou il y manque une virgule"),
    ("expected ',' or '}'", "un objet « { » n’est pas fermé, ou il y manque une virgule"),
    ("unexpected end of stream", "un guillemet n’est pas fermé"),
    ("did not find expected key", "l’indentation ne correspond à rien de ce qui précède"),
    ("expected '-' indicator", "un « - » manque, ou l’indentation a changé"),
    ("undefined tag handle", "une étiquette (« ! ») que rien ne définit"),
    ("unknown escape character", "un « \\ » entre guillemets doubles annonce un caractère que YAML ne connaît pas"),
    ("invalid Unicode character escape", "un « \\ » entre guillemets doubles annonce un caractère qui n’existe pas"),
    ("maximum nesting depth", _TOO_DEEP),
)
_FROM_CONTEXT = ("could not find expected ':'", "unexpected end of stream", "expected ',' or")
"""Problems that libyaml reports after their line: they are where it began to read."""


def explained(error: yaml.MarkedYAMLError, lines: Sequence[str]) -> tuple[str, int]:
    """Say why a text is not YAML, and on which line of the file."""
    if conflict := next((at for at, text in enumerate(lines, start=1) if _CONFLICT.match(text)), None):
        return "une fusion de Git n’y est pas finie", conflict
    problem = str(error.problem or "")
    mark = error.problem_mark or error.context_mark
    if error.context_mark and any(text in problem for text in _FROM_CONTEXT):
        mark = error.context_mark
    line = min(mark.line + 1 if mark else 1, max(len(lines), 1))
    here = lines[line - 1] if lines else ""
    if "mapping values are not allowed" in problem:
        return _mapping(lines, line)
    if "cannot start any token" in problem:
        character = here[mark.column : mark.column + 1] if mark else ""
        if "\t" in (character, here[: len(here) - len(here.lstrip())]):
            return _EXPLAINED[0][1], line
        return f"un texte ne commence pas par « {character} » sans guillemets", line
    return next((words for text, words in _EXPLAINED if text in problem), ""), line


def _mapping(lines: Sequence[str], line: int) -> tuple[str, int]:
    """Say why a colon is too many: mostly the line before lacks its own."""
    before = next((at for at in range(line - 1, 0, -1) if lines[at - 1].split("#")[0].strip()), 0)
    text = lines[before - 1].split(" #")[0].strip() if before else ""
    if text and not text.startswith(("-", "#")) and not re.search(r":(\s|$)", text):
        return "il manque un « : »" + (" suivi d’une espace" if ":" in text else ""), before
    return "un « : » de trop : mettez le texte entre guillemets", line
