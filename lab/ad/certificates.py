"""The authority that a new domain publishes, as AD CS does: its certificate and revocations.

It signs nothing: the certificates of the lab come from the lab's own authority. It lasts longer than any kept image.
It is old, since tests of a day two years ahead may have made the image that serves today.
"""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

NAME, HOST = "Ville du Bourget CA", "hdv-ca1.ad.lebourget.example"
_AGE, _LASTS = timedelta(days=1100), timedelta(days=4720)


def published() -> dict[str, str]:
    """Make the authority: `name`, `host`, `certificate`, `revocations` (DER, in base64)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    start = datetime.now(UTC).replace(microsecond=0) - _AGE
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + _LASTS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    revocations = x509.CertificateRevocationListBuilder(name, start, start + _LASTS).sign(key, hashes.SHA256())
    return {
        "name": NAME,
        "host": HOST,
        "certificate": b64encode(certificate.public_bytes(Encoding.DER)).decode(),
        "revocations": b64encode(revocations.public_bytes(Encoding.DER)).decode(),
    }
