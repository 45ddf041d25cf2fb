"""Programs started by a fork: a server imports once, each run is its child.

A run has its own session, environment, streams and exit, as the program has; it ends with the process that asked for
it. It does not prove the start-up itself, signals and kills: those tests start the program.
"""

from __future__ import annotations

import atexit
import fcntl
import gc
import json
import os
import random
import resource
import select
import shutil
import signal
import socket
import sys
import tempfile
import traceback
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from runpy import run_module
from typing import Any, NoReturn

from tests.support import forkclient, spent

SESSION = "PISTE_TESTS_SESSION"
"""Variable: the folder of a session of tests."""
_PLUGINS = {
    "callback": ("default", "junit", "minimal", "oneline", "tree"),
    "connection": ("local", "psrp", "ssh", "winrm"),
    "inventory": ("auto", "host_list", "ini", "script", "toml", "yaml"),
    "shell": ("cmd", "powershell", "sh"),
    "strategy": ("linear",),
    "vars": ("host_group_vars",),
}
_IMPORTED: Mapping[str, tuple[str, ...]] = {
    "ansible": (
        "ansible.cli.inventory",
        "ansible.cli.playbook",
        "ansible.executor.playbook_executor",
        "ansible.executor.process.worker",
        *(f"ansible.plugins.{kind}.{name}" for kind, names in _PLUGINS.items() for name in names),
    ),
    "python": ("ansible_runner", "rich.console"),
}
"""Imports of every run of a program, beside Piste itself."""
_OF_ANSIBLE = "piste.runs.dispatch"
"""The module of Piste that imports Ansible, with the settings of this server."""

_IDLE = 240.0
"""Seconds without a run after which a server ends: a session has many clones, used in turn."""
_LOOK = 2.0
_SPENT = "spent"
"""The file of a session's servers with the CPU time of their runs."""


@cache
def _place() -> Path:
    """The place of this session's servers, which its workers share."""
    return Path(os.environ.get(SESSION) or tempfile.mkdtemp(prefix="piste-forks-"), "forks")


@cache
def home() -> Path:
    """The folder of this session's servers, with the environment where runs ask them."""
    folder = _place()
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            made = folder.with_suffix(".new")
            _lay(made / "venv")
            made.rename(folder)
    return folder


def _lay(twin: Path) -> None:
    """Lay out an environment whose programs ask the servers."""
    real = Path(sys.prefix)
    (twin / "bin").mkdir(parents=True)
    for name in ("pyvenv.cfg", "lib"):
        (twin / name).symlink_to(real / name)
    for program in (real / "bin").iterdir():
        (twin / "bin" / program.name).symlink_to(program)
    asking = Path(__file__).with_name("forkclient.py").read_text("utf-8")
    for name in forkclient.ASKING:
        client = twin / "bin" / name
        client.unlink(missing_ok=True)
        client.write_text(f"#!{sys.executable} -IS\n{asking}", "utf-8")
        client.chmod(0o755)


def variables() -> dict[str, str]:
    """Give the variables with which a command finds forks in the place of Ansible.

    Their settings are those of the other files: the same servers serve them.
    """
    path = f"{home() / 'venv/bin'}{os.pathsep}{os.environ['PATH']}"
    settings = {"ANSIBLE_HOME": str(home() / "ansible"), "ANSIBLE_NOCOLOR": "1", "PYTHONPATH": os.getcwd()}
    return {forkclient.FOLDER: str(home()), "PATH": path, **settings}


def close() -> None:
    """End every server of the session: each looks whether its folder is still there."""
    folder = _place()
    if folder.exists():
        for what, seconds in spent.read(folder / _SPENT).items():
            spent.note(what, seconds)
        # After an interruption, a run of another worker may still write there.
        shutil.rmtree(folder if os.environ.get(SESSION) else folder.parent, ignore_errors=True)


def _serve(path: str, program: str) -> None:
    # The folder of this file comes first on the path of a script; imports must find the clone there.
    sys.path[0] = os.getcwd()
    # Workers that need a server at once start one each: the first of them serves all.
    with open(f"{path}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if Path(path).exists():
            return
        listening = _listening(path, program)
    listening.settimeout(_LOOK)
    _note(path, program, resource.RUSAGE_SELF)
    idle = 0.0
    while True:
        try:
            asking, _ = listening.accept()
        except TimeoutError:
            if idle >= _IDLE or not Path(path).exists():
                return
            idle += _LOOK
            if idle >= _IDLE:  # nobody finds it from now on; a client that has just found it is still answered
                Path(path).unlink(missing_ok=True)
            continue
        idle = 0.0
        if os.fork() == 0:
            listening.close()
            _keep(asking, path)
        asking.close()
        while _ended(-1, os.WNOHANG):
            pass


def _listening(path: str, program: str) -> socket.socket:
    """Import what the runs of a program import, and listen."""
    for name in (*_IMPORTED[program], *_of_piste(program)):
        import_module(name)
    import_module("piste.town.kept")._code()
    if program == "ansible":
        import_module("tests.support.frugal").install(Path(path).with_name("templates"))
    else:
        _close_at_once()
    os.fsync = lambda descriptor: None  # as in the tests themselves (tests/conftest.py)
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listening.bind(f"{path}.{os.getpid()}")
    listening.listen(16)
    os.rename(f"{path}.{os.getpid()}", path)
    return listening


def _close_at_once() -> None:
    """Spare a run that has ended the tenth of a second before its terminal is closed."""
    from ptyprocess import PtyProcess

    close = PtyProcess.close

    def closed(self: Any, force: bool = True) -> None:
        if not self.isalive():
            self.delayafterclose = 0
        close(self, force)

    PtyProcess.close = closed


def _of_piste(program: str) -> list[str]:
    """List the modules of Piste that runs of a program import.

    A verb imports any; a playbook its kinds, and what derives a town.
    """
    if program == "python":
        package = import_module("piste")
        return [module.name for module in walk_packages(package.__path__, "piste.") if module.name != _OF_ANSIBLE]
    kinds, intents = import_module("piste.systems.kinds"), import_module("piste.town.derived").INTENTS
    of_kinds = (name for kind in kinds.KINDS for name in (kind.place, kind.driver.partition(":")[0]))
    of_domains = (f"piste.runs.domains.{domain}" for domain in kinds.DOMAINS)
    of_town = ("piste.town.model.town", "piste.town.town", "piste.town.site", *(place for place, _ in intents.values()))
    # More would make the server larger, and with it each worker that Ansible forks.
    return [_OF_ANSIBLE, "piste.runs.records.recorder", *of_kinds, *of_domains, *of_town]


def _ended(pid: int, options: int) -> int:
    try:
        return os.waitpid(pid, options)[0]
    except ChildProcessError:
        return 0


def _note(path: str, program: str, who: int) -> None:
    """Note the CPU time of a server, or of the run that its keeper has waited for."""
    usage, what = resource.getrusage(who), spent.ANSIBLE if program in forkclient.OF_ANSIBLE else spent.COMMANDS
    spent.note(what, usage.ru_utime + usage.ru_stime, Path(path).with_name(_SPENT))


def _keep(asking: socket.socket, path: str) -> NoReturn:
    """Start a run and report its end; kill a run that nobody waits for any more."""
    size, streams, _, _ = socket.recv_fds(asking, 12, 3)
    request = b""
    while len(request) < int(size):
        request += asking.recv(int(size) - len(request))
    asked = json.loads(request)
    pid = os.fork()
    if pid == 0:
        asking.close()
        _run(streams=streams, **asked)
    ready, _, _ = select.select([asking, os.pidfd_open(pid)], [], [])
    if asking in ready:
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    with suppress(OSError):  # The session has ended.
        _note(path, asked["program"], resource.RUSAGE_CHILDREN)
    if asking not in ready:
        asking.sendall(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def _run(program: str, argv: list[str], env: dict[str, str], folder: str, streams: list[int]) -> NoReturn:
    """Be the program, and end as a program ends."""
    code: Any = 250
    try:
        os.setsid()
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(env)
        tempfile.tempdir = None
        random.seed()
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        sys.argv = argv
        if start := getattr(sys.modules.get("sitecustomize"), "start", None):
            start()  # what a test has each Python do first (tests/support/opened.py)
        _be(program)
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


def _be(program: str) -> None:
    if program in ("python", forkclient.OF_A_MODULE):
        sys.argv.pop(0)  # as `python -c`: the option takes the place of the program
        code = sys.argv.pop(1)
        sys.executable = str(Path(sys.executable).with_name(forkclient.PYTHON))
        exec(code, {"__name__": "__main__"})
        return
    from ansible import constants
    from ansible.plugins.loader import callback_loader

    for name in forkclient.READ_AGAIN:
        setattr(constants, name, constants.config.get_config_value(name))
    callback_loader.config = constants.DEFAULT_CALLBACK_PLUGIN_PATH
    # Ansible makes it when it is imported, and removes it at the end of a run: a run beside would lose its own.
    own = Path(f"{constants.DEFAULT_LOCAL_TMP}-{os.getpid()}")
    own.mkdir(mode=0o700, parents=True)
    atexit.register(shutil.rmtree, own, ignore_errors=True)
    constants.DEFAULT_LOCAL_TMP = str(own)
    if program in forkclient.MODULES:
        run_module(program, run_name="__main__")
    else:
        import_module(program.replace("ansible-", "ansible.cli.")).main()


if __name__ == "__main__":
    _serve(*sys.argv[1:])
