"""A folder as a BagIt bag (RFC 8493), that ``sha256sum -c`` alone verifies, and its verification with places.

``data/`` holds what is handed over, ``manifest-sha256.txt`` the digest of each of its files, ``tagmanifest-sha256.txt``
those of the files that describe the bag. ``sha256sum -c`` does not see a file too many; ``Payload-Oxum`` and
:func:`faults` do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

PAYLOAD, MANIFEST, TAGS = "data", "manifest-sha256.txt", "tagmanifest-sha256.txt"
_DECLARATION = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
_ESCAPES = {"%": "%25", "\n": "%0A", "\r": "%0D"}
"""RFC 8493, 2.1.3: what a path of a manifest cannot hold as it is."""


def digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def files(folder: Path) -> list[Path]:
    """The files below a folder, in the order of their names. A link is a file whose content is elsewhere: refused."""
    return sorted(path for path in folder.rglob("*") if path.is_symlink() or path.is_file())


def seal(bag: Path, about: Mapping[str, str]) -> None:
    """Make a bag of a folder that has its ``data/``. ``about`` goes into ``bag-info.txt``."""
    payload = files(bag / PAYLOAD)
    size = sum(path.stat().st_size for path in payload)
    info = {**about, "Payload-Oxum": f"{size}.{len(payload)}"}
    (bag / "bagit.txt").write_text(_DECLARATION, encoding="utf-8")
    (bag / "bag-info.txt").write_text("".join(f"{k}: {v}\n" for k, v in info.items()), encoding="utf-8")
    (bag / MANIFEST).write_text("".join(_lines(bag, payload)), encoding="utf-8")
    tags = [bag / name for name in ("bag-info.txt", "bagit.txt", MANIFEST)]
    (bag / TAGS).write_text("".join(_lines(bag, tags)), encoding="utf-8")


def _lines(bag: Path, paths: list[Path]) -> Iterator[str]:
    for path in paths:
        name = path.relative_to(bag).as_posix()
        for char, escaped in _ESCAPES.items():
            name = name.replace(char, escaped)
        yield f"{digest(path)}  {name}\n"


def faults(bag: Path) -> list[tuple[str, str]]:
    """What is not as it was sealed, each with its place: a file changed, missing or too many, a broken manifest."""
    absent = [(name, "absent : ce dossier n'est pas un sac") for name in (MANIFEST, TAGS) if not (bag / name).is_file()]
    if absent:
        return absent
    found: list[tuple[str, str]] = []
    listed: set[str] = set()
    for manifest in (TAGS, MANIFEST):
        for number, line in enumerate((bag / manifest).read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            expected, _, name = line.partition("  ")
            for char, escaped in reversed(_ESCAPES.items()):
                name = name.replace(escaped, char)
            path = bag / name
            listed.add(name)
            if path.is_symlink():
                found.append((name, "lien vers un autre endroit"))
            elif len(expected) != 64 or not name or not path.resolve().is_relative_to(bag.resolve()):
                found.append((f"{manifest}:{number}", "ligne qui n'est pas « empreinte  chemin »"))
            elif not path.is_file():
                found.append((name, "absent, alors que le manifeste le porte"))
            elif digest(path) != expected:
                found.append((name, "modifié : son empreinte n'est plus celle du manifeste"))
    extra = [path.relative_to(bag).as_posix() for path in files(bag) if path != bag / TAGS]
    found += [(name, "en trop : aucun manifeste ne le porte") for name in extra if name not in listed]
    return found
