"""Certificates of a machine store, with the extensions of the town's authority."""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

TEMPLATE = x509.ObjectIdentifier("1.3.6.1.4.1.311.21.7")
"""Certificate template information: identifier, major and minor version (MS-WCCE 2.2.2.7.7.2)."""
ACCOUNT = x509.ObjectIdentifier("1.3.6.1.4.1.311.25.2")
_SID = "S-1-5-21-1004336348-1177238915-682003330-1601"
RADIUS_TEMPLATE = "1.3.6.1.4.1.311.21.8.93350.2026.1"
MACHINE_TEMPLATE = "1.3.6.1.4.1.311.21.8.93350.2026.2"
_SERVER, _CLIENT = ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH


def machine_store(host: str, now: float, *, named: bool = True) -> list[dict[str, Any]]:
    """Return the certificates of a server of the town.

    They are the expired RADIUS certificate, the present RADIUS certificate, that of the machine, and a certificate
    without a key. `named`: whether that of the machine has the SID of its account (KB5014754).
    """
    year = timedelta(days=365)
    start = datetime.fromtimestamp(now, UTC).replace(microsecond=0)
    return [
        _certificate(host, start - 2 * year, start - year, RADIUS_TEMPLATE, (_SERVER, _CLIENT)),
        _certificate(host, start - timedelta(days=30), start + 2 * year, RADIUS_TEMPLATE, (_SERVER, _CLIENT)),
        _certificate(host, start - timedelta(days=30), start + year, MACHINE_TEMPLATE, (_CLIENT,), sid=_SID * named),
        _certificate(host, start - timedelta(days=9), start + 2 * year, RADIUS_TEMPLATE, (_SERVER,), key=False),
    ]


def serving(store: list[dict[str, Any]]) -> str:
    """Return the thumbprint of the RADIUS certificate of a store, as in a policy."""
    return hashlib.sha1(b64decode(store[1]["content"]), usedforsecurity=False).hexdigest()


def _certificate(
    host: str,
    start: datetime,
    end: datetime,
    template: str,
    usages: tuple[Any, ...],
    *,
    key: bool = True,
    sid: str = "",
) -> dict[str, Any]:
    secret = ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Ville du Bourget CA")])
    built = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)]))
        .issuer_name(issuer)
        .public_key(secret.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        .add_extension(x509.UnrecognizedExtension(TEMPLATE, _template(template)), critical=False)
    )
    if sid:
        built = built.add_extension(x509.UnrecognizedExtension(ACCOUNT, _account(sid)), critical=False)
    signed = built.sign(secret, hashes.SHA256())
    content = signed.public_bytes(serialization.Encoding.DER)
    return {"content": b64encode(content).decode(), "has_private_key": key}


def _account(sid: str) -> bytes:
    """Encode the SID extension in DER (MS-WCCE 2.2.2.7.7.4).

    SEQUENCE { [0] { OBJECT IDENTIFIER …25.2.1, [0] { OCTET STRING } } }
    """
    text = bytes([4, len(sid)]) + sid.encode()
    arcs = bytes.fromhex("2b060104018237190201")
    inner = bytes([6, len(arcs)]) + arcs + bytes([0xA0, len(text)]) + text
    other = bytes([0xA0, len(inner)]) + inner
    return bytes([0x30, len(other)]) + other


def _template(identifier: str) -> bytes:
    """Encode the template extension in DER.

    SEQUENCE { OBJECT IDENTIFIER, INTEGER 100, INTEGER 1 }
    """
    first, second, *rest = map(int, identifier.split("."))
    arcs = bytes([first * 40 + second]) + b"".join(map(_arc, rest))
    inner = bytes([6, len(arcs)]) + arcs + bytes([2, 1, 100, 2, 1, 1])
    return bytes([0x30, len(inner)]) + inner


def _arc(value: int) -> bytes:
    parts = [value & 0x7F]
    while value := value >> 7:
        parts.append(value & 0x7F | 0x80)
    return bytes(reversed(parts))
