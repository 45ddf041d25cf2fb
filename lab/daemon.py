"""The lab as a background process: start, stop, ask. Its lock allows one lab in a folder."""

from __future__ import annotations

import fcntl
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any
from urllib.parse import urlsplit

from lab import lifeline
from lab.declared import REPOSITORY
from lab.instance import Lab, Refused
from lab.state import FILLING, info_of, private_folder, read_json, write_json

# Seconds. What has a child waits for the child; these are for a lab that answers no more.
PATIENCE = 600.0
_WRITTEN = "secrets.lock.yml"
_LINES = 12
"""Lines of the log that an error shows."""


class LabError(RuntimeError):
    """The lab cannot serve the command; the message is for the user."""


class Taken(LabError):
    """Another command has the lab of that folder."""


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


def serve(folder: Path, seed: str, capture: Path | None = None) -> None:
    """Run the lab until SIGTERM, in the child of `start`, from a capture if any."""
    lock = _lock(private_folder(folder))
    if lock is None:
        print("Un autre laboratoire tient ce dossier.", flush=True)
        return
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    # Handled, not blocked: the children of the lab would inherit a block, and no signal could end them.
    received: SimpleQueue[int] = SimpleQueue()
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda number, _: received.put(number))
    os.environ[lifeline.MARK] = str(folder)
    began = time.monotonic()

    def begins(part: str) -> None:
        write_json(folder / "starting.json", part)
        print(f"{time.monotonic() - began:6.1f} s  {part}", flush=True)

    hardware = folder / "inventory.json"
    whole: dict[str, Any] = {"tls": True, "directory": True, "nexus": True, "endpoints": True, "publisher": True}
    whole |= {"supplies": True, "backups": True, "shares": True, "collector": True, "zabbix": "whole"}
    whole |= {"inventory": lambda: read_json(hardware), "begins": begins, "capture": capture}
    with ExitStack() as running_lab:
        try:
            running_lab.enter_context(Lab(seed, **whole, folder=folder))
        except Refused as fault:
            write_json(folder / "refused.json", str(fault))
            return
        print(f"{time.monotonic() - began:6.1f} s  démarré", flush=True)
        received.get()


def _clear(folder: Path) -> None:
    """Remove what the start of a lab left that ended before it had a state."""
    for name in ("ad/state.tar.zst", "filling.json", "nexus/configurations.json", "nut/captured.json", _WRITTEN):
        (folder / name).unlink(missing_ok=True)
    shutil.rmtree(folder / "zabbix" / "pg", ignore_errors=True)


def start(
    folder: Path, seed: str, tell: Callable[[str], None] = lambda part: None, capture: Path | None = None
) -> dict[str, Any]:
    """Start the lab unless it runs; return its description. Raises LabError.

    With a capture, nothing listens before the lab has it; of a lab that is being filled, its starter alone knows where
    it listens. It is waited for as long as its process lives: on a machine at work, a first start takes minutes. `tell`
    is called with each part that starts.
    """
    private_folder(folder)
    if not running(folder):
        lifeline.end_leftovers(folder)
        left = any((folder / name).exists() for name in ("refused.json", "filling.json"))
        if capture is not None or left or os.environ.get(FILLING):
            _clear(folder)
        for name in ("info.json", "starting.json", "refused.json"):
            (folder / name).unlink(missing_ok=True)
        descriptor = os.open(folder / "lab.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as log:
            child = subprocess.Popen(
                _command(seed, capture),
                cwd=REPOSITORY,
                env={**os.environ, "PISTE_LAB_DIR": str(folder)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
    elif os.environ.get(FILLING) or (folder / "filling.json").exists():
        raise Taken("Un sac y est encore rejoué : attendez sa fin, ou abandonnez-le par « piste lab down ».")
    else:
        child = None
    shown = None
    while True:
        ended = child.poll() if child is not None else None
        described = read_json(info_of(folder))
        if described and running(folder):
            return described  # type: ignore[no-any-return]
        if (child is None or ended is not None) and not running(folder):
            raise LabError(_fallen(folder, ended))
        part = read_json(folder / "starting.json")
        if part and part != shown:
            tell(part)
            shown = part
        time.sleep(0.05)


def _command(seed: str, capture: Path | None) -> list[str]:
    return [sys.executable, "-m", "lab", "serve", "--seed", seed, *(["--from", str(capture)] if capture else [])]


def _fallen(folder: Path, code: int | None) -> str:
    """Say how a start failed: the end of its log, or the signal that left none."""
    if refused := read_json(folder / "refused.json"):
        return f"Le laboratoire refuse : {refused}."
    path = folder / "lab.log"
    log = path.read_text("utf-8", "replace").splitlines() if path.exists() else []
    how = ""
    if code is not None:
        how = f" (signal {-code})" if code < 0 else f" (code {code})"
    said = "\n".join(f"  {line}" for line in log[-_LINES:]) or "  (rien : il a été arrêté avant de rien écrire)"
    return f"Le laboratoire n’a pas démarré{how}. La fin de son journal, {path} :\n{said}"


def stop(folder: Path) -> tuple[bool, list[str]]:
    """Stop the lab once its state is on disk. Raises LabError.

    Return whether a lab ran, and the names of the programs that a lab ended from outside had left.
    """
    if not running(folder):
        return False, lifeline.end_leftovers(folder)
    os.kill(int((folder / "lab.lock").read_text(encoding="ascii")), signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE
    while running(folder):
        if time.monotonic() > deadline:
            raise LabError(f"Le laboratoire ne s’arrête pas. Son journal : {folder / 'lab.log'}.")
        time.sleep(0.02)
    left = lifeline.end_leftovers(folder)
    # Its last act, once its state is written.
    if (folder / "info.json").exists():
        raise LabError(
            f"Le laboratoire est arrêté, mais son dernier état n’a pas été écrit. Son journal dit pourquoi : "
            f"{folder / 'lab.log'}."
        )
    return True, left


def ask(folder: Path, command: str, **given: Any) -> Any:
    """Send a command to the control API of the running lab. Raises LabError."""
    described, keys = (read_json(path) for path in (info_of(folder), folder / "keys.json"))
    if not running(folder) or not described or not keys:
        raise LabError("Le laboratoire n’est pas démarré. Démarrez-le avec « piste lab up ».")
    control = urlsplit(described["control"])
    connection = http.client.HTTPConnection(control.netloc, timeout=PATIENCE)
    try:
        headers = {"Authorization": f"Bearer {keys['control']}"}
        connection.request("POST", f"{control.path}{command}", json.dumps(given), headers)
        response = connection.getresponse()
        answer = json.loads(response.read())
    except OSError as fault:
        todo = f"Son journal, {folder / 'lab.log'}, dit pourquoi."
        raise LabError(f"Le laboratoire ne répond pas ({fault or type(fault).__name__}). {todo}") from fault
    finally:
        connection.close()
    if response.status != 200:
        raise LabError(f"Le laboratoire refuse : {answer['error']}.")
    return answer["result"]
