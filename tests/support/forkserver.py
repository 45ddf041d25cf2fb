"""`ansible-playbook` started by a fork: Ansible is imported once for an environment, each run is a child of it.

A run has its own session, environment, standard streams and exit, as the program has. What it does not prove is the
start-up itself, signals and kills: those tests start the program. One JSON document a line: a request on standard input
(`argv`, `env`, `out`: the file that takes what is said), the exit code on standard output.
"""

from __future__ import annotations

import atexit
import json
import os
import random
import select
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path

_SERVERS: dict[tuple[str, ...], subprocess.Popen[str]] = {}


def run(repository: Path, argv: Sequence[str], environment: Mapping[str, str], out: Path, timeout: float) -> int:
    """Run `ansible-playbook` in a repository, under an environment; its exit code. Raises TimeoutError."""
    # Ansible reads its settings when it is imported: a server for each set of them, and for each clone.
    settings = sorted(f"{name}={value}" for name, value in environment.items() if name.startswith("ANSIBLE_"))
    key = (str(repository), *settings)
    if key not in _SERVERS:
        _SERVERS[key] = subprocess.Popen(
            [sys.executable, str(repository / "tests/support/forkserver.py")],
            cwd=repository,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
    server = _SERVERS[key]
    assert server.stdin
    assert server.stdout
    server.stdin.write(json.dumps({"argv": list(argv), "env": dict(environment), "out": str(out)}) + "\n")
    server.stdin.flush()
    ready, _, _ = select.select([server.stdout], [], [], timeout)
    answer = server.stdout.readline() if ready else ""
    if not answer:
        del _SERVERS[key]
        server.kill()
        raise TimeoutError(f"no end of {' '.join(argv)} after {timeout} s")
    return int(json.loads(answer))


def close() -> None:
    """End every server; runs that still go on are left to end by themselves."""
    for server in _SERVERS.values():
        assert server.stdin
        server.stdin.close()
        server.wait(10)
    _SERVERS.clear()


_IMPORTED = (
    "ansible.cli.playbook",
    "ansible.executor.playbook_executor",
    "ansible.executor.process.worker",
    "ansible.plugins.connection.local",
    "ansible.plugins.inventory.yaml",
    "ansible.plugins.strategy.linear",
    "ansible.plugins.vars.host_group_vars",
    "piste.dispatch",
    "piste.runs.recorder",
    "piste.site",
)
"""What every run imports; what a run imports when a task asks for it is left to that run."""


def _serve() -> None:
    for name in _IMPORTED:
        import_module(name)
    for line in sys.stdin:
        asked = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _run(asked["argv"], asked["env"], asked["out"])
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _run(argv: list[str], environment: dict[str, str], out: str) -> None:
    """Be `ansible-playbook`, and end as a program ends."""
    code = 250
    try:
        os.setsid()
        os.environ.clear()
        os.environ.update(environment)
        tempfile.tempdir = None
        random.seed()
        said = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        for source, target in ((os.open(os.devnull, os.O_RDONLY), 0), (said, 1), (said, 2)):
            os.dup2(source, target)
        sys.argv = argv
        from ansible import constants
        from ansible.cli.playbook import main

        # Made when Ansible is imported, removed at the end of a run: of the run before.
        Path(constants.DEFAULT_LOCAL_TMP).mkdir(mode=0o700, parents=True, exist_ok=True)
        main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    # The folder of this file comes first on the path of a script; the repository is what is to be found there.
    sys.path[0] = str(Path(__file__).resolve().parents[2])
    _serve()
