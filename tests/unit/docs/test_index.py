"""The index of the pages: each under a single heading, in the words of the command's help."""

from __future__ import annotations

import re

from piste.cli import GROUPS
from scripts.data_pages import KEYS
from scripts.policies_page import PAGE
from tests.unit.repository.tree import ROOT, tracked

INDEX = ROOT / "docs/README.md"
ROW = re.compile(r"^\| \[([\w.-]+)\]\(\1\) \| [^|]+ \| [^|]+\? \|$", re.MULTILINE)


def test_every_page_is_under_a_single_heading() -> None:
    parts = INDEX.read_text("utf-8").split("\n## ")[1:]
    under = {part.partition("\n")[0]: ROW.findall(part) for part in parts}
    assert list(under) == [*GROUPS, "Poursuivre le code", "Référence", "Des noms qui se ressemblent"]
    pages = [page.name for page in tracked("docs/*.md") if page.parent == INDEX.parent and page != INDEX]
    assert sorted(page for rows in under.values() for page in rows) == sorted(pages)
    assert under["Référence"] == [KEYS.name, PAGE.name]


FOOT = "Votre poste diffère de celui de cette page : [autre-poste.md](autre-poste.md)."
GENERATED = (KEYS.name, PAGE.name, "recette-systemes.md", "recette-windows.md")
OTHERS = ("README.md", "autre-poste.md", "architecture.md", "adding-a-resource.md", "adding-a-reading.md")
TYPED = re.compile(r"^```\w*\n(?:.*\n)*?(?:\$ )?(?:piste|ansible|sudo|make|scripts/|git) ", re.MULTILINE)


def test_every_page_of_commands_says_what_to_do_on_another_machine() -> None:
    pages = [
        page for page in tracked("docs/*.md") if page.parent == INDEX.parent and page.name not in GENERATED + OTHERS
    ]
    without = [page.name for page in pages if TYPED.search(text := page.read_text("utf-8")) and FOOT not in text[-200:]]
    assert not without
