"""The pages of a bag: counts by month and queue, and nobody."""

from __future__ import annotations

from pathlib import Path

from lab.declared import declared_town
from piste.exports.bag.contents import Contents
from piste.exports.bag.printing import PRINTED
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
