"""A client of the fork servers that imports no more than a bare Python does (20 ms).

It is a module of the tests, and the whole of each program of `ASKING`, which runs of the tests find before the real.
"""

import hashlib
import json
import os
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

FOLDER = "PISTE_TESTS_FORKS"
"""Variable: the folder of the servers of a test session."""
PLACE = "PISTE_TESTS_PLACE"
"""Variable: the clone whose servers are asked, where a run is not begun there: molecule begins in its scenario."""
PYTHON = "asking-python"
"""Python for what `piste` starts by `-m`: a module of `MODULES` is asked for, all else is real."""
ASKING = ("ansible-inventory", "ansible-playbook", PYTHON)
MODULES = ("piste.runs.plans.keys",)
OF_A_MODULE = "module"
"""Python's `-c` for a module of Ansible in a process of its own."""
OF_ANSIBLE = ("ansible", *ASKING, *MODULES, OF_A_MODULE)
"""Programs of one server, which has imported Ansible."""
READ_AGAIN = (
    "CACHE_PLUGIN",
    "CALLBACKS_ENABLED",
    "DEFAULT_CALLBACK_PLUGIN_PATH",
    "DEFAULT_STDOUT_CALLBACK",
    "HOST_KEY_CHECKING",
    "RETRY_FILES_ENABLED",
    "TAGS_SKIP",
)
"""Settings that a server reads again for each run: those of `ansible-runner`, the callbacks, the tags to skip."""
_OF_EACH_RUN = (
    "ANSIBLE_CACHE_PLUGIN",
    "ANSIBLE_CALLBACKS_ENABLED",
    "ANSIBLE_CALLBACK_PLUGINS",
    "ANSIBLE_HOST_KEY_CHECKING",
    "ANSIBLE_RETRY_FILES_ENABLED",
    "ANSIBLE_SKIP_TAGS",
    "ANSIBLE_STDOUT_CALLBACK",
)
"""Beginnings of the variables of these settings."""


def ask(
    program: str,
    argv: Sequence[str],
    environment: Mapping[str, str],
    folder: str,
    streams: tuple[int, int, int],
    timeout: float | None = None,
) -> int:
    """Run a program in a folder on three streams; return its exit code.

    Raises TimeoutError once its run is ended.
    """
    # Ansible reads its settings when it is imported: a server for each set of them, and for each clone.
    settings = sorted(f"{name}={environment[name]}" for name in environment if name.startswith("ANSIBLE_"))
    usual = f"ANSIBLE_CONFIG={folder}/ansible.cfg"
    served = "ansible" if program in OF_ANSIBLE else program
    read = settings if served == "ansible" else ()
    kept = [setting for setting in read if not setting.startswith(_OF_EACH_RUN) and setting != usual]
    key = json.dumps([served, folder, environment.get("PYTHONPATH"), kept])
    path = f"{environment[FOLDER]}/{hashlib.sha256(key.encode()).hexdigest()[:16]}"
    request = json.dumps({"program": program, "argv": list(argv), "env": dict(environment), "folder": folder})
    with _connected(path, served, environment, folder) as server:
        server.settimeout(timeout)
        socket.send_fds(server, [f"{len(request.encode()):>12}".encode()], list(streams))
        server.sendall(request.encode())
        answer = server.recv(16)
    if not answer:
        raise RuntimeError(f"the server of {program} ended: see {path}.log")
    return int(answer)


def _connected(path: str, program: str, environment: Mapping[str, str], folder: str) -> socket.socket:
    deadline = time.monotonic() + 60
    started = None
    while time.monotonic() < deadline:
        server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            server.connect(path)
        except (FileNotFoundError, ConnectionRefusedError) as failed:
            server.close()
            if isinstance(failed, ConnectionRefusedError) and os.path.exists(path):
                os.unlink(path)  # of a server that was killed
        else:
            return server
        if started is None:
            started = _start(path, program, environment, folder)
        elif started.poll():
            break
        time.sleep(0.02)
    with open(f"{path}.log", encoding="utf-8") as log:
        raise TimeoutError(f"no server of {program}: {log.read()[-2000:]}")


def _start(path: str, program: str, environment: Mapping[str, str], folder: str) -> Any:
    """Start a server in a session of its own: it outlives the first run that needs it."""
    import subprocess

    with open(f"{path}.log", "ab") as log:
        return subprocess.Popen(
            [f"{environment[FOLDER]}/venv/bin/python", f"{folder}/tests/support/forkserver.py", path, program],
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


if __name__ == "__main__":
    name, arguments = os.path.basename(sys.argv[0]), sys.argv
    if name == PYTHON and arguments[1] == "-m" and arguments[2] in MODULES:
        arguments = arguments[2:]
        name = arguments[0]
    elif name == PYTHON:
        real = os.path.join(os.path.dirname(arguments[0]), "python")
        os.execv(real, [real, *arguments[1:]])
    sys.exit(ask(name, arguments, os.environ, os.environ.get(PLACE) or os.getcwd(), (0, 1, 2)))
