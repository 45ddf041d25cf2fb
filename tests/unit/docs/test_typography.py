"""French as it is printed: typographic apostrophes, straight in code alone."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from piste.engine.words import _ELIDED, in_french
from piste.systems.windows.intent import SHUTDOWN
from tests.unit.repository.tree import ROOT, tracked

ENGLISH = {"README.md", "CHANGELOG.md", "docs/architecture.md", "docs/adding-a-resource.md"}
GENERATED = {"docs/strategies.md"}
CODE = re.compile(r"^ *```.*?^ *```[^\n]*$|`[^`\n]*`|<[^>\n]+>|\]\([^)\n]*\)", re.MULTILINE | re.DOTALL)
STRAIGHT = re.compile(r"(?<=[A-Za-zÀ-ÿ])'(?=[A-Za-zÀ-ÿ«*_\[])")
ELIDING = re.compile(rf"(?<![^\W_])(?:{_ELIDED})\\?'", re.IGNORECASE)
"""What a program has somewhere that writes a straight apostrophe: the others need not be parsed."""
PAGES = [page for page in tracked("*.md") if str(page.relative_to(ROOT)) not in ENGLISH | GENERATED]
PLUGINS = tuple(f"{kind}_plugins" for kind in ("action", "callback", "filter", "inventory"))
PROGRAMS = ("piste", "lab", "library", *PLUGINS, "contrib", "scripts")
TEXTS = ("*.sh", "*.html", "*.typ", "*.j2", "*.service", "*.timer", "Makefile", "playbooks/*.yml", "roles/*.yml")
LIVE = {
    SHUTDOWN,
    "Utiliser l'authentification Windows pour tous les utilisateurs",
    "Connexions au serveur de routage et d'accès à distance Microsoft",
    "Connexions à d'autres serveurs d'accès",
}
"""Names of objects that exist: another apostrophe would be another object."""


def straight(text: str) -> list[str]:
    """List the lines with a straight apostrophe outside of code, with their number."""
    prose = CODE.sub(lambda code: re.sub(r"[^\n]", " ", code.group()), text)
    return [f"{number}: {line.strip()}" for number, line in enumerate(prose.split("\n"), 1) if STRAIGHT.search(line)]


def elided(text: str) -> bool:
    """Check that a text elides a French word with a straight apostrophe."""
    return in_french(text).count("’") > text.count("’")


def spoken(source: str) -> Iterator[tuple[int, str]]:
    """Yield the texts of a program and their lines; docstrings are English."""
    tree = ast.parse(source)
    silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            whole = "".join(part.value if isinstance(part, ast.Constant) else "é" for part in node.values)
            silent.update(id(part) for part in node.values)
            yield node.lineno, whole
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent:
            yield node.lineno, node.value


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_pages_have_typographic_apostrophes(page: Path) -> None:
    assert straight(page.read_text("utf-8")) == []


@pytest.mark.parametrize("folder", PROGRAMS)
def test_what_programs_say_has_typographic_apostrophes(folder: str) -> None:
    files = tracked(f"{folder}/*.py")
    assert files
    assert [
        f"{path.relative_to(ROOT)}:{line}: {text}"
        for path in files
        if ELIDING.search(source := path.read_text("utf-8"))
        for line, text in spoken(source)
        if elided(text) and text not in LIVE
    ] == []


def test_templates_scripts_and_playbooks_have_typographic_apostrophes() -> None:
    files = [path for pattern in TEXTS for path in tracked(pattern) if "tests" not in path.relative_to(ROOT).parts]
    assert len(files) > 150
    assert [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in files
        for number, line in enumerate(path.read_text("utf-8").split("\n"), 1)
        if elided(line)
    ] == []


def test_a_straight_apostrophe_is_seen_in_prose_alone() -> None:
    assert straight("L'eau\n`d'abord` l’eau\n```\nl'eau\n```\nc'est") == ["1: L'eau", "6: c'est"]
    source = 'def f():\n    """The town\'s d\'abord."""\n    return f"qu\'{x}", "d\'abord", "don\'t", b"l\'eau"\n'
    assert ELIDING.search(source)
    assert [text for _, text in spoken(source) if elided(text)] == ["qu'é", "d'abord"]
