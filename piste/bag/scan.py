"""What must not be in a bag: known secrets, keys, passwords that a system kept in clear, texts drawn at random."""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import Any

from piste.bag.bagit import files
from piste.converge.finding import Finding
from piste.converge.module import Module
from piste.converge.plural import agreed
from piste.converge.resource import Field

SHORTEST = 8
"""Characters below which a value is found everywhere and means nothing; shorter secrets are refused elsewhere."""
ARCHIVES = (".bundle", ".whl", ".gz", ".zip", ".pdf")
"""Packed: what they hold is looked at unpacked (:func:`piste.bag.verify.repository`), comes from a registry, or lies
beside as data (a document and its evidence)."""
_BITS, _TURNS = 0.8, 0.5
"""Of a text drawn at random: bits in a character, as a share of what its length can hold; changes from one kind of
character to another, as a share of its length (a name of several words has few)."""
_WORD = re.compile(r"[A-Za-z0-9+=]{20,}")
_HEX = re.compile(r"(0x)?([0-9a-f]+|[0-9A-F]+)")
_DIGEST = re.compile(r"manifest-sha\d+\.txt$")
_KEY = re.compile(r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----|AGE-SECRET-KEY-1|OPENSSH PRIVATE KEY")
_PASSWORD = re.compile(r"cpassword=\"[^\"]+\"|cpassword: [^\s'\"]")


def suspicions(folder: Path) -> Iterator[tuple[str, str]]:
    """Places that look like a secret, without knowing any: the file with its line, and what it looks like."""
    for path in files(folder):
        if path.suffix in ARCHIVES or _DIGEST.search(path.name):
            continue
        name = path.relative_to(folder).as_posix()
        for number, line in enumerate(_text(path).splitlines(), 1):
            if _KEY.search(line):
                yield f"{name}:{number}", "clé privée"
            if _PASSWORD.search(line):
                yield f"{name}:{number}", "mot de passe de stratégie (cpassword), que tout le domaine peut lire"
            if any(drawn(word) for word in _WORD.findall(line)):
                yield f"{name}:{number}", "texte qui semble tiré au hasard, comme une clé"


def _text(path: Path) -> str:
    raw = path.read_bytes()
    # Registry.pol and the files of the Windows console are UTF-16, some without a mark.
    coding = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-16-le" if raw[:4] == b"PReg" else "utf-8"
    return raw.decode(coding, errors="replace")


def drawn(word: str) -> bool:
    """Whether a word looks drawn at random, and is not plain text in Base64."""
    kinds = ["a" if char.islower() else "A" if char.isupper() else "0" for char in word]
    if _HEX.fullmatch(word) or len(set(kinds)) < 3 or _is_text(word):
        return False
    counts = Counter(word).values()
    bits = -sum(n / len(word) * math.log2(n / len(word)) for n in counts)
    turns = sum(1 for one, other in pairwise(kinds) if one != other)
    return bits >= _BITS * math.log2(min(len(word), 62)) and turns >= _TURNS * len(word)


def _is_text(word: str) -> bool:
    try:
        return base64.b64decode(word + "=" * (-len(word) % 4), validate=True).decode("ascii").isprintable()
    except (binascii.Error, UnicodeDecodeError):
        return False


def known(folder: Path, secrets: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Files that hold the value of a secret, however it is written, with the path of that secret."""
    wanted = {path: _forms(value) for path, value in secrets.items() if len(value) >= SHORTEST}
    for file in files(folder):
        raw = file.read_bytes()
        for path, forms in wanted.items():
            if any(form in raw for form in forms):
                yield file.relative_to(folder).as_posix(), path


def _forms(value: str) -> set[bytes]:
    plain = value.encode()
    texts = {value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], escape(value)}
    coded = {base64.b64encode(plain).rstrip(b"="), value.encode("utf-16-le"), plain.hex().encode()}
    return {*(text.encode() for text in texts), *coded}


def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    folder = Path(params["folder"])
    secrets = {str(path): str(value) for path, value in (params["secrets"] or {}).items() if value}
    found = sorted(known(folder, secrets))
    # A value of a secret can be a word of the file's name, and would be masked: the secret is said by its path.
    findings = [
        Finding("bag.secrets", "wrong", f"{file} contient la valeur du secret {path}", "Ne remettez pas ce sac.")
        for file, path in found
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
            Field(
                "secrets", "Values of secrets that must not be there, by path.", type="dict", required=True, no_log=True
            ),
        ),
        run=_run,
    )
}
