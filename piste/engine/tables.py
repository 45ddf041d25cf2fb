"""Tables that people give: CSV of any origin, read by declared columns.

The text is UTF-8, UTF-16 with its mark or Windows-1252. The separator is the semicolon, the comma or the tab under
which the headers are those that are declared; where two would do, the table is refused. Headers compare without case,
accents and spaces. Cells are data: nothing in them is ever computed. Every fault has its line; all are given at once.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal, NamedTuple

from piste.engine.converge import errors
from piste.engine.converge.text import hidden, on_one_line
from piste.engine.converge.untrusted import read_plain
from piste.engine.words import agreed

LARGEST = 20 * 2**20
"""Bytes of a table."""
LONGEST = 300
"""Signs of a cell that is read."""
_PEEKED = 200
"""Records by which a separator is known."""
_SEPARATORS = {";": "un point-virgule", ",": "une virgule", "\t": "une tabulation"}
_CHOSEN = re.compile(r"sep=([;,\t])\r?\n")
"""The first line by which Excel says its separator."""
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_ACCENTED = re.compile(rb"\xc3[\x80-\xbf]")
"""An accented letter of UTF-8; in Windows-1252 it would be two signs that no text has."""
_DECIMAL = re.compile(r"^(\d+),(\d+)$")
"""A number as a French spreadsheet writes it; where a comma separates the columns, it may be another's thousands."""
_THOUSANDS = re.compile(r"([1-9]\d{0,2}),(\d{3})")
"""A number that may as well be a whole one, as an English spreadsheet writes it."""
_BETWEEN = re.compile(r"[\s_.'’°/:*-]+")
What = Literal["text", "unknown", "missing", "twice", "width", "cell", "hidden", "formula"]
HEADER: frozenset[What] = frozenset({"unknown", "missing", "twice"})
_OF_CELL: frozenset[What] = frozenset({"cell", "hidden", "formula"})


class Fault(NamedTuple):
    """A fault of a table, at its line; `column` is that of the cell, or the title in question."""

    line: int
    message: str
    what: What = "text"
    column: str = ""

    def __str__(self) -> str:
        return f"{self.column} : {self.message}" if self.what in _OF_CELL else self.message

    @property
    def sentence(self) -> str:
        """The fault, with a capital where no column begins it."""
        return str(self) if self.what in _OF_CELL else self.message[:1].upper() + self.message[1:]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its `name`, the other `titles` that mean it, what a cell of it becomes.

    `form` raises ValueError, with the reason in French, for a cell that it refuses. It gets the empty cells too, and
    gives the value of a column that the table does not have.
    """

    name: str
    doc: str = ""
    required: bool = field(default=False, kw_only=True)
    titles: Collection[str] = field(default=(), kw_only=True)
    form: Callable[[str], Any] = field(default=str, kw_only=True)

    @property
    def decimal(self) -> bool:
        """True where the cells are numbers that may have decimals."""
        return False

    def parse(self, text: str) -> Any:
        return self.form(text)


@dataclass(frozen=True, slots=True)
class Form:
    """The bounds of a table, and its columns.

    `rows`: their most. `leaves`: columns that nothing declares are left, and not refused. `titles`: lines among which
    the headers are looked for; such a table has totals below too, shorter than the others. `bare`: the column of a list
    without headers, whose first line is a number. `formulas`: what a spreadsheet would run is a text here. `declared`:
    a file of the declaration, UTF-8 with commas and the exact names.
    """

    columns: Sequence[Column]
    rows: int = 50_000
    leaves: bool = False
    titles: int = 1
    bare: str = ""
    formulas: bool = True
    declared: bool = False


class Row(NamedTuple):
    """A row without fault: its line, a value a declared column."""

    line: int
    values: Mapping[str, Any]


@dataclass(slots=True)
class Table:
    """A table: its `titles` as given, their columns, those that are left, rows, faults."""

    titles: Sequence[str] = ()
    columns: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def located(self, name: str) -> list[errors.Fault]:
        """Give the faults with their place, `file:line column`."""
        return [
            errors.Fault(f"{name}:{fault.line}{f' {fault.column}' * (fault.what in _OF_CELL)}", fault.message)
            for fault in self.faults
        ]


class Record(NamedTuple):
    """The cells of a record, its first line and its last."""

    first: int
    last: int
    cells: list[str]


class Unreadable(ValueError):
    """The table cannot be read from that line on."""

    def __init__(self, line: int, message: str, what: What = "text") -> None:
        self.fault = Fault(line, message, what)


def read(source: Path | bytes | str, form: Form) -> Table:
    """Read a table: its faults, and its rows without fault. A file is never read through a link."""
    table = Table()
    try:
        content = read_plain(source, LARGEST) if isinstance(source, Path) else source
        text = _decoded(content) if isinstance(content, bytes) else content
        _fill(table, text.removeprefix("\ufeff"), form)
    except OSError as error:
        table.faults.append(Fault(1, f"le fichier ne se lit pas : {error.strerror or error}"))
    except Unreadable as unread:
        table.faults.append(unread.fault)
    return table


def listing(faults: Iterable[Fault], name: str) -> str:
    """List faults for a person, a line each, in the order of the file."""
    return "".join(on_one_line(f"  {name}:{fault.line} : {fault}") + "\n" for fault in sorted(faults))


def records(text: str, separator: str = ",", *, strict: bool = True) -> Iterator[Record]:
    """Split a text into records, blank or not. Raises `Unreadable`."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=strict)
    first = 1
    try:
        for cells in reader:
            yield Record(first, reader.line_num, cells)
            first = reader.line_num + 1
    except csv.Error as error:
        long = "limit" in str(error)
        why = "une cellule est trop longue" if long else "des guillemets ne sont pas fermés, ou sont de trop"
        raise Unreadable(first, f"ce n’est pas du CSV : {why}") from None


def key(title: str) -> str:
    """Fold a title: no case, no accents, no spaces, no signs between words."""
    letters = unicodedata.normalize("NFKD", title)
    return _BETWEEN.sub("", "".join(sign for sign in letters if not unicodedata.combining(sign)).casefold())


def formula(text: str) -> str:
    """Say that a spreadsheet would run a cell; empty where it would not.

    Dashes alone are no formula.
    """
    runs = text.startswith(("=", "+", "-", "@")) and text.strip("-")
    return f"« {text[:40]} » serait une formule dans un tableur" if runs else ""


def day_of(text: str) -> str:
    """Write a day as `2027-06-30`; a text of another form stays as it is."""
    french = re.fullmatch(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})", text)
    iso = re.fullmatch(r"([0-9]{4})[/.-]([0-9]{1,2})[/.-]([0-9]{1,2})([T ].*)?", text)
    if not french and not iso:
        return text
    parts = (french[3], french[2], french[1]) if french else iso.groups()[:3] if iso else ()
    try:
        return date(*map(int, parts)).isoformat()
    except ValueError:
        return text


def moment_day(text: str) -> str | None:
    """Read the day of a moment; null where the cell is empty. Raises ValueError."""
    if not text:
        return None
    try:
        return date.fromisoformat(day_of(text.split(" ")[0])[:10]).isoformat()
    except ValueError:
        raise ValueError(f"« {text[:40]} » n’est pas un jour (2026-11-27, ou 27/11/2026)") from None


def _decoded(content: bytes) -> str:
    at = 0
    for encoding in next(([name] for mark, name in _MARKS if content.startswith(mark)), ["utf-8", "cp1252"]):
        if encoding == "cp1252" and _ACCENTED.search(content):
            message = "le texte mêle UTF-8 et Windows-1252 : enregistrez-le en CSV UTF-8"
            raise Unreadable(content.count(b"\n", 0, at) + 1, message)
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError as error:
            at = error.start
            continue
        if "\0" not in text:
            return text
        at = content.find(b"\0")
    message = "ce n’est pas un texte (UTF-8, UTF-16, Windows-1252) : enregistrez-le en CSV"
    raise Unreadable(content.count(b"\n", 0, at) + 1, message)


class _Begun(NamedTuple):
    """The first records under a separator; the greatest is right."""

    known: int
    fitting: int
    widest: int
    separator: str
    header: Record


def _begin(text: str, form: Form, separators: Iterable[str]) -> tuple[str, Record]:
    """Find the separator and the headers. Raises `Unreadable`."""
    names = _meant(form)
    tried = [begun for separator in separators if (begun := _begun(text, separator, form, names))]
    if not tried:
        listed = ",".join(column.name for column in form.columns)
        raise Unreadable(1, f"le fichier est vide : la première ligne donne les colonnes ({listed})", "missing")
    best = max(tried)
    alone = max(begun.widest for begun in tried) == 1 and any(map(str.isdigit, best.header.cells[0]))
    if form.bare and not best.known and alone:
        return best.separator, Record(0, 0, [form.bare])
    others = [begun.separator for begun in tried if begun[:2] == best[:2] and len(begun.header.cells) > 1]
    if best.known and len(others) > 1:
        signs = " ou ".join(map(_SEPARATORS.__getitem__, others))
        raise Unreadable(best.header.first, f"{signs} peut y séparer les colonnes : gardez un séparateur")
    return best.separator, best.header


def _begun(text: str, separator: str, form: Form, names: Mapping[str, str]) -> _Begun | None:
    peeked: list[Record] = []
    with suppress(Unreadable):
        for record in records(text, separator, strict=False):
            if any(map(str.strip, record.cells)):
                peeked.append(record)
            if len(peeked) == _PEEKED:
                break
    if not peeked:
        return None

    def known(record: Record) -> int:
        return len({names.get(_folded(cell, form)) for cell in record.cells} - {None})

    header = max(peeked[: form.titles], key=known)
    width = len(header.cells)
    fitting = sum(len(record.cells) == width for record in peeked) if width > 1 else 0
    return _Begun(known(header), fitting, max(len(record.cells) for record in peeked), separator, header)


def _meant(form: Form) -> dict[str, str]:
    """Give the column of each folded title."""
    return {_folded(title, form): column.name for column in form.columns for title in (column.name, *column.titles)}


def _folded(title: str, form: Form) -> str:
    return title.strip() if form.declared else key(title)


def _fill(table: Table, text: str, form: Form) -> None:
    separators: Iterable[str] = "," if form.declared else _SEPARATORS
    if not form.declared and (chosen := _CHOSEN.match(text)):
        separators, text = chosen[1], "\n" + text[chosen.end() :]
    separator, header = _begin(text, form, separators)
    if form.declared and len(header.cells) == 1 and (others := set(";\t") & set(header.cells[0])):
        message = f"les colonnes s’y séparent par {_SEPARATORS[max(others)]} : il faut une virgule"
        raise Unreadable(header.first, message)
    table.titles = tuple(cell.strip() for cell in header.cells)
    places = _places(table, form, header.first)
    if any(fault.what == "missing" for fault in table.faults):
        return
    absent = {column.name: column.parse("") for column in form.columns if column.name not in table.columns}
    suspect = hidden(text) is not None
    count = 0
    for record in records(text, separator):
        if record.first <= header.first or not any(map(str.strip, record.cells)):
            continue
        count += 1
        if count > form.rows:
            raise Unreadable(record.first, f"plus de {form.rows} lignes : coupez le fichier")
        cells, width = record.cells, len(header.cells)
        if form.titles > 1:
            cells = [*cells[:width], *[""] * (width - len(cells)), *filter(str.strip, cells[width:])]
        if len(cells) != width:
            said = f"{agreed(len(cells), 'cellule(s)')} pour {agreed(width, 'colonne(s)')}"
            message = f"{said} : {_SEPARATORS[separator]} dans un texte va entre guillemets"
            table.faults.append(Fault(record.first, message, "width"))
            continue
        values: dict[str, Any] = {}
        faults = list(_cells(cells, places, values, record.first, form, suspect=suspect, commas=separator != ","))
        table.faults += faults
        if not faults:
            table.rows.append(Row(record.first, {**absent, **values}))


def _places(table: Table, form: Form, line: int) -> dict[int, Column | None]:
    """Give the column at each place, None where no cell may be; note the headers' faults."""
    columns, names = {column.name: column for column in form.columns}, _meant(form)
    places: dict[int, Column | None] = {}
    for at, title in enumerate(table.titles):
        name = names.get(_folded(title, form))
        if name in table.columns:
            table.faults.append(Fault(line, f"la colonne « {name} » est là deux fois", "twice", name))
        elif name:
            places[at] = columns[name]
            table.columns.append(name)
        elif form.leaves:
            table.left += [title] if title else []
        elif title:
            message = f"la colonne « {title[:40]} » est inconnue ; attendues : {', '.join(columns)}"
            table.faults.append(Fault(line, message, "unknown", title))
        else:
            places[at] = None
    table.faults[:0] = [
        Fault(line, f"la colonne « {name} » manque{f' ({column.doc})' if column.doc else ''}", "missing", name)
        for name, column in columns.items()
        if column.required and name not in table.columns
    ]
    return places


def _cells(
    cells: Sequence[str], places: Mapping[int, Column | None], values: dict[str, Any], line: int, form: Form,
    *, suspect: bool, commas: bool,
) -> Iterator[Fault]:  # fmt: skip
    """Put the values of a row into `values`; yield its faults."""
    for at, column in places.items():
        text = cells[at].strip()
        if column is None:
            if text:
                yield Fault(line, f"« {text[:40]} » est sous une colonne sans titre", "width")
        elif suspect and (character := hidden(text)):
            yield Fault(line, f"caractère invisible ({character})", "hidden", column.name)
        elif len(text) > LONGEST:
            yield Fault(line, f"plus de {LONGEST} signes", "cell", column.name)
        elif "\n" in text or "\r" in text:
            yield Fault(line, "plusieurs lignes dans la cellule", "cell", column.name)
        elif not form.formulas and (why := formula(text)):
            yield Fault(line, why, "formula", column.name)
        elif commas and column.decimal and (doubtful := _THOUSANDS.fullmatch(text)):
            message = f"« {text} » : décimales ou milliers ? écrivez {doubtful[1]}{doubtful[2]} ou {text}0"
            yield Fault(line, message, "cell", column.name)
        else:
            if commas and column.decimal:
                text = _DECIMAL.sub(r"\1.\2", text)
            try:
                values[column.name] = column.parse(text)
            except ValueError as error:
                yield Fault(line, str(error), "cell", column.name)
