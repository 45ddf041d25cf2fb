"""Switches of the simulated Veeam: its revision, its limits, its failures and its lies."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from lab.switches import Switches

VERSIONS = ("1.1-rev0", "1.1-rev1", "1.1-rev2", "1.2-rev0", "1.2-rev1", "1.3-rev0", "1.3-rev1", "1.3-rev2")


@dataclass(slots=True)
class Behaviour(Switches):
    """Switches of one simulator; change them at any time.

    version         the newest revision that it serves; a newer revision is refused
    token_seconds   life of a token
    page_limit      items of a page at most, whatever is asked
    forbidden       paths that the account may not read
    offline         names of repositories that are off line
    disabled_jobs   names of jobs that somebody disabled
    failed          names of objects whose last session failed
    infected        names of objects in whose last restore point malware was found
    lost_days       days without any restore point, while the jobs say success
    forgotten       sessions are not known any more
    moving          a list grows at each page
    without_sizes   the server has no list of backup files
    """

    choices: ClassVar[Mapping[str, Collection[str]]] = {"version": VERSIONS}
    version: str = "1.2-rev1"
    token_seconds: int = 900
    page_limit: int = 1000
    forbidden: list[str] = field(default_factory=list)
    offline: list[str] = field(default_factory=list)
    disabled_jobs: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    infected: list[str] = field(default_factory=list)
    lost_days: int = 0
    forgotten: bool = False
    moving: bool = False
    without_sizes: bool = False
