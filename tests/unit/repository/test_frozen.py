"""The tree of the tests: its tests are compiled once, as pytest does."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from _pytest.assertion import rewrite

from tests.support import frozen


def test_the_tests_of_a_new_tree_are_compiled_before_the_workers_start(
    tmp_path: Path, pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)  # what `make test` has
    folder = tmp_path / "tests"
    folder.mkdir()
    wrong, *right = (folder / f"test_{rank}.py" for rank in range(frozen.FEW))
    for path in right:
        path.write_text("def test() -> None:\n    assert 1 == 1\n", "utf-8")
    frozen.compile_tests(pytestconfig, tmp_path)
    assert not (folder / "__pycache__").exists(), "the workers compile a few of them"
    wrong.write_text("def", "utf-8")
    frozen.compile_tests(pytestconfig, tmp_path)
    assert [path for path in right if not rewrite._read_pyc(path, frozen.made_of(path))] == []
    assert not frozen.made_of(wrong).exists()
