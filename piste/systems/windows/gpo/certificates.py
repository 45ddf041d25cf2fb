"""Public-key policies: trusted roots and publishers, and auto-enrolment.

Sources: MS-GPEF 2.2.1.2.1 (serialised certificates), MS-CAESO (auto-enrolment).
Believed: [belief windows.roots], [belief windows.enrolment].
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import ssl
import struct
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from piste.engine.converge.errors import Fault
from piste.engine.converge.resource import Field
from piste.systems.windows.gpo import extensions, registry_pol
from piste.systems.windows.gpo.edits import changes
from piste.systems.windows.gpo.part import Content, Pair, Principals, Side
from piste.systems.windows.gpo.policies import Names, Policies
from piste.systems.windows.gpo.policy import BOTH, Number, Text, Words, policy
from piste.systems.windows.gpo.registry_pol import Entry

_SHA1, _CERTIFICATE = 3, 32  # identifiers of properties, wincrypt.h: CERT_SHA1_HASH_PROP_ID, CERT_CERT_PROP_ID
_ENCODING = 1
_NAMES = tuple(bytes.fromhex(f"06035504{end}") for end in ("03", "0B", "0A"))
"""Attributes that may name a subject: common name, else unit, else organization."""
_ONE_PEM = re.compile(r"\s*-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*")


def _public_key(content: Content) -> frozenset[Pair]:
    keys = (extensions.ROOTS_KEY, extensions.PUBLISHERS_KEY, extensions.ENROLLMENT_KEY)
    return extensions.PUBLIC_KEY if extensions.edited(content, *keys) else frozenset()


_AE = extensions.ENROLLMENT_KEY
AUTO_ENROLMENT: Final = Policies(
    Names(
        (
            policy("expiration_percent", BOTH, f"{_AE}!OfflineExpirationPercent", Number(0, 100), ""),
            policy("expiration_stores", BOTH, f"{_AE}!OfflineExpirationStoreNames", Text(), ""),
            policy(
                "mode",
                BOTH,
                f"{_AE}!AEPolicy",
                Words({"enabled": 0, "update": 1, "renew": 6, "renew_and_update": 7, "disabled": 0x8000}),
                "",
            ),
        )
    ),
    Field(
        "auto_enrolment",
        "Automatic enrolment of certificates: C(mode) (`enabled`, `update` those whose template changed, `renew` those"
        " that expire, `renew_and_update`, `disabled`), C(expiration_percent), C(expiration_stores).",
        type="map",
        elements="raw",
    ),
    _public_key,
)


def canonical_pem(text: str) -> str:
    """Certificate in PEM, lines of 64. Raises ValueError for anything else, private keys too."""
    if not _ONE_PEM.fullmatch(text):
        raise ValueError("un certificat seul, en PEM, est attendu")
    return _pem(der_of(text))


def der_of(text: str) -> bytes:
    """Give the bytes of a certificate in PEM. Raises ValueError."""
    try:
        return base64.b64decode("".join(text.strip().splitlines()[1:-1]), validate=True)
    except binascii.Error as error:
        raise ValueError("le certificat n’est pas lisible") from error


def _pem(der: bytes) -> str:
    subject_of(der)
    return ssl.DER_cert_to_PEM_cert(der)


def subject_of(der: bytes) -> str:
    """Name of a certificate's subject (RFC 5280 4.1.2.6); its thumbprint where it has no name."""
    try:
        (_, certificate), *rest = elements(der)
        (_, signed), *_ = elements(certificate)
        inner = [element for element in elements(signed) if element[0] != 0xA0]
        subject = inner[4][1]
    except (IndexError, ValueError) as error:
        raise ValueError("le certificat n’est pas lisible") from error
    if rest:
        raise ValueError("le certificat est suivi d’autre chose")
    value_bytes = next((subject[at + len(name) :] for name in _NAMES if (at := subject.rfind(name)) >= 0), b"")
    for tag, value in elements(value_bytes):
        return value.decode("utf-16-be" if tag == 0x1E else "utf-8", "replace")
    return thumbprint(der)


def elements(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and content of each DER element (X.690 8.1)."""
    at = 0
    while at < len(content):
        tag, size, at = content[at], content[at + 1], at + 2
        if size & 0x80:
            count = size & 0x7F
            size, at = int.from_bytes(content[at : at + count], "big"), at + count
        if at + size > len(content):
            raise ValueError("tronqué")
        yield tag, content[at : at + size]
        at += size


def thumbprint(der: bytes) -> str:
    """SHA-1 of a certificate: the name of its registry key."""
    return hashlib.sha1(der, usedforsecurity=False).hexdigest().upper()


def serialized(der: bytes) -> bytes:
    """Serialize a certificate as the registry has it."""
    properties = ((_SHA1, bytes.fromhex(thumbprint(der))), (_CERTIFICATE, der))
    return b"".join(struct.pack("<III", number, _ENCODING, len(data)) + data for number, data in properties)


def _certificate(blob: bytes) -> bytes:
    at = 0
    while at + 12 <= len(blob):
        number, _, size = struct.unpack_from("<III", blob, at)
        if number == _CERTIFICATE and at + 12 + size <= len(blob):
            return blob[at + 12 : at + 12 + size]
        at += 12 + size
    raise ValueError("pas de certificat")


class Trusted:
    """A part of certificates that the machine trusts, under the name of their subject.

    `store` is the registry key of their store.
    """

    sides: frozenset[Side] = frozenset({"computer"})

    def __init__(self, name: str, doc: str, store: str) -> None:
        self.field = Field(name, doc, type="map", normalise=canonical_pem)
        self.store = store

    def take(self, content: Content, principals: Principals) -> dict[str, str] | None:
        by_subject: dict[str, list[tuple[Entry, bytes]]] = {}
        for entry in content.registry:
            try:
                der = _certificate(entry.data) if self.holds(entry) else b""
                if der and entry.key.casefold() == self._key(der).casefold():
                    by_subject.setdefault(subject_of(der), []).append((entry, der))
            except ValueError:
                continue
        result: dict[str, str] = {}
        for name, pairs in by_subject.items():
            for entry, der in pairs:
                result[name if len(pairs) == 1 else f"{name} ({thumbprint(der)})"] = _pem(der)
                content.registry.remove(entry)
        return result or None

    def put(self, content: Content, before: Any, after: Any, principals: Principals) -> None:
        for _, old, new in changes(before, after):
            key = self._key(der_of(old or new))
            blob = registry_pol.TYPES["binary"]
            desired = [Entry(self._key(der_of(new)), "Blob", blob, serialized(der_of(new)))] if new else []
            registry_pol.replace(
                content.registry,
                lambda entry, key=key: entry.key.casefold() == key.casefold(),  # type: ignore[misc]
                desired,
            )

    def pairs(self, content: Content) -> frozenset[Pair]:
        return _public_key(content)

    def check(self, value: Any, path: str, principals: Principals) -> list[Fault]:
        faults = []
        certificates = {name: der_of(text) for name, text in (value or {}).items() if text is not None}
        subjects = Counter(subject_of(der) for der in certificates.values())
        for name, der in certificates.items():
            subject = subject_of(der)
            expected = subject if subjects[subject] == 1 else f"{subject} ({thumbprint(der)})"
            if name != expected:
                faults.append(Fault(f"{path}[{name}]", f"ce certificat se déclare sous son nom, « {expected} »"))
        return faults

    def _key(self, der: bytes) -> str:
        return f"{self.store}\\{thumbprint(der)}"

    def holds(self, entry: Entry) -> bool:
        parent = entry.key.casefold().rpartition("\\")[0]
        return parent == self.store.casefold() and entry.name.casefold() == "blob"


TRUSTED_ROOTS: Final = Trusted(
    "trusted_roots",
    "Root authorities that the machine trusts: certificate in PEM, under the name of its subject.",
    extensions.ROOTS_KEY,
)
TRUSTED_PUBLISHERS: Final = Trusted(
    "trusted_publishers",
    "Publishers whose signed programs the machine runs: certificate in PEM, under the name of its subject. It trusts"
    " them where it also trusts their authority.",
    extensions.PUBLISHERS_KEY,
)


def trusted(entry: Entry) -> bytes:
    """Give the certificate of a trusted root or publisher, in DER; nothing for another value."""
    from cryptography import x509  # 0.05 s to import, which a task without a capture saves

    if not (TRUSTED_ROOTS.holds(entry) or TRUSTED_PUBLISHERS.holds(entry)):
        return b""
    try:
        der = _certificate(entry.data)
        x509.load_der_x509_certificate(der)
    except ValueError:
        return b""
    return der
