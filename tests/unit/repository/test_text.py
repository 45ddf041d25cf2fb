"""Texts of the files: nothing of the machine that wrote them, no link that leads nowhere."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.unit.repository.tree import ROOT, shown, tracked

# A letter of each word stands in brackets, so that this file does not match itself.
FOREIGN = re.compile(
    r"""
      (?<![\w.])/(?:wor[k]|far[m]|tm[p]|roo[t]|hom[e])/   # folders of a machine
    | /opt/whee[l]s | bash_job[s] | \.librar[y]/
    | shared/(?:desig[n]|fact[s]|hook[s]|prototype[s])
    | pyp[i]\.org | pythonhoste[d] | registr[y]\.npmjs | de[b]\.debian\.org | proxy\.gola[n]g
    | clau[d]e | anthropi[c] | \bCE[O]\b | \bissues?\s\#?\d+
    | -----BEGI[N]\s[A-Z\s]*PRIVATE\sKEY
    """,
    re.VERBOSE | re.IGNORECASE,
)
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)[^)]*\)")
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)


def foreign_words(text: str) -> list[str]:
    """List, as « line: word », what belongs to a machine and not to the project."""
    return [f"{text.count(chr(10), 0, hit.start()) + 1}: {hit.group()}" for hit in FOREIGN.finditer(text)]


def anchors(text: str) -> set[str]:
    """List a page's anchors by GitHub's rule: lower case, dashes for spaces, no punctuation."""
    titles = HEADING.findall(FENCE.sub("", text))
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def broken_links(page: Path, text: str) -> Iterator[str]:
    """List a page's links to files or headings that do not exist; other sites are not asked."""
    for target in LINK.findall(re.sub(r"`[^`\n]*`", "", FENCE.sub("", text))):
        if re.match(r"[a-z][a-z+.-]*:", target):
            continue
        name, _, anchor = unquote(target).partition("#")
        goal = page.parent / name if name else page
        headed = bool(anchor) and goal.suffix == ".md"
        if not goal.exists() or (headed and anchor not in anchors(goal.read_text("utf-8"))):
            yield target


def test_no_file_names_a_machine_its_folders_or_a_registry() -> None:
    leaks = []
    for path in tracked():
        if path.is_symlink():
            continue
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        leaks += [f"{shown(path)}:{word}" for word in foreign_words(text)]
    assert leaks == []


@pytest.mark.parametrize(
    "text", ["see /wo" + "rk/x", "'/tm" + "p/y'", "https://py" + "pi.org/simple", "as iss" + "ue #12 asks"]
)
def test_the_search_finds_what_must_not_be_there(text: str) -> None:
    assert len(foreign_words("fine\n" + text)) == 1


@pytest.mark.parametrize("text", ["/networks/{id}/wireless", "C:/temp/x", "issues: none", "site/home/page"])
def test_the_search_leaves_ordinary_words_alone(text: str) -> None:
    assert foreign_words(text) == []


def test_every_internal_link_of_the_documentation_leads_somewhere() -> None:
    pages = {page: page.read_text("utf-8") for page in tracked("*.md")}
    assert ROOT / "docs/README.md" in pages
    broken = [f"{shown(page)}: {link}" for page, text in pages.items() for link in broken_links(page, text)]
    assert broken == []


def test_the_link_check_finds_a_missing_file_and_a_missing_heading(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    good = "# Un titre, là\n[ok](#un-titre-là) [web](https://example.org) `[x](y)`\n```\n[e](f)\n```\n"
    text = good + "[a](b.md) ![c](page.md#d)\n"
    page.write_text(text, "utf-8")
    assert list(broken_links(page, text)) == ["b.md", "page.md#d"]
