"""French words of the fields and values that a plan prints, from `labels.yml`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from piste.engine.clock import in_town

FILE = Path(__file__).with_name("labels.yml")
_SECONDS = range(2**35)
"""Seconds since 1970 that are a moment, up to the year 3058."""


def label(within: str, field: str) -> str:
    """Give the label of a field, in a kind or in another field; its name where it has none."""
    labels: Mapping[str, str] = table()["fields"]
    return labels.get(f"{within}.{field}") or labels.get(field, field)


def in_words(within: str, field: str, value: Any) -> Any:
    """Give a value, or those of a list, in the words of its field; a moment in town time."""
    if isinstance(value, int) and value in _SECONDS and f"{within}.{field}" in table()["moments"]:
        return in_town(datetime.fromtimestamp(value, UTC))
    values = table()["values"]
    words: Mapping[str, str] = values.get(f"{within}.{field}") or values.get(field, {})
    if isinstance(value, list):
        return [words.get(part, part) if isinstance(part, str) else part for part in value]
    return words.get(value, value) if isinstance(value, str) else value


@cache
def table() -> Mapping[str, Any]:
    import yaml

    read: Mapping[str, Any] = yaml.load(FILE.read_text("utf-8"), yaml.CSafeLoader)
    return read
