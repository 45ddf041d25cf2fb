"""The subjects that are read, a line each: form, command, files of earlier versions.

How old a reading may be is in `piste/model/freshness.py`, and the town's own limit in `freshness.yml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import TypeAdapter

    from piste.readings.former import Former


def named(place: str) -> Any:
    """Import what a place names: `package.module:name`."""
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)


@dataclass(frozen=True)
class Subject:
    """A line of the table.

    `form` is the place of the form of one thing; `former` that of a function that gives the files of earlier versions
    in an environment. `again` is the command that reads anew.
    """

    name: str
    form: str
    again: str
    former: str

    def parsed(self, content: bytes) -> Any:
        """Parse the reading of a thing. Raises ValueError where it has not the form of the subject."""
        return self._adapter.validate_json(content, strict=True, extra="forbid")

    @cached_property
    def _adapter(self) -> TypeAdapter[Any]:
        from pydantic import TypeAdapter

        return TypeAdapter(named(self.form))

    def formers(self, environment: str) -> Mapping[Path, Former]:
        """Give the files in which earlier versions kept this subject."""
        formers: Mapping[Path, Former] = named(self.former)(environment)
        return formers


SUBJECTS: Mapping[str, Subject] = {
    subject.name: subject
    for subject in (
        Subject(
            "certificates", "piste.certificates.facts:Facts", "piste certificates scan",
            "piste.certificates.former:certificates",
        ),
        Subject(
            "tickets", "piste.model.certificates:Tickets", "piste certificates scan",
            "piste.certificates.former:tickets",
        ),
        Subject("logs", "piste.logs.kept:Check", "piste logs check", "piste.logs.former:check"),
        Subject("links", "piste.links.kept:Readings", "piste links", "piste.links.former:months"),
    )
}  # fmt: skip
