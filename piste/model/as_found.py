"""What each site keeps as it was found on the systems of one environment: a file a site, `<site>.yml`.

The file says the name that the site's network bears, where it is not the rule's, and by system, kind and key the
values that the declaration leaves as they are. What a value may be is for the table of its kind to say.
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
    from .source import Document


class Found(Record):
    """What one site keeps as it was found."""

    network_name: Annotated[str, Field(min_length=1)] | None = None
    as_found: dict[str, dict[str, dict[str, dict[str, Any]]]] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file: its content, and the line of each key."""

    content: Found
    document: Document


def read_found(folder: Path, sites: Container[str], faults: Faults, root: Path) -> dict[str, FoundFile]:
    """Read the files of a folder, by site; none where there is no folder. Faults are added to `faults`.

    Files under `root` are shown relative to it.
    """
    result: dict[str, FoundFile] = {}
    for file in read_beside(folder, faults, root):
        if file.name not in sites:
            message = f"Aucun site de l'inventaire ne se nomme « {file.name} »"
            faults.add("PISTE-M021", file.path, file.mark, message)
        elif (found := file.validated(Found, faults)) is not None:
            result[file.name] = FoundFile(found, file.document)
    return result
