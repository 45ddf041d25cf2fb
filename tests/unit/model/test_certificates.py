"""Declared certificates: what is derived, and the faults."""

from __future__ import annotations

import pytest

from piste.town.model import Town
from piste.town.model.certificates import PublicLifetime, public_days
from tests.unit.model.broken_town import ALL, Case, Copy, check

FILE = ALL + "certificates.yml"
_MAIL = '    not_after: "2099-09-30"\n'

CERTIFICATES = [
    Case(
        "an unknown authority, unknown servers",
        [
            (FILE, "    server: hdv-ca1\n", "    server: hdv-ca9\n"),
            (FILE, "    endpoint: {host: hdv-sup1}\n", "    endpoint: {host: hdv-sup9}\n"),
            (FILE, "    store: hdv-nps2\n", "    store: nps2.lebourget.example\n"),
            (FILE, f"    authority: certinomis\n    owner: DSI\n{_MAIL}",
             f"    authority: certinome\n    owner: DSI\n{_MAIL}"),
        ],
        [
            ("M281", "certificate_authorities[ville].server", FILE, "    server: hdv-ca9"),
            ("M281", "certificates[supervision].endpoint.host", FILE, "    endpoint: {host: hdv-sup9}"),
            ("M281", "certificates[radius-nps2].store", FILE, "    store: nps2.lebourget.example"),
            ("M280", "certificates[messagerie-dsi].authority", FILE, "authority: certinome"),
        ],
        ["« hdv-sup9 » n’a de réservation", "l’autorité « certinome » n’est pas déclarée"],
    ),
    Case(
        "an alert longer than a life, a life longer than allowed, an end that nobody knows",
        [
            (FILE, "    days: 47\n    renewal: request", "    days: 398\n    renewal: request"),
            (FILE, "    endpoint: {host: hdv-glpi1}\n", "    endpoint: {host: hdv-glpi1}\n    alert_days: 90\n"),
            (FILE, _MAIL, ""),
        ],
        [
            ("M282", "certificates[assistance]", FILE, "    alert_days: 90"),
            ("M283", "certificate_authorities[certinomis].days", FILE, "    days: 398"),
            ("M284", "certificates[messagerie-dsi]", FILE, "  messagerie-dsi:"),
        ],
        ["398 jours, au-delà des 200 qui sont permis aujourd’hui"],
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", CERTIFICATES, ids=lambda case: case.name)
def test_each_fault_is_at_its_line(copy: Copy, case: Case) -> None:
    check(copy, case)


def test_a_certificate_takes_what_its_town_and_its_authority_say(town: Town) -> None:
    assert town.commune
    derived = {entry["name"]: entry for entry in town.commune["certificates"]["certificates"]}
    assert derived["annuaire-dc1"]["address"] == town.sites["hotel-de-ville"]["relies_on"]["hdv-dc1"]
    assert (derived["annuaire-dc1"]["alert_days"], derived["signature-actes"]["alert_days"]) == (30, 60)
    assert (derived["annuaire-dc1"]["renewal"], derived["console-smc"]["renewal"]) == ("autoenrolment", "manual")
    readers = {name: derived[name]["reader"] for name in ("ac-ville", "console-smc", "radius-nps1", "signature-actes")}
    assert readers == {
        "ac-ville": "directory", "console-smc": "scan", "radius-nps1": "store", "signature-actes": None
    }  # fmt: skip
    assert derived["site-de-la-ville"]["address"] is None


def test_an_authority_gives_no_longer_life_than_the_public_limit_of_the_day(town: Town) -> None:
    assert town.commune
    derived = {entry["name"]: entry["max_days"] for entry in town.commune["certificates"]["authorities"]}
    assert derived == {"ville": 730, "interne-acme": 90, "certinomis": 47}


@pytest.mark.parametrize(
    ("day", "days"),
    [("2020-01-01", None), ("2026-03-14", 398), ("2026-03-15", 200), ("2027-03-15", 100), ("2029-03-15", 47)],
)
def test_the_public_limit_is_that_of_the_day_of_issue(town: Town, day: str, days: int | None) -> None:
    assert town.commune
    limits: list[PublicLifetime] = town.commune["certificates"]["public_lifetimes"]
    assert public_days(limits, day) == days
