"""Run a command whose own runs of Ansible are forked.

`python -m tests.support.forked COMMAND…`
"""

from __future__ import annotations

import os
import subprocess
import sys

from tests.support import forkclient, forkserver


def main(*command: str) -> int:
    environment = {
        **os.environ,
        forkclient.FOLDER: str(forkserver.home()),
        forkclient.PLACE: os.getcwd(),
        "PATH": f"{forkserver.home() / 'venv/bin'}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.getcwd(),
    }
    try:
        return subprocess.run(command, env=environment, check=False).returncode
    finally:
        forkserver.close()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
