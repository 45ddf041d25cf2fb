"""Folders as BagIt bags (RFC 8493), which `sha256sum -c` alone verifies.

`data/` is the payload, `manifest-sha256.txt` has the digest of each of its files, `tagmanifest-sha256.txt` those of the
files that describe the bag, `tagmanifest-sha256.sig` the signature of the latter, where there is a key. `sha256sum -c`
does not see a file too many; `Payload-Oxum` and `faults` do.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from piste.engine.converge.bounded import Unreadable, lines, opened, survey
from piste.runs.records import signature

PAYLOAD, MANIFEST, TAGS = "data", "manifest-sha256.txt", "tagmanifest-sha256.txt"
SIGNATURE = "tagmanifest-sha256.sig"
_DECLARATION = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
_ESCAPES = {"%": "%25", "\n": "%0A", "\r": "%0D"}
"""Characters that a path of a manifest writes in another form (RFC 8493, 2.1.3)."""
_LINE = re.compile(r"([0-9a-f]{64})  (\S.*)\n")


def digest(path: Path) -> str:
    with opened(path) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def seal(bag: Path, about: Mapping[str, str]) -> None:
    """Make a bag of a folder that has its `data/`. `about` goes into `bag-info.txt`."""
    payload, _ = survey(bag / PAYLOAD)
    size = sum(path.stat().st_size for path in payload)
    info = {**about, "Payload-Oxum": f"{size}.{len(payload)}"}
    (bag / "bagit.txt").write_text(_DECLARATION, encoding="utf-8")
    (bag / "bag-info.txt").write_text("".join(f"{k}: {v}\n" for k, v in info.items()), encoding="utf-8")
    (bag / MANIFEST).write_text("".join(_lines(bag, payload)), encoding="utf-8")
    tags = [bag / name for name in ("bag-info.txt", "bagit.txt", MANIFEST)]
    (bag / TAGS).write_text("".join(_lines(bag, tags)), encoding="utf-8")


def sign(bag: Path, key: Path) -> None:
    """Sign the digests of the digests, and thereby the whole bag. Raises `SigningFailed`."""
    signature.sign(bag / TAGS, bag / SIGNATURE, key)


def is_signed(bag: Path, public_key: Path) -> bool:
    return signature.is_signed(bag / TAGS, bag / SIGNATURE, public_key)


def _lines(bag: Path, paths: list[Path]) -> Iterator[str]:
    for path in paths:
        name = path.relative_to(bag).as_posix()
        for char, escaped in _ESCAPES.items():
            name = name.replace(char, escaped)
        yield f"{digest(path)}  {name}\n"


def faults(bag: Path) -> list[tuple[str, str]]:
    """List the faults of the seal with their places: files changed, missing, too many.

    No name of a manifest becomes a path: manifests are compared with the files in the bag.
    """
    there, wrong = survey(bag)
    odd = {place for place, _ in wrong}
    files = {path.relative_to(bag).as_posix(): path for path in there}
    absent = [name for name in (MANIFEST, TAGS) if name not in files]
    if absent:
        return [*wrong, *((name, "absent : ce dossier n’est pas un sac") for name in absent if name not in odd)]
    listed: dict[str, str] = {}
    for manifest in (TAGS, MANIFEST):
        try:
            for number, line in enumerate(lines(files[manifest]), 1):
                expected, name = _read(line)
                if not name or listed.setdefault(name, expected) != expected:
                    wrong.append((f"{manifest}:{number}", "ligne qui n’est pas « empreinte  chemin »"))
        except Unreadable as error:
            wrong += error.at(manifest)
    for name, expected in listed.items():
        if name not in files:
            wrong += [] if name in odd else [(name, "absent, alors que le manifeste le porte")]
            continue
        try:
            if digest(files[name]) != expected:
                wrong.append((name, "modifié : son empreinte n’est plus celle du manifeste"))
        except Unreadable as error:
            wrong += error.at(name)
    extra = files.keys() - listed.keys() - {TAGS, SIGNATURE}
    return wrong + [(name, "en trop : aucun manifeste ne le porte") for name in sorted(extra)]


def _read(line: bytes) -> tuple[str, str]:
    """Read digest and name from a line of a manifest; empty for another line or outside name."""
    read = _LINE.fullmatch(line.decode("utf-8", "replace").replace("\r\n", "\n"))
    if read is None:
        return "", ""
    expected, name = read.groups()
    for char, escaped in reversed(_ESCAPES.items()):
        name = name.replace(escaped, char)
    outside = name.startswith("/") or ".." in PurePosixPath(name).parts
    return ("", "") if outside else (expected, name)
