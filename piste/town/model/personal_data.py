"""Register of the processing of personal data (RGPD, article 30; CCTP 6.7)."""

from __future__ import annotations

from typing import Annotated, TypedDict

from pydantic import Field

from .forms import Form, Marked, Title

type Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=60)]
type Words = Annotated[str, Field(min_length=1, max_length=300)]


class DeclaredProcessing(Marked):
    """A processing: where it lives, why, on which basis, whose data, how long, who processes it.

    None is what the town must still say. `processors` are third parties; `returned` is how the data come back.
    """

    label: Title
    systems: Annotated[list[Title], Field(min_length=1)]
    purpose: Words | None = None
    basis: Words | None = None
    people: Words
    data: Words
    retention: Words | None = None
    recipients: Words | None = None
    processors: list[Title] = Field(default_factory=list)
    returned: Words


class DeclaredPersonalData(Form):
    """The register: who answers for it, and each processing by name."""

    controller: Title | None = None
    represented_by: Title | None = None
    dpo: Title | None = None
    dpo_contact: Title | None = None
    processor: Title | None = None
    processings: dict[Name, DeclaredProcessing] = Field(default_factory=dict)


class Processing(TypedDict):
    status: str | None
    label: str
    systems: list[str]
    purpose: str | None
    basis: str | None
    people: str
    data: str
    retention: str | None
    recipients: str | None
    processors: list[str]
    returned: str


class PersonalData(TypedDict):
    """The register as declared; None: the town has not said it."""

    controller: str | None
    represented_by: str | None
    dpo: str | None
    dpo_contact: str | None
    processor: str | None
    processings: dict[str, Processing]
