"""The writing of the portal: a folder that is replaced page by page, and nothing else in it."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from piste.engine.converge.errors import Misused, PisteError
from piste.engine.converge.reading import FAULTS
from piste.engine.converge.untrusted import parse_json, read_plain
from piste.engine.words import safe
from piste.exports.portal import documents, judged, search, site, supervision, town
from piste.exports.portal.known import Known
from piste.exports.portal.page import Audience, Page, edition
from piste.exports.portal.rendering import files
from piste.papers.dossier import notation
from piste.sites.living.kept import Kept

MANIFEST = ".portail.json"
"""The list of the files that the portal wrote: those that it may take away."""


_SHOWN: Sequence[tuple[str, object, Callable[[Known], Page]]] = (
    ("links", (), supervision.page),
    ("living", Kept(), supervision.page),
    ("sobriety", None, town.sobriety),
    ("tenant", {}, judged.tenant),
)
"""What a page shows of each reading, and nothing in its place."""


class NotWritten(PisteError):
    """The folder of the portal cannot be written."""

    code = "PISTE-E159"


def pages(known: Known) -> Iterator[Page]:
    """Yield every page of the widest edition."""
    first, *others = town.pages(known)
    yield first
    yield from search.pages(known)
    yield supervision.page(known)
    if known.documents:
        yield documents.page(known)
    yield from others
    yield from site.pages(known)


def _sound(known: Known) -> Known:
    """Leave out the kept readings that have the form and make no sense: no page can show them."""
    for subject, empty, page in _SHOWN:
        try:
            page(known)
        except FAULTS as error:
            why = f"ce qui a été gardé ne se comprend pas ({type(error).__name__} : {error})"
            known = replace(known, **{subject: empty}, unread={**known.unread, subject: why})  # type: ignore[arg-type]
    return known


def contents(known: Known, audience: Audience) -> Iterator[tuple[str, bytes]]:
    """Yield the files of an edition."""
    known = _sound(known)
    clean = "" if known.clean or audience == "public" else ", avec des modifications non validées"
    commit = f", déclaration {known.commit[:12]}{clean}" if known.commit and audience == "engineer" else ""
    origin = f"Établi le {notation.moment(known.moment)}{commit}."
    beside = dict(documents.files(known.documents, audience))
    kept = edition(pages(known), audience, beside)
    yield from files(
        kept, audience, town=known.town.name, specimen=known.environment != "production", origin=origin
    )  # fmt: skip
    yield from ((path, content) for path, content in beside.items() if content is not None)


def write(folder: Path, made: Iterable[tuple[str, bytes]]) -> list[Path]:
    """Write the files of an edition and take away its former pages; return the written paths.

    Raises `Misused`, before the first write, for a folder that has files of others, or leads out of itself;
    `NotWritten` where the disk refuses.
    """
    every = dict(made)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(folder):
            return _replaced(folder, every)
    except OSError as error:
        raise NotWritten(
            "le portail ne s’écrit pas", where=str(error.filename or folder), why=error.strerror or str(error),
            todo="Faites qu’il s’écrive, ou donnez un autre dossier, puis relancez : ce qui manque sera écrit.",
        ) from error  # fmt: skip


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Wait until no other run writes this folder; the kernel frees it at the end of the process."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _replaced(folder: Path, every: Mapping[str, bytes]) -> list[Path]:
    before = _written(folder)
    if before is None and any(path != _draft(folder / MANIFEST) for path in folder.iterdir()):
        raise Misused(
            f"{folder} n’est pas vide, et le portail ne l’a pas écrit",
            todo="Donnez un dossier vide, ou celui d’un portail.",
        )
    if outside := [name for name in every if ".." in Path(name).parts or Path(name).is_absolute()]:
        raise Misused(f"une page sortirait du dossier : {safe(outside[0])}", todo="piste journal verify dit laquelle.")
    folders = {folder / above for name in every for above in Path(name).parents if above.name}
    if link := next((path for path in sorted(folders) if path.is_symlink()), None):
        raise Misused(f"{link} est un lien : les pages iraient ailleurs", todo="Retirez ce lien.")
    _put(folder / MANIFEST, json.dumps(sorted({*every, *(before or ())})).encode())
    for name, content in every.items():
        _put(folder / name, content)
    for name in set(before or ()) - every.keys():
        _draft(folder / name).unlink(missing_ok=True)
        (folder / name).unlink(missing_ok=True)
        _without_empty(folder, Path(name).parent)
    _put(folder / MANIFEST, json.dumps(sorted(every)).encode())
    return [folder / name for name in every]


def _without_empty(folder: Path, below: Path) -> None:
    """Take away the folders that a page leaves empty.

    Their names are those of sites and of third parties.
    """
    for place in (below, *below.parents):
        here = folder / place
        if not place.name or here.is_symlink() or not here.is_dir() or any(here.iterdir()):
            return
        here.rmdir()


def _put(path: Path, content: bytes) -> None:
    """Replace a file whole: a reader never sees half of a page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = _draft(path)
    draft.unlink(missing_ok=True)  # of an interrupted run, perhaps of a wider edition
    if path.is_file() and not path.is_symlink() and path.read_bytes() == content:
        return
    with draft.open("xb") as stream:
        stream.write(content)
    os.replace(draft, path)


def _draft(path: Path) -> Path:
    return path.with_name(f".{path.name}.new")


def _written(folder: Path) -> list[str] | None:
    """List the files of the former portal, below the folder alone; None where there is none."""
    try:
        names = parse_json(read_plain(folder / MANIFEST))
    except (OSError, ValueError):
        return None
    if not isinstance(names, list):
        return None
    return [name for name in names if isinstance(name, str) and _inside(folder, name)]


def _inside(folder: Path, name: str) -> bool:
    if "\0" in name:
        return False
    path = (folder / name).resolve()
    return path != folder.resolve() and path.is_relative_to(folder.resolve()) and not path.is_dir()
