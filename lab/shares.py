"""A real file server for the targeted shares: Debian's smbd, encrypted, on its own port."""

from __future__ import annotations

import getpass
import os
import secrets
import shutil
import socket
import struct
import subprocess
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from lab.ad.host import SYSTEM_PATH
from lab.state import private_folder
from piste.readings.computers.rights import aces
from piste.systems.windows.gpo.acl import Descriptor, build

ACCOUNT = "svc-lecture"
PATIENCE = 20.0
DOMAIN = "S-1-5-21-10-20-30"
"""The SID of a domain, for owners and rights."""
DAY = 86_400
_CONF = """[global]
 server role = standalone server
 passdb backend = tdbsam:{folder}/passdb.tdb
 private dir = {folder}/private
 lock directory = {folder}/lock
 state directory = {folder}/state
 cache directory = {folder}/cache
 pid directory = {folder}/pid
 ncalrpc dir = {folder}/ncalrpc
 log file = {folder}/log
 username map = {folder}/users
 bind interfaces only = yes
 interfaces = lo
 smb ports = {port}
 load printers = no
 disable spoolss = yes
 server min protocol = SMB3
 server signing = mandatory
 server smb encrypt = required
 smb3 unix extensions = no
"""
_OWNERS = " vfs objects = acl_xattr\n acl_xattr:security_acl_name = user.NTACL\n acl_xattr:ignore system acls = yes\n"
"""Options of a share whose files have the owners of Windows, which `own` gives."""
_SHARE = "[{name}]\n path = {path}\n read only = yes\n browseable = no\n"
Tree = Mapping[str, tuple[bytes, int]]
"""The content of a file and its age in days, by path."""


def sample() -> Tree:
    """Give files of a share: living, cold, double, cold and double."""
    report, scan = _bytes("rapport", 300_000), _bytes("plan", 700_000)
    return {
        "Finances/budget-2026.ods": (_bytes("budget", 90_000), 20),
        "Finances/2014/budget-2014.ods": (_bytes("ancien", 120_000), 4000),
        "Finances/2014/rapport.odt": (report, 3900),
        "Urbanisme/rapport.odt": (report, 40),
        "Urbanisme/rapport (copie).odt": (report, 35),
        "Urbanisme/Plans/plan-1.dwg": (scan, 900),
        "Urbanisme/Plans/plan-2.dwg": (_bytes("autre", 700_000), 12),
    }


def _bytes(word: str, size: int) -> bytes:
    return (word.encode() * (size // len(word) + 1))[:size]


def obstacle() -> str:
    """Say in French why smbd cannot run on this machine, and the remedy; empty where it can."""
    if all(shutil.which(program, path=SYSTEM_PATH) for program in ("smbd", "pdbedit")):
        return ""
    return (
        "Les partages du laboratoire ne peuvent pas démarrer : smbd manque à cette machine. "
        "Installez : sudo apt-get install --no-install-recommends samba"
    )


def own(path: Path, descriptor: Descriptor) -> None:
    """Give a file or a folder the owner and the access list of Windows.

    The attribute is that of Samba (xattr.idl, `xattr_NTACL` version 1): the places in a descriptor count from its own
    beginning. Raises OSError where the file system has no attributes of users.
    """
    head, built = struct.pack("<HHI", 1, 1, 0x20000), build(descriptor)
    places = struct.unpack_from("<4I", built, 4)
    moved = struct.pack("<4I", *(place and place + len(head) for place in places))
    os.setxattr(path, "user.NTACL", head + built[:4] + moved + built[20:])


def append_only(folder: Path) -> None:
    """Give a folder the rights of the share where computers write, where that can be kept.

    The account of the lab reads by that of the machine: Samba makes its SID of its number.
    """
    with suppress(OSError):
        own(folder, Descriptor(0x8004, aces(DOMAIN, [f"S-1-22-1-{os.getuid()}"]), "S-1-5-18"))


class Shares:
    """Shares of a lab, read only, until `close`; `targets` are those of the declaration.

    A target with `empty` gets no sample.

    The program ends with its standard input, hence with the lab, however the lab ends.
    """

    def __init__(self, folder: Path, targets: Iterable[Mapping[str, Any]]) -> None:
        self._folder, self._targets = private_folder(folder), list(targets)
        self._process: subprocess.Popen[bytes] | None = None
        self.password = secrets.token_urlsafe(18)
        self.port = 0

    @property
    def info(self) -> dict[str, Any]:
        place = {"address": "127.0.0.1", "port": self.port}
        servers = dict.fromkeys((target["server"] for target in self._targets), place)
        return {"username": ACCOUNT, "password": self.password, "elsewhere": servers}

    def place(self, name: str) -> Path:
        """Give the folder of a share."""
        return self._folder / "shares" / name.rstrip("$").casefold()

    def fill(self, name: str, files: Tree, now: float | None = None) -> None:
        """Write files into a share, as old as they are said to be."""
        for path, (content, days) in files.items():
            file = self.place(name) / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
            moment = (now or time.time()) - days * DAY
            os.utime(file, (moment, moment))

    def start(self) -> Shares:
        """Start, and wait until it listens. Raises RuntimeError."""
        folder = self._folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        for part in ("private", "lock", "state", "cache", "pid", "ncalrpc"):
            private_folder(folder / part)
        samples = {target["share"] for target in self._targets if not target.get("empty")}
        sections = []
        for name in dict.fromkeys(target["share"] for target in self._targets):
            new = not self.place(name).exists()
            private_folder(self.place(name))
            if new and name in samples:
                self.fill(name, sample())
            sections.append(_SHARE.format(name=name, path=self.place(name)) + _OWNERS)
        conf = folder / "smb.conf"
        conf.write_text(_CONF.format(folder=folder, port=self.port) + "".join(sections), encoding="utf-8")
        # smbd cannot become another account where it is not root: the account of the shares is that of the lab.
        (folder / "users").write_text(f"{getpass.getuser()} = {ACCOUNT}\n", encoding="ascii")
        environment = {**os.environ, "PATH": SYSTEM_PATH}
        said = subprocess.run(
            ["pdbedit", "-s", str(conf), "-a", "-u", getpass.getuser(), "-t"],
            input=f"{self.password}\n{self.password}\n".encode(), env=environment, capture_output=True, check=False,
        )  # fmt: skip
        if said.returncode:
            why = said.stderr.decode(errors="replace")[:300]
            raise RuntimeError(f"Le compte des partages n’a pas été fait : {why}")
        with (folder / "smbd.log").open("wb") as log:
            self._process = subprocess.Popen(
                ["smbd", "-F", "--no-process-group", "--debug-stdout", "-s", str(conf)],
                stdin=subprocess.PIPE, stdout=log, stderr=log, env=environment, start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + PATIENCE
        while not self._listens():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.close()
                raise RuntimeError(f"Les partages n’ont pas démarré ; leur journal : {folder / 'smbd.log'}")
            time.sleep(0.02)
        return self

    def _listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True

    def close(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
