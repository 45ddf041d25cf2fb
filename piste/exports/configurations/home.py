"""The repositories of an environment, a year each, and what their last night noted.

The history of a repository is never written again; a retention in years removes whole repositories.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypedDict

from piste.engine.converge.bounded import Unreadable, content
from piste.engine.converge.locks import locked
from piste.engine.converge.private import private_folder, write_private
from piste.engine.repository import ROOT
from piste.exports.configurations.repository import Altered, Commit, Repository

VARIABLE = "PISTE_CONFIGURATIONS_DIR"
NOTE, LOCK = "nights.json", "lock"
_YEAR = re.compile(r"(\d{4})\.git")
_PATIENCE = 10.0


class Sent(TypedDict):
    """The last sending of a year to a store: the commit that is there, or why it is unknown."""

    commit: str
    sent_at: str
    unknown: str | None


class Note(TypedDict):
    """A note of the nights: the last whole reading of each domain, the unread, the sent.

    Moments are in UTC. `unread` gives a reason by domain; `sent` is by store, then by year.
    """

    read_at: dict[str, str]
    unread: dict[str, str]
    sent: dict[str, dict[str, Sent]]


@dataclass(frozen=True)
class Night:
    """A commit, in the repository of its year."""

    repository: Repository
    commit: Commit

    @cached_property
    def files(self) -> dict[str, str]:
        return self.repository.files(self.commit.id)


@dataclass(frozen=True)
class Home:
    """The folder of an environment."""

    folder: Path

    def years(self) -> list[Repository]:
        """List the repositories, oldest first."""
        if not self.folder.is_dir():
            return []
        names = sorted(path.name for path in self.folder.iterdir() if _YEAR.fullmatch(path.name))
        return [Repository(self.folder / name) for name in names]

    def year(self, name: str) -> Repository:
        """Locate the repository of a year, there or not."""
        return Repository(self.folder / f"{name}.git")

    def nights(self) -> list[Night]:
        """List every night that changed something, oldest first. Raises `Altered`."""
        nights = []
        for repository in self.years():
            repository.refuse_altered()
            nights += [Night(repository, commit) for commit in repository.commits]
        return nights

    def note(self) -> Note:
        """Read what the last night noted. Raises `Altered` for a file of another form."""
        from pydantic import TypeAdapter, ValidationError

        from piste.town.model.wording import first_fault

        path = self.folder / NOTE
        if not path.exists():
            return Note(read_at={}, unread={}, sent={})
        try:
            return TypeAdapter(Note).validate_json(content(path))
        except (Unreadable, ValidationError) as error:
            raise Altered(
                "ce que les nuits ont noté ne se lit pas",
                where=str(path),
                why=first_fault(error, Note),
                todo="Effacez ce fichier : la prochaine nuit le refait.",
            ) from None

    def keep(self, note: Note) -> None:
        from pydantic import TypeAdapter

        write_private(self.folder / NOTE, TypeAdapter(Note).dump_json(note, indent=1))

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Take the repositories: a single night at a time."""
        private_folder(self.folder)
        with locked(self.folder / LOCK, "dépôt des configurations", _PATIENCE, mode=0o600):
            yield


def home(environment: str) -> Home:
    """Locate the repositories: `PISTE_CONFIGURATIONS_DIR`, else `.piste/configurations`."""
    given = os.environ.get(VARIABLE)
    return Home((Path(given) if given else ROOT / ".piste" / "configurations") / environment)
