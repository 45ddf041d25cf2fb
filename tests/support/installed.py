"""The collection and the package, as another town installs them.

Nothing of the repository is on the path.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from lab import Lab
from lab.declared import declared_inventory, write_secrets
from piste.town.model import load
from scripts import collection

EXAMPLE = collection.ROOT / collection.OWN / "exemple"
_PROGRAMS = ("ansible-doc", "ansible-galaxy", "ansible-inventory", "ansible-playbook", "ansible-test")


@dataclass(frozen=True)
class Installed:
    """An environment with the package, the collection, and a town that uses both."""

    folder: Path
    town: Path

    @property
    def collection(self) -> Path:
        return self.folder / "collections/ansible_collections" / collection.COLLECTION.replace(".", "/")

    @property
    def packages(self) -> Path:
        """The folder of the environment's own packages."""
        (folder,) = (self.folder / "env/lib").glob("python*/site-packages")
        return folder

    def run(self, program: str, *arguments: str, cwd: Path | None = None) -> tuple[int, str]:
        """Run a program of the environment, in the town by default; return exit code and output."""
        kept = {name: os.environ[name] for name in ("PATH", "TMPDIR", "LANG") if name in os.environ}
        environment = {
            **kept,
            "PATH": f"{self.folder / 'env/bin'}{os.pathsep}{kept.get('PATH', os.defpath)}",
            "HOME": str(self.folder / "home"),
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_COLLECTIONS_PATH": str(self.folder / "collections"),
        }
        done = subprocess.run(
            [self.folder / "env/bin" / program, *arguments],
            cwd=cwd or self.town, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, check=False, timeout=180,
        )  # fmt: skip
        return done.returncode, done.stdout

    def play(self, playbook: str, *arguments: str) -> tuple[int, str]:
        return self.run("ansible-playbook", "-i", "inventories/town", "-i", "inventories/lab", playbook, *arguments)


def install(folder: Path, made: Path) -> Installed:
    """Install what was built into an environment of its own, and copy the example of a town.

    The packages of the lock are those of the environment of the tests, without its own paths (`.pth`).
    """
    environment = folder / "env"
    venv.create(environment, symlinks=True)
    town = folder / "town"
    shutil.copytree(EXAMPLE, town, symlinks=True)
    (folder / "home/.piste").mkdir(parents=True)
    (folder / "home/.piste/repositories").write_text(f"{town}\n", "utf-8")
    installed = Installed(folder, town)
    (installed.packages / "lock.pth").write_text(f"{sysconfig.get_path('purelib')}\n", "utf-8")
    (wheel,), (archive,) = made.glob("*.whl"), made.glob("*.tar.gz")
    quiet = ("--quiet", "--disable-pip-version-check", "--no-input", "--python", str(environment / "bin/python"))
    subprocess.run(
        [sys.executable, "-m", "pip", *quiet, "install", "--no-deps", "--no-index", "--no-compile", str(wheel)],
        check=True,
    )
    for program in _PROGRAMS:
        text = Path(sys.executable).with_name(program).read_text("utf-8")
        own = environment / "bin" / program
        own.write_text(re.sub(r"\A#!.*", f"#!{environment / 'bin/python'}", text), "utf-8")
        own.chmod(0o755)
    code, said = installed.run("ansible-galaxy", "collection", "install", "-p", "../collections", str(archive))
    assert code == 0, said
    return installed


def lab_of(town: Path, folder: Path) -> Lab:
    """Make a lab with the hardware that a town declares."""
    inventory = declared_inventory(load(town / "inventories/town").require())
    return Lab("empty", tls=True, folder=folder, inventory=inventory, others=())


def declare_lab(town: Path, lab: Lab) -> None:
    """Write the inventory of the lab of a town."""
    meraki: dict[str, Any] = lab.info["meraki"]
    secrets = write_secrets(lab.folder, load(town / "inventories/town").require().secret_paths())
    variables = {
        "piste_environment": "lab",
        "piste_environment_lab": True,
        "piste_meraki": {
            "base_url": meraki["url"],
            "api_key": meraki["api_key"],
            "organization": "Ville du Bourget",
            "ca_file": lab.info["ca_file"],
            "rate": 0,
        },
        "piste_secrets": secrets,
        "piste_secrets_lock": str(lab.folder / "secrets.lock.yml"),
    }
    place = town / "inventories/lab/group_vars/all"
    place.mkdir(parents=True)
    (place.parents[1] / "hosts.yml").write_text("all: {}\n", "utf-8")
    (place / "main.yml").write_text(yaml.safe_dump(variables), "utf-8")
