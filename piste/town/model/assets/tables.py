"""The tables of assets, `assets/<class>.csv` beside the inventory, read with their lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from piste.engine.tables import HEADER, Column, Form, What, formula, read

from ..faults import Faults, Mark
from ..inventory import shown
from ..source import text_of, unreadable_because
from ..wording import closest, explain
from .classes import CLASSES
from .form import COLUMNS, AssetLine

if TYPE_CHECKING:
    from ..faults import Fault

FOLDER = "assets"
SUFFIX = ".csv"
HISTORY = "history.csv"
"""The history of the assets, which is no table of them (`piste.town.model.life`)."""
MOST = 20_000
"""Lines that a table may have; a larger file is no list of a town."""
_REMEMBERED = 32
"""Tables that a process remembers: a verb loads the town several times, an editor at each change of a file."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table: its class, its cells, its place."""

    kind: str
    cells: AssetLine
    mark: Mark

    @property
    def path(self) -> str:
        return f"assets.{self.kind}[{self.cells.name}]"


@dataclass(slots=True)
class Tables:
    """The lines of all tables, and the classes that have a table, even an empty one."""

    lines: list[Line] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)

    @property
    def content(self) -> dict[str, list[dict[str, Any]]]:
        """The given cells of every line, by class."""
        return {
            kind: [line.cells.model_dump(exclude_none=True) for line in self.lines if line.kind == kind]
            for kind in sorted(self.kinds)
        }


def read_tables(folder: Path, root: Path, faults: Faults) -> Tables:
    """Read the tables of assets of an inventory; add their faults.

    There is no table where the folder is missing.
    """
    tables = Tables()
    place = folder / FOLDER
    try:
        entries = sorted(place.iterdir())
    except FileNotFoundError:
        return tables
    except OSError as error:
        name = shown(place, root)
        faults.add("PISTE-M001", name, Mark(name, 1), f"Le dossier ne peut pas être lu : {error.strerror}")
        return tables
    for path in entries:
        if path.name.startswith(".") or path.name.endswith("~") or path.name == HISTORY:
            continue
        name = shown(path, root)
        entry = CLASSES.get(path.stem) if path.suffix == SUFFIX else None
        if entry is None:
            known = [f"{kind}{SUFFIX}" for kind, item in CLASSES.items() if item.table != "none"]
            message = f"« {path.name} » n’est la table d’aucune classe d’équipements"
            faults.add("PISTE-M250", name, Mark(name, 1), message, closest(path.name, known))
        elif entry.table == "none":
            message = f"Les {entry.plural} ne se disent pas dans une table : ils viennent de {entry.declared_in}"
            faults.add("PISTE-M250", name, Mark(name, 1), message)
        else:
            tables.kinds.add(entry.name)
            try:
                lines, wrong = _read(text_of(path), name, entry.name)
            except (OSError, UnicodeDecodeError, ValueError) as error:
                why = f"Le fichier ne peut pas être lu : {unreadable_because(error)}"
                faults.add("PISTE-M001", f"assets.{entry.name}", Mark(name, 1), why, "Rétablissez-le.")
                continue
            tables.lines += lines
            faults += wrong
    return tables


@lru_cache(_REMEMBERED)
def _read(text: str, name: str, kind: str) -> tuple[Sequence[Line], Sequence[Fault]]:
    """Read the lines of a table, and its faults."""
    table, lines, faults = read(text, _FORM), list[Line](), Faults()
    for entry in table.faults:
        advice = closest(entry.column, COLUMNS) if entry.what == "unknown" else ""
        rule = RULES.get(entry.what, "PISTE-M001")
        faults.add(rule, f"assets.{kind}", Mark(name, entry.line), entry.sentence, advice)
    if not any(entry.what in HEADER for entry in table.faults):
        for row in table.rows:
            cells = {column: cell for column, cell in row.values.items() if cell}
            lines += _line(cells, kind, Mark(name, row.line), faults)
    return lines, faults


RULES: Mapping[What, str] = {
    "unknown": "PISTE-M005", "missing": "PISTE-M006", "twice": "PISTE-M002", "hidden": "PISTE-M018",
    "formula": "PISTE-M007",
}  # fmt: skip
"""The rules of the faults of a table; the others make it unreadable."""
_FORM = Form(tuple(Column(name, required=name == "name") for name in COLUMNS), rows=MOST, declared=True)


def _line(cells: Mapping[str, str], kind: str, mark: Mark, faults: Faults) -> Iterator[Line]:
    label = f"assets.{kind}[{cells.get('name', mark.line)}]"
    formulas = {column: why for column, cell in cells.items() if (why := formula(cell))}
    for column, why in formulas.items():
        faults.add("PISTE-M007", f"{label}.{column}", mark, f"{column} : {why}")
    if formulas:
        return
    try:
        yield Line(kind, AssetLine(**cells), mark)  # type: ignore[arg-type]
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            rule, message, advice = explain(detail, AssetLine)
            column = str(detail["loc"][-1])
            words = f"{column} : {message}" if rule == "PISTE-M007" else f"La cellule « {column} » est vide"
            faults.add(rule, f"{label}.{column}", mark, words, advice)
