"""`piste` works on the repository of the current folder, with its code, whichever clone it was installed from."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from piste.launch import INSTALLED, repository
from tests.unit.repository.tree import ROOT

START = "from piste.launch import main; main()"
CLI = "def main(prog_name):\n    import piste, sys\n    print(prog_name, piste.__file__, *sys.argv[1:])\n"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Another repository, whose command only says where its code lies."""
    (tmp_path / "inventories/town/host_vars").mkdir(parents=True)
    (tmp_path / "piste").mkdir()
    (tmp_path / "piste/__init__.py").touch()
    (tmp_path / "piste/cli.py").write_text(CLI, "utf-8")
    return tmp_path.resolve()


def start(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-c", START, *arguments],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True, text=True, check=True,
    )  # fmt: skip


def test_the_repository_is_the_one_around_the_current_folder(
    clone: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert repository(clone / "inventories/town/host_vars") == clone
    assert repository(ROOT / "docs") == INSTALLED
    assert repository(tmp_path_factory.mktemp("ailleurs")) is None


def test_another_clone_is_worked_on_with_its_own_code_and_named(clone: Path) -> None:
    # A file of that name in the current folder must not be taken for a library.
    (clone / "inventories/click.py").write_text("raise SystemExit('imported')", "utf-8")
    done = start(clone / "inventories", "validate", "--format", "json")
    assert done.stdout.split() == ["piste", str(clone / "piste/__init__.py"), "validate", "--format", "json"]
    assert done.stderr == f"Dépôt : {clone}\n"


def test_outside_any_repository_the_installed_one_is_named(tmp_path: Path) -> None:
    done = start(tmp_path, "--help")
    assert done.stderr == f"Dépôt : {INSTALLED} (le dossier courant n’est dans aucun)\n"
    assert "Usage : piste" in done.stdout


def test_in_the_installed_repository_nothing_is_said(tmp_path: Path) -> None:
    assert start(ROOT / "docs", "--help").stderr == ""


def test_a_completion_says_nothing(tmp_path: Path) -> None:
    done = start(tmp_path, COMP_WORDS="piste dr", COMP_CWORD="1", _PISTE_COMPLETE="bash_complete")
    assert (done.stderr, done.stdout) == ("", "plain,drift\n")


def test_plain_ansible_takes_the_code_of_the_clone_that_its_plugins_lie_in(clone: Path) -> None:
    (clone / "piste/runs").mkdir()
    (clone / "piste/runs/recorder.py").write_text("Options = Recorder = None\nprint('of the clone')\n", "utf-8")
    plugin = clone / "callback_plugins/piste_record.py"
    plugin.parent.mkdir()
    plugin.write_bytes((ROOT / "callback_plugins/piste_record.py").read_bytes())
    load = f"import runpy; runpy.run_path({str(plugin)!r})"
    done = subprocess.run([sys.executable, "-P", "-c", load], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "of the clone\n"
