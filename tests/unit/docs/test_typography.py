"""The French pages: typographic apostrophes in prose, straight apostrophes in code alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.unit.repository.tree import ROOT, tracked

ENGLISH = {"README.md", "CHANGELOG.md", "docs/architecture.md", "docs/adding-a-resource.md"}
GENERATED = {"docs/strategies.md"}
CODE = re.compile(r"^ *```.*?^ *```[^\n]*$|`[^`\n]*`|<[^>\n]+>|\]\([^)\n]*\)", re.MULTILINE | re.DOTALL)
STRAIGHT = re.compile(r"(?<=[A-Za-zÀ-ÿ])'(?=[A-Za-zÀ-ÿ«*_\[])")
PAGES = [page for page in tracked("*.md") if str(page.relative_to(ROOT)) not in ENGLISH | GENERATED]


def straight(text: str) -> list[str]:
    """List the lines with a straight apostrophe outside of code, with their number."""
    prose = CODE.sub(lambda code: re.sub(r"[^\n]", " ", code.group()), text)
    return [f"{number}: {line.strip()}" for number, line in enumerate(prose.split("\n"), 1) if STRAIGHT.search(line)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_pages_have_typographic_apostrophes(page: Path) -> None:
    assert straight(page.read_text("utf-8")) == []


def test_a_straight_apostrophe_is_seen_in_prose_alone() -> None:
    assert straight("L'eau\n`d'abord` l’eau\n```\nl'eau\n```\nc'est") == ["1: L'eau", "6: c'est"]
