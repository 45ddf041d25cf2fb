"""The masks of certificates and of lists of revocations: their names, numbers and keys.

Dates, algorithms, sizes of keys and uses stay; a name has its mask, so an authority is still that of its certificates.
The key is another of the same size, the signature is empty: nobody finds the real certificate from it. An extension
that is not in the table is left out. Sources: RFC 5280 (4.1, 4.2 and 5.1), MS-WCCE 2.2.2.7.7.
"""

from __future__ import annotations

import base64
import re
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from ipaddress import ip_address
from typing import Any

from piste.exports.capture import directory
from piste.exports.capture.directory import Note
from piste.exports.capture.masks import Masks
from piste.systems.windows.gpo.certificates import elements

_PEM = re.compile(r"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----")
_COUNTRY, _MAIL = "2.5.4.6", "1.2.840.113549.1.9.1"
_UPN, _SID = bytes.fromhex("060a2b060104018237140203"), bytes.fromhex("060a2b060104018237190201")
"""The identifiers of other names that are the account of a person and its SID, as elements."""
_TEXTS = {0x1E: "utf-16-be", 0x1C: "utf-32-be", 0x0C: "utf-8"}
"""The codecs of the types of texts; of any other type, a byte is a sign."""
_VERSION, _EXTENSIONS = 0xA0, 0xA3
_SEQUENCE, _SET, _INTEGER, _OCTETS, _OID = 0x30, 0x31, 0x02, 0x04, 0x06
Mask = Callable[[Masks, bytes], bytes]


def certificate(masks: Masks, der: bytes) -> bytes:
    """Mask a certificate. Raises ValueError for what is none."""

    def masked(fields: list[tuple[int, bytes]]) -> list[bytes]:
        version = [_element(*fields.pop(0))] if fields[0][0] == _VERSION else []
        serial, algorithm, issuer, dates, subject, key, *rest = fields
        extensions = [_listed(masks, value) for tag, value in rest if tag == _EXTENSIONS]
        names = [_name(masks, issuer[1]), _element(*dates), _name(masks, subject[1])]
        return [*version, _number(masks, serial[1]), _element(*algorithm), *names, _key(masks, key[1]), *extensions]

    return _signed(masks, der, masked)


def revocations(masks: Masks, der: bytes) -> bytes:
    """Mask a list of revocations. Raises ValueError for what is none."""

    def masked(fields: list[tuple[int, bytes]]) -> list[bytes]:
        version = [_element(*fields.pop(0))] if fields[0][0] == _INTEGER else []
        algorithm, issuer, *dates = (field for field in fields if field[0] != _VERSION)
        revoked = [_revoked(masks, value) for tag, value in dates if tag == _SEQUENCE]
        moments = [_element(tag, value) for tag, value in dates if tag != _SEQUENCE]
        return [*version, _element(*algorithm), _name(masks, issuer[1]), *moments, *revoked]

    return _signed(masks, der, masked)


def _signed(masks: Masks, der: bytes, masked: Callable[[list[tuple[int, bytes]]], list[bytes]]) -> bytes:
    try:
        ((_, whole),) = elements(der)
        (_, signed), algorithm, signature = elements(whole)
        content = _element(_SEQUENCE, b"".join(masked([*elements(signed)])))
    except (IndexError, UnicodeError) as error:
        raise ValueError("not a certificate") from error
    if masks.keep_names:
        return der
    return _element(_SEQUENCE, content + _element(*algorithm) + _element(signature[0], bytes(len(signature[1]))))


def _element(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = bytes([size]) if size < 0x80 else size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, *([] if size < 0x80 else [0x80 | len(length)]), *length]) + content


def _number(masks: Masks, serial: bytes) -> bytes:
    """Draw another serial number of the same size, above zero."""
    drawn = masks.drawn("serial", serial, len(serial))
    return _element(_INTEGER, bytes([drawn[0] % 0x7F + 1]) + drawn[1:])


def _revoked(masks: Masks, content: bytes) -> bytes:
    pairs = ([*elements(entry)][:2] for _, entry in elements(content))
    entries = (_number(masks, serial[1]) + _element(*moment) for serial, moment in pairs)
    return _element(_SEQUENCE, b"".join(_element(_SEQUENCE, entry) for entry in entries))


def _name(masks: Masks, content: bytes) -> bytes:
    """Mask each attribute of a name but the country."""
    sets = []
    for _, attributes in elements(content):
        shown = b""
        for _, attribute in elements(attributes):
            (_, oid), (tag, value) = elements(attribute)
            masked = _element(tag, _attribute(masks, _dotted(oid), tag, value))
            shown += _element(_SEQUENCE, _element(_OID, oid) + masked)
        sets.append(_element(_SET, shown))
    return _element(_SEQUENCE, b"".join(sets))


def _dotted(oid: bytes) -> str:
    """Write an identifier (X.690 8.19)."""
    arcs, value = [oid[0] // 40, oid[0] % 40], 0
    for byte in oid[1:]:
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            arcs.append(value)
            value = 0
    return ".".join(map(str, arcs))


def _attribute(masks: Masks, oid: str, tag: int, value: bytes) -> bytes:
    if oid == _COUNTRY:
        return value
    mask = Masks.person if oid == _MAIL else _called
    codec = _TEXTS.get(tag, "latin-1")
    return mask(masks, value.decode(codec)).encode(codec, "replace")


def _called(masks: Masks, text: str) -> str:
    """Mask a name that may be that of a host: of its end, the declared domain stays."""
    return masks.text(text) if masks.known(text) else directory.host(masks, text)


def _key(masks: Masks, content: bytes) -> bytes:
    """Draw a key of the same kind and size; of an unknown kind, other bits."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

    whole = _element(_SEQUENCE, content)
    with suppress(UnsupportedAlgorithm, ValueError):
        known = load_der_public_key(whole)
        drawn: rsa.RSAPublicKey | ec.EllipticCurvePublicKey | None = None
        if isinstance(known, rsa.RSAPublicKey):
            size = known.key_size
            number = int.from_bytes(masks.drawn("key", content, (size + 7) // 8), "big") % (1 << size)
            drawn = rsa.RSAPublicNumbers(known.public_numbers().e, number | 1 | 1 << size - 1).public_key()
        elif isinstance(known, ec.EllipticCurvePublicKey):
            number = int.from_bytes(masks.drawn("key", content, known.key_size // 8 - 1), "big")
            drawn = ec.derive_private_key(number | 1, known.curve).public_key()
        if drawn is not None:
            return drawn.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    algorithm, (tag, bits) = elements(content)
    return _element(_SEQUENCE, _element(*algorithm) + _element(tag, b"\0" + masks.drawn("key", bits, len(bits) - 1)))


def _listed(masks: Masks, content: bytes) -> bytes:
    """Mask the extensions that the table has."""
    ((_, every),) = elements(content)
    shown = b""
    for _, extension in elements(every):
        oid, *flags, (tag, value) = elements(extension)
        if mask := _MASKED.get(_dotted(oid[1])):
            shown += _element(
                _SEQUENCE, b"".join(_element(*part) for part in (oid, *flags)) + _element(tag, mask(masks, value))
            )
    return _element(_EXTENSIONS, _element(_SEQUENCE, shown)) if shown else b""


def _as_it_is(masks: Masks, value: bytes) -> bytes:
    return value


def _identifier(masks: Masks, value: bytes) -> bytes:
    """Mask the identifier of a key."""
    ((_, content),) = elements(value)
    return _element(_OCTETS, masks.drawn("key id", content, len(content)))


def _of_authority(masks: Masks, value: bytes) -> bytes:
    """Keep of the identifier of an authority that of its key."""
    ((_, content),) = elements(value)
    shown = [_element(0x80, masks.drawn("key id", part, len(part))) for tag, part in elements(content) if tag == 0x80]
    return _element(_SEQUENCE, b"".join(shown))


def _alternatives(masks: Masks, value: bytes) -> bytes:
    """Mask alternative names: mails, hosts, addresses, accounts; any other is left out."""
    ((_, content),) = elements(value)
    shown = b""
    for tag, name in elements(content):
        if tag == 0x81:
            shown += _element(tag, masks.person(name.decode("latin-1")).encode())
        elif tag == 0x82:
            shown += _element(tag, directory.host(masks, name.decode("latin-1")).encode())
        elif tag == 0x87 and len(name) in (4, 16):
            shown += _element(tag, ip_address(masks.text(str(ip_address(name)))).packed)
        elif tag == 0xA4:
            ((_, of_directory),) = elements(name)
            shown += _element(tag, _name(masks, of_directory))
        elif tag == 0xA0 and name.startswith(_UPN):
            text = name[name.rindex(b"\x0c") + 2 :].decode("utf-8", "replace")
            shown += _element(tag, _UPN + _element(0xA0, _element(0x0C, masks.person(text).encode())))
    return _element(_SEQUENCE, shown)


def _template(masks: Masks, value: bytes) -> bytes:
    """Mask the name of a template."""
    ((tag, name),) = elements(value)
    codec = _TEXTS.get(tag, "latin-1")
    return _element(tag, directory.name(masks, name.decode(codec)).encode(codec, "replace"))


def _account(masks: Masks, value: bytes) -> bytes:
    """Mask the SID of an account, which lies in elements of this form alone."""
    at = value.index(b"S-1-")
    sid = masks.text(value[at:].decode("ascii")).encode()
    return _element(_SEQUENCE, _element(0xA0, _SID + _element(0xA0, _element(_OCTETS, sid))))


_MASKED: Mapping[str, Mask] = {
    **dict.fromkeys(("2.5.29.15", "2.5.29.19", "2.5.29.37", "1.3.6.1.4.1.311.21.7"), _as_it_is),
    **dict.fromkeys(("2.5.29.17", "2.5.29.18"), _alternatives), "2.5.29.14": _identifier, "2.5.29.35": _of_authority,
    "1.3.6.1.4.1.311.20.2": _template, "1.3.6.1.4.1.311.25.2": _account,
}  # fmt: skip
"""The mask of each extension by its identifier: uses, limits and the identifier of a template stay."""


def stored(value: Any, masks: Masks, note: Note) -> str:
    """Mask a certificate that the directory has."""
    return directory.binary(value, masks, lambda raw: certificate(masks, raw))


def withdrawn(value: Any, masks: Masks, note: Note) -> str:
    """Mask a list of revocations that the directory has; a byte where there is none stays."""
    return directory.binary(value, masks, lambda raw: raw if len(raw) < 2 else revocations(masks, raw))


def encoded(value: Any, masks: Masks, note: Note) -> str:
    """Mask certificates in PEM, without the texts between them, or a certificate in base64."""
    text = str(value)
    try:
        if inner := _PEM.findall(text):
            return "".join(ssl.DER_cert_to_PEM_cert(_in_base64(masks, part)) for part in inner)
        return base64.b64encode(_in_base64(masks, text)).decode() if text else text
    except ValueError:
        note("", "form", text)
        return masks.sized(text)


def _in_base64(masks: Masks, text: str) -> bytes:
    return certificate(masks, base64.b64decode("".join(text.split()), validate=True))
