"""Identity of the documents of the town: reference, version, author, approver, logo."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from .forms import Form, Marked

DocumentName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,60}$")]
Version = Annotated[str, Field(pattern=r"^\d{1,3}\.\d{1,3}$")]
Words = Annotated[str, Field(min_length=1, max_length=120)]
FIRST: Version = "1.0"


class Approver(Form):
    """The function that approves documents, and the person who has it."""

    role: Words
    person: Words | None = None


class Documents(Marked):
    """Identity of every document.

    `versions` gives the version of a kind of document, by its name; any other is at its first. `logo` is a file in SVG
    or PNG in `docs`. `town` and `holder` are the legal names of both parties to the market.
    """

    reference: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9-]{1,20}$")]
    market: Words | None = None
    lot: Words | None = None
    town: Words | None = None
    holder: Words | None = None
    author: Words
    approver: Approver
    versions: dict[DocumentName, Version] = Field(default_factory=dict)
    logo: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,60}\.(svg|png)$")] | None = None
