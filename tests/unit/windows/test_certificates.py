"""Public-key policies: trusted roots as PEM under their names, auto-enrolment."""

from __future__ import annotations

import pytest
import trustme

from piste.systems.windows.gpo import extensions, registry_pol
from piste.systems.windows.gpo.certificates import (
    AUTO_ENROLMENT,
    TRUSTED_PUBLISHERS,
    TRUSTED_ROOTS,
    canonical_pem,
    thumbprint,
)
from piste.systems.windows.gpo.registry_pol import Entry
from tests.unit.windows.support import NOBODY, side

PART = TRUSTED_ROOTS


def authority(name: str = "Ville - Racine") -> str:
    return trustme.CA(organization_name="Ville", organization_unit_name=name).cert_pem.bytes().decode()


def subject(pem: str) -> str:
    (fault,) = PART.check({"?": canonical_pem(pem)}, "p", NOBODY)
    return fault.message.split("« ")[1].split(" »")[0]


PEM = canonical_pem(authority())
NAME = subject(PEM)


def test_a_root_is_a_blob_under_its_thumbprint_and_comes_back() -> None:
    content = side()
    PART.put(content, None, {NAME: PEM}, NOBODY)
    (entry,) = content.registry
    assert entry.key.startswith("Software\\Policies\\Microsoft\\SystemCertificates\\Root\\Certificates\\")
    assert (entry.name, entry.type) == ("Blob", 3)
    # two properties: the thumbprint (3, 20 bytes), then the certificate itself (32)
    assert entry.data[:12] == bytes.fromhex("030000000100000014000000")
    assert entry.data[12:32].hex().upper() == entry.key.rpartition("\\")[2]
    assert entry.data[32:40] == bytes.fromhex("2000000001000000")
    assert PART.pairs(content) == extensions.PUBLIC_KEY
    assert PART.check({NAME: PEM}, "computer.trusted_roots", NOBODY) == []
    assert PART.take(content, NOBODY) == {NAME: PEM}
    assert content.registry == []
    assert PART.pairs(content) == frozenset()


def test_a_renewed_root_replaces_the_old_one_in_its_place() -> None:
    content = side()
    PART.put(content, None, {NAME: PEM}, NOBODY)
    stranger = registry_pol.make("Software\\Policies\\Ville", "V", "dword", 1)
    content.registry.append(stranger)
    new = canonical_pem(authority("Autre"))
    PART.put(content, {NAME: PEM}, {NAME: new}, NOBODY)
    assert len(content.registry) == 2
    assert content.registry[1] == stranger
    assert list((PART.take(content, NOBODY) or {}).values()) == [new]


def test_two_roots_of_the_same_name_have_their_thumbprints() -> None:
    first, second = PEM, canonical_pem(authority())
    assert subject(second) == NAME
    content = side()
    PART.put(content, None, {"a": first, "b": second}, NOBODY)
    taken = PART.take(content, NOBODY)
    assert taken is not None
    assert sorted(taken) == sorted(f"{NAME} ({entry})" for entry in map(_thumbprint, (first, second)))
    assert PART.check(taken, "computer.trusted_roots", NOBODY) == []


def _thumbprint(pem: str) -> str:
    content = side()
    PART.put(content, None, {"a": pem}, NOBODY)
    return content.registry[0].key.rpartition("\\")[2]


@pytest.mark.parametrize("blob", [b"", b"\x20\0\0\0\1\0\0\0\5\0\0\0ab", b"\x20\0\0\0\1\0\0\0\2\0\0\0ab"])
def test_a_blob_that_holds_no_certificate_stays(blob: bytes) -> None:
    odd = Entry(f"{extensions.ROOTS_KEY}\\AA", "Blob", 3, blob)
    content = side(odd)
    assert PART.take(content, NOBODY) is None
    assert content.registry == [odd]


def test_a_certificate_under_another_key_than_its_own_stays() -> None:
    content = side()
    PART.put(content, None, {NAME: PEM}, NOBODY)
    misplaced = content.registry[0]._replace(key=f"{extensions.ROOTS_KEY}\\{'A' * 40}")
    content.registry[:] = [misplaced]
    assert PART.take(content, NOBODY) is None
    assert content.registry == [misplaced]


@pytest.mark.parametrize(
    "text",
    [
        "texte", PEM + PEM, PEM.replace("CERTIFICATE", "PRIVATE KEY"),
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
    ],
)  # fmt: skip
def test_anything_else_than_one_certificate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="certificat"):
        canonical_pem(text)


def test_a_certificate_in_other_lines_is_the_same() -> None:
    lines = PEM.splitlines()
    assert canonical_pem("\n".join([lines[0], "".join(lines[1:-1]), lines[-1]])) == PEM
    assert len(thumbprint(b"")) == 40


def test_auto_enrolment_is_written_as_the_console_does() -> None:
    content = side()
    desired = {"mode": "renew_and_update", "expiration_percent": 10, "expiration_stores": "MY"}
    assert AUTO_ENROLMENT.check(desired, "computer.auto_enrolment", NOBODY) == []
    AUTO_ENROLMENT.put(content, None, desired, NOBODY)
    key = "Software\\Policies\\Microsoft\\Cryptography\\AutoEnrollment"
    assert content.registry == [
        registry_pol.make(key, "AEPolicy", "dword", 7),
        registry_pol.make(key, "OfflineExpirationPercent", "dword", 10),
        registry_pol.make(key, "OfflineExpirationStoreNames", "sz", "MY"),
    ]
    assert AUTO_ENROLMENT.pairs(content) == extensions.PUBLIC_KEY
    assert AUTO_ENROLMENT.take(content, NOBODY) == desired


def test_a_publisher_has_a_store_of_its_own_beside_the_roots() -> None:
    content = side()
    PART.put(content, None, {NAME: PEM}, NOBODY)
    TRUSTED_PUBLISHERS.put(content, None, {NAME: PEM}, NOBODY)
    assert [entry.key.split("\\")[4] for entry in content.registry] == ["Root", "TrustedPublisher"]
    assert TRUSTED_PUBLISHERS.take(content, NOBODY) == {NAME: PEM}
    assert PART.take(content, NOBODY) == {NAME: PEM}
    assert content.registry == []


def test_a_publisher_alone_is_announced_to_the_certificates_and_not_to_the_templates() -> None:
    content = side()
    TRUSTED_PUBLISHERS.put(content, None, {NAME: PEM}, NOBODY)
    assert TRUSTED_PUBLISHERS.pairs(content) == extensions.PUBLIC_KEY
    assert extensions.administrative(content) == frozenset()
