"""Any bytes are a report or a reading of copies, or are refused; any copies are judged."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from piste.readings.protection.copies import moment, reading, stamp
from piste.readings.protection.figures import figure, sources, strangers, written
from piste.readings.protection.judgment import judged
from piste.readings.protection.kept import SUBJECT, tried
from piste.readings.protection.report import instant, read
from piste.town.model.protection.derived import TownProtection
from tests.support.backups_read import NOW
from tests.support.dossier import town
from tests.support.fuzz import examples

COLUMNS = ("set", "taken_at", "state", "size_bytes", "id", "immutable_until")
STORES = ("prism", "sauvegarde", "hors-site", "configurations")
SETS = ("hdv-sql1", "hdv-rct1", "configurations", "m365-teams", "x")
CELLS = st.sampled_from(
    ["", "hdv-dc1", "ok", "failed", "0", "-1", "27/11/2026 02:00", "2026-11-27T02:00:00Z", "25/10/2026 02:30",
     "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59", "=1+1", "\u202e", '"', "a\nb", "é" * 301]
) | st.text(max_size=8)  # fmt: skip
HEADS = st.permutations(COLUMNS) | st.lists(st.sampled_from([*COLUMNS, "x"]), max_size=7)
HOURS = st.sampled_from([-1e6, -30.0, -0.05, 0.0, 0.5, 1.0, 24.0, 25.9, 26.1, 200.0, 1e7])
STATES = st.sampled_from(["complete", "failed", "unknown"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["prism", stamp(NOW)]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["store", "read_at", "copies", "unknown", "set", "taken_at", "state"]), inner)
    ),
)


def protection() -> TownProtection:
    commune = town().commune
    assert commune
    return commune["protection"]


@examples(small=38, wide=20_000)
@given(HEADS, st.lists(st.lists(CELLS, max_size=7), max_size=4), st.sampled_from(";,\t"), st.binary(max_size=6))
def test_any_report_is_read_or_all_its_faults_have_a_line(
    head: list[str], rows: list[list[str]], separator: str, end: bytes
) -> None:
    raw = "\n".join(separator.join(row) for row in (head, *rows)).encode("utf-8", "surrogatepass") + end
    read_copies, faults = read(raw, "hors-site", "Europe/Paris")
    assert all(fault.line >= 1 and fault.message for fault in faults)
    made = reading("hors-site", read_copies, read_at=NOW)
    assert SUBJECT.parsed(json.dumps(made["copies"]).encode()) == made["copies"]


@examples(small=25, wide=20_000)
@given(st.binary(max_size=30) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_a_reading_or_are_refused(content: bytes) -> None:
    with suppress(ValueError):
        assert isinstance(SUBJECT.parsed(content), list)
    with suppress(ValueError):
        assert tried(json.loads(content)).read_at.tzinfo


@examples(small=25, wide=20_000)
@given(st.text(max_size=30) | CELLS)
def test_any_text_is_a_moment_or_has_a_reason(text: str) -> None:
    made = instant(text, "Europe/Paris")
    assert isinstance(made, str) or moment(stamp(made)) == made.replace(microsecond=0)


def copies(store: str) -> st.SearchStrategy[list[dict[str, Any]]]:
    def copy(name: str, hours: float, until: float | None, state: str) -> dict[str, Any]:
        end = None if until is None else stamp(NOW + timedelta(hours=until))
        taken = stamp(NOW - timedelta(hours=hours))
        return {"set": name, "store": store, "taken_at": taken, "size_bytes": None, "id": "", "immutable_until": end,
                "state": state}  # fmt: skip

    return st.lists(st.builds(copy, st.sampled_from(SETS), HOURS, st.none() | HOURS, STATES), max_size=6)


READINGS = st.fixed_dictionaries(
    {},
    optional={
        store: st.builds(
            lambda its, hours, unknown, name=store: reading(
                name, its, read_at=NOW - timedelta(hours=hours), unknown=unknown
            ),
            copies(store), HOURS, st.none() | st.just("ne répond pas"),
        )
        for store in STORES
    },
)  # fmt: skip


@examples(small=15, wide=5_000)
@given(READINGS, st.sampled_from(STORES))
def test_any_copies_are_judged_and_a_store_less_never_makes_a_set_better(readings: dict[str, Any], lost: str) -> None:
    every = judged(protection(), readings, NOW)
    fewer = judged(protection(), {name: entry for name, entry in readings.items() if name != lost}, NOW)
    for before, after in zip(every, fewer, strict=True):
        assert before.state == "ok" or after.state != "ok"
        assert bool(before.faults) == (before.state != "ok")
        assert (after.copies, after.media, after.off_site) <= (before.copies, before.media, before.off_site)
    source = sources(protection(), readings)
    for made in (figure("F14", every, source), figure("RPO", every, source)):
        assert made["numerator"] + len(made["gaps"]) + len(made["unknown"]) == made["denominator"]
        assert written(made)
        json.dumps(made)
    strangers(protection(), readings)
