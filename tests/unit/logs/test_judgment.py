"""A tree of logs judged: seals, holes, silence, age, retention; F12 by hand."""

from __future__ import annotations

import tracemalloc
from datetime import date, timedelta
from pathlib import Path

import pytest

from piste.readings.logs.errors import UnreadTree
from piste.readings.logs.judgment import StreamState, figure, findings, judge, read_stream, unread
from piste.readings.logs.seals import own_chain, read_seals, seal_days, verify_seals
from piste.readings.logs.tree import DayFile, is_closed, read_day, read_tree
from piste.town.model.logs.derived import LogStream
from tests.unit.logs.trees import NOW, stream, tree, write_day, write_days

TODAY = NOW.date()


def state(root: Path, described: LogStream | None = None, *, whole: bool = True) -> StreamState:
    described = described or stream()
    name = described["name"]
    files = tree(root, name).days[name]
    return judge(described, read_stream(files, name, read_seals("lab"), NOW, whole=whole), NOW)


def whats(judged: StreamState) -> list[str]:
    return [fault.what for fault in judged["faults"]]


def test_a_whole_year_is_right(year: Path) -> None:
    judged = state(year)
    assert (judged["state"], judged["faults"], judged["days"]) == ("ok", [], 379)
    assert (judged["oldest"], judged["newest"]) == ("2025-11-13", "2026-11-26")
    assert judged["silent_hours"] == 0.5
    assert verify_seals("lab") == []


def test_one_byte_changed_is_named(year: Path) -> None:
    path = year / "nps/2026-03-04.log"
    path.write_bytes(path.read_bytes().replace(b"ligne 12", b"ligne 13"))
    assert [(fault.what, fault.day) for fault in state(year)["faults"]] == [("altered", "2026-03-04")]
    assert whats(state(year, whole=False)) == []
    path.write_bytes(path.read_bytes() + b"x")
    assert whats(state(year, whole=False)) == ["altered"]


def test_a_missing_day_is_lost_and_a_hole(year: Path) -> None:
    (year / "nps/2026-03-04.log").unlink()
    faults = state(year)["faults"]
    assert [(fault.what, fault.day, fault.until) for fault in faults] == [
        ("lost", "2026-03-04", None), ("hole", "2026-03-03", "2026-03-05")
    ]  # fmt: skip
    assert "26 h sans rien" in faults[1].message


def test_a_hole_between_two_days_that_are_there(tmp_path: Path) -> None:
    write_day(tmp_path, "nps", date(2026, 11, 25), (0,))
    write_day(tmp_path, "nps", date(2026, 11, 26), (1, 23))
    write_day(tmp_path, "nps", TODAY, (8,))
    seal_days("lab", tree(tmp_path), NOW)
    assert whats(state(tmp_path)) == ["hole", "young"]


def test_a_hole_before_the_day_that_is_still_written(year: Path) -> None:
    write_day(year, "nps", TODAY, (0, 8))
    assert whats(state(year)) == []
    (year / "nps/2026-11-26.log").unlink()
    write_day(year, "nps", date(2026, 11, 26), (0,))
    seals = read_seals("lab")
    seals.days["nps", "2026-11-26"].update(read_day(tree(year).days["nps"][-2]))  # type: ignore[attr-defined]
    write_day(year, "nps", TODAY, (8,))
    judged = judge(stream(), read_stream(tree(year).days["nps"], "nps", seals, NOW, whole=True), NOW)
    assert [fault.message for fault in judged["faults"]] == [
        "32 h sans rien, du 26/11/2026 à 01:30 au 27/11/2026 à 09:30"
    ]
    # Half an hour after midnight, yesterday is still written too: no hole is made of that.
    soon = NOW.replace(hour=0, minute=40)
    write_day(year, "nps", date(2026, 11, 26))
    write_day(year, "nps", TODAY, (0,))
    judged = judge(stream(), read_stream(tree(year).days["nps"], "nps", read_seals("lab"), soon, whole=True), soon)
    assert whats(judged) == []


def test_a_day_without_a_line_hides_no_hole_and_gives_no_age(tmp_path: Path) -> None:
    for back in (4, 1, 0):
        write_day(tmp_path, "nps", TODAY - timedelta(days=back), (1, 8))
    for back in (500, 3, 2):
        write_day(tmp_path, "nps", TODAY - timedelta(days=back), ())
    seal_days("lab", tree(tmp_path), NOW)
    judged = state(tmp_path)
    assert whats(judged) == ["hole", "young"]
    assert (judged["oldest"], judged["days"]) == ("2026-11-23", 2)


def test_a_day_that_has_not_come_hides_no_silence(year: Path) -> None:
    (year / f"nps/{TODAY}.log").unlink()
    write_day(year, "nps", date(2036, 1, 1))
    judged = state(year, stream(silence_hours=9))
    assert [(fault.what, fault.day) for fault in judged["faults"]] == [("ahead", "2036-01-01"), ("silent", None)]


def test_a_long_rhythm_hides_no_hole(year: Path) -> None:
    for back in (0, 1):
        (year / f"nps/{TODAY - timedelta(days=back)}.log").unlink()
    assert whats(state(year, stream(silence_hours=8784))) == ["lost", "hole"]
    assert whats(state(year, stream(silence_hours=48, transport="file"))) == ["lost"]


def test_a_silent_source_is_named(year: Path) -> None:
    (year / f"nps/{TODAY}.log").unlink()
    assert whats(state(year, stream(silence_hours=10))) == []
    judged = state(year, stream(silence_hours=9))
    assert whats(judged) == ["silent"]
    assert "rien depuis 10 h" in judged["faults"][0].message or "rien depuis 9 h" in judged["faults"][0].message


def test_a_source_that_never_came_is_wrong_and_one_unread_is_unknown(tmp_path: Path) -> None:
    assert whats(state(tmp_path)) == ["empty"]
    assert unread(stream(), "éteint")["state"] == "unknown"
    with pytest.raises(UnreadTree):
        read_tree(tmp_path / "absent", ["nps"])


def test_age_and_longest_retention(tmp_path: Path) -> None:
    write_days(tmp_path, "nps", 30)
    seal_days("lab", tree(tmp_path), NOW)
    judged = state(tmp_path)
    assert whats(judged) == ["young"]
    assert "29 jours gardés sur 365, plein le 29/10/2027" in judged["faults"][0].message
    judged = state(tmp_path, stream(least_days=10, most_days=20))
    assert [fault.message for fault in judged["faults"]] == ["9 jours au-delà des 20 déclarés"]


def test_a_day_that_nobody_sealed_is_named_two_days_later(tmp_path: Path) -> None:
    for back in (1, 2, 3):
        write_day(tmp_path, "nps", TODAY - timedelta(days=back))
    judged = state(tmp_path, stream(least_days=1))
    assert [(fault.what, fault.day) for fault in judged["faults"]] == [
        ("unsealed", "2026-11-24"), ("unsealed", "2026-11-25")
    ]  # fmt: skip


def test_a_day_is_closed_an_hour_after_midnight() -> None:
    assert not is_closed(TODAY - timedelta(days=1), NOW.replace(hour=0, minute=59))
    assert is_closed(TODAY - timedelta(days=1), NOW.replace(hour=1, minute=0))


@pytest.mark.parametrize("suffix", [".gz", ".xz"])
def test_a_day_compressed_after_its_seal_is_the_same_day(year: Path, suffix: str) -> None:
    day = date(2026, 3, 4)
    (year / f"nps/{day}.log").unlink()
    write_day(year, "nps", day, suffix=suffix)
    assert state(year)["faults"] == []
    path = year / f"nps/{day}.log{suffix}"
    path.write_bytes(path.read_bytes()[:-9])
    assert whats(state(year)) == ["unreadable"]


def test_what_is_no_day_is_named_and_never_followed(tmp_path: Path) -> None:
    write_day(tmp_path, "nps", TODAY)
    (tmp_path / "nps/2026-13-01.log").write_text("x")
    (tmp_path / "nps/2026-11-01.log").symlink_to("/etc/passwd")
    (tmp_path / "autre").mkdir()
    write_day(tmp_path, "nps", date(2026, 11, 2))
    write_day(tmp_path, "nps", date(2026, 11, 2), suffix=".gz")
    read = tree(tmp_path)
    assert [str(file.day) for file in read.days["nps"]] == ["2026-11-02", str(TODAY)]
    assert [stray.name for stray in read.strays] == [
        "autre", "nps/2026-11-01.log", "nps/2026-11-02.log.gz", "nps/2026-13-01.log"
    ]  # fmt: skip


def test_a_message_that_tells_another_day_moves_no_hole(tmp_path: Path) -> None:
    path = write_day(tmp_path, "nps", date(2026, 11, 25))
    path.write_text(path.read_text() + "2026-11-26T09:00:00Z faux\n")
    write_day(tmp_path, "nps", date(2026, 11, 26), (23,))
    write_day(tmp_path, "nps", TODAY, (8,))
    assert "hole" not in whats(state(tmp_path))


def test_a_seal_rewritten_or_removed_is_found(year: Path) -> None:
    chain = own_chain("lab")
    records = sorted(path for path in chain.folder.glob("2*.json"))
    records[5].write_bytes(records[5].read_bytes().replace(b'"lines":3', b'"lines":4'))
    records[9].unlink()
    assert {fault.what for fault in verify_seals("lab")} == {"altered", "missing"}


def test_sealing_twice_seals_nothing_more(year: Path) -> None:
    assert seal_days("lab", tree(year), NOW).sealed == []
    path = year / "nps/2026-03-04.log"
    path.write_bytes(b"autre\n")
    assert seal_days("lab", tree(year), NOW).sealed == []
    assert whats(state(year)) == ["altered"]


def test_a_large_day_costs_a_constant_memory(tmp_path: Path) -> None:
    path = tmp_path / "2026-11-01.log"
    line = b"2026-11-01T10:00:00Z " + b"x" * 979 + b"\n"
    with path.open("wb") as out:
        for _ in range(40):
            out.write(line * 1000)
    tracemalloc.start()
    content = read_day(DayFile("nps", date(2026, 11, 1), path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (content["lines"], content["first"]) == (40_000, "2026-11-01T10:00:00Z")
    assert peak < 8 * 2**20


def test_f12_by_hand(year: Path) -> None:
    good = state(year)
    bad = state(year, stream(silence_hours=1, least_days=400))
    months = [f"m{number}" for number in range(12)]
    whole = figure([good], [], months, "arbre", NOW)
    assert (whole["state"], whole["value"], whole["numerator"], whole["denominator"]) == ("ok", 100.0, 1, 1)
    half = figure([good, bad, unread(stream("x"), "éteint")], [], months, "arbre", NOW)
    assert (half["state"], half["value"], half["numerator"], half["denominator"]) == ("wrong", 50.0, 1, 2)
    assert half["excluded"] == ["x : pas lue"]
    assert figure([good], [], months[:11], "arbre", NOW)["state"] == "wrong"
    assert figure([good], [], None, "arbre", NOW)["state"] == "unknown"
    assert figure([good], ["un maillon"], months, "arbre", NOW)["value"] is None
    assert figure([unread(stream(), "éteint")], [], months, "arbre", NOW)["state"] == "unknown"
    said = list(findings([good, bad, unread(stream("x/y"), "éteint")]))
    assert [(entry.id, entry.state) for entry in said] == [
        ("logs.nps", "ok"), ("logs.nps", "wrong"), ("logs.x.y", "unknown")
    ]  # fmt: skip
