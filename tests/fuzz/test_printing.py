"""Exports of copiers, logs of print servers: rows or faults, no crash, no job twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lab.winrm import print_log
from piste.engine import tables
from piste.engine.converge.errors import Fault
from piste.sobriety.printing import exports
from piste.sobriety.printing.log import PrintLog, added
from piste.sobriety.printing.sources import of_log
from tests.support.fuzz import examples
from tests.support.town import declared_town

_CELLS = st.one_of(
    st.text(max_size=12),
    st.integers(-10, 10**14).map(str),
    st.sampled_from(
        ["EX-jau-mfp-001", "EX-ccas-mfp-001", '="EX-jau-mfp-001"', "=1+1", "12,000", "1 204", "1\u00a0204", "-3", '"',
         "\x00", "\u202e", "NaN", "1e9", "٣", "Serial number", "Total prints"]
    ),
)  # fmt: skip
_HEADERS = st.permutations(["Serial number", "Jobs", "Total prints", "Color prints", "Serial Number", "Total A4",
                            "Total A3", "Full Color"])  # fmt: skip
_NAMES = st.sampled_from(
    ["myq-2026-10.csv", "myq-2026-09.csv", "myq-x.csv", "kyocera-2026-10-01.csv", "kyocera-2026-11-01.csv"]
)


@examples(small=15, wide=1000)
@given(
    st.dictionaries(
        _NAMES,
        st.tuples(_HEADERS, st.lists(st.lists(_CELLS, max_size=9), max_size=5), st.sampled_from(",;\t"),
                  st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"])),
        max_size=3,
    )
)  # fmt: skip
def test_any_export_is_read_or_refused_with_a_line(files: dict[str, Any]) -> None:
    faults: list[Fault] = []
    with TemporaryDirectory() as place:
        for name, (header, rows, separator, encoding) in files.items():
            text = "\n".join(separator.join(row) for row in [header, *rows])
            Path(place, name).write_bytes(text.encode(encoding, "replace"))
        exported = exports.read(Path(place), declared_town(), faults)
    assert all(fault.path.partition(":")[2].partition(" ")[0].isdigit() and fault.message for fault in faults)
    for row in exported.printed:
        assert row.pages_a4 >= 0 <= row.pages_a3
        assert row.site in declared_town().sites
    assert len({(row.origin, row.month, row.queue, row.service) for row in exported.printed}) == len(exported.printed)


@examples(small=15, wide=1000)
@given(st.binary(max_size=200))
def test_any_bytes_are_rows_or_a_fault(content: bytes) -> None:
    table = tables.read(content, tables.Form((tables.Column("a", required=True),), leaves=True, titles=exports.TITLES))
    assert table.rows or table.faults or table.titles


_STEP = st.tuples(
    st.sampled_from(["print", "print", "print", "read", "read", "wrap", "clear", "restart", "off", "on"]),
    st.integers(0, 5), st.integers(0, 40),
)  # fmt: skip


@examples(small=15, wide=2000)
@given(st.lists(_STEP, max_size=40))
def test_no_job_counts_twice_and_a_whole_month_lost_none(steps: list[tuple[str, int, int]]) -> None:
    """Kept pages were printed, and a whole month has all of them, whatever happens to a log."""
    log, kept, now = print_log.log(), None, datetime(2026, 7, 1, 8, tzinfo=UTC)
    printed: dict[str, int] = {}
    for what, days, pages in steps:
        now += timedelta(days=days, minutes=1)
        if what == "print":
            # Off, the server prints, and the log does not say so.
            printed[f"{now:%Y-%m}"] = printed.get(f"{now:%Y-%m}", 0) + pages
            if log["enabled"]:
                print_log.printed(log, "imp-jau-01", now, pages)
        elif what == "wrap":
            print_log.wrap(log, max(1, pages // 4))
        elif what in ("clear", "restart"):
            print_log.clear(log, restart=what == "restart")
        elif what in ("on", "off"):
            kept = _read(log, kept, now)  # the settings change between two readings, and both see it
            log["enabled"] = what == "on"
            kept = _read(log, kept, now)
        else:
            kept = _read(log, kept, now)
    kept = _read(log, kept, now + timedelta(days=70))
    of_month: dict[str, int] = {}
    for month in kept.months:
        of_month[month.month] = of_month.get(month.month, 0) + month.pages
    assert all(of_month[month] <= printed.get(month, 0) for month in of_month)
    for month, pages in printed.items():
        if kept.whole(month):
            assert of_month.get(month, 0) == pages, month
    assert all(row.pages >= 0 for row in of_log(declared_town(), kept))


def _read(log: dict[str, Any], before: PrintLog | None, now: datetime) -> PrintLog:
    """Read as the module does: from the record where the last reading ended, or from the start."""
    after = before.last if before else 0
    given = {"after": after, "queues": (), "limit": 10_000}
    answer = print_log.read(log, ("imp-jau-01",), given)
    lost = bool(after) and answer.get("anchor_at", "") != (before.last_at if before else None)
    if lost:
        answer = print_log.read(log, ("imp-jau-01",), {**given, "after": 0})
    whole = {"server": "hdv-imp1", "oldest_at": None, "last_at": None, **answer}
    return added(before, {**whole, "lost": lost, "complete": True, "read_at": now.isoformat()}, 120)
