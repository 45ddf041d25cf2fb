"""Switches of the simulated GLPI: unknowns of the real system, its known faults, limits."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from lab.glpi.schemas import VERSIONS
from lab.switches import Switches


@dataclass(slots=True)
class Behaviour(Switches):
    """Switches of one simulator; change them at any time.

    version            the newest version of the High-Level API that it serves
    legacy             whether the legacy API is enabled (Setup, General, API); so it is not on a new GLPI 11
    token_seconds      life of a token
    page_limit         items of a page at most (None: as many as asked)
    rate_limit         requests a second (None: no limit; the real API has none, a proxy before it may)
    created_status     status of the answer to a creation
    silent             fields that a write accepts and does not keep (glpi-project/glpi #24899)
    forbidden          itemtypes on which the account has no right
    read_only          whether the account may only read
    agent_adds         an inventory of a known computer makes a new computer, or fails (#24408, #9741)
    wrong_range        the announced total is that of the page
    """

    choices: ClassVar[Mapping[str, Collection[str]]] = {
        "version": VERSIONS,
        "agent_adds": ("no", "double", "fail"),
    }
    version: str = VERSIONS[-1]
    legacy: bool = False
    token_seconds: int = 3600
    page_limit: int | None = None
    rate_limit: int | None = None
    created_status: int = 200
    silent: list[str] = field(default_factory=list)
    forbidden: list[str] = field(default_factory=list)
    read_only: bool = False
    agent_adds: str = "no"
    wrong_range: bool = False

    def refusals(self, values: Mapping[str, Any]) -> list[str]:
        return [
            f"{name} : une liste de textes est attendue"
            for name in ("silent", "forbidden")
            if not all(isinstance(entry, str) for entry in values.get(name) or ())
        ]
