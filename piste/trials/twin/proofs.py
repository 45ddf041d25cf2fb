"""Certificates of the pages of a twin, by an authority of the twin alone, made as it stands."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

AUTHORITY = "autorite.pem"
ELSEWHERE = "ailleurs.example"
"""The name of the certificate of a page that has that of another."""


def write_proofs(folder: Path, hosts: Iterable[str]) -> None:
    """Write the authority, and certificates of each host: good, past, of another name."""
    folder.mkdir(mode=0o700, exist_ok=True)
    key, now = generate_private_key(SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Piste, autorité du jumeau")])
    usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
    own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    authority = (
        _begun(name, name, key, now - timedelta(days=400), now + timedelta(days=400))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(own, critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / AUTHORITY).write_bytes(authority.public_bytes(Encoding.PEM))
    for host in hosts:
        for state, named, end in (("good", host, 30), ("expired", host, -1), ("elsewhere", ELSEWHERE, 30)):
            served = generate_private_key(SECP256R1())
            subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, named[:64])])
            made = (
                _begun(subject, name, served, now - timedelta(days=30), now + timedelta(days=end))
                .add_extension(x509.SubjectAlternativeName([x509.DNSName(named)]), critical=False)
                .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
                .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own), critical=False)
                .sign(key, hashes.SHA256())
            )
            pem = served.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            (folder / f"{host}.{state}").write_bytes(pem + made.public_bytes(Encoding.PEM))


def _begun(
    subject: x509.Name, issuer: x509.Name, key: EllipticCurvePrivateKey, start: datetime, end: datetime
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    return builder.serial_number(x509.random_serial_number()).not_valid_before(start).not_valid_after(end)
