"""A real server of NUT for the declared supplies: Debian's, with its dummy driver."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lab import lifeline
from lab.beyond import Captured
from lab.state import private_folder, read_json, write_json

PROGRAMS = Path("/lib/nut")
SOUND: Mapping[str, str] = {
    "ups.status": "OL", "battery.charge": "100", "battery.runtime": "1800", "ups.load": "23", "ups.mfr": "Exemple",
    "ups.model": "Smart-UPS 1500",
}  # fmt: skip

_OWN = ("driver.", "server.")
"""Variables that NUT gives by itself."""
_KEPT = "captured.json"


def obstacle() -> str:
    """Say in French why NUT cannot run on this machine, and the remedy; empty where it can."""
    if all((PROGRAMS / name).exists() for name in ("upsd", "dummy-ups")):
        return ""
    return (
        "Les onduleurs du laboratoire ne peuvent pas démarrer : NUT manque à cette machine. "
        "Installez : sudo apt-get install --no-install-recommends nut-server"
    )


class Supplies:
    """The supplies of a lab, listening until `close`; each is given its variables, or is sound.

    `upsd` itself is started: Debian's `/usr/sbin/upsd` does nothing while its mode is `none`.
    """

    def __init__(self, folder: Path, supplies: Mapping[str, Mapping[str, str]]) -> None:
        self._folder = private_folder(folder)
        self._supplies = {**supplies, **(read_json(folder / _KEPT) or {})}
        self._running: subprocess.Popen[bytes] | None = None
        self.port = 0

    @property
    def info(self) -> dict[str, Any]:
        return {"address": "127.0.0.1", "port": self.port}

    def start(self) -> Supplies:
        folder = self._folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        section = "[{0}]\n driver = dummy-ups\n port = {0}.dev\n mode = dummy-loop\n"
        sections = [section.format(name) for name in self._supplies]
        _write(folder / "ups.conf", f"statepath = {folder}\n{''.join(sections)}")
        _write(folder / "upsd.conf", f"LISTEN 127.0.0.1 {self.port}\nSTATEPATH {folder}\n")
        _write(folder / "upsd.users", "")
        for name, variables in self._supplies.items():
            self.set(name, variables)
        places = dict.fromkeys(("NUT_CONFPATH", "NUT_STATEPATH", "NUT_ALTPIDPATH", "NUT_PIDPATH"), str(folder))
        account = "root" if os.geteuid() == 0 else os.environ.get("USER", "nobody")
        driver, server = str(PROGRAMS / "dummy-ups"), str(PROGRAMS / "upsd")
        programs = {name: [driver, "-F", "-a", name, "-u", account] for name in self._supplies}
        programs["upsd"] = [server, "-F", "-u", account]
        self._running = lifeline.begin(programs, folder, {**os.environ, **places})
        return self

    def set(self, name: str, variables: Mapping[str, str]) -> None:
        """Change the variables of a supply, which its driver reads again within seconds."""
        lines = (f"{_plain(key)}: {_plain(value)}\n" for key, value in variables.items())
        _write(self._folder / f"{name}.dev", "".join(lines))

    def captured(
        self, answers: list[Captured], secrets: Mapping[str, str]
    ) -> tuple[dict[str, dict[str, str]], list[str]]:
        """Build the variables of captured supplies; list those that the town does not declare."""
        made = {}
        for answer in answers:
            if answer.status == 200:
                own = {key: value for key, value in answer.answer.items() if not key.startswith(_OWN)}
                made[answer.path.rpartition("/")[2]] = {key: str(value) for key, value in own.items()}
        others = sorted(made.keys() - self._supplies)
        left = [f"{name} : aucun onduleur déclaré ne porte ce nom, il est laissé" for name in others]
        return {name: variables for name, variables in made.items() if name not in others}, left

    def become(self, supplies: Mapping[str, Mapping[str, str]]) -> list[str]:
        self._supplies |= supplies
        write_json(self._folder / _KEPT, supplies)
        for name, variables in supplies.items():
            self.set(name, variables)
        return []

    def close(self) -> None:
        if self._running is not None:
            lifeline.end(self._running)
            self._running = None


def _plain(text: str) -> str:
    """Give a text that fits in a line of a file of variables."""
    return "".join(char if char.isascii() and char.isprintable() else "?" for char in text)


def _write(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}")
    draft.write_text(text, encoding="ascii")
    draft.chmod(0o600)
    os.replace(draft, path)

