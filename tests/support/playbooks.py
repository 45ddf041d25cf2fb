"""Ansible run as a person runs it, on a lab that listens."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import yaml

from lab import Lab
from lab.declared import declared_inventory, declared_town, write_secrets
from tests.support import forkclient, forkserver

REPOSITORY = Path(__file__).resolve().parents[2]
OTHER_DOMAINS = ("access", "addressing", "directory", "firewall", "hosting", "inventory", "names", "printing")
"""Domains that a run leaves out unless it is about them: each needs a system, or what the town has there."""
NETWORK_ALONE = {"ANSIBLE_SKIP_TAGS": ",".join(OTHER_DOMAINS)}
"""Environment of runs that are about the network."""
PROGRAM = Path(sys.executable).with_name("ansible-playbook")


def only(*domains: str) -> dict[str, str]:
    """Environment of a run that is about these domains alone."""
    return {"ANSIBLE_SKIP_TAGS": ",".join(domain for domain in (*OTHER_DOMAINS, "network") if domain not in domains)}


@dataclass(frozen=True)
class Played:
    """The end of an `ansible-playbook`: exit code, output, results registered as `saved_…`."""

    code: int
    said: str
    saved: dict[str, Any]

    def recap(self, host: str) -> dict[str, int]:
        line = next(line for line in self.said.splitlines() if line.startswith(f"{host} ") and "ok=" in line)
        return {name: int(count) for name, count in (pair.split("=") for pair in line.split(":")[1].split())}


class Console:
    """A terminal in the repository, with a lab of its own."""

    def __init__(self, lab: Lab, folder: Path, domains: Collection[str] = (), town: Any = None) -> None:
        self.lab, self.folder = lab, folder
        self.secrets: dict[str, str] = write_secrets(lab.folder, (town or declared_town()).secret_paths())
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("PISTE_", "ANSIBLE_"))},
            # Shared by all: another set of settings would need a server of its own.
            "ANSIBLE_HOME": str(forkserver.home() / "ansible"),
            "ANSIBLE_NOCOLOR": "1",
            "LC_ALL": "C.UTF-8",
            forkclient.FOLDER: str(forkserver.home()),
            "PISTE_DERIVED_DIR": str(forkserver.home() / "derived"),
            "PISTE_LAB_DIR": str(lab.folder),
            **{f"PISTE_{name.upper()}_DIR": str(folder / name) for name in ("journal", "plans", "probes", "state")},
            "PISTE_LOCK_DIR": str(folder / "locks"),
            "PISTE_RATE": "0",
            "PYTHONPATH": str(REPOSITORY),
            "TMPDIR": str(folder),
            "ANSIBLE_SKIP_TAGS": ",".join(domain for domain in OTHER_DOMAINS if domain not in domains),
        }

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [PROGRAM, *arguments],
            cwd=REPOSITORY,
            env={**self.environment, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )

    def kill(self, process: subprocess.Popen[str]) -> None:
        """Kill a run for good, as a machine that fails does.

        Ansible's workers are in sessions of their own.
        """
        for pid in [*_started_by(process.pid), process.pid]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.communicate()

    def play(self, *arguments: str, **environment: str) -> Played:
        self.lab.calls.clear()
        code, said, _ = self.run([PROGRAM, *arguments], environment, timeout=180)
        saved = self.folder / "saved.json"
        results = json.loads(saved.read_text(encoding="utf-8")) if saved.exists() else {}
        saved.unlink(missing_ok=True)
        return Played(code, said, results)

    def run(
        self,
        command: Sequence[str | Path],
        environment: Mapping[str, str],
        *,
        together: bool = True,
        forked: bool | str = True,
        timeout: float = 600,
    ) -> tuple[int, str, str]:
        """Run `ansible-playbook` or Python's `-c` to its end; return exit code, output and errors.

        With `forked`, by a fork of what it imports, or of what the program of that name imports. Raises TimeoutError,
        or TimeoutExpired.
        """
        program, *arguments = map(str, command)
        given = {**self.environment, **environment}
        # Files of this run alone: two may be asked for at once.
        with open(os.devnull, "rb") as nothing, TemporaryFile() as said, TemporaryFile() as aside:
            streams = (nothing.fileno(), said.fileno(), (said if together else aside).fileno())
            if forked:
                usual = "ansible-playbook" if program == str(PROGRAM) else "python"
                served = forked if isinstance(forked, str) else usual
                code = forkclient.ask(served, [program, *arguments], given, str(REPOSITORY), streams, timeout)
            else:
                stdin, stdout, stderr = streams
                code = subprocess.run(
                    [program, *arguments],
                    cwd=REPOSITORY,
                    env=given,
                    stdin=stdin,
                    stdout=stdout,
                    stderr=stderr,
                    check=False,
                    timeout=timeout,
                ).returncode
            for file in (said, aside):
                file.seek(0)
            return code, said.read().decode("utf-8"), aside.read().decode("utf-8")

    def tasks(self, tasks: Sequence[Mapping[str, Any]], *arguments: str, **environment: str) -> Played:
        """Play tasks on a school; save each result under its name, and go on after a failure."""
        named = [{"register": f"saved_{n}", "ignore_errors": True, **task} for n, task in enumerate(tasks)]
        results = {str(task["name"]): f"saved_{n}" for n, task in enumerate(tasks)}
        content = "{{ {" + ", ".join(f"'{name}': {variable}" for name, variable in results.items()) + "} | to_json }}"
        save = {
            "name": "Garder les résultats",
            "ansible.builtin.copy": {"content": content, "dest": str(self.folder / "saved.json")},
            "check_mode": False,
            "diff": False,
        }
        play = {"hosts": "ecole-jaures", "connection": "local", "gather_facts": False, "tasks": [*named, save]}
        path = self.folder / "tasks.yml"
        path.write_text(yaml.safe_dump([play], allow_unicode=True, sort_keys=False), encoding="utf-8")
        return self.play(str(path), *arguments, **environment)

    @property
    def run_folders(self) -> list[Path]:
        return sorted(self.folder.glob("piste-run-*"))


def _started_by(pid: int) -> list[int]:
    """List the processes under a process, the deepest last."""
    try:
        children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
    return [pid for child in children for pid in (child, *_started_by(child))]


@contextmanager
def console(
    folder: Path,
    seed: str = "empty",
    *,
    directory: bool = False,
    firewall: bool = False,
    hosting: bool = False,
    inventory: bool = False,
) -> Iterator[Console]:
    town = declared_town()
    hardware = declared_inventory(town)
    with Lab(seed, tls=True, directory=directory, folder=folder / "lab", inventory=hardware) as lab:
        lab.meraki.behaviour.set(rate_limit=None, claim_limit=None, batch_delay=0.0)
        lab.systems["smc"].behaviour.set(upload_seconds=0.1)
        lab.save_every = 3600.0  # Nobody starts it again; its end saves it.
        asked = {"directory": "ad" in lab.info, "firewall": firewall, "hosting": hosting, "inventory": inventory}
        yield Console(lab, folder, [domain for domain, there in asked.items() if there], town)
