"""Folders beside an environment's inventory: a file `<site>.yml` a site, which Piste writes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from .faults import Mark
from .forms import Record
from .source import read
from .wording import explain

if TYPE_CHECKING:
    from .faults import Faults
    from .tree import Document


@dataclass(frozen=True, slots=True)
class Beside:
    """A file: the name of its site, its path for people, its content.

    It is not `sound` where it cannot be read.
    """

    name: str
    path: str
    document: Document
    sound: bool

    @property
    def mark(self) -> Mark:
        return Mark(self.document.name, 1)

    def validated[F: Record](self, form: type[F], faults: Faults) -> F | None:
        """Give the content in its form; None where it has a fault, which is then in `faults`."""
        if not self.sound:
            return None
        try:
            return TypeAdapter(form).validate_python(self.document.data)
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                rule, message, advice = explain(detail, form)
                where = ".".join(map(str, (self.path, *detail["loc"])))
                faults.add(rule, where, self.document.mark(detail["loc"]), message, advice)
            return None


def read_beside(folder: Path, faults: Faults, root: Path) -> Iterator[Beside]:
    """Read the files of a folder; none where the folder is missing.

    Files under `root` are shown relative to it.
    """
    for file in sorted(folder.glob("*.yml")) if folder.is_dir() else ():
        before, path = len(faults), f"{folder.name}[{file.stem}]"
        shown = str(file.relative_to(root) if file.is_relative_to(root) else file)
        document = read(file, shown, faults, path, visible=False)
        yield Beside(file.stem, path, document, len(faults) == before)
