"""Identity of the documents of the town: reference, version, author, approver, logo."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated

from pydantic import AfterValidator, Field

from . import values
from .forms import Date, Form, Marked

DocumentName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,60}$")]
Version = Annotated[str, Field(pattern=r"^\d{1,3}\.\d{1,3}$")]
Words = Annotated[str, Field(min_length=1, max_length=120)]
FIRST: Version = "1.0"


class Approver(Form):
    """The function that approves documents, and the person who has it."""

    role: Words
    person: Words | None = None


class DeclaredEdition(Form):
    """A version of a kind of document: its day, who made it, what it changed."""

    version: Version
    day: Date
    author: Words
    what: Annotated[str, Field(min_length=1, max_length=300)]


def _in_order(editions: list[DeclaredEdition]) -> list[DeclaredEdition]:
    for former, later in pairwise(editions):
        if numbers(later.version) <= numbers(former.version) or later.day < former.day:
            raise values.refuse(f"la version {later.version} suit {former.version} : numéros et jours vont en montant")
    return editions


def numbers(version: Version) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


type Editions = Annotated[list[DeclaredEdition], Field(min_length=1), AfterValidator(_in_order)]


class Documents(Marked):
    """Identity of every document.

    `versions` gives the versions of a kind of document, by its name, the oldest first; of a version alone the history
    is not known; any other kind is at its first. `logo` is a file in SVG
    or PNG in `docs`. `town` and `holder` are the legal names of both parties to the market.
    """

    reference: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9-]{1,20}$")]
    market: Words | None = None
    lot: Words | None = None
    town: Words | None = None
    holder: Words | None = None
    author: Words
    approver: Approver
    versions: dict[DocumentName, Version | Editions] = Field(default_factory=dict)
    logo: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,60}\.(svg|png)$")] | None = None

    def version(self, kind: str) -> Version:
        """Give the last version of a kind of document."""
        given = self.versions.get(kind, FIRST)
        return given if isinstance(given, str) else given[-1].version
