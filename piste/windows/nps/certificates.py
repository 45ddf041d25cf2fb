"""The certificates by which a server makes itself known, found by what people call them: template or subject.

Sources: MS-WCCE 2.2.2.7.7.1 (name of a template of version 1), 2.2.2.7.7.2 (object identifier of any other), MS-CRTD
2.19 (what the directory knows of it), 2.2.2.7.7.4 (SID of the account); RFC 5280 4.2.1.12 (what it is for).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from piste.windows import dn as dns
from piste.windows.directory import Directory

_SERVER_AUTHENTICATION, _CLIENT_AUTHENTICATION = "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"
_ANY_USE = "2.5.29.37.0"
_TEMPLATE_NAME = "1.3.6.1.4.1.311.20.2"
_TEMPLATE = "1.3.6.1.4.1.311.21.7"
_ACCOUNT = "1.3.6.1.4.1.311.25.2"

Named = Mapping[str, Any]
"""The `certificate` of an item: one of `template`, `subject`, `thumbprint`."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """`template` is a name (version 1) or an object identifier; `serves` says whether a server may use it,
    `authenticates` whether a client may, `names_account` whether it holds the SID of its account."""

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
        """A certificate as a host gives it: DER, base64. One that does not parse has a thumbprint and serves nothing.

        ValueError for what is not base64.
        """
        whole = base64.b64decode(content, validate=True)
        try:
            return cls._parsed(whole, has_private_key)
        except ValueError:
            return cls(hashlib.sha1(whole).hexdigest().upper(), "illisible", "", "", 0.0, 0.0, False)

    @classmethod
    def _parsed(cls, whole: bytes, has_private_key: bool) -> Certificate:
        from cryptography import x509  # 0.05 s, which a task without certificates should not pay
        from cryptography.hazmat.primitives.hashes import SHA1
        from cryptography.x509.oid import NameOID

        found = x509.load_der_x509_certificate(whole)
        raw: dict[str, bytes] = {}
        uses: set[str] | None = None
        for extension in found.extensions:
            if isinstance(extension.value, x509.ExtendedKeyUsage):
                uses = {use.dotted_string for use in extension.value}
            elif isinstance(extension.value, x509.MSCertificateTemplate):
                raw[_TEMPLATE] = extension.value.template_id.dotted_string.encode()
            elif isinstance(extension.value, x509.UnrecognizedExtension):
                raw[extension.oid.dotted_string] = extension.value.value
        common = found.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return cls(
            thumbprint=found.fingerprint(SHA1()).hex().upper(),
            subject=found.subject.rfc4514_string(),
            common_name=str(common[0].value) if common else "",
            template=raw[_TEMPLATE].decode() if _TEMPLATE in raw else _bmp(raw.get(_TEMPLATE_NAME, b"")),
            start=found.not_valid_before_utc.timestamp(),
            end=found.not_valid_after_utc.timestamp(),
            serves=has_private_key and (uses is None or bool(uses & {_SERVER_AUTHENTICATION, _ANY_USE})),
            authenticates=has_private_key and (uses is None or bool(uses & {_CLIENT_AUTHENTICATION, _ANY_USE})),
            names_account=_ACCOUNT in raw,
        )


def _bmp(der: bytes) -> str:
    """Text of a DER BMPString shorter than 128 bytes, as template names are."""
    return der[2:].decode("utf-16-be", "replace") if der[:1] == b"\x1e" else ""


@dataclass(frozen=True, slots=True)
class Store:
    """The certificates of one server. `templates` gives the names of a template by what certificates hold."""

    certificates: Sequence[Certificate]
    templates: Callable[[str], Sequence[str]]
    now: Callable[[], float] = lambda: datetime.now(UTC).timestamp()

    def find(self, named: Named) -> Certificate | None:
        """The certificate of a name that may serve and lasts longest; None where there is none."""
        now = self.now()
        found = [one for one in self._bearing(named) if one.serves and one.start <= now < one.end]
        return max(found, key=lambda one: (one.end, one.thumbprint), default=None)

    def name(self, thumbprint: str, wanted: Named) -> dict[str, str]:
        """What to call the certificate of a policy: as it is declared, by template, by subject, where that finds it;
        else by its thumbprint, since then it is not the one that a name designates."""
        known = next((one for one in self.certificates if one.thumbprint == thumbprint), None)
        names: list[dict[str, str]] = [{name: str(value) for name, value in wanted.items()}]
        if known is not None:
            names += [{"template": name} for name in self._names(known)]
            names.append({"subject": known.common_name or known.subject})
        for name in names:
            chosen = self.find(name) if name else None
            if chosen is not None and chosen.thumbprint == thumbprint:
                return name
        return {"thumbprint": thumbprint}

    def _bearing(self, named: Named) -> Iterable[Certificate]:
        for one in self.certificates:
            template, subject = (str(named.get(what) or "").casefold() for what in ("template", "subject"))
            if (
                (template and template in map(str.casefold, self._names(one)))
                or (subject and subject in (one.subject.casefold(), one.common_name.casefold()))
                or one.thumbprint == named.get("thumbprint")
            ):
                yield one

    def _names(self, one: Certificate) -> Sequence[str]:
        return (self.templates(one.template) or (one.template,)) if one.template else ()


def templates(directory: Directory) -> dict[str, list[str]]:
    """Names of the certificate templates of the forest, the one that people see first, by object identifier and by the
    name that certificates of version 1 hold."""
    place = f"CN=Certificate Templates,CN=Public Key Services,CN=Services,{directory.configuration}"
    wanted = ("cn", "displayName", "msPKI-Cert-Template-OID")
    found: dict[str, list[str]] = {}
    for entry in directory.search(place, "(objectClass=pKICertificateTemplate)", wanted, "one"):
        names = [name for name in (entry.text("displayName"), entry.text("cn")) if name]
        for key in (entry.text("msPKI-Cert-Template-OID"), entry.text("cn")):
            if key:
                found[key] = names
    return dict(sorted(found.items(), key=lambda pair: dns.fold(pair[0])))
