"""Readings that earlier versions kept: taken in, followed where they change, untouched."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from piste.readings import store
from piste.readings.belief import Reading, Unread
from piste.readings.certificates import former as of_certificates
from piste.readings.certificates import kept as certificates
from piste.readings.links import former as of_links
from piste.readings.links import kept as links
from tests.unit.bag.test_make import certificate_readings
from tests.unit.readings.test_store import AGES, AT, facts

TICKETS = {"open": {"site": 12}, "closed": [], "unread": ""}
AUTUMN = "2026-11-01T05:00:00+00:00"
MONTH = {"month": "2026-10", "measured_at": AUTUMN, "measures": {}, "traffic_at": "", "traffic": {}}


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("PISTE_TODAY", "2026-11-26")
    monkeypatch.setattr(of_certificates, "ROOT", tmp_path)
    monkeypatch.setattr(of_links, "ROOT", tmp_path)
    return tmp_path


def written(path: Path, content: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return path


def scanned(**changed: Any) -> dict[str, Any]:
    read = {**certificate_readings("site", AT.isoformat()), "unread": {"mail": "muet"}, "tickets": TICKETS}
    return {**read, **changed}


def test_each_reading_is_taken_in_and_its_file_stays(root: Path) -> None:
    file = written(root / ".piste/certificates/lab/readings.json", scanned())
    before = file.read_bytes()
    for _ in range(2):
        known = certificates.last("lab", AGES)
        assert known.known == {"site": Reading(facts(), AT), "mail": Unread("muet", AT)}
        assert known.tickets == Reading(TICKETS, AT)
    assert file.read_bytes() == before
    written(root / ".piste/links/lab/2026-10.json", MONTH)
    assert [*links.known("lab")] == ["2026-10"]
    assert links.last("lab", "2026-10") == MONTH


def test_an_older_commit_that_ran_again_is_followed_but_never_back_in_time(root: Path) -> None:
    path = root / ".piste/certificates/lab/readings.json"
    written(path, scanned())
    certificates.last("lab", AGES)
    later = datetime(2026, 11, 26, 12, 3, tzinfo=UTC)
    certificates.keep("lab", [certificate_readings("site", later.isoformat())])
    os.utime(path)
    assert certificates.last("lab", AGES).known["site"].read_at == later
    silence = Unread("connexion refusée", later)
    store.keep(certificates.CERTIFICATES, "lab", {"site": silence})
    written(path, scanned(read_at=later.isoformat()))
    assert certificates.last("lab", AGES).known["site"].silence == silence  # type: ignore[union-attr]
    newest = datetime(2026, 11, 26, 12, 4, tzinfo=UTC)
    written(path, scanned(read_at=newest.isoformat()))
    assert certificates.last("lab", AGES).known["site"].read_at == newest


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "{}", "null", scanned(read_at="demain"), scanned(read_at="2026-11-26T12:00:00"), scanned(facts=[]),
     scanned(read_at="2036-01-01T00:00:00+00:00")],
)  # fmt: skip
def test_a_file_that_makes_no_sense_or_is_from_the_future_says_nothing(root: Path, content: Any) -> None:
    written(root / ".piste/certificates/lab/readings.json", content)
    assert certificates.last("lab", AGES).known == {}


def test_a_link_to_another_file_is_not_followed(root: Path) -> None:
    path = root / ".piste/certificates/lab/readings.json"
    path.parent.mkdir(parents=True)
    path.symlink_to(written(root / "elsewhere.json", scanned()))
    assert certificates.last("lab", AGES) == certificates.NOTHING
