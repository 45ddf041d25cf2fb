"""The words for a requirement that a trial cites: its title, its paragraph of the tender."""

from __future__ import annotations

from piste.engine.words import NO_BREAK
from piste.papers.frameworks.clauses import TENDER, frameworks


def named(name: str) -> str:
    """Write a requirement with its title, or a section of the tender; another name stays."""
    if name[:1].isdigit():
        return f"CCTP{NO_BREAK}{name}"
    tender = frameworks()[TENDER]
    if clause := tender.clauses.get(name):
        return f"{name} – {clause.says} (CCTP{NO_BREAK}{clause.place})"
    if figure := tender.figures.get(name):
        return f"{name} – {figure['says']} (CCTP{NO_BREAK}{figure['place']})"
    return name
