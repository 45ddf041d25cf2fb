"""Programs that the town signed, as a group policy carries them.

A signed program is `NAME.ps1` beside `NAME.pem`, the certificate of its publisher. Windows verifies the signature; what
is checked here is that a policy carries a whole file, of the publisher that it makes trusted, in the bytes that were
signed. A config names a program by `signed:NAME` in the place of its bytes.

Sources: about_Signing (signature block, encoding), MS-GPEF 2.2.1.2.1 (certificates in a policy).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from piste.engine.converge.untrusted import read_plain
from piste.systems.windows.gpo.certificates import canonical_pem, der_of, subject_of
from piste.systems.windows.gpo.foreign import encoded
from piste.systems.windows.intent import MARK

LONGEST = 2**20
BOM = b"\xef\xbb\xbf"
_NAME = re.compile(r"[a-z][a-z0-9-]{1,60}")
_BLOCK = re.compile(
    rb"\r\n# SIG # Begin signature block\r\n((?:# [A-Za-z0-9+/=]+\r\n)+)# SIG # End signature block\r\n\Z"
)


class Waiting(ValueError):
    """The program is not signed, or not as a policy needs it; the text is the reason, in French."""


class Program(NamedTuple):
    """A signed program: its bytes, its publisher by name and as PEM."""

    content: bytes
    publisher: str
    certificate: str


def program(folder: str | None, name: str) -> Program:
    """Read a signed program. Raises `Waiting`."""
    if not _NAME.fullmatch(name):
        raise Waiting(f"« {name} » n’est pas le nom d’un programme")
    if not folder:
        raise Waiting(f"attend le programme signé « {name} » : l’environnement n’a pas de dossier (piste_signed)")
    path = Path(folder) / f"{name}.ps1"
    try:
        content = read_plain(path, LONGEST)
        certificate = canonical_pem(read_plain(path.with_suffix(".pem"), LONGEST).decode("ascii"))
    except FileNotFoundError as error:
        raise Waiting(f"attend « {error.filename} » : signez-le (piste computers sign)") from None
    except (OSError, ValueError) as error:
        raise Waiting(f"attend le programme signé « {name} », illisible : {error}") from None
    return Program(content, subject_of(der_of(certificate)), _of(content, certificate, name))


def _of(content: bytes, certificate: str, name: str) -> str:
    """Return the certificate, where it is that of the signature of this content."""
    match = _BLOCK.search(content)
    if not content.startswith(BOM) or b"\n" in content.replace(b"\r\n", b"") or match is None:
        raise Waiting(f"attend « {name} » signé : UTF-8 avec sa marque, fins de ligne de Windows, bloc de signature")
    try:
        signature = base64.b64decode(re.sub(rb"# |\r\n", b"", match[1]), validate=True)
    except binascii.Error:
        raise Waiting(f"attend « {name} » signé : son bloc de signature n’est pas lisible") from None
    if der_of(certificate) not in signature:
        raise Waiting(f"attend « {name} » signé : le certificat à côté n’est pas celui de sa signature")
    if not any(hashlib.sha256(body).digest() in signature for body in _hashed(content[: match.start()])):
        raise Waiting(f"attend « {name} » signé : il a changé depuis sa signature")
    return certificate


def _hashed(body: bytes) -> list[bytes]:
    """Give what a signature may hash: the text in UTF-16, with its mark or without.

    osslsigncode keeps the mark.
    """
    text = body.decode("utf-8", "replace")
    return [text.encode("utf-16-le"), text.removeprefix("\ufeff").encode("utf-16-le")]


def unsigned(content: bytes) -> bytes:
    """Return a program without its signature block, nor the encoding of a signed file."""
    return _BLOCK.sub(b"\r\n", content).removeprefix(BOM).replace(b"\r\n", b"\n").rstrip(b"\n") + b"\n"


def carried(item: Mapping[str, Any], folder: str | None) -> tuple[dict[str, Any], str]:
    """Put the programs that a GPO names in their place, their publishers among the trusted.

    Returns the item, and what it waits for (empty: nothing).
    """
    computer = item.get("computer")
    foreign = computer.get("foreign") if isinstance(computer, Mapping) else None
    if not isinstance(foreign, Mapping) or not any(map(_named, foreign.values())):
        return dict(item), ""
    assert isinstance(computer, Mapping)
    files, publishers, waits = dict(foreign), dict(computer.get("trusted_publishers") or {}), ""
    for path, text in foreign.items():
        if not _named(text):
            continue
        try:
            known = program(folder, text.removeprefix(MARK))
        except Waiting as error:
            del files[path]
            waits = str(error)
        else:
            files[path] = encoded(known.content)
            publishers[known.publisher] = known.certificate
    return {**item, "computer": {**computer, "foreign": files, "trusted_publishers": publishers}}, waits


def _named(text: Any) -> bool:
    return isinstance(text, str) and text.startswith(MARK)
