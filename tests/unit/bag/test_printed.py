"""The pages of a bag: counts by month and queue, and nobody."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.declared import declared_town
from piste.exports.bag.contents import Contents
from piste.exports.bag.documents import Documents
from piste.exports.bag.gaps import Facts, page
from piste.exports.bag.make import take_readings
from piste.exports.bag.read_tables import COMPUTERS, PRINTED
from piste.readings import store
from piste.sobriety.printing.log import Month, PrintLog


def test_pages_have_the_site_and_the_service_of_their_queue(tmp_path: Path) -> None:
    counts = {"jobs": 3, "pages": 9, "copied": 3, "mono": 2, "color": 1}
    months = [Month(month="2026-10", queue=queue, **counts) for queue in ("", "IMP-JAU-01")]
    log = PrintLog(server="hdv-imp1", since="2026-09-01", through="2026-11-02", months=months)
    rows = list(PRINTED.rows(Contents(tmp_path, printed=log), declared_town()))
    assert rows == [
        {"month": "2026-10", "queue": "", **counts, "site": None, "service": None, "whole": True},
        {"month": "2026-10", "queue": "IMP-JAU-01", **counts, "site": "ecole-jaures", "service": "Écoles",
         "whole": True},
    ]  # fmt: skip
    assert list(PRINTED.rows(Contents(tmp_path), declared_town())) == []


def test_a_store_that_does_not_read_makes_no_empty_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path))
    store.place("lab").parent.mkdir()
    store.place("lab").write_bytes(b"no store" * 100)
    contents = Contents(tmp_path)
    take_readings(contents, declared_town(), "lab")
    for table in (COMPUTERS, PRINTED):
        assert set(table.of) & contents.unread.keys()
        assert "illisibles" in contents.unread[table.name][table.name]
    facts = Facts(clean=True, months=1, documents=Documents(0, (), 0, ""), wheels=0, plan_age_days=0, review_months=6)
    assert "**printed_pages**" in page(contents, facts)
