"""The pages of a queue or a service in a month, whatever source counted them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

TABLE = "printing"
"""The source of rows of `printing.csv`."""


@dataclass(frozen=True, slots=True)
class Printed:
    """The printing of a queue or a service in a month; None: the source does not know.

    `origin` is the name of its source in the declaration, `source` what people read.
    """

    month: str
    site: str
    queue: str | None
    service: str | None
    jobs: int | None
    duplex_jobs: int | None
    mono_jobs: int | None
    duplex_mono_jobs: int | None
    pages_a4: int
    pages_a3: int
    color_pages: int | None
    source: str
    origin: str = TABLE

    @property
    def pages(self) -> int:
        """Pages in A4; an A3 counts for two."""
        return self.pages_a4 + 2 * self.pages_a3


@dataclass(frozen=True, slots=True)
class Line:
    """A row of an export: its place, its device, its day, its counts by meaning."""

    where: str
    queue: str
    service: str | None
    day: date
    counts: Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class Released:
    """The jobs of a queue that waited for somebody to sign in; `expired`: nobody came."""

    month: str
    queue: str
    released_jobs: int | None
    expired_jobs: int | None
    expired_pages: int | None


def contradictions(counts: Mapping[str, Any]) -> Iterator[str]:
    """Yield what counts of a row contradict; a missing or unknown count contradicts nothing."""

    def over(part: str, whole: str) -> bool:
        less, more = counts.get(part), counts.get(whole)
        return less is not None and more is not None and less > more

    if over("duplex_jobs", "jobs") or over("mono_jobs", "jobs"):
        yield "plus de travaux en recto verso, ou en noir et blanc, que de travaux (jobs)"
    if over("duplex_mono_jobs", "duplex_jobs") or over("duplex_mono_jobs", "mono_jobs"):
        yield "duplex_mono_jobs dépasse duplex_jobs ou mono_jobs, dont c’est la part commune"
    pages = (counts.get("pages") or 0) + (counts.get("pages_a4") or 0) + 2 * (counts.get("pages_a3") or 0)
    if (counts.get("color_pages") or 0) > pages:
        yield "plus de pages en couleur que de pages"
