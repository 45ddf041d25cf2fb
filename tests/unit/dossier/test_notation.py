"""Values as a French reader expects them."""

from __future__ import annotations

import pytest

from piste.papers.dossier import notation


def test_numbers_have_their_comma_and_a_minus_that_is_one() -> None:
    assert notation.number(-1234.5, 1) == "\N{MINUS SIGN}1\N{NARROW NO-BREAK SPACE}234,5"
    assert notation.measure(0.5, "%", 1) == "0,5\N{NO-BREAK SPACE}%"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("du 2025-11-01 au 2026-10-31", "du 01/11/2025 au 31/10/2026"),
        ("de 2026-01 à 2026-10, sur 5 sites", "de janvier 2026 à octobre 2026, sur 5 sites"),
        ("PV-2026-10-30, audits 2012-2015, 2026-13", "PV-2026-10-30, audits 2012-2015, 2026-13"),
    ],
)
def test_days_and_months_within_a_text_are_written_in_french(text: str, expected: str) -> None:
    assert notation.dated(text) == expected


def test_the_account_of_the_machine_signs_nothing() -> None:
    for account in ("root", "piste", "svc-piste$", "1001"):
        assert notation.signatory(account) == f"aucune personne nommée (compte {account}) : nom à écrire"
    assert notation.signatory("DSI") == "DSI"
    assert notation.signatory("Marie Dupont (marie)") == "Marie Dupont (marie)"
