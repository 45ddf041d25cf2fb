"""The execution environment: what `ansible-builder create` makes of it. No image is built."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.unit.repository.tree import ROOT

DEFINITION = ROOT / "contrib/execution-environment/execution-environment.yml"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
LOCKS = ("demo.txt", "kerberos.txt")


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("context")
    builder = Path(sys.executable).with_name("ansible-builder")
    command = [builder, "create", "-f", DEFINITION, "-c", folder, "--output-filename", "Containerfile"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, "warning" in done.stdout.lower()) == (0, False), done.stdout + done.stderr
    return folder


def steps(context: Path) -> list[str]:
    return (context / "Containerfile").read_text("utf-8").splitlines()


def test_the_context_has_our_locks_and_nothing_else_of_the_repository(context: Path) -> None:
    """No lab, no inventory, no vault: what the image has not cannot leave with it."""
    files = {path.relative_to(context / "_build").as_posix() for path in (context / "_build").rglob("*")}
    own = {name for name in files if not name.startswith("scripts")}
    assert own == {"bindep.txt", "requirements", *(f"requirements/{name}" for name in LOCKS)}
    for name in LOCKS:
        assert (context / "_build/requirements" / name).read_bytes() == (ROOT / "requirements" / name).read_bytes()


def test_every_package_that_piste_asks_for_is_installed_by_its_hash(context: Path) -> None:
    pinned = {
        name: dict(re.findall(r"^([\w.-]+)==(\S+) \\$", (context / "_build/requirements" / name).read_text(), re.M))
        for name in LOCKS
    }
    for name, asked in zip(LOCKS, (PROJECT["dependencies"], PROJECT["optional-dependencies"]["kerberos"]), strict=True):
        missing = [line for line in asked if canonicalize_name(Requirement(line).name) not in pinned[name]]
        assert missing == []
    ours = [line for line in steps(context) if "/requirements/" in line]
    assert [line.partition(" -r ")[2].split()[0] for line in ours] == [f"/requirements/{name}" for name in LOCKS]
    assert all("--require-hashes" in line for line in ours)
    offline = [line for line in steps(context) if "/kerberos gssapi" in line]
    assert [("--no-index" in line) for line in offline] == [True]


def test_the_system_packages_are_those_that_the_code_calls(context: Path) -> None:
    lines = (context / "_build/bindep.txt").read_text("utf-8").splitlines()
    asked = dict(re.fullmatch(r"(\S+) \[platform:rpm ?(\w*)\]", line).groups() for line in lines if line[0] != "#")
    assert asked == {
        "git-core": "",
        "openssl": "",
        "krb5-workstation": "",
        "gcc": "compile",
        "krb5-devel": "compile",
        "python3.12-devel": "compile",
    }


def test_the_python_of_the_image_runs_piste(context: Path) -> None:
    (path,) = (line.partition('"')[2].rstrip('"') for line in steps(context) if line.startswith('ARG PYCMD="'))
    assert tuple(map(int, path.rpartition("python")[2].split("."))) >= (3, 12)
    assert PROJECT["requires-python"] == ">=3.12"


def test_the_command_of_the_image_runs_the_code_of_the_current_repository(context: Path, tmp_path: Path) -> None:
    (step,) = (line.removeprefix("RUN ") for line in steps(context) if line.startswith("RUN printf"))
    command = tmp_path / "piste"
    shell = f"PYCMD={shlex.quote(sys.executable)}; {step.replace('/usr/local/bin/piste', str(command))}"
    subprocess.run(["sh", "-c", shell], check=True)
    said = subprocess.run(["sh", command, "--version"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert PROJECT["version"] in said.stdout
