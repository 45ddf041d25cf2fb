"""The certificates of an NPS server, found by template or by subject.

Sources: MS-WCCE 2.2.2.7.7.1 (name of a template of version 1), 2.2.2.7.7.2 (object identifier of any other), MS-CRTD
2.19 (templates in the directory), 2.2.2.7.7.4 (SID of the account); RFC 5280 4.2.1.12 (extended key usage).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from piste.systems.windows import dn as dns
from piste.systems.windows.directory import Directory

_SERVER_AUTHENTICATION, _CLIENT_AUTHENTICATION = "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"
_ANY_USE = "2.5.29.37.0"
_TEMPLATE_NAME = "1.3.6.1.4.1.311.20.2"
_TEMPLATE = "1.3.6.1.4.1.311.21.7"
_ACCOUNT = "1.3.6.1.4.1.311.25.2"

Named = Mapping[str, Any]
"""The `certificate` of an item: one of `template`, `subject`, `thumbprint`."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate of a server, as far as policies need it.

    `template` is a name (version 1) or an object identifier. `serves`: a server may use it; `authenticates`: a client
    may; `names_account`: it has the SID of its account.
    """

    thumbprint: str
    subject: str
    common_name: str
    template: str
    start: float
    end: float
    serves: bool
    authenticates: bool = False
    names_account: bool = False

    @classmethod
    def read(cls, content: str, has_private_key: bool) -> Certificate:
        """Parse a certificate from a host: DER, in base64.

        Where the DER does not parse, the certificate has only a thumbprint, and no use. Raises ValueError for another
        text than base64.
        """
        whole = base64.b64decode(content, validate=True)
        try:
            return cls._parsed(whole, has_private_key)
        except ValueError:
            return cls(hashlib.sha1(whole).hexdigest().upper(), "illisible", "", "", 0.0, 0.0, False)

    @classmethod
    def _parsed(cls, whole: bytes, has_private_key: bool) -> Certificate:
        from cryptography import x509  # 0.05 s to import, which a task without certificates saves
        from cryptography.hazmat.primitives.hashes import SHA1
        from cryptography.x509.oid import NameOID

        certificate = x509.load_der_x509_certificate(whole)
        raw: dict[str, bytes] = {}
        uses: set[str] | None = None
        for extension in certificate.extensions:
            if isinstance(extension.value, x509.ExtendedKeyUsage):
                uses = {use.dotted_string for use in extension.value}
            elif isinstance(extension.value, x509.MSCertificateTemplate):
                raw[_TEMPLATE] = extension.value.template_id.dotted_string.encode()
            elif isinstance(extension.value, x509.UnrecognizedExtension):
                raw[extension.oid.dotted_string] = extension.value.value
        common = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return cls(
            thumbprint=certificate.fingerprint(SHA1()).hex().upper(),
            subject=certificate.subject.rfc4514_string(),
            common_name=str(common[0].value) if common else "",
            template=raw[_TEMPLATE].decode() if _TEMPLATE in raw else _bmp(raw.get(_TEMPLATE_NAME, b"")),
            start=certificate.not_valid_before_utc.timestamp(),
            end=certificate.not_valid_after_utc.timestamp(),
            serves=has_private_key and (uses is None or bool(uses & {_SERVER_AUTHENTICATION, _ANY_USE})),
            authenticates=has_private_key and (uses is None or bool(uses & {_CLIENT_AUTHENTICATION, _ANY_USE})),
            names_account=_ACCOUNT in raw,
        )


def _bmp(der: bytes) -> str:
    """Return the text of a DER BMPString shorter than 128 bytes, as template names are."""
    return der[2:].decode("utf-16-be", "replace") if der[:1] == b"\x1e" else ""


@dataclass(frozen=True, slots=True)
class Store:
    """The certificates of a server.

    `templates` returns the names of a template, from the name or identifier in a certificate.
    """

    certificates: Sequence[Certificate]
    templates: Callable[[str], Sequence[str]]
    now: Callable[[], float] = lambda: datetime.now(UTC).timestamp()

    def find(self, named: Named) -> Certificate | None:
        """Return the usable certificate that a name designates and that lasts longest, or None."""
        now = self.now()
        serving = [certificate for certificate in self._named(named) if certificate.serves]
        valid = [certificate for certificate in serving if certificate.start <= now < certificate.end]
        return max(valid, key=lambda certificate: (certificate.end, certificate.thumbprint), default=None)

    def name(self, thumbprint: str, desired: Named) -> dict[str, str]:
        """Return the name of a policy's certificate: as declared, else by template, else by subject.

        Each must designate that very certificate; where none does, its thumbprint names it.
        """
        known = next((certificate for certificate in self.certificates if certificate.thumbprint == thumbprint), None)
        names: list[dict[str, str]] = [{name: str(value) for name, value in desired.items()}]
        if known is not None:
            names += [{"template": name} for name in self._names(known)]
            names.append({"subject": known.common_name or known.subject})
        for name in names:
            chosen = self.find(name) if name else None
            if chosen is not None and chosen.thumbprint == thumbprint:
                return name
        return {"thumbprint": thumbprint}

    def _named(self, named: Named) -> Iterable[Certificate]:
        for certificate in self.certificates:
            template, subject = (str(named.get(what) or "").casefold() for what in ("template", "subject"))
            if (
                (template and template in map(str.casefold, self._names(certificate)))
                or (subject and subject in (certificate.subject.casefold(), certificate.common_name.casefold()))
                or certificate.thumbprint == named.get("thumbprint")
            ):
                yield certificate

    def _names(self, certificate: Certificate) -> Sequence[str]:
        return (self.templates(certificate.template) or (certificate.template,)) if certificate.template else ()


def templates(directory: Directory) -> dict[str, list[str]]:
    """Return the names of the forest's certificate templates, the displayed name first.

    Keys: the object identifier, and the name that certificates of version 1 have.
    """
    place = f"CN=Certificate Templates,CN=Public Key Services,CN=Services,{directory.configuration}"
    desired = ("cn", "displayName", "msPKI-Cert-Template-OID")
    names_of: dict[str, list[str]] = {}
    for entry in directory.search(place, "(objectClass=pKICertificateTemplate)", desired, "one"):
        names = [name for name in (entry.text("displayName"), entry.text("cn")) if name]
        for key in (entry.text("msPKI-Cert-Template-OID"), entry.text("cn")):
            if key:
                names_of[key] = names
    return dict(sorted(names_of.items(), key=lambda pair: dns.fold(pair[0])))
