"""F5: two whole readings of one scope, or unknown; the readings that are kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from piste.readings.storage import kept
from piste.readings.storage.figures import figure, findings, rows
from piste.readings.storage.kept import Kept, UnreadableReading, added
from piste.readings.storage.reading import ShareReading, silent
from piste.readings.storage.walk import scope_of
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


def test_f5_compares_what_there_was_to_save_before_and_after() -> None:
    f5 = figure(STORAGE, both())
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
    f5 = figure(STORAGE, readings)
    assert (f5["value"], f5["numerator"]) == (None, None)
    assert f5["unknown"][0].startswith(f"services ({why}")
    states = {finding.id: finding.state for finding in findings(STORAGE, readings)}
    assert states == {"storage.services": "unknown", "storage.echanges": "wrong"}


def test_no_reading_a_single_reading_and_no_share_compare_with_nothing() -> None:
    assert figure(STORAGE, {})["unknown"][0] == "services (jamais relevé (piste storage scan))"
    single = {name: added(None, made(name)) for name in ("services", "echanges")}
    assert (figure(STORAGE, single)["value"], figure(STORAGE, single)["denominator"]) == (None, 200 * GB)
    assert figure(rules() | {"shares": []}, {})["why"] == "aucun partage n’est visé (storage.shares)"
    nothing = {name: added(added(None, made(name, waste=0)), made(name, "2027-02-01", 0)) for name in single}
    assert figure(STORAGE, nothing)["why"] == "rien n’était froid ni en double au relevé de référence"


def test_another_scope_than_the_reference_is_no_comparison() -> None:
    share = target(excluded=[{"path": "RH", "why": "à part"}])
    storage = rules(share)
    kept_before = added(added(None, made()), made(on="2027-07-04", waste=1, scope=scope_of(share, storage)))
    assert rows(storage, {"services": kept_before})[0]["why"].startswith("le relevé de référence a un autre périmètre")


def test_readings_are_kept_whole_and_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_LAB_DIR", str(tmp_path))
    readings = both()
    kept.keep("lab", readings)
    assert kept.last("lab", ["services", "echanges", "absent"]) == readings
    file = tmp_path / "storage" / "services.json"
    spoilt = [
        b"", b"[]", b"{}", file.read_bytes()[:-40], (tmp_path / "storage" / "echanges.json").read_bytes(),
        file.read_bytes().replace(b'"complete"', b'"partial"', 1),
        json.dumps({**json.loads(file.read_bytes()), "more": 1}).encode(),
    ]  # fmt: skip
    for content in spoilt[:-1]:
        file.write_bytes(content)
        with pytest.raises(UnreadableReading, match="PISTE-E144"):
            kept.last("lab", ["services"])
