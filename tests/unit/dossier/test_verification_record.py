"""A verification is read back as it was written, or refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from piste.papers.dossier.verification_record import (
    RECORD,
    Test,
    UnreadableRecord,
    Verification,
    latest,
    write_verification,
)
from tests.support.dossier import EAP, PORTS, SCHOOL, kept, verification


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    place = kept(tmp_path)
    assert latest(tmp_path, SCHOOL) == (verification(), place)
    assert sorted(file.name for file in place.iterdir()) == ["eap.txt", "ports.json", RECORD]


def test_the_last_verification_counts_and_none_is_none(tmp_path: Path) -> None:
    kept(tmp_path, verification(id="20261123T170000Z-ffffff"))
    last = kept(tmp_path)
    kept(tmp_path, verification(id="20261122T170000Z-ffffff"))
    last_read = latest(tmp_path, SCHOOL)
    assert last_read is not None
    assert last_read[1] == last
    assert latest(tmp_path, "mediatheque") is None


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda place: (place / "eap.txt").write_bytes(EAP + b" "), "eap.txt, preuve de access.eap, a changé"),
        (lambda place: (place / "ports.json").unlink(), "ports.json, preuve de network.ports, manque"),
        (lambda place: (place / RECORD).write_text("{}"), "ne se lit pas"),
    ],
    ids=["a byte more", "a file less", "not a record"],
)
def test_what_is_no_more_as_it_was_is_refused(tmp_path: Path, spoil: object, reason: str) -> None:
    spoil(kept(tmp_path))  # type: ignore[operator]
    with pytest.raises(UnreadableRecord, match=reason):
        latest(tmp_path, SCHOOL)


def test_evidence_that_is_not_given_is_not_written_off(tmp_path: Path) -> None:
    with pytest.raises(UnreadableRecord, match=r"eap\.txt, preuve de access\.eap, manque"):
        write_verification(tmp_path, verification(), {"ports.json": PORTS})
    assert latest(tmp_path, SCHOOL) is None


@pytest.mark.parametrize("verdict", ["untested", "kept"])
def test_a_test_that_is_untested_or_kept_says_why(verdict: str) -> None:
    untested = {"id": "a", "domain": "b", "title": "c", "expected": "d", "observed": "", "verdict": verdict}
    with pytest.raises(ValidationError, match="says why"):
        Test.model_validate(untested)
    assert Test.model_validate({**untested, "reason": "e"}).reason == "e"


def test_a_file_of_evidence_stays_in_its_folder() -> None:
    record = verification().model_dump()
    record["tests"][0]["evidence"][0]["file"] = "../ports.json"
    with pytest.raises(ValidationError, match="file"):
        Verification.model_validate(record)
