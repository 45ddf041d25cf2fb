"""Contrast of pages and papers, from each colour of their styles (WCAG 1.4.3, 1.4.11)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from piste.engine.repository import ROOT
from tests.unit.drawings.test_text import contrast

SHEETS = sorted((ROOT / "piste").rglob("*.css"))
TYPED = sorted(path for path in (ROOT / "piste").rglob("*.typ") if "rgb(" in path.read_text("utf-8"))
TEXT, LINE = 4.5, 3.0
NO_COLOUR = {"transparent", "none", "inherit", "currentColor"}
FAINT = {"th, td", "footer::before"}
"""What the faint line may separate: rows and the foot, which are read without it."""


OF_AN_IMAGE = ".logo"
"""A ground under no text and no line."""


def long(colour: str) -> str:
    return "#" + "".join(2 * digit for digit in colour[1:]) if len(colour) == 4 else colour


def rules(css: str) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield each rule of a sheet: its medium, its selector, its declarations."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    for at, block, selector, body in re.findall(
        r"@([^{]+)\{((?:[^{}]*\{[^{}]*\})*[^{}]*)\}|([^{}@]+)\{([^{}]*)\}", css
    ):
        inner = re.findall(r"([^{}]+)\{([^{}]*)\}", block) if at else [(selector, body)]
        for name, declared in inner:
            pairs = (each.partition(":") for each in declared.split(";") if ":" in each)
            yield at.strip(), name.strip(), {key.strip(): value.strip() for key, _, value in pairs}


def themes(css: str) -> dict[str, dict[str, str]]:
    """Give the variables of each theme; those of the light hold where another has none."""
    of: dict[str, dict[str, str]] = {"light": {}, "dark": {}, "print": {}}
    for medium, selector, declared in rules(css):
        if selector == ":root":
            theme = "dark" if "dark" in medium else "print" if "print" in medium else "light"
            of[theme] |= {name: long(value) for name, value in declared.items() if name.startswith("--")}
    return {theme: of["light"] | changed for theme, changed in of.items()}


def colours(value: str) -> list[str]:
    """Name the colours of a value: variables and literals, with the words that are none."""
    return re.findall(r"var\(--[\w-]+\)|#[0-9a-f]{3,8}\b", value)


def pairs(css: str) -> Iterator[tuple[str, str, str, str, float]]:
    """Yield each ink and each line, with each ground that it may be on, by theme and selector."""
    every = [*rules(css)]
    for theme, known in themes(css).items():

        def value(name: str, known: dict[str, str] = known) -> str:
            return known[name[4:-1]] if name.startswith("var(") else long(name)

        # A ground that has its own ink is for it alone; others are for every ink.
        grounds = {
            value(colour)
            for _, selector, declared in every
            if "color" not in declared and selector != OF_AN_IMAGE
            for colour in colours(declared.get("background", ""))
            if "gradient" not in declared["background"]
        }
        grounds.add(known["--paper"])
        for medium, selector, declared in every:
            if ("dark" in medium and theme != "dark") or (medium in ("media print", "page") and theme != "print"):
                continue
            own = [value(colour) for colour in colours(declared.get("background", ""))]
            for name, given in declared.items():
                least = TEXT if name == "color" else LINE if re.match(r"(border|outline)", name) else 0
                if least and given not in NO_COLOUR:
                    for ink in colours(given):
                        if (ink, selector) not in {("var(--line)", faint) for faint in FAINT}:
                            for ground in own if own and name == "color" else grounds:
                                yield theme, selector, value(ink), ground, least


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_each_ink_and_each_line_of_a_page_is_legible_on_each_of_its_grounds(sheet: Path) -> None:
    css = sheet.read_text("utf-8")
    made = [*pairs(css)]
    assert len(made) > 60
    low = {pair for pair in made if contrast(pair[2], pair[3]) < pair[4]}
    assert low == set()


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_colours_of_a_page_are_its_variables(sheet: Path) -> None:
    """A literal beside them would not follow the reader's dark screen."""
    css = sheet.read_text("utf-8")
    beside = {(selector, name) for medium, selector, declared in rules(css) if selector != ":root" and medium != "page"
              for name, value in declared.items() if re.search(r"#[0-9a-f]{3,8}\b", value)}  # fmt: skip
    assert beside <= {(OF_AN_IMAGE, "background")}


@pytest.mark.parametrize("form", TYPED, ids=lambda path: path.name)
def test_each_colour_of_a_paper_is_legible_on_white_and_on_its_ground(form: Path) -> None:
    text = form.read_text("utf-8")
    known = dict(re.findall(r'#let (\w+) = rgb\("(#[0-9a-f]{6})"\)', text))
    assert len(known) == text.count("rgb("), "each colour has a name"
    for name, colour in known.items():
        for ground in ("#ffffff", known["soft"]):
            if name != "soft":
                assert contrast(colour, ground) >= (LINE if name == "rule" else TEXT), (name, ground)
