"""The tables of assets, `assets/<class>.csv` beside the inventory, read with their lines."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from ..faults import Mark
from ..inventory import shown
from ..source import text_of, unreadable_because
from ..syntax import hidden_lines
from ..wording import closest, explain
from .classes import CLASSES
from .form import COLUMNS, FORMULA, AssetLine

if TYPE_CHECKING:
    from ..faults import Faults

FOLDER = "assets"
SUFFIX = ".csv"
HISTORY = "history.csv"
"""The history of the assets, which is no table of them (`piste.model.life`)."""
MOST = 20_000
"""Lines that a table may have; a larger file is no list of a town."""


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
            tables.lines += _lines(path, name, entry.name, faults)
    return tables


def _lines(path: Path, name: str, kind: str, faults: Faults) -> Iterator[Line]:
    def fault(rule: str, line: int, message: str, advice: str = "") -> None:
        faults.add(rule, f"assets.{kind}", Mark(name, line), message, advice)

    try:
        text = text_of(path)
    except (OSError, UnicodeDecodeError, ValueError) as error:
        fault("PISTE-M001", 1, f"Le fichier ne peut pas être lu : {unreadable_because(error)}", "Rétablissez-le.")
        return
    text = text.removeprefix("\ufeff")
    invisible = hidden_lines(text)
    for line, character in invisible.items():
        fault("PISTE-M018", line, f"La ligne contient un caractère invisible ({character})")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, [])
        if faulty := list(_header(header)):
            for rule, message, advice in faulty:
                fault(rule, 1, message, advice)
            return
        for count, row in enumerate(reader, start=1):
            if count > MOST:
                fault("PISTE-M001", reader.line_num, f"Le fichier a plus de {MOST} lignes")
                return
            if row and reader.line_num not in invisible:
                yield from _line(row, header, kind, Mark(name, reader.line_num), faults)
    except csv.Error:
        message = "La ligne n’est pas du CSV (virgules, guillemets doubles)"
        fault("PISTE-M001", reader.line_num or 1, message)


def _header(header: list[str]) -> Iterator[tuple[str, str, str]]:
    """Give the faults of a header: an unknown, a repeated or a missing column."""
    if "name" not in header:
        yield "PISTE-M006", "La colonne « name » manque", f"Colonnes : {', '.join(COLUMNS)}."
    for number, column in enumerate(header):
        if column not in COLUMNS:
            yield "PISTE-M005", f"La colonne « {column} » est inconnue", closest(column, COLUMNS)
        elif column in header[:number]:
            yield "PISTE-M002", f"La colonne « {column} » est là deux fois", ""


def _line(row: list[str], header: list[str], kind: str, mark: Mark, faults: Faults) -> Iterator[Line]:
    cells = {column: value for column, text in zip(header, row, strict=False) if (value := text.strip())}
    label = f"assets.{kind}[{cells.get('name', mark.line)}]"
    if len(row) != len(header):
        message = f"La ligne a {len(row)} cellules, l’en-tête {len(header)}"
        faults.add("PISTE-M001", label, mark, message, "Mettez entre guillemets le texte qui contient une virgule.")
        return
    formulas = [(column, value) for column, value in cells.items() if value.startswith(FORMULA) and len(value) > 1]
    for column, value in formulas:
        message = f"{column} : « {value[:40]} » serait une formule dans un tableur"
        faults.add("PISTE-M007", f"{label}.{column}", mark, message)
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
