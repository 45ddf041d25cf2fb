"""The interface under test: its state before, its addresses during the tests."""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import time
from pathlib import Path

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
"""From `linux/sched.h`."""


def run(*argv: str) -> str:
    """Run a command; return its output. Raises OSError with its last words."""
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=5)
    except subprocess.TimeoutExpired as error:
        raise OSError(f"{' '.join(argv)} : sans fin") from error
    if done.returncode:
        raise OSError(f"{' '.join(argv)} : {done.stderr.strip()}")
    return done.stdout


def ip(*words: str) -> str:
    return run("ip", *words)


def since(start: float) -> float:
    return round((time.monotonic() - start) * 1000, 1)


class Interface:
    """The interface under test: brought up, given an address, left as before."""

    def __init__(self, name: str) -> None:
        self.name = name
        (self.before,) = json.loads(ip("-j", "addr", "show", "dev", name))
        self.addresses = [entry for entry in self.before["addr_info"] if entry["family"] == "inet"]
        self.routes = json.loads(ip("-j", "-4", "route", "show", "dev", name))
        self.mac = bytes.fromhex(self.before["address"].replace(":", ""))
        self.folder = Path(f"/sys/class/net/{name}")
        self.address = ""
        self.home: int | None = None
        self.move: list[str] = []

    @property
    def physical(self) -> bool:
        return (self.folder / "device").exists()

    @property
    def speed(self) -> str:
        """The speed in Mbit/s; empty where the system does not say, or shows another namespace."""
        try:
            return (self.folder / "speed").read_text("ascii").strip()
        except OSError:
            return ""

    def isolate(self) -> None:
        """Move the interface into a namespace of this process, which the kernel ends with it.

        However the process ends, the interface comes back, and the other networks of the machine never change.
        """
        session = os.environ.get("SSH_CONNECTION", "").split(" ")[2:3]
        if session and session[0] in [entry["local"] for entry in self.addresses]:
            raise OSError(f"la session SSH passe par {self.name} : joignez la sonde par une autre interface")
        radio = self.folder / "phy80211" / "name"
        whole = ["iw", "phy", radio.read_text("ascii").strip(), "set", "netns"] if radio.exists() else []
        self.move = whole or ["ip", "link", "set", "dev", self.name, "netns"]
        self.home = os.open("/proc/self/ns/net", os.O_RDONLY)
        if LIBC.unshare(CLONE_NEWNET):
            raise OSError(f"unshare : {os.strerror(ctypes.get_errno())} ; la sonde s’exécute par root")
        self._bring(self.home)
        ip("link", "set", "lo", "up")

    def come_home(self) -> None:
        """Return to the first namespace, and bring the interface back there."""
        if self.home is not None:
            alone = os.open("/proc/self/ns/net", os.O_RDONLY)
            if LIBC.setns(self.home, CLONE_NEWNET):
                raise OSError(f"setns : {os.strerror(ctypes.get_errno())}")
            self._bring(alone)

    def _bring(self, namespace: int) -> None:
        """Move the interface from a namespace, by its descriptor, to that of this process.

        Never by the pid of a parent: what a parent stands in is not known.
        """
        entered = ["nsenter", f"--net=/proc/{os.getpid()}/fd/{namespace}"]
        run(*entered, *self.move, str(os.getpid()))

    def up(self, patience: float) -> bool:
        """Bring the interface up without an address; return whether the line is alive."""
        ip("-4", "addr", "flush", "dev", self.name)
        ip("link", "set", "dev", self.name, "up")
        end = time.monotonic() + patience
        while not (alive := self._alive()) and time.monotonic() < end:
            time.sleep(0.05)
        return alive

    def _alive(self) -> bool:
        return "LOWER_UP" in json.loads(ip("-j", "link", "show", "dev", self.name))[0]["flags"]

    def take(self, address: str, length: int, gateway: str) -> None:
        ip("addr", "replace", f"{address}/{length}", "dev", self.name)
        self.address = address
        if gateway:
            ip("route", "replace", "default", "via", gateway, "dev", self.name, "onlink")

    def give_back(self) -> None:
        """Restore addresses and routes."""
        ip("-4", "addr", "flush", "dev", self.name)
        # An interface that changes its namespace is down, and only a route of a live interface is taken.
        ip("link", "set", "dev", self.name, "up" if "UP" in self.before["flags"] else "down")
        for entry in self.addresses:
            ip("addr", "replace", f"{entry['local']}/{entry['prefixlen']}", "dev", self.name)
        for route in self.routes:
            if route.get("protocol") != "kernel":
                via = ["via", route["gateway"]] if "gateway" in route else []
                ip("route", "replace", route["dst"], *via, "dev", self.name)
