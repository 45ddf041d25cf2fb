"""The values that a site keeps as found on the systems of one environment: `<site>.yml`.

The file gives the name of the site's network, where it departs from the rule, and by system, kind and key the values
that the declaration leaves as they are. The table of a kind says which values are possible.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from .beside import read_beside
from .forms import Record

if TYPE_CHECKING:
    from .faults import Faults
    from .tree import Document


class Found(Record):
    """The values that a site keeps as found."""

    network_name: Annotated[str, Field(min_length=1)] | None = None
    as_found: dict[str, dict[str, dict[str, dict[str, Any]]]] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file: its content, and the line of each key."""

    content: Found
    document: Document


def read_found(folder: Path, sites: Container[str], faults: Faults, root: Path) -> dict[str, FoundFile]:
    """Read the files of a folder, by site; none where the folder is missing.

    Add faults to `faults`. Files under `root` are shown relative to it.
    """
    result: dict[str, FoundFile] = {}
    for file in read_beside(folder, faults, root):
        if file.name not in sites:
            message = f"Aucun site de l’inventaire ne se nomme « {file.name} »"
            faults.add("PISTE-M021", file.path, file.mark, message)
        elif (content := file.validated(Found, faults)) is not None:
            result[file.name] = FoundFile(content, file.document)
    return result
