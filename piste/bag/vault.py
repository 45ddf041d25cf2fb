"""The sealed vault: secrets encrypted to a new key, the key shared between custodians, two of whom open it.

age encrypts (its format is public, Debian has it); Shamir's sharing is that of Debian's `ssss`, so that whoever opens
needs none of our code. Neither notices a share that was altered, nor too few of them: the digest of each share stands
beside, and a witness is decrypted before anything is believed. Nothing secret is an argument of a program.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import pyrage

from piste.converge.bounded import Unreadable, content
from piste.converge.errors import PisteError
from piste.converge.text import on_one_line
from piste.records.chain import private_folder, write_private

NEEDED, LABEL = 2, "piste"
SECRETS, WITNESS, DIGESTS, SHARES = "secrets.age", "temoin.age", "empreintes-sha256.txt", "parts"
_WITNESS = b"Ce coffre s'ouvre : la cle est la bonne.\n"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


class NotSealed(PisteError):
    """The vault could not be sealed, or does not open; nothing of its content is said."""

    code = "PISTE-E081"


def seal(content: bytes, folder: Path, custodians: Sequence[str]) -> None:
    """Seal `content` into a new folder, a share a custodian. Every pair of shares is tried before it is believed."""
    if len(set(custodians)) != 3 or not all(_NAME.fullmatch(name) for name in custodians):
        raise NotSealed("trois détenteurs de noms différents sont attendus (minuscules, chiffres, tirets)")
    if not content.strip():
        raise NotSealed("rien à sceller : l'entrée est vide")
    if folder.exists():
        raise NotSealed(f"{folder} existe déjà", todo="Donnez un dossier neuf : une clé neuve à chaque remise.")
    identity = pyrage.x25519.Identity.generate()
    recipient = [identity.to_public()]
    shares = _split(str(identity), len(custodians))
    files = {name: f"{share}\n".encode() for name, share in zip(custodians, shares, strict=True)}
    for pair in combinations(shares, NEEDED):
        if _combine(pair) != str(identity):
            raise NotSealed("deux parts tirées ne redonnent pas la clé", todo="Vérifiez le paquet Debian ssss.")
    private_folder(folder)
    private_folder(folder / SHARES)
    write_private(folder / SECRETS, pyrage.encrypt(content, recipient))
    write_private(folder / WITNESS, pyrage.encrypt(_WITNESS, recipient))
    for name, share in files.items():
        write_private(folder / SHARES / f"{name}.txt", share)
    digests = "".join(f"{hashlib.sha256(share).hexdigest()}  {name}.txt\n" for name, share in files.items())
    write_private(folder / DIGESTS, digests.encode())


def check(folder: Path, shares: Sequence[Path]) -> None:
    """Open the witness with shares, and say nothing. Raises `NotSealed` with what does not fit."""
    digests = _read(folder / DIGESTS).decode("utf-8", "replace").splitlines()
    known = {name: value for value, _, name in (line.partition("  ") for line in digests)}
    parts = {path.name: _read(path) for path in shares}
    for name, part in parts.items():
        if known.get(name) != hashlib.sha256(part).hexdigest():
            what = f"la part {on_one_line(name)} n'est pas celle qui a été remise"
            raise NotSealed(what, why="Son empreinte diffère.")
    if len(parts) < NEEDED:
        raise NotSealed("deux parts de détenteurs différents sont attendues")
    key = _combine([part.decode("utf-8", "replace").strip() for part in parts.values()])
    try:
        identity = pyrage.x25519.Identity.from_str(key)
        opened = pyrage.decrypt(_read(folder / WITNESS), [identity])
        pyrage.decrypt(_read(folder / SECRETS), [identity])
    except (pyrage.IdentityError, pyrage.DecryptError):
        raise NotSealed("ces parts n'ouvrent pas ce coffre") from None
    if opened != _WITNESS:
        raise NotSealed("le témoin n'est pas celui de ce coffre")


def _read(path: Path) -> bytes:
    try:
        return content(path)
    except Unreadable as error:
        raise NotSealed(f"{on_one_line(path.name)} ne se lit pas : {error}") from None


def _split(secret: str, count: int) -> list[str]:
    told = _ssss(["ssss-split", "-t", str(NEEDED), "-n", str(count), "-q", "-w", LABEL], secret)
    return [line.strip() for line in told.stdout.splitlines() if line.startswith(f"{LABEL}-")]


def _combine(shares: Sequence[str]) -> str:
    """The secret, which `ssss-combine` says on its standard error."""
    told = _ssss(["ssss-combine", "-t", str(NEEDED), "-q"], "\n".join(shares[:NEEDED]))
    return told.stderr.strip()


def _ssss(command: list[str], given: str) -> subprocess.CompletedProcess[str]:
    try:
        done = subprocess.run(
            command, input=f"{given}\n", capture_output=True, text=True, errors="replace", check=False
        )
    except FileNotFoundError:
        raise NotSealed(f"{command[0]} n'est pas sur ce poste", todo="sudo apt-get install ssss") from None
    if done.returncode:
        raise NotSealed(f"{command[0]} a refusé ce qui lui est donné")
    return done
