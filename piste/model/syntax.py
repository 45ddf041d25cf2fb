"""What is wrong with the text of a file, in words that help somebody mend it."""

from __future__ import annotations

import re
from collections.abc import Sequence

import yaml

_HIDDEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    r"\ud800-\udfff\ufffe\uffff]"
)
"""Characters that nobody sees: controls, marks of direction, joiners, halves of a pair. They make a text other than it
reads, on a screen, in a console, in a command."""


def hidden(text: str) -> str | None:
    """Give the first character of a text that nobody sees, as `U+202E`; None where there is none."""
    found = _HIDDEN.search(text)
    return f"U+{ord(found[0]):04X}" if found else None


def hidden_lines(text: str) -> dict[int, str]:
    """Give the lines of a file, comments included, that hold such a character, and the first of each.

    A mark of UTF-8 may begin the file.
    """
    if not _HIDDEN.search(text):
        return {}
    lines = enumerate(text.removeprefix("\ufeff").split("\n"), start=1)
    return {number: found for number, line in lines if (found := hidden(line))}


_TOO_DEEP = "il s'imbrique trop profondément"
_TOLD: Sequence[tuple[str, str]] = (
    ("tab character", "une tabulation, quand YAML n'indente qu'avec des espaces"),
    ("could not find expected ':'", "il manque un « : »"),
    ("expected ',' or ']'", "une liste « [ » n'est pas fermée, ou il y manque une virgule"),
    ("expected ',' or '}'", "un objet « { » n'est pas fermé, ou il y manque une virgule"),
    ("unexpected end of stream", "un guillemet n'est pas fermé"),
    ("did not find expected key", "l'indentation ne correspond à rien de ce qui précède"),
    ("expected '-' indicator", "un « - » manque, ou l'indentation a changé"),
    ("undefined tag handle", "une étiquette (« ! ») que rien ne définit"),
    ("unknown escape character", "un « \\ » entre guillemets doubles annonce un caractère que YAML ne connaît pas"),
    ("invalid Unicode character escape", "un « \\ » entre guillemets doubles annonce un caractère qui n'existe pas"),
    ("maximum nesting depth", _TOO_DEEP),
)
_FROM_CONTEXT = ("could not find expected ':'", "unexpected end of stream", "expected ',' or")
"""Problems that libyaml finds after the line where they are: that is where it began to read."""


def explained(error: yaml.MarkedYAMLError, lines: Sequence[str]) -> tuple[str, int]:
    """Say what is not YAML, and on which line of the file."""
    problem = str(error.problem or "")
    mark = error.problem_mark or error.context_mark
    if error.context_mark and any(text in problem for text in _FROM_CONTEXT):
        mark = error.context_mark
    line = min(mark.line + 1 if mark else 1, max(len(lines), 1))
    here = lines[line - 1] if lines else ""
    if "mapping values are not allowed" in problem:
        return _mapping(lines, line)
    if "cannot start any token" in problem:
        found = here[mark.column : mark.column + 1] if mark else ""
        if "\t" in (found, here[: len(here) - len(here.lstrip())]):
            return _TOLD[0][1], line
        return f"un texte ne commence pas par « {found} » sans guillemets", line
    return next((words for text, words in _TOLD if text in problem), ""), line


def _mapping(lines: Sequence[str], line: int) -> tuple[str, int]:
    """Say why a colon is one too many: mostly the line before lacks its own."""
    before = next((at for at in range(line - 1, 0, -1) if lines[at - 1].split("#")[0].strip()), 0)
    text = lines[before - 1].split(" #")[0].strip() if before else ""
    if text and not text.startswith(("-", "#")) and not re.search(r":(\s|$)", text):
        return "il manque un « : »" + (" suivi d'une espace" if ":" in text else ""), before
    return "un « : » de trop : mettez le texte entre guillemets", line
