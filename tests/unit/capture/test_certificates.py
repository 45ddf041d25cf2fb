"""Masked certificates: no name, the same dates, sizes and uses; nothing else is kept."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from lab.winrm.certificates import machine_store
from piste.engine.transport.contents import content_of, written
from piste.exports.capture import forms
from piste.exports.capture.certificates import encoded, stored, withdrawn
from piste.exports.capture.masks import Masks
from piste.readings.certificates.facts import facts
from piste.systems.windows.nps.certificates import Certificate

MASKS = Masks(b"clef", names=["ville.example", "Autorité de la ville"])
FROM, UNTIL = datetime(2025, 3, 1, tzinfo=UTC), datetime(2027, 3, 1, 12, tzinfo=UTC)
PERSONS = ("urand", "zoe", "zoé", "10.20.30.40", "note-de-service", "4815162342", "S-1-5-21-7-8-9")
KEYS: dict[str, Any] = {
    "rsa": lambda: rsa.generate_private_key(65537, 2048),
    "ec": lambda: ec.generate_private_key(ec.SECP384R1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
}


def named(*parts: tuple[x509.ObjectIdentifier, str]) -> x509.Name:
    return x509.Name([x509.NameAttribute(kind, value) for kind, value in parts])


ISSUER = named((NameOID.COUNTRY_NAME, "FR"), (NameOID.COMMON_NAME, "AC de Zoé Durand"))


def made(key: Any) -> x509.Certificate:
    subject = named(
        (NameOID.COUNTRY_NAME, "FR"),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, "Service de Mme Durand"),
        (NameOID.EMAIL_ADDRESS, "zoe.durand@mairie.example"),
        (NameOID.COMMON_NAME, "zoe-durand.ville.example"),
    )
    upn = x509.OtherName(x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2.3"), b"\x0c\x11zdurand@mairie.fr")
    strange = x509.OtherName(x509.ObjectIdentifier("1.2.3.4"), b"\x0c\x06Durand")
    names: list[x509.GeneralName] = [
        x509.DNSName("*.ville.example"), x509.DNSName("zoe-durand.ailleurs.example"), x509.RFC822Name("zoe@durand.fr"),
        x509.IPAddress(ip_address("10.20.30.40")), x509.DirectoryName(subject), upn, strange,
        x509.UniformResourceIdentifier("https://durand.example/zoe"),
    ]  # fmt: skip
    place = x509.UniformResourceIdentifier("http://pki.durand.example/note-de-service.crt")
    about = x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, place)
    key_id = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(ISSUER)
        .public_key(key.public_key())
        .serial_number(4815162342)
        .not_valid_before(FROM)
        .not_valid_after(UNTIL)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.AuthorityInformationAccess([about]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(key_id, critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(key_id), critical=False)
        .sign(key, None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA384())
    )


def unheard(*_: Any) -> None:
    pytest.fail("a certificate did not read")


@pytest.mark.parametrize("kind", KEYS)
def test_a_masked_certificate_names_nobody_and_keeps_its_dates_its_size_and_its_uses(kind: str) -> None:
    certificate = made(KEYS[kind]())
    der, pem = (certificate.public_bytes(form) for form in (Encoding.DER, Encoding.PEM))
    shown = encoded(f"friendlyName: Zoé Durand\n{pem.decode()}", MASKS, unheard)
    masked = x509.load_pem_x509_certificate(shown.encode())
    again = encoded(base64.b64encode(der).decode(), MASKS, unheard)
    assert masked.public_bytes(Encoding.DER) == base64.b64decode(again)
    content = masked.public_bytes(Encoding.DER)
    text = " ".join([content.decode("utf-8", "replace"), content.decode("latin-1"), shown, str(masked.extensions)])
    assert [person for person in PERSONS if person.casefold() in text.casefold()] == []
    assert masked.serial_number != certificate.serial_number
    assert masked.public_key() != certificate.public_key()
    first, second = facts(der), facts(masked.public_bytes(Encoding.DER))
    same = ("not_before", "not_after", "key_kind", "key_bits", "signature")
    assert [second[name] for name in same] == [first[name] for name in same]  # type: ignore[literal-required]
    assert "*.ville.example" in second["names"]
    assert second["common_name"].endswith(".ville.example")
    assert masked.subject.get_attributes_for_oid(NameOID.COUNTRY_NAME)[0].value == "FR"
    kept = {type(extension.value): extension.value for extension in masked.extensions}
    assert x509.AuthorityInformationAccess not in kept
    assert kept[x509.ExtendedKeyUsage] == x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    assert kept[x509.AuthorityKeyIdentifier].key_identifier == kept[x509.SubjectKeyIdentifier].digest


def test_a_masked_authority_is_still_that_of_its_certificates_and_of_its_list() -> None:
    key = KEYS["ec"]()
    issued = made(key)
    revoked = x509.RevokedCertificateBuilder().serial_number(4815162342).revocation_date(FROM).build()
    builder = x509.CertificateRevocationListBuilder(ISSUER, FROM, UNTIL).add_revoked_certificate(revoked)
    raw = builder.add_extension(x509.CRLNumber(7), critical=False).sign(key, hashes.SHA256()).public_bytes(Encoding.DER)
    crl = x509.load_der_x509_crl(content_of(withdrawn(written(raw, binary=True), MASKS, unheard)))
    der = issued.public_bytes(Encoding.DER)
    masked = x509.load_der_x509_certificate(content_of(stored(written(der, binary=True), MASKS, unheard)))
    assert crl.issuer == masked.issuer != ISSUER
    assert [entry.serial_number for entry in crl] == [masked.serial_number]
    assert (crl.last_update_utc, crl.next_update_utc) == (FROM, UNTIL)
    assert content_of(withdrawn(written(b"\0", binary=True), MASKS, unheard)) == b"\0"


def test_the_store_of_a_server_reads_as_before_but_for_the_names() -> None:
    for kept in machine_store("zoe-durand.ailleurs.example", FROM.timestamp()):
        shown = Certificate.read(encoded(kept["content"], MASKS, unheard), kept["has_private_key"])
        known = Certificate.read(kept["content"], kept["has_private_key"])
        assert "urand" not in shown.subject
        same = ("template", "start", "end", "serves", "authenticates", "names_account")
        assert [getattr(shown, name) for name in same] == [getattr(known, name) for name in same]


WRONG = (
    "Tulipe-93-jaune",
    base64.b64encode(b"Tulipe-93-jaune").decode(),
    base64.b64encode(b"0\x82\x01\x00Tulipe").decode(),
    "-----BEGIN CERTIFICATE-----\nVHVsaXBl\n-----END CERTIFICATE-----",
)


@pytest.mark.parametrize("keep_names", [True, False])
@pytest.mark.parametrize("value", WRONG)
def test_what_is_no_certificate_keeps_its_size_alone(value: str, keep_names: bool) -> None:
    line = forms.template("winrm", "/hdv-nps1/certificates")
    assert line
    kept, odd = forms.kept(
        {"certificates": [{"content": value, "has_private_key": True}]}, line[1], Masks(b"", keep_names)
    )
    assert kept["certificates"][0]["content"] == "x" * len(value)
    assert [place.why for place in odd] == ["form"]


def test_with_names_a_certificate_stays_and_what_stands_beside_it_does_not() -> None:
    pem = made(KEYS["ec"]()).public_bytes(Encoding.PEM).decode()
    secret = "-----BEGIN X509 CRL-----\nVHVsaXBl\n-----END X509 CRL-----\n"
    assert encoded(f"Mot de passe : Tulipe\n{pem}{secret}{pem}", Masks(b"", keep_names=True), unheard) == pem * 2
