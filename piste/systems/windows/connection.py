"""Connection of a task to a domain: its directory, and the files of its policies."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from piste.engine.converge.run import System
from piste.systems.windows.directory import Directory
from piste.systems.windows.domain import DOMAIN, Domain

if TYPE_CHECKING:
    from piste.systems.windows.sysvol import Sysvol


class Connection:
    """A domain, seen from one process."""

    def __init__(self, domain: Mapping[str, Any]) -> None:
        self.directory = Directory(Domain.of(domain))

    @cached_property
    def sysvol(self) -> Sysvol:
        # Imported here: importing SMB is slow, and most kinds need only the directory.
        from piste.systems.windows.sysvol import Sysvol

        return Sysvol(self.directory)

    @property
    def calls(self) -> dict[str, int]:
        opened = self.__dict__.get("sysvol")
        return {name: count + (opened.calls[name] if opened else 0) for name, count in self.directory.calls.items()}

    def close(self) -> None:
        if "sysvol" in self.__dict__:
            self.sysvol.close()
        self.directory.close()


ACTIVE_DIRECTORY = System((DOMAIN,), lambda params, vault: Connection(params["domain"]))
