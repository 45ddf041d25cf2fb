"""A share of the lab, and the repository of restic that a job of its own would fill."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lab.declared import REPOSITORY
from lab.state import private_folder

STORE, SET = "depot-restic", "partages"
SECRET = f"restic/{STORE}"
SERVICES = ("ccas", "education", "etat-civil", "urbanisme")


def obstacle() -> str:
    """Say in French why restic cannot run on this machine, and the remedy; empty where it can."""
    if shutil.which("restic"):
        return ""
    packages = (REPOSITORY / "requirements" / "restic.txt").read_text(encoding="ascii").split()
    return (
        "Les partages du laboratoire ne sont pas sauvegardés : restic manque à cette machine. "
        f"Installez : sudo apt-get install --no-install-recommends {' '.join(packages)}"
    )


class Backups:
    """A share and its repository, in folders of the lab; each start makes a copy."""

    def __init__(self, folder: Path, password: str) -> None:
        self.share, self.repository = folder / "partages", folder / "restic"
        self._password, self._folder = password, private_folder(folder)

    @property
    def info(self) -> Mapping[str, Any]:
        """The value of `piste_restic`."""
        return {STORE: {"repository": str(self.repository), "password": SECRET, "source": str(self.share)}}

    @property
    def secrets(self) -> Mapping[str, str]:
        return {SECRET: self._password}

    def start(self) -> Backups:
        self._fill()
        if not (self.repository / "config").exists():
            shutil.rmtree(self.repository, ignore_errors=True)
            self.restic("init")
        self.copy()
        return self

    def copy(self, *more: str) -> None:
        """Copy the share; `more` are options of `restic backup`."""
        # From the share itself, so that the paths of the copy are those of the share on any machine.
        self.restic("backup", "--tag", SET, "--host", "hdv-fic1", *more, ".")

    def restic(self, *arguments: str) -> str:
        """Run restic on the repository. Raises `CalledProcessError`."""
        environment = {**os.environ, "RESTIC_REPOSITORY": str(self.repository), "RESTIC_PASSWORD": self._password}
        command = ["restic", "--no-cache", "--quiet", *arguments]
        done = subprocess.run(command, cwd=self.share, env=environment, capture_output=True, text=True, check=True)
        return done.stdout

    def _fill(self) -> None:
        for service in SERVICES:
            for number in range(1, 13):
                path = self.share / service / f"dossier {number:02d}" / "note d’essai [1].txt"
                if not path.exists():
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_text(f"{service}, dossier {number}\n" * 40 * number, encoding="utf-8")
