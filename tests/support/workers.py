"""Workers of `ansible-runner` on a lab.

Transmit, worker and process are each a process of its own. A worker has a clone, a home and locks of its own: it knows
of the others what the systems show.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import yaml

from lab.instance import Lab
from tests.support.playbooks import NETWORK_ALONE

BIN = Path(sys.executable).parent


@dataclass
class Fleet:
    """A machine that sends runs and takes back their results, and its workers.

    The clone to send is `folder/sent/project`.
    """

    lab: Lab
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "PISTE_"))}
        return {**kept, "PATH": f"{BIN}:{kept['PATH']}", "ANSIBLE_NOCOLOR": "1"}

    def runner(self, *arguments: str, given: bytes = b"") -> bytes:
        command = [str(BIN / "ansible-runner"), *arguments]
        return subprocess.run(command, input=given, env=self.environment, capture_output=True, check=True).stdout

    def transmit(self, job: str, site: str, **variables: str) -> bytes:
        """Give what goes to a worker: the clone, the order, its variables."""
        data = self.folder / "sent"
        (data / "env").mkdir(exist_ok=True)
        given = {"ANSIBLE_CALLBACK_PLUGINS": "callback_plugins", "PISTE_RATE": "0", **NETWORK_ALONE, **variables}
        (data / "env/envvars").write_text(yaml.safe_dump(given), "utf-8")
        return self.runner("transmit", str(data), "-p", "playbooks/site.yml", "--limit", site, "--ident", job)

    def start(self, name: str, sent: bytes) -> Worker:
        home = self.folder / name
        home.mkdir(exist_ok=True)
        own = {
            "HOME": str(home),
            "PISTE_DERIVED_DIR": str(self.folder / "derived"),
            "PISTE_LAB_DIR": str(self.lab.folder),
            "PISTE_LOCK_DIR": str(home / "locks"),
        }
        return Worker(self.environment | own, sent)

    def process(self, job: str, returned: bytes) -> tuple[str, Path]:
        """Take back what a worker returned: the output of the run, and its artifacts."""
        target = self.folder / "back"
        said = self.runner("process", str(target), "--ident", job, given=returned)
        return said.decode(), target / "artifacts" / job


class Worker:
    """An `ansible-runner worker` at work."""

    def __init__(self, environment: dict[str, str], sent: bytes) -> None:
        command = [str(BIN / "ansible-runner"), "worker"]
        self._process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self._outcome: list[bytes] = []
        # A thread each, so that workers read what they receive at once.
        self._thread = threading.Thread(target=lambda: self._outcome.extend(self._process.communicate(sent, 300)))
        self._thread.start()

    def end(self) -> bytes:
        self._thread.join()
        returned, errors = self._outcome
        assert errors == b""
        return returned
