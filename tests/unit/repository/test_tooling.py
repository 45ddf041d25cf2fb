"""The settings of the tools: locks that hold what the package asks, keys that Ansible knows."""

import ast
import configparser
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.unit.repository.tree import ROOT, tracked

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]
ASKED = {
    "demo": [*PROJECT["build-system"]["requires"], *PROJECT["project"]["dependencies"], *EXTRAS["lab"]],
    "kerberos": EXTRAS["kerberos"],
    "test": EXTRAS["test"],
}
PIN = re.compile(r"^([\w.-]+)==([^\s;]+)", re.MULTILINE)


def pins(profile: str) -> dict[str, str]:
    """Read a lock as {package: version}."""
    return dict(PIN.findall((ROOT / f"requirements/{profile}.txt").read_text("utf-8")))


@pytest.mark.parametrize("profile", ASKED)
def test_the_lock_holds_a_fitting_version_of_everything_asked_for(profile: str) -> None:
    pinned = pins(profile)
    unmet = [
        line
        for line in map(Requirement, ASKED[profile])
        if (name := canonicalize_name(line.name)) not in pinned or pinned[name] not in line.specifier
    ]
    assert unmet == []


def test_the_locks_agree_so_that_each_only_adds() -> None:
    demo = pins("demo")
    assert demo.items() <= pins("test").items()
    assert {name: demo.get(name, pin) for name, pin in pins("kerberos").items()} == pins("kerberos")
    assert not {"gssapi", "krb5"} & demo.keys(), "the demonstration installs without a compiler"


def test_every_locked_package_carries_its_hashes() -> None:
    for profile in ASKED:
        text = (ROOT / f"requirements/{profile}.txt").read_text("utf-8")
        entries = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]
        assert entries
        assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_ansible_knows_every_key_of_its_settings() -> None:
    command = shutil.which("ansible-config", path=str(Path(sys.executable).parent)) or "ansible-config"
    result = subprocess.run(
        [command, "validate", "--type", "all"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stderr) == (0, "")


def test_make_help_describes_every_command_that_make_has() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    commands = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    help_text = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {"demo", "test", "bench", "lint"} <= commands
    assert set(re.findall(r"make ([a-z]+)", help_text)) == commands


def test_ansible_looks_at_its_workers_a_hundred_times_a_second_by_its_public_setting() -> None:
    """More often, a run that waits takes processor time; and nothing private of Ansible does it."""
    settings = configparser.ConfigParser()
    settings.read(ROOT / "ansible.cfg", "utf-8")
    assert settings.getfloat("defaults", "internal_poll_interval") == 0.01
    patterns = ["piste/*.py", "*_plugins/*.py"]
    sources = [path.read_text("utf-8") for path in tracked(*patterns)]
    private = {
        alias.name
        for source in sources
        if "from ansible" in source
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "ansible"
        for alias in node.names
        if alias.name.startswith("_") or "._" in (node.module or "")
    }
    # A module in a process of its own, which no run of ours is, reads its options so.
    assert private == {"_load_params"}
