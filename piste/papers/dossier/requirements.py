"""Titles of the requirements that tests cite, and the section of the tender of each (CCTP)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import yaml

from piste.engine.words import NO_BREAK


class Requirement(NamedTuple):
    title: str
    cctp: str


_FILE = Path(__file__).parent / "templates" / "requirements.yml"
REQUIREMENTS: Mapping[str, Requirement] = {
    name: Requirement(**entry) for name, entry in yaml.load(_FILE.read_text("utf-8"), yaml.CSafeLoader).items()
}


def named(name: str) -> str:
    """Write a requirement with its title, or a section of the tender; another name stays."""
    known = REQUIREMENTS.get(name)
    if name[:1].isdigit():
        return f"CCTP{NO_BREAK}{name}"
    return f"{name} – {known.title} (CCTP{NO_BREAK}{known.cctp})" if known else name
