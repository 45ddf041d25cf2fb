"""French descriptions of the keys of the declaration, from `piste/town/model/described.yml`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from piste.town.model import variables

FILE = Path(variables.__file__).with_name("described.yml")
ANY_FORM = "*"


@cache
def descriptions() -> dict[str, dict[str, str]]:
    """Read the descriptions: by form, then by key as people write it."""
    read: dict[str, dict[str, str]] = yaml.load(FILE.read_text("utf-8"), yaml.CSafeLoader)
    return read


def described(form: type[Any], key: str) -> str:
    """Describe a key of a form, by the form that declares it. Raises KeyError without a text."""
    entries = descriptions()
    names = [*(base.__name__ for base in form.__mro__), ANY_FORM]
    return next((entries[name][key] for name in names if key in entries.get(name, ())), None) or _missing(form, key)


def _missing(form: type[Any], key: str) -> str:
    raise KeyError(f"{FILE.name} : {form.__name__}.{key}")
