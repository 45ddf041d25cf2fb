"""Columns of imported tables as data; their check, schema and dictionary come from them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from piste.engine import tables
from piste.engine.converge.errors import Fault

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Type = Literal["text", "day", "month", "integer", "number", "boolean", "choice"]
Value = str | int | float | bool | None

_WANTED: Mapping[Type, str] = {
    "text": "un texte",
    "day": "un jour, comme 2026-11-30",
    "month": "un mois, comme 2026-11",
    "integer": "un entier, 0 ou plus",
    "number": "un nombre, 0 ou plus : 12.5, ou 12,5 si des virgules ne séparent pas les colonnes",
    "boolean": "true ou false",
    "choice": "",
}
_SCHEMAS: Mapping[Type, Mapping[str, Any]] = {
    "text": {"type": "string", "minLength": 1},
    "day": {"type": "string", "format": "date"},
    "month": {"type": "string", "pattern": r"^\d{4}-(0[1-9]|1[0-2])$"},
    "integer": {"type": "integer", "minimum": 0},
    "number": {"type": "number", "minimum": 0},
    "boolean": {"type": "boolean"},
    "choice": {"type": "string"},
}
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_NUMBER = re.compile(r"\d+(\.\d+)?")


@dataclass(frozen=True, slots=True)
class Column(tables.Column):
    """A column: `name` is its stable header in English, `doc` its meaning in French.

    An empty cell is an unknown value, which a `required` column refuses.
    """

    type: Type = "text"
    unit: str = ""
    required: bool = field(default=True, kw_only=True)
    choices: Sequence[str] = ()

    @property
    def wanted(self) -> str:
        """The values that a cell may have, in French."""
        return f"l’un de : {', '.join(self.choices)}" if self.type == "choice" else _WANTED[self.type]

    @property
    def decimal(self) -> bool:
        return self.type == "number"

    def parse(self, text: str) -> Value:
        if not text and not self.required:
            return None
        try:
            return self._value(text)
        except (ValueError, KeyError):
            given = f"« {text} »" if text else "rien"
            raise ValueError(f"{given} trouvé ; il faut {self.wanted}") from None

    def _value(self, text: str) -> Value:
        if self.type == "boolean":
            return {"true": True, "vrai": True, "false": False, "faux": False}[text.lower()]
        if self.type == "day":
            return date.fromisoformat(day).isoformat() if len(day := tables.day_of(text)) == 10 else _refused(text)
        if self.type in ("integer", "number"):
            return _quantity(text, whole=self.type == "integer")
        fits = {"month": bool(_MONTH.fullmatch(text)), "choice": text in self.choices}.get(self.type, bool(text))
        return text if fits else _refused(text)

    def schema(self) -> dict[str, Any]:
        """Give the JSON Schema of a cell; null is an unknown value."""
        schema = dict(_SCHEMAS[self.type])
        if self.choices:
            schema["enum"] = [*self.choices, *([] if self.required else [None])]
        if not self.required:
            schema["type"] = [schema["type"], "null"]
        return {**schema, "description": f"{self.doc} ({self.unit})" if self.unit else self.doc}


def _refused(text: str) -> str:
    raise ValueError(text)


def _quantity(text: str, *, whole: bool) -> int | float:
    if not _NUMBER.fullmatch(text) or (whole and "." in text):
        raise ValueError(text)
    return int(text) if whole else float(text)


def schema_of(title: str, columns: Sequence[Column]) -> dict[str, Any]:
    """Give the JSON Schema of a table as a list of rows.

    The CSV has the same columns; an empty cell is null.
    """
    row = {
        "type": "object",
        "properties": {column.name: column.schema() for column in columns},
        "required": [column.name for column in columns if column.required],
        "additionalProperties": False,
    }
    return {"$schema": DIALECT, "title": title, "type": "array", "items": row}


def line_of(fault: Fault) -> int:
    """Give the line number of a fault, from its path `file:line column`."""
    return int(fault.path.partition(":")[2].partition(" ")[0])
