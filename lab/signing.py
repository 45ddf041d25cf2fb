"""The signature of the program of the computers, by a key of the lab's authority."""

from __future__ import annotations

import datetime
import shutil
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from lab.authority import authority
from lab.state import private_folder

PUBLISHER = "Piste, laboratoire, signature"
_DAYS = datetime.timedelta(days=730)


def sign(folder: Path) -> bool:
    """Sign the program into `signed` of the lab, once; False where osslsigncode is missing."""
    from piste.readings.computers.collector import signing
    from piste.systems.windows.signed import Waiting

    signed = folder / "signed"
    try:
        if not signing.outdated(signed):
            return True
    except Waiting:
        pass
    if shutil.which("osslsigncode") is None:
        return False
    own = private_folder(folder / "publisher")
    certificate, key = publisher(folder, own)
    signing.sign(signed, certificate, key)
    return True


def publisher(folder: Path, own: Path) -> tuple[Path, Path]:
    """Return the certificate of the publisher and its key, made once into `own`."""
    certificate, key = own / "publisher.pem", own / "publisher.key"
    if certificate.exists() and key.exists():
        return certificate, key
    issuer = authority(folder)
    parent = x509.load_pem_x509_certificate(issuer.cert_pem.bytes())
    signer = serialization.load_pem_private_key(issuer.private_key_pem.bytes(), None)
    pair = rsa.generate_private_key(65537, 3072)
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, PUBLISHER)]))
        .issuer_name(parent.subject)
        .public_key(pair.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + _DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
        .sign(signer, hashes.SHA256())  # type: ignore[arg-type]
    )
    key.touch(mode=0o600)
    clear = serialization.NoEncryption()
    key.write_bytes(pair.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, clear))
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return certificate, key
