"""Files of an import, by what they contain: a list, the inventory of an agent."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from piste.engine.converge.text import on_one_line
from piste.engine.converge.untrusted import read_plain
from piste.sites.imports import agents, spreadsheet
from piste.sites.imports.item import LARGEST, ImportFault, Item, Items
from piste.sites.imports.matching import Step
from piste.sites.life.tables import as_line, names_of, with_cells, with_line
from piste.town.model.assets.form import COLUMNS
from piste.town.model.assets.tables import FOLDER, SUFFIX


def read_files(paths: Iterable[Path], kind: str | None) -> Items:
    """Read files, each a list or the inventory of a machine."""
    whole = Items()
    for path in paths:
        read = _read(path, kind)
        whole.items += read.items
        whole.faults += read.faults
        whole.remarks += [f"{path.name} : {remark}" for remark in (*read.remarks, *_mixed(read.items))]
    return whole


def _mixed(items: Iterable[Item]) -> Iterator[str]:
    """Name the words whose letters are of two scripts: no search finds them."""
    for item in items:
        for column, cell in item.cells.items():
            for word in _WORD.findall(cell):
                scripts = {unicodedata.name(letter, "?").partition(" ")[0] for letter in word if letter.isalpha()}
                if "LATIN" in scripts and scripts & _ALIKE.keys():
                    others = " et ".join(_ALIKE[script] for script in sorted(scripts & _ALIKE.keys()))
                    shown = on_one_line(ascii(word))
                    yield f"ligne {item.line}, {column} : {word} ({shown}) mêle des lettres latines et {others}"


_WORD = re.compile(r"\w+")
_ALIKE = {"CYRILLIC": "cyrilliques", "GREEK": "grecques", "ARMENIAN": "arméniennes", "FULLWIDTH": "de pleine largeur"}
"""Scripts with letters that look like those of Latin."""


def _read(path: Path, kind: str | None) -> Items:
    try:
        raw = read_plain(path, LARGEST)
    except OSError as error:
        return Items(faults=[ImportFault(path.name, 1, f"ne se lit pas : {error.strerror or error}")])
    if raw.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"<", b"{"):
        return agents.read(raw.removeprefix(b"\xef\xbb\xbf"), path.name)
    return spreadsheet.read(raw, path.name, kind)


def files(steps: Sequence[Step], town: Path, root: Path) -> dict[Path, str]:
    """Give the tables to write, by path from `root`, each with only its lines changed."""
    texts: dict[Path, str] = {}
    names: dict[Path, set[str]] = {}
    for step in steps:
        if step.outcome not in ("add", "complete"):
            continue
        path = town / FOLDER / f"{step.kind}{SUFFIX}"
        if path not in texts:
            place = root / path
            texts[path] = place.read_bytes().decode("utf-8") if place.exists() else as_line(COLUMNS)
            names[path] = names_of(texts[path])
        if step.name.casefold() in names[path]:
            texts[path] = with_cells(texts[path], step.name, step.cells)
        else:
            texts[path] = with_line(texts[path], {"name": step.name, **step.cells})
            names[path].add(step.name.casefold())
    return texts
