"""The signature of the program of Windows, by osslsigncode, and its verification.

The key stays a file outside of the repository; its passphrase goes to osslsigncode by its standard input, never on a
command line. What is signed is what a policy carries, byte for byte: UTF-8 with its mark, line ends of Windows.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from piste.engine.converge.errors import PisteError
from piste.systems.windows.gpo.certificates import canonical_pem
from piste.systems.windows.intent import MEASURING
from piste.systems.windows.signed import BOM, Waiting, program, unsigned

SOURCE = Path(__file__).with_name(f"{MEASURING}.ps1")
_SECONDS = 120


class NotSigned(PisteError):
    """The program could not be signed, or the result does not verify."""

    code = "PISTE-E147"
    kind = "refused"


class KeyRefused(PisteError):
    """The key is where it may be committed, or read by another account."""

    code = "PISTE-E148"
    kind = "refused"


def folder(environment: str, repository: Path) -> Path:
    """Give the folder of signed programs that an environment has by default (`piste_signed`)."""
    if environment != "lab":
        return repository / "signed"
    return Path(os.environ.get("PISTE_LAB_DIR") or repository / ".lab") / "signed"


def check_key(key: Path, repository: Path) -> None:
    """Refuse a key inside the repository, or that other accounts read. Raises `KeyRefused`."""
    if key.resolve().is_relative_to(repository.resolve()):
        raise KeyRefused("la clé de signature est dans le dépôt", where=str(key), todo="Rangez-la ailleurs.")
    if key.stat().st_mode & 0o077:
        raise KeyRefused("la clé de signature se lit d’autres comptes", where=str(key), todo=f"chmod 600 {key}")


def encoded(source: bytes) -> bytes:
    """Give a program the bytes in which Windows verifies a signature."""
    return BOM + source.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def sign(folder: Path, certificate: Path, key: Path, passphrase: str = "", timestamp: str = "") -> Path:
    """Sign the program into `folder`, beside its certificate. Raises `NotSigned`.

    `timestamp`: address of an RFC 3161 authority; without it, the signature ends with the certificate.
    """
    if shutil.which("osslsigncode") is None:
        raise NotSigned(
            "osslsigncode manque à cette machine",
            todo="sudo apt-get install --no-install-recommends osslsigncode",
        )
    try:
        pem = canonical_pem(certificate.read_text("ascii"))
    except (OSError, ValueError) as error:
        what = "le certificat de l’éditeur n’est pas lisible"
        raise NotSigned(what, where=str(certificate), why=str(error)) from error
    with tempfile.TemporaryDirectory(prefix="piste-sign-") as place:
        plain, signed = Path(place) / "source.ps1", Path(place) / f"{MEASURING}.ps1"
        plain.write_bytes(encoded(SOURCE.read_bytes()))
        command = ["osslsigncode", "sign", "-h", "sha256", "-certs", str(certificate), "-key", str(key)]
        command += ["-readpass", "-"] if passphrase else []
        command += ["-ts", timestamp] if timestamp else []
        _ran([*command, "-in", str(plain), "-out", str(signed)], str(key), passphrase)
        signed.with_suffix(".pem").write_text(pem, "ascii")
        try:
            known = program(place, MEASURING)
        except Waiting as error:
            raise NotSigned("ce qu’osslsigncode a signé n’est pas ce qu’une stratégie porte", why=str(error)) from error
        folder.mkdir(parents=True, exist_ok=True)
        # The certificate first: a program without its own is not carried.
        for path, content in ((f"{MEASURING}.pem", pem.encode()), (f"{MEASURING}.ps1", known.content)):
            made = folder / f".{path}.new"
            made.write_bytes(content)
            made.replace(folder / path)
    return folder / f"{MEASURING}.ps1"


def verify(folder: Path, authority: Path | None = None) -> None:
    """Verify the signed program of a folder with the authorities of a file. Raises `NotSigned`."""
    try:
        known = program(str(folder), MEASURING)
    except Waiting as error:
        raise NotSigned("le programme n’est pas signé", where=str(folder), why=str(error)) from error
    with tempfile.TemporaryDirectory(prefix="piste-sign-") as place:
        copy = Path(place) / f"{MEASURING}.ps1"
        copy.write_bytes(known.content)
        authorities = ["-CAfile", str(authority)] if authority else []
        _ran(["osslsigncode", "verify", *authorities, "-in", str(copy)], str(folder))


def outdated(folder: Path) -> bool:
    """True where the signed program is not that of this version. Raises `Waiting` without one."""
    return unsigned(program(str(folder), MEASURING).content) != SOURCE.read_bytes()


def _ran(command: list[str], where: str, passphrase: str = "") -> None:
    try:
        done = subprocess.run(command, input=passphrase.encode(), capture_output=True, check=False, timeout=_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotSigned("osslsigncode n’a pas fini", where=where, why=str(error)) from error
    if done.returncode:
        said = (done.stderr + done.stdout).decode("utf-8", "replace").strip().splitlines()
        raise NotSigned("osslsigncode a refusé", where=where, why=" ; ".join(said[-4:]))
