"""Print queues that people can connect to and that no site declares. What is not shared is the server's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from piste.converge.module import Module
from piste.converge.resource import Field
from piste.windows.print_queues import PRINT_QUEUES, SERVER
from piste.windows.winrm import Session
from piste.windows.winrm_access import WINRM, Access

WHY = "partagée, et personne ne la déclare"


def orphans(queues: Iterable[Mapping[str, Any]], declared: Iterable[str]) -> Iterator[dict[str, str]]:
    """``{kind, key, why}`` an orphan, of the queues of a print server."""
    known = {name.casefold() for name in declared}
    for queue in queues:
        if queue["shared"] and queue["name"].casefold() not in known:
            yield {"kind": PRINT_QUEUES.name, "key": queue["name"], "why": WHY}


def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    with Session(Access.of(params["winrm"]), str(params["server"])) as session:
        queues = session.run("print_queues_read", names=[], prefix=None, limit=0)["queues"]
    found = list(orphans(queues, params["queues"]))
    warnings = [f"{entry['kind']} {entry['key']} : {entry['why']}" for entry in found]
    return {"changed": False, "orphans": found, "warnings": warnings, "calls": session.calls}


MODULES: Mapping[str, Module] = {
    "win_print_orphans": Module(
        name="win_print_orphans",
        options=(
            WINRM,
            SERVER,
            Field("queues", "Names of all the queues that are declared.", type="list", required=True),
        ),
        run=_run,
    )
}
