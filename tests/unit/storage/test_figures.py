"""F5: two whole readings of one scope, or unknown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from piste.readings.belief import Doubted, Last, Reading, Unread
from piste.readings.storage.figures import figure, rows
from piste.readings.storage.kept import Kept, added
from piste.readings.storage.reading import ShareReading, scope_of, silent
from tests.support.storage import rules, target

GB = 10**9
STORAGE = rules(target(), target(name="echanges", label="Échanges", retention_applied=False, retention_why="à décider"))


def made(name: str = "services", on: str = "2027-01-04", waste: int = 100, **given: Any) -> ShareReading:
    share = next(share for share in STORAGE["shares"] if share["name"] == name)
    whole = {
        "state": "complete", "why": "", "read_at": f"{on}T06:00:00Z", "bytes": 500 * GB, "files": 10,
        "cold_bytes": 80 * GB, "duplicate_bytes": 40 * GB, "waste_bytes": waste * GB,
    }  # fmt: skip
    return {**silent(share, STORAGE, ""), **whole, **given}  # type: ignore[return-value]


def both(after: int = 70, **given: Any) -> dict[str, Kept]:
    first = {name: added(None, made(name)) for name in ("services", "echanges")}
    return {name: added(first[name], made(name, "2027-07-04", after, **given)) for name in first}


def read(kept: Mapping[str, Kept]) -> dict[str, Last[Kept]]:
    """Give readings as the store gives them."""
    return {name: Reading(known, datetime.fromisoformat(known["last"]["read_at"])) for name, known in kept.items()}


def test_f5_compares_what_there_was_to_save_before_and_after() -> None:
    f5 = figure(STORAGE, read(both()))
    assert (f5["value"], f5["numerator"], f5["denominator"]) == (pytest.approx(-30), 140 * GB, 200 * GB)
    assert (f5["before_on"], f5["date"], f5["why"]) == ("2027-01-04", "2027-07-04", "")
    assert (f5["retention"], f5["retention_failing"]) == (50.0, ["echanges (à décider)"])


@pytest.mark.parametrize(
    ("last", "why"),
    [
        ({"state": "partial", "why": "3 dossiers ou fichiers non lus"}, "relevé partiel : 3 dossiers"),
        ({"state": "silent", "why": "le partage ne répond pas"}, "sans réponse : le partage"),
        ({"state": "unfinished", "why": "temps écoulé"}, "relevé à finir : temps"),
        ({"scope": "autre"}, "le périmètre ou les seuils ont changé"),
    ],
)
def test_a_share_that_was_not_read_whole_makes_f5_unknown(last: dict[str, str], why: str) -> None:
    readings = both()
    readings["services"] = added(readings["services"], made(on="2027-08-01", waste=0, **last))
    f5 = figure(STORAGE, read(readings))
    assert (f5["value"], f5["numerator"]) == (None, None)
    assert f5["unknown"][0].startswith(f"services ({why}")


@pytest.mark.parametrize(
    ("last", "why"),
    [(Unread("coupé", datetime(2027, 8, 1, tzinfo=UTC)), "sans réponse : coupé"), (Doubted("vieux", None), "vieux")],
)
def test_a_share_that_is_not_believed_makes_f5_unknown(last: Last[Kept], why: str) -> None:
    f5 = figure(STORAGE, {**read(both()), "services": last})
    assert (f5["value"], f5["unknown"][0]) == (None, f"services ({why})")


def test_no_reading_a_single_reading_and_no_share_compare_with_nothing() -> None:
    assert figure(STORAGE, {})["unknown"][0] == "services (jamais relevé (piste storage scan))"
    single = {name: added(None, made(name)) for name in ("services", "echanges")}
    assert (figure(STORAGE, read(single))["value"], figure(STORAGE, read(single))["denominator"]) == (None, 200 * GB)
    assert figure(rules() | {"shares": []}, {})["why"] == "aucun partage n’est visé (storage.shares)"
    nothing = {name: added(added(None, made(name, waste=0)), made(name, "2027-02-01", 0)) for name in single}
    assert figure(STORAGE, read(nothing))["why"] == "rien n’était froid ni en double au relevé de référence"


def test_another_scope_than_the_reference_is_no_comparison() -> None:
    share = target(excluded=[{"path": "RH", "why": "à part"}])
    storage = rules(share)
    known = read({"services": added(added(None, made()), made(on="2027-07-04", scope=scope_of(share, storage)))})
    assert rows(storage, known)[0]["why"].startswith("le relevé de référence a un autre périmètre")
