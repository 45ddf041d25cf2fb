"""French words of the kinds, fields and values that a plan prints, from `labels.yml`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from piste.engine.clock import in_town
from piste.engine.words import lasting

FILE = Path(__file__).with_name("labels.yml")
_SECONDS = range(2**35)
"""Seconds since 1970 that are a moment, up to the year 3058."""
_MEASURED = re.compile(r"(.+) \(([^()]+)\)")
_LENGTHS = {"s": 1, "min": 60}


def kind(name: str) -> str:
    """Give the words of a kind of object; its name where it has none."""
    return str(table()["kinds"].get(name, name))


def label(within: str, field: str) -> str:
    """Give the label of a field, in a kind or in another field; its name where it has none."""
    return _label_and_unit(within, field)[0]


def in_words(within: str, field: str, value: Any) -> Any:
    """Give a value, or those of a list, in the words of its field; a moment in town time."""
    if isinstance(value, int) and value in _SECONDS and f"{within}.{field}" in table()["moments"]:
        return in_town(datetime.fromtimestamp(value, UTC))
    if isinstance(value, int | float) and not isinstance(value, bool):
        zeros = (word for word, fields in table()["zeros"].items() if f"{within}.{field}" in fields)
        return measured(value, _label_and_unit(within, field)[1], next(zeros, ""))
    values = table()["values"]
    words: Mapping[str, str] = values.get(f"{within}.{field}") or values.get(field, {})
    if isinstance(value, list):
        return [words.get(part, part) if isinstance(part, str) else part for part in value]
    return words.get(value, value) if isinstance(value, str) else value


def measured(number: float, unit: str, zero: str = "") -> Any:
    """Write a number with its unit, a length of time by its days; as it is without unit."""
    if zero and not number:
        return zero
    if unit == "hh:mm":
        return "{:02}:{:02}".format(*divmod(int(number), 60))
    if unit in _LENGTHS and isinstance(number, int) and number >= 0:
        return lasting(number * _LENGTHS[unit])
    return f"{number} {unit}".replace(".", ",") if unit else number


@cache
def _label_and_unit(within: str, field: str) -> tuple[str, str]:
    labels: Mapping[str, str] = table()["fields"]
    text = labels.get(f"{within}.{field}") or labels.get(field, field)
    measure = _MEASURED.fullmatch(text)
    return (measure[1], measure[2]) if measure and measure[2] in table()["units"] else (text, "")


@cache
def table() -> Mapping[str, Any]:
    import yaml

    read: Mapping[str, Any] = yaml.load(FILE.read_text("utf-8"), yaml.CSafeLoader)
    return read
