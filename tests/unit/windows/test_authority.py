"""The authority of the directory: faults that would refuse computers, open templates."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from lab.ad import certificates
from lab.declared import declared_town
from piste.engine.converge.errors import Unreachable
from piste.systems.windows.authority import AUTOENROLL, ENROLL, published
from piste.systems.windows.authority_checks import MODULES, checks
from piste.systems.windows.directory import Directory
from piste.systems.windows.entry import Entry
from piste.systems.windows.gpo.acl import ALLOW, ALLOW_OBJECT, Ace, Descriptor, build
from piste.systems.windows.searches import DESCRIPTOR

COMPUTERS, USERS, ADMINS = ("S-1-5-21-1-2-3-515", "S-1-5-21-1-2-3-513", "S-1-5-21-1-2-3-512")
TEMPLATES = ["Serveurs RADIUS"]
type World = dict[str, dict[str, list[bytes]]]


def acl(*aces: Ace) -> list[bytes]:
    return [build(Descriptor(0x8004, (*aces, Ace(ALLOW, 0, 0xF01FF, ADMINS))))]


def enrols(sid: str, *rights: Any) -> list[bytes]:
    return acl(*(Ace(ALLOW_OBJECT, 0, 0x100, sid, right) for right in rights))


def world() -> World:
    """Return what a sound authority publishes, by object."""
    authority = certificates.published()
    der, revocations = (b64decode(authority[name]) for name in ("certificate", "revocations"))
    flags = {"msPKI-Certificate-Name-Flag": [b"134217728"], "msPKI-Enrollment-Flag": [b"32"]}
    client = {"pKIExtendedKeyUsage": [b"1.3.6.1.5.5.7.3.2"], **flags}
    return {
        "service": {
            "cn": [b"Ville du Bourget CA"], "dNSHostName": [b"hdv-ca1.ad.lebourget.example"], "cACertificate": [der],
            "certificateTemplates": [b"VLB-RADIUS", b"VLB-Poste"],
        },
        "radius": {
            "cn": [b"VLB-RADIUS"], "displayName": [b"Serveurs RADIUS"], "pKIExtendedKeyUsage": [b"1.3.6.1.5.5.7.3.1"],
            **flags, DESCRIPTOR: enrols("S-1-5-21-1-2-3-553", ENROLL, AUTOENROLL),
        },
        "machine": {"cn": [b"VLB-Poste"], **client, DESCRIPTOR: enrols(COMPUTERS, ENROLL, AUTOENROLL)},
        "ntauth": {"cn": [b"NTAuthCertificates"], "cACertificate": [der]},
        "list": {"cn": [b"Ville du Bourget CA"], "certificateRevocationList": [revocations]},
    }  # fmt: skip


class Fake:
    """A directory that shows a world."""

    configuration = "CN=Configuration,DC=x"

    def __init__(self, shown: World) -> None:
        self.shown = shown

    def search(self, place: str, query: str, attributes: Sequence[str], *, descriptor: int = 0) -> list[Entry]:
        kinds: Mapping[str, Sequence[str]] = {
            "pKIEnrollmentService": ["service"], "pKICertificateTemplate": ["radius", "machine", "web"],
            "cRLDistributionPoint": ["list"], "certificationAuthority": ["ntauth"],
        }  # fmt: skip
        wanted = next(names for kind, names in kinds.items() if kind in query)
        return [Entry(f"CN={name},{place}", self.shown[name]) for name in wanted if name in self.shown]


def wrong_in(shown: World, *, ahead: timedelta = timedelta()) -> dict[str, str]:
    commune = declared_town().commune
    assert commune
    live = published(cast(Directory, Fake(shown)))
    findings = list(checks(commune["certificates"], live, TEMPLATES, datetime.now(UTC) + ahead))
    assert all(finding.todo for finding in findings if finding.state != "ok")
    return {finding.id: finding.state for finding in findings if finding.state != "ok"}


def test_a_sound_authority_conforms() -> None:
    assert wrong_in(world()) == {}


def _open(shown: World) -> None:
    shown["service"]["certificateTemplates"].append(b"Web")
    supplied = {"msPKI-Certificate-Name-Flag": [b"1"], "msPKI-Enrollment-Flag": [b"0"]}
    shown["web"] = {"cn": [b"Web"], **supplied, DESCRIPTOR: enrols(USERS, ENROLL)}


def _renamed(shown: World) -> None:
    shown["service"]["cn"] = [b"Autre CA"]


FAULTS: list[tuple[str, Callable[[World], Any], dict[str, str]]] = [
    ("not in NTAuth", lambda shown: shown.pop("ntauth"), {"ca.ntauth": "wrong"}),
    ("no list of revocations", lambda shown: shown.pop("list"), {"ca.revocation": "unknown"}),
    (
        "a list that was never published",
        lambda shown: shown["list"].update({"certificateRevocationList": [b"\0"]}),
        {"ca.revocation": "unknown"},
    ),
    (
        "another server",
        lambda shown: shown["service"].update({"dNSHostName": [b"pc-12.ad.lebourget.example"]}),
        {"ca.published": "wrong"},
    ),
    ("another authority", _renamed, {"ca.undeclared": "wrong", "ca.published": "wrong"}),
    (
        "the template of the servers is not offered",
        lambda shown: shown["service"].update({"certificateTemplates": [b"VLB-Poste"]}),
        {"ca.templates": "wrong"},
    ),
    (
        "no template for computers",
        lambda shown: shown["service"].update({"certificateTemplates": [b"VLB-RADIUS"]}),
        {"ca.autoenrolment": "wrong"},
    ),
    (
        "nobody enrols by himself, an administrator with all rights included",
        lambda shown: shown["machine"].update({DESCRIPTOR: enrols(COMPUTERS, ENROLL)}),
        {"ca.autoenrolment": "wrong"},
    ),
    (
        "no SID",
        lambda shown: shown["machine"].update({"msPKI-Enrollment-Flag": [str(0x80020).encode()]}),
        {"ca.strong_mapping": "wrong"},
    ),
    ("a subject that anybody writes", _open, {"ca.subject": "wrong"}),
]


@pytest.mark.parametrize(("name", "spoil", "expected"), FAULTS, ids=[name for name, *_ in FAULTS])
def test_each_fault_is_seen(name: str, spoil: Callable[[World], Any], expected: dict[str, str]) -> None:
    shown = world()
    spoil(shown)
    assert wrong_in(shown) == expected


@pytest.mark.parametrize(
    ("change", "opened"),
    [
        ({"msPKI-Enrollment-Flag": [b"2"]}, False),
        ({"msPKI-RA-Signature": [b"1"]}, False),
        ({"pKIExtendedKeyUsage": [b"1.3.6.1.5.5.7.3.1"]}, False),
        ({DESCRIPTOR: enrols("S-1-5-21-1-2-3-1104", ENROLL)}, False),
        ({DESCRIPTOR: acl(Ace(ALLOW, 0, 0xF01FF, "S-1-5-11"))}, True),
    ],
)
def test_an_open_template_is_closed_by_approval_use_or_group(change: dict[str, list[bytes]], opened: bool) -> None:
    shown = world()
    _open(shown)
    shown["web"] |= change
    assert ("ca.subject" in wrong_in(shown)) is opened


def test_an_authority_that_ends_before_what_it_signs_and_an_old_list_are_wrong() -> None:
    assert wrong_in(world(), ahead=timedelta(days=3000)) == {"ca.certificate": "wrong"}
    assert wrong_in(world(), ahead=timedelta(days=4000)) == {"ca.certificate": "wrong", "ca.revocation": "wrong"}


@pytest.mark.parametrize(
    ("name", "attribute"),
    [("service", "cACertificate"), ("list", "certificateRevocationList"), ("machine", DESCRIPTOR)],
)
def test_what_does_not_parse_is_unknown(name: str, attribute: str) -> None:
    shown = world()
    shown[name][attribute] = [b"nothing of the kind"]
    with pytest.raises(Unreachable):
        wrong_in(shown)


def test_a_directory_that_does_not_answer_forbids_to_impose() -> None:
    commune = declared_town().commune
    assert commune
    option = {"controller": "dc.x.example", "address": "127.0.0.1", "username": "a@x", "password": "b", "timeout": 1}
    params = {"domain": option, "declared": commune["certificates"], "templates": TEMPLATES, "brief": True}
    result = MODULES["ad_authorities"].run(params, False)
    assert ([finding["state"] for finding in result["findings"]], bool(result["unready"])) == (["unknown"], True)
    assert [trial["state"] for trial in result["trials"]] == ["unknown"]
    without = {**commune["certificates"], "authorities": []}
    result = MODULES["ad_authorities"].run({**params, "declared": without}, False)
    assert (result["findings"], result["unready"]) == ([], "")
