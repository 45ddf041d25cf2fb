"""Certificates of the lab for 802.1X, and the revocation list."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

_LASTS = timedelta(days=365)


def issued(authority: trustme.CA, name: str) -> tuple[str, str]:
    """Make a certificate for a name; return it and its key, in PEM."""
    leaf = authority.issue_cert(name)
    return leaf.cert_chain_pems[0].bytes().decode(), leaf.private_key_pem.bytes().decode()


def revocations(authority: trustme.CA, certificates: Iterable[str]) -> str:
    """Return the authority's revocation list of some certificates, in PEM."""
    issuer = x509.load_pem_x509_certificate(authority.cert_pem.bytes())
    now = datetime.now(UTC) - timedelta(minutes=5)
    builder = x509.CertificateRevocationListBuilder(issuer.subject, now, now + _LASTS)
    for certificate in certificates:
        serial = x509.load_pem_x509_certificate(certificate.encode()).serial_number
        builder = builder.add_revoked_certificate(x509.RevokedCertificateBuilder(serial, now).build())
    key = load_pem_private_key(authority.private_key_pem.bytes(), None)
    signed = builder.sign(key, hashes.SHA256())  # type: ignore[arg-type]
    return signed.public_bytes(Encoding.PEM).decode()
