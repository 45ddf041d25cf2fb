"""Facts of a certificate, as far as its judgment and the inventory need them."""

from __future__ import annotations

from typing import TypedDict


class Facts(TypedDict):
    """A certificate that was read.

    `names` are its DNS names and addresses, else its mail addresses, else its common name; `not_before` and `not_after`
    are moments (ISO 8601, UTC). `key_bits` is 0 for a key whose strength is not counted in bits. `trusted` is None
    where no chain was verified, `why` says why it is not trusted.
    """

    common_name: str
    issuer: str
    names: list[str]
    not_before: str
    not_after: str
    key_kind: str
    key_bits: int
    signature: str
    fingerprint: str
    trusted: bool | None
    why: str


def facts(content: bytes, *, trusted: bool | None = None, why: str = "") -> Facts:
    """Read a certificate in DER. Raises ValueError."""
    from cryptography import x509  # 0.05 s to import

    try:
        return _facts(content, trusted, why)
    except (x509.InvalidVersion, x509.UnsupportedGeneralNameType, TypeError, OverflowError) as error:
        raise ValueError(str(error)) from error


def _facts(content: bytes, trusted: bool | None, why: str) -> Facts:
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.x509.oid import NameOID

    certificate = x509.load_der_x509_certificate(content)

    def common(name: x509.Name) -> str:
        return next((str(part.value) for part in name.get_attributes_for_oid(NameOID.COMMON_NAME)), "")

    try:
        key = certificate.public_key()
        bits = key.key_size if isinstance(key, (rsa.RSAPublicKey, ec.EllipticCurvePublicKey)) else 0
        other = type(key).__name__.strip("_").removesuffix("PublicKey")
        kind = "RSA" if isinstance(key, rsa.RSAPublicKey) else "EC" if bits else other
    except (UnsupportedAlgorithm, ValueError):
        kind, bits = "inconnue", 0
    try:
        digest = certificate.signature_hash_algorithm
        signature = digest.name if digest else ""
    except UnsupportedAlgorithm:
        signature = "inconnue"
    names: list[str] = []
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        names = [
            *extension.get_values_for_type(x509.DNSName),
            *map(str, extension.get_values_for_type(x509.IPAddress)),
            *extension.get_values_for_type(x509.RFC822Name),
        ]
    except (x509.ExtensionNotFound, x509.DuplicateExtension):
        pass
    own = common(certificate.subject)
    return Facts(
        common_name=own,
        issuer=common(certificate.issuer) or certificate.issuer.rfc4514_string(),
        names=names or [own],
        not_before=certificate.not_valid_before_utc.isoformat(),
        not_after=certificate.not_valid_after_utc.isoformat(),
        key_kind=kind,
        key_bits=bits,
        signature=signature,
        fingerprint=certificate.fingerprint(SHA256()).hex(),
        trusted=trusted,
        why=why,
    )
