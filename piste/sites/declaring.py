"""A change of the declaration by a command: validated on a copy, then moved into place."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from difflib import unified_diff
from pathlib import Path

from piste.engine.converge.errors import Conflict
from piste.engine.converge.private import not_written, write_private
from piste.town.model import Town
from piste.town.town import load_town, refuse_faults

TOWN, SHARED = Path("inventories/town"), Path("group_vars")


@contextmanager
def foreseen(
    wanted: Mapping[Path, str], root: Path, as_found: Mapping[str, str] | None = None, kept: Path | None = None
) -> Iterator[tuple[Town, dict[str, str]]]:
    """Load the town with these files, and give the variables that plan it from its copy.

    `as_found` are files of what an environment keeps as found, by name; they lie in `kept`. Raises `InvalidDeclaration`
    with every fault.
    """
    with tempfile.TemporaryDirectory(prefix="piste-site-") as folder:
        copy = Path(folder)
        shutil.copytree(root / TOWN, copy / TOWN, symlinks=True)
        shutil.copytree(root / SHARED, copy / SHARED)
        for path, text in wanted.items():
            (copy / path).parent.mkdir(parents=True, exist_ok=True)
            (copy / path).write_text(text, "utf-8")
        given = {"piste_declaration": str(copy / TOWN)}
        beside = copy / "as_found" if as_found and kept else None
        if beside and kept:
            shutil.copytree(kept, beside)
            for name, text in (as_found or {}).items():
                (beside / name).write_text(text, "utf-8")
            given["piste_as_found"] = str(beside)
        yield refuse_faults(load_town(copy / TOWN, beside)), given


def validated(wanted: Mapping[Path, str], root: Path) -> Town:
    """Load the town with these files, from a copy. Raises `InvalidDeclaration` with every fault."""
    with foreseen(wanted, root) as (town, _):
        return town


def differences(files: Mapping[Path, str], root: Path) -> Iterator[str]:
    """List the lines to write: new files whole, the changes of the others."""
    for path, text in files.items():
        if (root / path).exists():
            yield ""
            lines = ((root / path).read_text("utf-8").splitlines(), text.splitlines())
            yield from unified_diff(*lines, str(path), str(path), n=1, lineterm="")
        else:
            yield f"\n--- {path}"
            yield from text.splitlines()


def text_at(path: Path) -> str | None:
    """Read a file as it is, its ends of lines kept; None where it is not there."""
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return None


def write_files(files: Mapping[Path, str], root: Path, before: Mapping[Path, str | None] | None = None) -> None:
    """Write files of the repository, each whole or not at all.

    Raises `Conflict` where a file is no longer as it was read, in `before`: a person may take a day to answer.
    """
    for path, text in (before or {}).items():
        if text_at(root / path) != text:
            raise Conflict(f"{path} a changé depuis qu’il a été lu, rien n’a été écrit", todo="Relancez la commande.")
    for path, text in files.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            write_private(place, text.encode(), mode=0o644)
        except OSError as error:
            raise not_written(error) from error
