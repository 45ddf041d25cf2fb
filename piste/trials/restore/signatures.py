"""Signatures of the record of a restore test, or of a report: by a key, or on paper.

A key signs `result.json`, which names the digest of all its evidence: openssl alone verifies. Of a record that people
signed, the file and its SHA-256 are kept. A signature lies beside its result, and a party signs a result once.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Protocol

from pydantic import ValidationError

from piste.engine.converge.errors import Misused
from piste.engine.converge.private import write_private
from piste.engine.converge.untrusted import read_plain
from piste.runs.records.chain import Damaged, encode, seal, unseal
from piste.runs.records.signature import SigningFailed, fingerprint, is_signed, sign
from piste.town.model.forms import Date, Record
from piste.town.model.wording import first_fault
from piste.trials.restore.results import RESULT, UnreadableResult

Party = Literal["ville", "titulaire"]
PARTIES: Mapping[Party, str] = {"ville": "Pour la Ville", "titulaire": "Pour le titulaire"}
Decision = Literal["accepted", "reserved", "refused"]
LONGEST = 32 * 2**20


class Sealed(Protocol):
    """The content of a `result.json`: what is signed is known by its digest."""

    @property
    def hash(self) -> str: ...


class Signature(Record):
    """A signature of the file of that `sha256`; `key` names the key, None on paper.

    `decision` is what the party decided, where the paper asks for it.
    """

    party: Party
    role: str
    signed_on: Date
    file: str
    sha256: str
    result: str
    key: str | None = None
    decision: Decision | None = None
    hash: str = ""


def sign_result(
    place: Path, result: Sealed, party: Party, role: str, key: Path, day: str, decision: Decision | None = None
) -> Signature:  # fmt: skip
    """Sign a result with a private key. Raises `Misused`."""
    _refuse_twice(place, party)
    name = f"signature-{party}.sig"
    draft = place / f".{name}"
    try:
        sign(place / RESULT, draft, key)
        named = fingerprint(key, private=True)
        public = _public(key)
    except SigningFailed as failed:
        draft.unlink(missing_ok=True)
        raise Misused(f"openssl n’a pas signé avec {key}", why=str(failed)) from None
    write_private(place / f"signature-{party}.pem", public)
    os.replace(draft, place / name)
    return _keep(place, Signature(party=party, role=role, signed_on=day, file=name,
                                  sha256=_sha256(place / RESULT), result=result.hash, key=named,
                                  decision=decision))  # fmt: skip


def receive(
    place: Path, result: Sealed, party: Party, role: str, paper: Path, day: str, decision: Decision | None = None
) -> Signature:  # fmt: skip
    """Keep a record that people signed. Raises `Misused`."""
    _refuse_twice(place, party)
    try:
        content = read_plain(paper, LONGEST)
    except OSError as error:
        raise Misused(f"{paper} ne se lit pas", why=error.strerror or str(error)) from None
    if not content.startswith(b"%PDF-"):
        raise Misused(f"{paper} n’est pas un PDF", todo="Donnez le document signé, numérisé en PDF.")
    name = f"signe-{party}.pdf"
    write_private(place / name, content)
    digest = hashlib.sha256(content).hexdigest()
    return _keep(place, Signature(party=party, role=role, signed_on=day, file=name, sha256=digest, result=result.hash,
                                  decision=decision))  # fmt: skip


def signatures(place: Path, result: Sealed) -> list[Signature]:
    """List the signatures of a result that still hold. Raises `UnreadableResult`."""
    return [signature_of(path, place, result) for path in sorted(place.glob("signed-*.json"))]


def signature_of(path: Path, place: Path, result: Sealed) -> Signature:
    """Read a signature of a result that still holds. Raises `UnreadableResult`."""
    try:
        signature = Signature.model_validate(unseal(read_plain(path)))
        own, signed = _files(signature)
        if signature.file != own:
            raise Damaged(why="elle nomme un autre fichier que le sien")
        if signature.result != result.hash or _sha256(place / signed) != signature.sha256:
            raise Damaged(why="elle signe autre chose")
        if signature.key:
            pem = place / f"signature-{signature.party}.pem"
            if fingerprint(pem) != signature.key or not is_signed(place / RESULT, place / own, pem):
                raise Damaged(why="openssl ne la reconnaît pas")
    except (OSError, Damaged, ValidationError, SigningFailed) as error:
        raise UnreadableResult(
            "une signature n’est plus celle qui a été reçue", where=str(path), why=first_fault(error, Signature),
            todo="Reprenez ce dossier d’une sauvegarde, ou refaites l’essai.",
        ) from error  # fmt: skip
    return signature


def _files(signature: Signature) -> tuple[str, str]:
    """Name the file of a signature and what its digest is of: what a folder names is not opened."""
    if signature.key:
        return f"signature-{signature.party}.sig", RESULT
    return f"signe-{signature.party}.pdf", f"signe-{signature.party}.pdf"


def _refuse_twice(place: Path, party: Party) -> None:
    if (place / f"signed-{party}.json").exists():
        raise Misused(f"ce document est déjà signé : {PARTIES[party].lower()}")


def _keep(place: Path, signature: Signature) -> Signature:
    sealed = seal(signature.model_dump(mode="json", exclude={"hash"}))
    write_private(place / f"signed-{signature.party}.json", encode(sealed))
    return signature


def _public(key: Path) -> bytes:
    done = subprocess.run(["openssl", "pkey", "-in", str(key), "-pubout"], capture_output=True, check=False)
    if done.returncode:
        raise SigningFailed(done.stderr.decode("utf-8", "replace").strip())
    return done.stdout


def _sha256(path: Path) -> str:
    return hashlib.sha256(read_plain(path, LONGEST)).hexdigest()
