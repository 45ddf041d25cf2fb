"""Signatures of files by openssl, with the same keys for the journal's anchors and for bags.

Openssl alone is enough to verify. The name of a key is the SHA-256 of its public part, in the form that openssl writes.
"""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

from piste.engine.converge.bounded import Unreadable, content

_SIGNATURE = 2**16
"""Most bytes of a signature."""
_SECONDS = 60


class SigningFailed(RuntimeError):
    """OpenSSL refused to sign or read no key; the text is its own."""


def sign(path: Path, signature: Path, key: Path) -> None:
    """Sign a file with a private key (PEM; Ed25519, RSA or EC). Raises `SigningFailed`."""
    command = ["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", str(key)]
    done = subprocess.run([*command, "-in", str(path), "-out", str(signature)], capture_output=True, check=False)
    if done.returncode:
        raise SigningFailed(_said(done))
    signature.chmod(0o600)


def is_signed(path: Path, signature: Path, public_key: Path) -> bool:
    """Tell whether the private half of a public key signed a file."""
    try:
        content(path)
        content(signature, most=_SIGNATURE)
    except Unreadable:
        return False
    command = ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", str(public_key)]
    files = ["-in", str(path), "-sigfile", str(signature)]
    try:
        return subprocess.run([*command, *files], capture_output=True, check=False, timeout=_SECONDS).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def fingerprint(key: Path, *, private: bool = False) -> str:
    """Name a key by the SHA-256 of its public half (`openssl pkey -pubout -outform DER`)."""
    half = ["-pubout"] if private else ["-pubin", "-pubout"]
    done = subprocess.run(
        ["openssl", "pkey", "-in", str(key), *half, "-outform", "DER"], capture_output=True, check=False
    )
    if done.returncode:
        raise SigningFailed(_said(done))
    return hashlib.sha256(done.stdout).hexdigest()


def _said(done: subprocess.CompletedProcess[bytes]) -> str:
    return done.stderr.decode("utf-8", "replace").strip()
