"""Orphans of a print server: shared queues that no site declares.

Other queues are the server's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from piste.systems.windows.print_queues import PRINT_QUEUES
from piste.systems.windows.winrm import Session

WHY = "partagée, et personne ne la déclare"


def orphans(queues: Iterable[Mapping[str, Any]], declared: Iterable[str]) -> Iterator[dict[str, str]]:
    """Yield the orphans, `{kind, key, why}`, among the queues of a print server."""
    known = {name.casefold() for name in declared}
    for queue in queues:
        if queue["shared"] and queue["name"].casefold() not in known:
            yield {"kind": PRINT_QUEUES.name, "key": queue["name"], "why": WHY}


def undeclared(session: Session, declared: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Yield the orphans of a print server; `declared` has the names of `queues`."""
    return orphans(session.run("print_queues_read", names=[], prefix=None, limit=0)["queues"], declared["queues"])
