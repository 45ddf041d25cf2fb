"""The authorities of the directory, as AD CS publishes them in the configuration.

Sources: MS-WCCE 2.2.2.11 (objects of the configuration), MS-CRTD 2.4 to 2.28 (templates and their flags), MS-ADTS
5.1.3.2.1 (extended rights of enrolment), KB5014754 (extension with the SID of the account).
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from piste.readings.certificates.facts import Facts, facts
from piste.systems.windows.entry import Entry
from piste.systems.windows.gpo.acl import ALLOW, ALLOW_OBJECT, INHERIT_ONLY, parse
from piste.systems.windows.searches import DACL, DESCRIPTOR

if TYPE_CHECKING:
    from piste.systems.windows.directory import Directory

PLACE = "CN=Public Key Services,CN=Services"
ENROLL = uuid.UUID("0e10c968-78fb-11d2-90d4-00c04f79dc55")
AUTOENROLL = uuid.UUID("a05b8cc2-17bc-4802-a710-e7c15ab866a2")
_SUPPLIES_SUBJECT = 0x1 | 0x10000
"""`CT_FLAG_ENROLLEE_SUPPLIES_SUBJECT`, and the same for alternative names (MS-CRTD)."""
_PENDING, _AUTOENROLLED, _WITHOUT_SID = 0x2, 0x20, 0x80000
"""`CT_FLAG_PEND_ALL_REQUESTS`, `CT_FLAG_AUTO_ENROLLMENT`, `CT_FLAG_NO_SECURITY_EXTENSION` (MS-CRTD 2.26)."""
_CONTROL_ACCESS = 0x100
CLIENT = "1.3.6.1.5.5.7.3.2"
SIGNING_IN = (CLIENT, "1.3.6.1.4.1.311.20.2.2", "1.3.6.1.5.2.3.4", "2.5.29.37.0")
"""Uses with which a certificate signs in: client, smart card, PKINIT, any."""


class Template(NamedTuple):
    """A template of certificates.

    `uses` are object identifiers, none meaning any use. `enrolling` and `autoenrolling` are the SIDs that may ask for a
    certificate, and have it by themselves. `supplied`: the asker writes the subject; `approved`: a person approves.
    """

    name: str
    label: str
    uses: tuple[str, ...]
    supplied: bool
    approved: bool
    automatic: bool
    without_sid: bool
    key_bits: int
    enrolling: tuple[str, ...]
    autoenrolling: tuple[str, ...]

    @property
    def signs_in(self) -> bool:
        return not self.uses or any(use in SIGNING_IN for use in self.uses)


class Service(NamedTuple):
    """An authority that issues: its certificate, and the names of the templates that it offers."""

    name: str
    host: str
    certificate: Facts
    templates: tuple[str, ...]


class Revocations(NamedTuple):
    """A list of revocations that the directory publishes, and the moment until which it holds."""

    issuer: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Published:
    """Objects of AD CS; `trusted` has the fingerprints of NTAuth, `roots` those of roots."""

    services: tuple[Service, ...]
    templates: tuple[Template, ...]
    revocations: tuple[Revocations, ...]
    trusted: frozenset[str]
    roots: frozenset[str]


def published(directory: Directory) -> Published:
    """Read it in four searches. Raises `PisteError` where the directory does not say."""
    place = f"{PLACE},{directory.configuration}"
    services = directory.search(
        f"CN=Enrollment Services,{place}",
        "(objectClass=pKIEnrollmentService)",
        ("cn", "dNSHostName", "cACertificate", "certificateTemplates"),
    )
    templates = directory.search(
        f"CN=Certificate Templates,{place}",
        "(objectClass=pKICertificateTemplate)",
        (
            "cn", "displayName", "pKIExtendedKeyUsage", "msPKI-Certificate-Name-Flag", "msPKI-Enrollment-Flag",
            "msPKI-RA-Signature", "msPKI-Minimal-Key-Size",
        ),
        descriptor=DACL,
    )  # fmt: skip
    lists = directory.search(
        f"CN=CDP,{place}", "(objectClass=cRLDistributionPoint)", ("cn", "certificateRevocationList")
    )
    trusted = directory.search(place, "(objectClass=certificationAuthority)", ("cn", "cACertificate"))
    stores: dict[str, set[str]] = {"ntauth": set(), "roots": set()}
    for entry in trusted:
        where = "ntauth" if (entry.text("cn") or "").casefold() == "ntauthcertificates" else "roots"
        stores[where] |= {entry_facts["fingerprint"] for entry_facts in _certificates(entry)}
    return Published(
        tuple(map(_service, services)),
        tuple(map(_template, templates)),
        tuple(map(_revocations, lists)),
        frozenset(stores["ntauth"]),
        frozenset(stores["roots"]),
    )


def _certificates(entry: Entry) -> list[Facts]:
    """Read the certificates of an object; what does not parse attests nothing."""
    read = []
    for raw in entry.raw("cACertificate"):
        try:
            read.append(facts(raw))
        except ValueError:
            continue
    return read


def _service(entry: Entry) -> Service:
    # A renewed authority has several: the last to end is in use.
    certificates = [entry.read("cACertificate", facts), *_certificates(entry)]
    return Service(
        entry.text("cn") or "",
        (entry.text("dNSHostName") or "").casefold(),
        max(certificates, key=lambda item: item["not_after"]),
        tuple(entry.texts("certificateTemplates")),
    )


def _template(entry: Entry) -> Template:
    enrolment, name = entry.number("msPKI-Enrollment-Flag"), entry.text("cn") or ""
    return Template(
        name=name,
        label=entry.text("displayName") or name,
        uses=tuple(entry.texts("pKIExtendedKeyUsage")),
        supplied=bool(entry.number("msPKI-Certificate-Name-Flag") & _SUPPLIES_SUBJECT),
        approved=bool(enrolment & _PENDING) or entry.number("msPKI-RA-Signature") > 0,
        automatic=bool(enrolment & _AUTOENROLLED),
        without_sid=bool(enrolment & _WITHOUT_SID),
        key_bits=entry.number("msPKI-Minimal-Key-Size"),
        enrolling=entry.read(DESCRIPTOR, lambda raw: granted(raw, ENROLL)),
        autoenrolling=entry.read(DESCRIPTOR, lambda raw: granted(raw, AUTOENROLL, named=True)),
    )


def granted(descriptor: bytes, right: uuid.UUID, *, named: bool = False) -> tuple[str, ...]:
    """List the SIDs to which a descriptor grants an extended right.

    With `named`, those that have that very right: an administrator who has them all enrols nothing by himself.
    """
    return tuple(
        ace.sid
        for ace in parse(descriptor).dacl
        if ace.kind in (ALLOW, ALLOW_OBJECT)
        and not ace.flags & INHERIT_ONLY
        and ace.mask & _CONTROL_ACCESS
        and (ace.right == right or (ace.right is None and not named))
    )


def _revocations(entry: Entry) -> Revocations:
    from cryptography import x509

    def until(raw: bytes) -> datetime | None:
        return x509.load_der_x509_crl(raw).next_update_utc

    # A new object has a list of a single zero byte until the authority publishes.
    raw = [value for value in entry.raw("certificateRevocationList") if len(value) > 1]
    return Revocations(entry.text("cn") or "", entry.read("certificateRevocationList", until) if raw else None)
