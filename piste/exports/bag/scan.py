"""The search of a bag for secrets: known values, keys, passwords in clear, random texts."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import Any

from piste.engine.converge.bounded import Unreadable, content, lines, opened, survey
from piste.engine.converge.module import Module
from piste.engine.converge.resource import Field
from piste.engine.finding import Finding
from piste.engine.words import agreed
from piste.exports.bag.passwords import SHORT, Reader
from piste.exports.bag.repository import cloned, objects

SHORTEST = 8
"""Least characters of a searched value: a shorter text is everywhere; short secrets are refused elsewhere."""
ARCHIVES = (".whl", ".gz", ".zip", ".pdf")
"""Packed files: from a registry, or with their content beside as data (a document, its evidence)."""
REPOSITORY = ".bundle"
"""A repository: all its history is searched."""
TEMPLATES = "zabbix/configuration.yaml"
"""The export of Zabbix: the programs of the vendor's templates look random; Zabbix exports no secret value."""
SYSTEMS = "systems/"
"""The folder of a bag that has the files of an export."""
CONTAINS = " contient la valeur du secret "
"""The words between the name of a file and the path of a secret, in a finding."""
REMEMBERED = 2**20
"""Most lines of a history that are remembered."""
PIECE = 16 * 2**20
"""Bytes of a file that are searched at a time."""
_BITS, _TURNS = 0.8, 0.5
"""Signs of a random text: bits in a character, as a share of the most that its length allows; changes of kind of
character, as a share of its length (a name of several words has few)."""
_WORD = re.compile(r"[A-Za-z0-9+=]{20,}")
_HEX = re.compile(r"(0x)?([0-9a-f]+|[0-9A-F]+)")
_DIGEST = re.compile(r"manifest-sha\d+\.txt$")
_KEY = re.compile(r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----|AGE-SECRET-KEY-1")
_WHOLE_KEY = re.compile(
    rb"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----[\s\\nr]*[A-Za-z0-9+/:,-]{20}|AGE-SECRET-KEY-1[A-Z0-9]{50}"
)
"""A whole key; the texts and tests of a repository may show a first line."""
_CERTIFICATE, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
"""The lines around a certificate, which is public: what looks random between them is no secret."""
_BODY = re.compile(r"[A-Za-z0-9+/]{1,64}={0,2}")
_LIKENESSES = (
    (_KEY, "clé privée"),
    (
        re.compile(r"cpassword=\"[^\"]+\"|cpassword: [^\s'\"]"),
        "mot de passe de stratégie (cpassword), que tout le domaine peut lire",
    ),
)


class Admitted:
    """Texts that the declaration says are no secret.

    They are known by their file and their digest: of the file, or of the line.
    """

    def __init__(self, declared: Iterable[Mapping[str, Any]] = ()) -> None:
        self._digests: dict[str, set[str]] = {}
        for entry in declared:
            self._digests.setdefault(entry["file"], set()).add(entry["sha256"])

    def file(self, path: Path, name: str) -> bool:
        known = self._known(name)
        return bool(known) and hashlib.sha256(content(path)).hexdigest() in known

    def line(self, name: str, line: str) -> bool:
        known = self._known(name)
        return bool(known) and hashlib.sha256(line.strip().encode("utf-8", "replace")).hexdigest() in known

    def _known(self, name: str) -> set[str]:
        """Give the digests of a file, which a bag has in a folder of its systems."""
        return self._digests.get(name.removeprefix(SYSTEMS), set())


def suspicions(folder: Path, admitted: Admitted | None = None, clones: Path | None = None) -> Iterator[tuple[str, str]]:
    """List the places that look like a secret: file and line, and the likeness.

    `clones` has the clones of repositories, if they are kept (`cloned`).
    """
    admitted = admitted or Admitted()
    for path in survey(folder)[0]:
        if path.suffix in ARCHIVES or _DIGEST.search(path.name):
            continue
        name = path.relative_to(folder).as_posix()
        try:
            if path.suffix == REPOSITORY:
                yield from _keys(path, name, clones)
            elif not admitted.file(path, name):
                yield from _looks(path, name, admitted)
        except Unreadable as error:
            yield from ((place, f"n’a pas pu être fouillé : {why}") for place, why in error.at(name))


def left_out(folder: Path, admitted: Admitted) -> dict[str, str]:
    """Remove from an export the files that look like a secret; give their names, with why."""
    reasons: dict[str, str] = {}
    for place, why in suspicions(folder, admitted):
        name, _, line = place.rpartition(":")
        reasons.setdefault(name or place, f"{why} (ligne {line})" if name else why)
    for name in reasons:
        (folder / name).unlink()
    return reasons


def _keys(path: Path, name: str, clones: Path | None) -> Iterator[tuple[str, str]]:
    """Search the history of a repository for keys alone: its tests have texts like secrets."""
    with cloned(path, clones) as clone:
        for which, raw in objects(clone):
            if _WHOLE_KEY.search(raw):
                yield f"{name}:{which}", "clé privée"


def _looks(path: Path, name: str, admitted: Admitted) -> Iterator[tuple[str, str]]:
    certificate: list[tuple[str, str]] | None = None
    reader = Reader()
    for number, line in enumerate(_text(path), 1):
        written = reader.read(line) if name != TEMPLATES else ""
        if admitted.line(name, line):
            continue
        if written:
            yield f"{name}:{number}", written
        if _CERTIFICATE in line:
            yield from certificate or ()
            certificate = []
        likenesses, has_random = _often(line) if len(line) <= SHORT else _signs(line)
        yield from ((f"{name}:{number}", likeness) for likeness in likenesses)
        if name != TEMPLATES and has_random:
            random = (f"{name}:{number}", "texte qui semble tiré au hasard, comme une clé")
            if certificate is None or not _BODY.fullmatch(line.strip()):
                yield random
            else:
                certificate.append(random)
        if _END in line:
            certificate = None
    yield from certificate or ()


def _signs(line: str) -> tuple[Sequence[str], bool]:
    """Say what keys and passwords of policies a line has, and whether a word of it looks random."""
    likenesses = [what for sign, what in _LIKENESSES if sign.search(line)]
    return likenesses, any(drawn(word) for word in _WORD.findall(line))


_often = lru_cache(2**15)(_signs)
"""Generated files repeat their lines."""


def _text(path: Path) -> Iterator[str]:
    """List the lines of a file. Registry.pol and files of the console are UTF-16, some unmarked."""
    with opened(path) as stream:
        begun = stream.read(4)
    coding = "utf-16" if begun[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-16-le" if begun == b"PReg" else "utf-8"
    if coding == "utf-8":
        yield from (line.decode(coding, errors="replace") for line in lines(path))
    else:
        yield from content(path).decode(coding, errors="replace").splitlines()


def drawn(word: str) -> bool:
    """Tell whether a word looks random, and is not plain text in Base64."""
    kinds = ["a" if char.islower() else "A" if char.isupper() else "0" for char in word]
    if _HEX.fullmatch(word) or len(set(kinds)) < 3 or _is_text(word):
        return False
    counts = Counter(word).values()
    bits = -sum(n / len(word) * math.log2(n / len(word)) for n in counts)
    turns = sum(1 for kind, other in pairwise(kinds) if kind != other)
    return bits >= _BITS * math.log2(min(len(word), 62)) and turns >= _TURNS * len(word)


def _is_text(word: str) -> bool:
    try:
        return base64.b64decode(word + "=" * (-len(word) % 4), validate=True).decode("ascii").isprintable()
    except (binascii.Error, UnicodeDecodeError):
        return False


def known(folder: Path, secrets: Mapping[str, str], clones: Path | None = None) -> Iterator[tuple[str, str]]:
    """List the files with the value of a secret, in any writing, and the path of that secret.

    All the history of a repository is searched, each line of it once. Raises `Unreadable` for a file that cannot be
    searched.
    """
    wanted = {path: _forms(value) for path, value in secrets.items() if len(value) >= SHORTEST}
    overlap = max((len(form) for forms in wanted.values() for form in forms), default=0)
    for file in survey(folder)[0]:
        name = file.relative_to(folder).as_posix()
        pieces = _history(file, clones) if file.suffix == REPOSITORY else _pieces(file, overlap)
        matches = {
            (f"{name}:{where}" if where else name, path)
            for where, raw, fresh in pieces
            for path, forms in wanted.items()
            if any(form in (raw if b"\n" in form else fresh) for form in forms)
        }
        yield from sorted(matches)


def _history(path: Path, clones: Path | None) -> Iterator[tuple[str, bytes, bytes]]:
    """Read a history: name, content, and the lines that no content before it has."""
    seen: set[bytes] = set()
    with cloned(path, clones) as clone:
        for name, raw in objects(clone):
            fresh = {*raw.split(b"\n")} - seen
            if len(seen) > REMEMBERED:
                seen.clear()
            seen |= fresh
            yield name, raw, b"\n".join(fresh)


def _pieces(path: Path, overlap: int) -> Iterator[tuple[str, bytes, bytes]]:
    """Read a file in pieces, each with the end of the former piece."""
    end = b""
    with opened(path) as stream:
        while piece := stream.read(PIECE):
            piece = end + piece
            yield "", piece, piece
            end = piece[-overlap:] if overlap else b""


def _forms(value: str) -> set[bytes]:
    plain = value.encode()
    texts = {value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], escape(value)}
    coded = {base64.b64encode(plain).rstrip(b"="), value.encode("utf-16-le"), plain.hex().encode()}
    return {*(text.encode() for text in texts), *coded}


def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    folder, clones = Path(params["folder"]), params.get("clones")
    secrets = {str(path): str(value) for path, value in (params["secrets"] or {}).items() if value}
    try:
        matches = sorted(known(folder, secrets, Path(clones) if clones else None))
    except Unreadable as error:
        what = f"un fichier n’a pas pu être fouillé : {error}"
        return {"changed": False, "findings": [Finding("bag.secrets", "unknown", what, "Vérifiez le sac.").to_json()]}
    # The value of a secret may be a word of the file's name, and would be masked: the message names its path.
    findings = [
        Finding("bag.secrets", "wrong", f"{file}{CONTAINS}{path}", "Ne remettez pas ce sac.") for file, path in matches
    ]
    if not findings:
        count = sum(1 for value in secrets.values() if len(value) >= SHORTEST)
        findings = [Finding("bag.secrets", "ok", f"aucune des valeurs de {agreed(count, 'secret(s) connu(s)')}")]
    return {"changed": False, "findings": [finding.to_json() for finding in findings]}


MODULES: Mapping[str, Module] = {
    "piste_bag_scan": Module(
        name="piste_bag_scan",
        options=(
            Field("folder", "Folder in which to look.", type="path", required=True),
            Field("clones", "Private folder of the clones of its repositories, each made there once.", type="path"),
            Field(
                "secrets", "Values of secrets that must not be there, by path.", type="dict", required=True, no_log=True
            ),
        ),
        run=_run,
    )
}
