"""The sealed vault: secrets under a new key, shared between custodians; two of them open it.

age encrypts (its format is public, Debian has it), Debian's `ssss` shares by Shamir's scheme: to open needs none of our
code. Neither notices an altered share, nor too few: the digest of each share lies beside, and a witness is decrypted
before anything is believed. No argument of a program is secret.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import pyrage

from piste.engine.converge.bounded import Unreadable, content
from piste.engine.converge.errors import PisteError
from piste.engine.converge.private import private_folder, write_private
from piste.engine.converge.text import on_one_line

NEEDED, LABEL = 2, "piste"
SECRETS, WITNESS, DIGESTS, SHARES = "secrets.age", "temoin.age", "empreintes-sha256.txt", "parts"
_WITNESS = b"Ce coffre s'ouvre : la cle est la bonne.\n"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


class NotSealed(PisteError):
    """The vault could not be sealed, or does not open; the message shows none of its content."""

    code = "PISTE-E081"


def seal(content: bytes, folder: Path, custodians: Sequence[str]) -> None:
    """Seal `content` into a new folder, a share for each custodian, and try every pair."""
    if len(set(custodians)) != 3 or not all(_NAME.fullmatch(name) for name in custodians):
        raise NotSealed("trois détenteurs de noms différents sont attendus (minuscules, chiffres, tirets)")
    if not content.strip():
        raise NotSealed("rien à sceller : l’entrée est vide")
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
    """Open the witness with shares, in silence. Raises `NotSealed` with the misfit."""
    digests = _read(folder / DIGESTS).decode("utf-8", "replace").splitlines()
    known = {name: value for value, _, name in (line.partition("  ") for line in digests)}
    parts = {path.name: _read(path) for path in shares}
    for name, part in parts.items():
        if known.get(name) != hashlib.sha256(part).hexdigest():
            what = f"la part {on_one_line(name)} n’est pas celle qui a été remise"
            raise NotSealed(what, why="Son empreinte diffère.")
    if len(parts) < NEEDED:
        raise NotSealed("deux parts de détenteurs différents sont attendues")
    key = _combine([part.decode("utf-8", "replace").strip() for part in parts.values()])
    try:
        identity = pyrage.x25519.Identity.from_str(key)
        opened = pyrage.decrypt(_read(folder / WITNESS), [identity])
        pyrage.decrypt(_read(folder / SECRETS), [identity])
    except (pyrage.IdentityError, pyrage.DecryptError):
        raise NotSealed("ces parts n’ouvrent pas ce coffre") from None
    if opened != _WITNESS:
        raise NotSealed("le témoin n’est pas celui de ce coffre")


def _read(path: Path) -> bytes:
    try:
        return content(path)
    except Unreadable as error:
        raise NotSealed(f"{on_one_line(path.name)} ne se lit pas : {error}") from None


def _split(secret: str, count: int) -> list[str]:
    done = _ssss(["ssss-split", "-t", str(NEEDED), "-n", str(count), "-q", "-w", LABEL], secret)
    return [line.strip() for line in done.stdout.splitlines() if line.startswith(f"{LABEL}-")]


def _combine(shares: Sequence[str]) -> str:
    """Combine shares into the secret, which `ssss-combine` writes on its standard error."""
    done = _ssss(["ssss-combine", "-t", str(NEEDED), "-q"], "\n".join(shares[:NEEDED]))
    return done.stderr.strip()


def _ssss(command: list[str], given: str) -> subprocess.CompletedProcess[str]:
    try:
        done = subprocess.run(
            command, input=f"{given}\n", capture_output=True, text=True, errors="replace", check=False
        )
    except FileNotFoundError:
        raise NotSealed(f"{command[0]} n’est pas sur ce poste", todo="sudo apt-get install ssss") from None
    if done.returncode:
        raise NotSealed(f"{command[0]} a refusé ce qui lui est donné")
    return done
