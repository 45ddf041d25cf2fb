"""A list of a spreadsheet: CSV of any order, of any of three separators, of two encodings."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping

from piste.imports import words
from piste.imports.item import LONGEST, MOST, ImportFault, Item, Items
from piste.model.assets.form import FORMULA
from piste.model.syntax import hidden, hidden_lines

_SEPARATORS = ";,\t"


def read(raw: bytes, file: str, kind: str | None) -> Items:
    """Read a list; `kind` is the class of its lines where no column gives it."""
    read_items = Items()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", "replace")
    hidden_at = hidden_lines(text)
    for line, character in hidden_at.items():
        read_items.faults.append(ImportFault(file, line, f"caractère invisible ({character})", "Retapez la cellule."))
    first = text.split("\n", 1)[0]
    separator = max(_SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        columns = _columns(next(reader, []), read_items, file)
        for count, row in enumerate(reader, start=1):
            if count > MOST:
                fault = ImportFault(file, reader.line_num, f"plus de {MOST} lignes", "Coupez le fichier.")
                read_items.faults.append(fault)
                break
            if any(cell.strip() for cell in row) and columns and reader.line_num not in hidden_at:
                read_items.items += _item(row, columns, read_items, file, reader.line_num, kind)
    except csv.Error as error:
        read_items.faults.append(ImportFault(file, reader.line_num or 1, f"ce n’est pas du CSV ({error})"))
    return read_items


def _columns(header: list[str], read_items: Items, file: str) -> dict[int, str]:
    """Give the column of each cell of a line; say what is left out."""
    columns: dict[int, str] = {}
    for number, title in enumerate(header):
        column = words.column_of(title)
        if words.is_personal(title):
            read_items.remarks.append(f"colonne « {title[:40]} » non lue : elle nomme des personnes")
        elif column is None:
            read_items.remarks.append(f"colonne « {title[:40]} » non lue : rien ne lui correspond")
        elif column in columns.values():
            read_items.faults.append(ImportFault(file, 1, f"deux colonnes donnent « {column} »", "Retirez-en une."))
        else:
            columns[number] = column
    if not {"name", "serial"} & set(columns.values()):
        fault = ImportFault(file, 1, "ni nom ni numéro de série parmi les colonnes", "Nommez-les name, serial, site…")
        read_items.faults.append(fault)
        return {}
    return columns


def _item(
    row: list[str], columns: Mapping[int, str], read_items: Items, file: str, line: int, kind: str | None
) -> Iterator[Item]:
    cells = {column: row[at].strip() for at, column in columns.items() if at < len(row) and row[at].strip()}
    faults = [ImportFault(file, line, message) for message in _hostile(row, cells)]
    variant = ""
    if name := cells.pop(words.KIND, None):
        meant = words.class_of(name)
        if meant is None:
            faults.append(ImportFault(file, line, f"« {name[:40]} » n’est aucune classe connue", "Donnez --class."))
        else:
            kind, variant = meant
    elif kind is None:
        faults.append(ImportFault(file, line, "rien ne dit de quelle classe est la ligne", "Donnez --class."))
    read_items.faults.extend(faults)
    if not faults:
        if variant and not cells.get("variant"):
            cells["variant"] = variant
        address = cells.pop("address", None)
        yield Item(file, line, kind, plain(cells), addresses=(address,) if address else ())


def _hostile(row: list[str], cells: Mapping[str, str]) -> Iterator[str]:
    for cell in row:
        if len(cell) > LONGEST:
            yield f"une cellule a plus de {LONGEST} signes"
        elif character := hidden(cell):
            yield f"une cellule a un caractère invisible ({character})"
    for column, value in cells.items():
        if value.startswith(FORMULA) and value.strip("-"):
            yield f"{column} : « {value[:40]} » serait une formule dans un tableur"


def plain(cells: Mapping[str, str]) -> dict[str, str]:
    """Write the cells as the tables of the declaration do: days, states, MAC addresses."""
    forms = {
        "warranty_until": words.day_of, "end_of_life": words.day_of, "state": words.state_of, "mac": words.mac_of,
    }  # fmt: skip
    return {column: forms.get(column, str)(value) for column, value in cells.items()}
