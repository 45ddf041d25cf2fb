"""`piste` works on the repository of the current folder, with its code, from any clone."""

from __future__ import annotations

import os
import pty
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from piste import launch
from piste.engine.repository import root
from piste.launch import INSTALLED, repository
from tests.support.breadth import breadth
from tests.unit.repository.tree import ROOT

START = "from piste.launch import main; main()"
CLI = "def main(prog_name):\n    import piste, sys\n    print(prog_name, piste.__file__, *sys.argv[1:])\n"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Make another repository, with a command that only says where its code lies."""
    (tmp_path / "inventories/town/host_vars").mkdir(parents=True)
    (tmp_path / "piste").mkdir()
    (tmp_path / "piste/__init__.py").touch()
    (tmp_path / "piste/cli.py").write_text(CLI, "utf-8")
    return tmp_path.resolve()


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path_factory.mktemp("compte")
    monkeypatch.setenv("HOME", str(folder))
    return folder


def trust(home: Path, clone: Path) -> None:
    (home / ".piste").mkdir()
    (home / ".piste/repositories").write_text(f"/ailleurs\n{clone}\n", "utf-8")


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


def test_another_clone_is_worked_on_with_its_own_code_and_named(clone: Path, home: Path) -> None:
    trust(home, clone)
    # A file of that name in the current folder must not be taken for a library.
    (clone / "inventories/click.py").write_text("raise SystemExit('imported')", "utf-8")
    done = start(clone / "inventories", "validate", "--format", "json")
    assert done.stdout.split() == ["piste", str(clone / "piste/__init__.py"), "validate", "--format", "json"]
    assert done.stderr == f"Dépôt : {clone}\n"


@pytest.mark.parametrize(
    "environment", [{}, {"_PISTE_COMPLETE": "bash_complete", "COMP_WORDS": "piste b", "COMP_CWORD": "1"}]
)
def test_a_folder_that_looks_like_a_clone_runs_nothing_of_its_own(
    environment: dict[str, str], clone: Path, home: Path
) -> None:
    """Verify a bag from inside it, or complete the command there."""
    trust(home, clone.parent)
    with pytest.raises(subprocess.CalledProcessError) as refused:
        start(clone, "bag", "verify", ".", **environment)
    assert (refused.value.returncode, refused.value.stdout) == (4, "")
    assert ("PISTE-E030" in refused.value.stderr) is (environment == {})


@pytest.mark.parametrize(("answer", "code"), breadth([(b"oui\n", 0), (b"n\n", 4), (b"\n", 4)], 2))
def test_a_person_says_once_that_a_clone_is_theirs(answer: bytes, code: int, clone: Path, home: Path) -> None:
    command = [sys.executable, "-P", "-c", START, "validate"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    leader, terminal = pty.openpty()
    os.write(leader, answer)
    done = subprocess.run(
        command,
        cwd=clone,
        env=environment,
        stdin=terminal,
        stderr=terminal,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    said = os.read(leader, 4096).decode()
    os.close(terminal)
    os.close(leader)
    assert (f"va s’exécuter : '{clone}'" in said, "PosixPath" in said) == (True, False)
    assert (done.returncode, bool(done.stdout)) == (code, code == 0)
    kept = home / ".piste/repositories"
    assert kept.exists() is (code == 0)
    if code == 0:
        assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
        assert start(clone, "validate").stdout.split()[-1] == "validate"


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("apply", "--help")])
def test_help_and_version_need_no_trust_and_no_code_of_the_folder(arguments: tuple[str, ...], clone: Path) -> None:
    """The command of this clone answers; that of the folder would print its own place."""
    done = start(clone, *arguments)
    assert "piste" in done.stdout
    assert str(clone / "piste") not in done.stdout


def test_a_folder_named_as_a_library_is_not_run(tmp_path: Path) -> None:
    (tmp_path / "lab").mkdir()
    (tmp_path / "lab/__init__.py").touch()
    (tmp_path / "lab/__main__.py").write_text("raise SystemExit('run')", "utf-8")
    for option in ("-h", "--help"):
        assert "Usage : piste lab" in start(tmp_path, "lab", option).stdout


def test_outside_any_repository_the_installed_one_is_named(tmp_path: Path) -> None:
    done = start(tmp_path, "--help")
    assert done.stderr == f"Dépôt : {INSTALLED} (le dossier courant n’est dans aucun)\n"
    assert "Usage : piste" in done.stdout


def test_an_installed_package_works_in_the_repository_of_a_town(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The repository of another town has no code of Piste; under a clone's code it is none."""
    inner = tmp_path / "voisine/inventories/town/host_vars"
    inner.mkdir(parents=True)
    assert repository(inner) is None
    packages = tmp_path / "env/site-packages"
    (packages / "piste").mkdir(parents=True)
    monkeypatch.setattr(launch, "INSTALLED", packages)
    assert repository(inner) == tmp_path / "voisine"
    assert repository(packages) is None
    monkeypatch.chdir(inner)
    assert root(packages) == tmp_path / "voisine"
    assert root(ROOT) == ROOT
    monkeypatch.chdir(packages)
    assert root(packages) == packages


def test_in_the_installed_repository_nothing_is_said(tmp_path: Path) -> None:
    assert start(ROOT / "docs", "--help").stderr == ""


def test_a_completion_says_nothing(tmp_path: Path) -> None:
    done = start(tmp_path, COMP_WORDS="piste dr", COMP_CWORD="1", _PISTE_COMPLETE="bash_complete")
    assert (done.stderr, done.stdout) == ("", "plain,drift\n")


def test_plain_ansible_takes_the_code_of_the_clone_that_its_plugins_lie_in(clone: Path) -> None:
    (clone / "piste/runs/records").mkdir(parents=True)
    (clone / "piste/runs/records/recorder.py").write_text("Options = Recorder = None\nprint('of the clone')\n", "utf-8")
    plugin = clone / "callback_plugins/piste_record.py"
    plugin.parent.mkdir()
    plugin.write_bytes((ROOT / "callback_plugins/piste_record.py").read_bytes())
    load = f"import runpy; runpy.run_path({str(plugin)!r}); import piste.runs.records.recorder"
    done = subprocess.run([sys.executable, "-P", "-c", load], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "of the clone\n"
