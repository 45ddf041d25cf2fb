"""Reports on the durations of tests and bench: real growth is named, noise is not."""

import json
from pathlib import Path

import pytest

from tests.support import durations
from tests.support.durations import doubled, report

KEPT = {f"tests/a{number}.py": 10.0 + number for number in range(9)}


def test_a_slow_machine_accuses_nothing_and_what_doubled_on_it_is_named() -> None:
    slow = {name: 3 * seconds for name, seconds in KEPT.items()}
    assert doubled(slow, KEPT) == {}
    worse = {**slow, "tests/a4.py": 7 * KEPT["tests/a4.py"]}
    assert doubled(worse, KEPT) == {"tests/a4.py": (42.0, 98.0)}
    assert report(worse, KEPT).splitlines()[-1] == "     98 s au lieu de 42  tests/a4.py"


def test_neither_what_is_small_nor_what_is_new_has_doubled() -> None:
    kept = {**KEPT, "tests/small.py": 0.1}
    assert doubled({**kept, "tests/small.py": 1.0, "tests/new.py": 60.0}, kept) == {}


def test_the_ten_dearest_are_shown_with_the_dearest_first() -> None:
    now = {f"tests/{number:02}.py": float(number) for number in range(30)}
    lines = report(now, now).splitlines()
    assert lines[0] == "Le plus cher, sur 435 s :"
    assert [line.split()[-1] for line in lines[1:]] == [f"tests/{number}.py" for number in range(29, 19, -1)]


def test_a_run_begins_with_the_longest_and_deals_what_waits_among_what_computes() -> None:
    waiting = {f"tests/integration/{number}.py": seconds for number, seconds in enumerate((60.0, 30.0, 10.0))}
    computing = {f"tests/unit/{number}.py": seconds for number, seconds in enumerate((20.0, 10.0, 10.0, 10.0))}
    kept = waiting | computing
    turns = durations.turns({*kept, "tests/unit/new.py"}, kept)
    assert sorted(turns, key=lambda name: (turns[name], name)) == [
        "tests/integration/0.py", "tests/unit/0.py", "tests/unit/new.py", "tests/unit/1.py", "tests/integration/1.py",
        "tests/unit/2.py", "tests/unit/3.py", "tests/integration/2.py",
    ]  # fmt: skip


def test_what_all_files_take_fits_in_the_budget() -> None:
    """A file that grows, or a new file, is paid for by another: a longer check needs a decision."""
    kept = durations.read(durations.ROOT / durations.TESTS)
    assert sum(kept.values()) <= durations.WORKERS * durations.MINUTES * 60


def test_what_a_run_has_noted_is_kept_when_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(durations, "ROOT", tmp_path)
    durations.write(durations.noted(durations.TESTS), {"tests/b.py": 2.04, "tests/a.py": 1})
    (tmp_path / "tests").mkdir()
    durations.main("--keep")
    assert json.loads((tmp_path / durations.TESTS).read_text("utf-8")) == {"tests/a.py": 1, "tests/b.py": 2.0}
    assert not (tmp_path / durations.BENCH).exists()
