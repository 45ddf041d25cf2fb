"""The lab as a background process: start, stop, ask. Its lock allows one lab in a folder."""

from __future__ import annotations

import fcntl
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any
from urllib.parse import urlsplit

from lab.declared import REPOSITORY
from lab.instance import Lab
from lab.state import private_folder, read_json

# Seconds; the first start on a machine makes the domain of the directory.
PATIENCE = 120.0


class LabError(RuntimeError):
    """The lab cannot serve the command; the message is for the user."""


def lab_folder() -> Path:
    """Return the lab's folder: `PISTE_LAB_DIR`, else `.lab` at the root of the repository."""
    return Path(os.environ.get("PISTE_LAB_DIR") or REPOSITORY / ".lab").resolve()


def _lock(folder: Path) -> IO[str] | None:
    """Take the lock of the lab; None where a running lab has it."""
    stream = (folder / "lab.lock").open("a+", encoding="ascii")
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        stream.close()
        return None
    return stream


def running(folder: Path) -> bool:
    if not folder.is_dir():
        return False
    lock = _lock(folder)
    if lock is None:
        return True
    lock.close()
    return False


def serve(folder: Path, seed: str) -> None:
    """Run the lab until SIGTERM, in the child of `start`."""
    lock = _lock(private_folder(folder))
    if lock is None:
        return
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    # Handled, not blocked: the children of the lab would inherit a block, and no signal could end them.
    received: SimpleQueue[int] = SimpleQueue()
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda number, _: received.put(number))
    hardware = folder / "inventory.json"
    whole: dict[str, Any] = {"tls": True, "directory": True, "nexus": True, "endpoints": True, "publisher": True}
    whole |= {"supplies": True, "backups": True, "shares": True, "collector": True, "zabbix": "whole"}
    with Lab(seed, **whole, folder=folder, inventory=lambda: read_json(hardware)):
        received.get()


def start(folder: Path, seed: str) -> dict[str, Any]:
    """Start the lab unless it runs; return its description. Raises LabError."""
    private_folder(folder)
    if not running(folder):
        (folder / "info.json").unlink(missing_ok=True)
        descriptor = os.open(folder / "lab.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as log:
            child = subprocess.Popen(
                [sys.executable, "-m", "lab", "serve", "--seed", seed],
                cwd=REPOSITORY,
                env={**os.environ, "PISTE_LAB_DIR": str(folder)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
    else:
        child = None
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        described = read_json(folder / "info.json")
        if described and running(folder):
            return described  # type: ignore[no-any-return]
        if child is not None and child.poll() is not None and not running(folder):
            break
        time.sleep(0.02)
    raise LabError(f"Le laboratoire n’a pas démarré. Son journal dit pourquoi : {folder / 'lab.log'}.")


def stop(folder: Path) -> bool:
    """Stop the lab once its state is on disk; False where no lab runs. Raises LabError."""
    if not running(folder):
        return False
    os.kill(int((folder / "lab.lock").read_text(encoding="ascii")), signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE
    while running(folder):
        if time.monotonic() > deadline:
            raise LabError(f"Le laboratoire ne s’arrête pas. Son journal : {folder / 'lab.log'}.")
        time.sleep(0.02)
    return True


def ask(folder: Path, command: str, **given: Any) -> Any:
    """Send a command to the control API of the running lab. Raises LabError."""
    described, keys = (read_json(folder / name) for name in ("info.json", "keys.json"))
    if not running(folder) or not described or not keys:
        raise LabError("Le laboratoire n’est pas démarré. Démarrez-le avec « piste lab up ».")
    connection = http.client.HTTPConnection(urlsplit(described["meraki"]["http_url"]).netloc, timeout=PATIENCE)
    try:
        headers = {"Authorization": f"Bearer {keys['control']}"}
        connection.request("POST", f"/_lab/{command}", json.dumps(given), headers)
        response = connection.getresponse()
        answer = json.loads(response.read())
    finally:
        connection.close()
    if response.status != 200:
        raise LabError(f"Le laboratoire refuse : {answer['error']}.")
    return answer["result"]
