"""The judgment of a certificate: dates, tickets, names, lives; what was kept of a reading."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from piste.readings.certificates.facts import Facts
from piste.readings.certificates.judgment import covers, figure, judge, weakness
from piste.town.model.certificates import Authority, Certificate, TownCertificates

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


def certificate(**given: Any) -> Certificate:
    usual = {
        "name": "site", "type": "tls", "use": "Site", "names": ["www.ville.example"], "authority": "publique",
        "owner": "DSI", "host": "www.ville.example", "port": 443, "address": None, "store": None, "reader": "scan",
        "not_after": None, "alert_days": 30, "renewal": "request", "ticket": None, "key_place": "serveur : www",
        "key_copy": None, "exportable": False, "status": None,
    }  # fmt: skip
    return cast(Certificate, usual | given)


def town(*entries: Certificate) -> TownCertificates:
    authority = cast(
        Authority, {"name": "publique", "label": "Publique", "kind": "public", "issuers": ["CA"], "max_days": 200}
    )
    lifetimes = [("2020-09-01", 398), ("2026-03-15", 200), ("2027-03-15", 100), ("2029-03-15", 47)]
    return TownCertificates(
        certificates=list(entries),
        authorities=[authority],
        public_lifetimes=[{"start": start, "days": days} for start, days in lifetimes],
        rsa_bits=2048,
        ec_bits=256,
        source=None,
        read_on=None,
    )


def read(days: float = 100, **given: Any) -> Facts:
    usual = {
        "common_name": "www.ville.example", "issuer": "CA", "names": ["www.ville.example"],
        "not_before": (NOW - timedelta(days=50)).isoformat(), "not_after": (NOW + timedelta(days=days)).isoformat(),
        "key_kind": "RSA", "key_bits": 2048, "signature": "sha256", "fingerprint": "00", "trusted": True, "why": "",
    }  # fmt: skip
    return cast(Facts, usual | given)


@pytest.mark.parametrize(
    ("entry", "facts", "faults", "state"),
    [
        ({}, read(), set(), "ok"),
        ({}, read(29), {"due"}, "wrong"),
        ({"ticket": "T-12"}, read(29), set(), "ok"),
        ({"ticket": "T-12"}, read(-1), {"expired"}, "wrong"),
        ({}, None, {"unread"}, "unknown"),
        ({"not_after": "2027-06-30"}, None, {"unread"}, "unknown"),
        ({"not_after": "2027-06-30", "reader": None}, None, set(), "ok"),
        ({"not_after": "2026-12-01", "reader": None}, None, {"due"}, "wrong"),
        ({"not_after": "2026-11-26"}, None, {"expired", "unread"}, "wrong"),
        ({"not_after": "2027-06-30"}, read(), {"date"}, "wrong"),
        ({}, read(not_before=(NOW + timedelta(days=1)).isoformat()), {"early"}, "wrong"),
        ({}, read(151), {"life"}, "wrong"),
        ({}, read(300, not_before="2026-03-14T00:00:00+00:00"), {"life"}, "wrong"),
        ({}, read(100, not_before="2026-03-14T00:00:00+00:00"), set(), "ok"),
        ({"names": ["www.ville.example", "ville.example"]}, read(), {"name"}, "wrong"),
        ({}, read(names=["*.ville.example"]), set(), "ok"),
        ({}, read(trusted=False, why="inconnue"), {"chain"}, "wrong"),
        ({}, read(trusted=None), set(), "ok"),
    ],
)
def test_a_certificate_is_judged(entry: dict[str, Any], facts: Facts | None, faults: set[str], state: str) -> None:
    declared = certificate(**entry)
    item = judge(declared, facts, town(declared), NOW)
    assert (set(item.faults), item.state) == (faults, state)
    assert item.observed
    assert bool(item.todo) == bool(faults)


@pytest.mark.parametrize(
    ("pattern", "name", "covered"),
    [
        ("www.ville.example", "WWW.ville.example.", True),
        ("*.ville.example", "www.ville.example", True),
        ("*.ville.example", "a.www.ville.example", False),
        ("*.ville.example", "ville.example", False),
        ("*.example", "ville.example", False),
        ("w*.ville.example", "www.ville.example", False),
        ("10.93.2.11", "10.93.2.11", True),
        ("2001:db8::1", "2001:db8:0::1", True),
    ],
)
def test_a_star_is_a_whole_first_label(pattern: str, name: str, covered: bool) -> None:
    try:
        assert covers(pattern, name) is covered
    except ValueError:
        pytest.fail("une adresse est comparée comme un nom")


@pytest.mark.parametrize(
    ("facts", "weak"),
    [
        (read(), False),
        (read(key_bits=1024), True),
        (read(key_kind="EC", key_bits=224), True),
        (read(key_kind="Ed25519", key_bits=0), False),
        (read(signature="sha1"), True),
    ],
)
def test_keys_and_signatures_have_a_least_strength(facts: Facts, weak: bool) -> None:
    assert bool(weakness(facts, town())) is weak


def test_f16_counts_an_unread_certificate_as_unknown_and_never_as_sound() -> None:
    first, second = certificate(name="a"), certificate(name="b", ticket="T-1")
    known = town(first, second)
    f16 = figure([judge(first, None, known, NOW), judge(second, read(10), known, NOW)])
    assert (f16["state"], f16["unknown"], f16["due_with_ticket"], f16["read"]) == ("unknown", ["a"], ["b"], 1)
    assert figure([judge(second, read(10), known, NOW)])["state"] == "ok"
