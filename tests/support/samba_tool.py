"""samba-tool by forks of a process that has imported it.

Half of the time of a run is its imports. It enters the namespaces of its controller, and has its own streams and exit.
"""

from __future__ import annotations

import json
import os
import subprocess
from functools import cache
from typing import IO

from lab.ad.controller import Controller
from lab.ad.host import environment

_SERVER = """
import importlib, json, os, sys, tempfile, traceback
from samba.netcmd.main import samba_tool
for name in ("dns", "gpo", "group", "ntacl", "ou", "samdb", "user"):
    importlib.import_module(f"samba.{'' if name == 'samdb' else 'netcmd.'}{name}")
for line in sys.stdin:
    process, arguments = json.loads(line)
    said = [tempfile.TemporaryFile() for _ in range(2)]
    if (child := os.fork()) == 0:
        code = 1
        try:
            for kind in ("user", "mnt"):
                entered, own = f"/proc/{process}/ns/{kind}", f"/proc/self/ns/{kind}"
                if os.readlink(entered) != os.readlink(own):
                    os.setns(os.open(entered, os.O_RDONLY))
            for stream, file in enumerate([open(os.devnull), *said]):
                os.dup2(file.fileno(), stream)
            code = samba_tool(*arguments)
        except SystemExit as end:
            code = end.code
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(int(bool(code)))
    _, status = os.waitpid(child, 0)
    texts = [os.pread(file.fileno(), 1 << 24, 0).decode("utf-8", "replace") for file in said]
    print(json.dumps([status, *texts]), flush=True)
"""


@cache
def _server(owner: int) -> tuple[IO[str], IO[str]]:
    """Start the server of a process of tests, with which it ends."""
    command = ["/usr/bin/python3", "-I", "-c", _SERVER]
    started = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment(), cwd="/", text=True
    )
    assert started.stdin
    assert started.stdout
    return started.stdin, started.stdout


def run(controller: Controller, *arguments: str) -> str:
    """Run samba-tool beside a controller that runs; return its output. Raises RuntimeError."""
    assert controller.process_id, "the controller does not run"
    asked, answers = _server(os.getpid())
    asked.write(json.dumps([controller.process_id, arguments]) + "\n")
    asked.flush()
    status, out, err = json.loads(answers.readline())
    if status:
        raise RuntimeError(f"samba-tool {' '.join(arguments)}: {out}{err}")
    return str(out)
