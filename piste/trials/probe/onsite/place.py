"""A place under test: enter it, take an address, ask every question, leave."""

from __future__ import annotations

import os
import platform
import re
import select
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

from piste.trials.probe.onsite.interface import Interface, since
from piste.trials.probe.onsite.portal import portal
from piste.trials.probe.onsite.questions import QUESTIONS, Icmp
from piste.trials.probe.onsite.service import service
from piste.trials.probe.onsite.wire import DISCOVER, INFORM, Computer, arp, ask_server, lease, release

Answer = dict[str, Any]
WORKERS = 192
ALONE = ("portal", "rate", "inform")
"""Questions asked outside the crowd."""


def join(interface: str, networks: str, driver: str, patience: float) -> tuple[Answer, Any]:
    """Enter a network by 802.1X or by radio; the configuration and its secrets stay in memory."""
    start, handle = time.monotonic(), os.memfd_create("probe")
    os.write(handle, networks.encode())
    argv = ["wpa_supplicant", "-i", interface, "-D", driver, "-c", f"/proc/self/fd/{handle}"]
    try:
        process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, pass_fds=[handle])
    except OSError as error:
        return {"outcome": "unable", "why": f"wpa_supplicant : {error.strerror} (apt install wpasupplicant)"}, None
    finally:
        os.close(handle)
    assert process.stdout
    said, until, outcome = b"", time.monotonic() + patience, "silent"
    while outcome == "silent" and time.monotonic() < until:
        ready, _, _ = select.select([process.stdout], [], [], max(0.0, until - time.monotonic()))
        part = os.read(process.stdout.fileno(), 4096) if ready else b""
        if ready and not part:
            break
        said += part
        if b"CTRL-EVENT-CONNECTED" in said:
            outcome = "answered"
        elif re.search(rb"EAP-FAILURE|ASSOC-REJECT|WRONG_KEY", said):
            outcome = "refused"
    seen = [line for line in said.decode(errors="replace").splitlines() if "CTRL-EVENT" in line][-8:]
    return {"outcome": outcome, "ms": since(start), "events": seen}, process


class Place:
    """A place under test: the interface, what entered it, the answers so far.

    In a twin it may `keep` the address that it takes, then ask from it, `standing`; `macs` ask for an address too,
    and `at_once` says how many questions are asked together.
    """

    def __init__(self, request: Answer) -> None:
        self.request = request
        self.answers: dict[str, Answer] = {}
        self.lent: Answer = {}
        self.interface = Interface(request["interface"])
        self.end = time.monotonic() + request.get("seconds", 15)
        self.supplicant: Any = None

    def run(self) -> None:
        if self.request.get("standing"):
            self.interface.address = next((entry["local"] for entry in self.interface.addresses), "")
            if self.interface.address:
                self.ask()
            return
        speed = self.interface.speed
        if self.request.get("isolate") and self.interface.physical:
            self.interface.isolate()
        alive = self.interface.up(3.0)
        self.answers["link"] = {"outcome": "answered" if alive else "silent", "speed": speed}
        self.enter()
        if alive and self.stand():
            self.ask()
        for mac in self.request.get("macs", []) if alive else []:
            self.answers[f"lease.{mac}"] = lease(Computer(self.interface.name, bytes.fromhex(mac)), [1.0])

    def ask(self) -> None:
        self.icmp = Icmp(self.interface.address)
        self.icmp.start()
        self.try_all()

    def enter(self) -> None:
        """Be refused where the request says so, then enter the network.

        Without an admission a port may still lead somewhere: to the VLAN of strangers, or of silent servers.
        """
        for attempt in self.request.get("joins", []):
            self.leave()
            answer, self.supplicant = join(
                self.interface.name, attempt["networks"], attempt["driver"], attempt.get("patience", 6.0)
            )
            self.answers[attempt["id"]] = answer

    def leave(self) -> None:
        if self.supplicant:
            self.supplicant.terminate()
            self.supplicant.wait(2)
            self.supplicant = None

    def stand(self) -> bool:
        """Take an address, and find the gateway; return whether anything lives here.

        Without a lease it is an address of the segment that no machine answers for, from which each DHCP server is
        asked without the relay: for options, and for an offer as a relay would.
        """
        static = self.request["static"]
        self.answers["lease"] = lent = lease(self.interface, self.request["waits"])
        if lent["outcome"] == "answered":
            self.lent = lent
            self.interface.take(lent["address"], lent["length"], next(iter(lent["routers"]), ""))
            for server in static["dhcp"]:
                self.answers[f"inform.{server}"] = ask_server(self.interface, server, INFORM, 0.8)
        gateway = next(iter(lent.get("routers", [])), static["gateway"])
        macs = arp(self.interface, gateway)
        if not self.lent and macs:
            free = next((place for place in static["candidates"] if not arp(self.interface, place, 0.3)), "")
            if free:
                self.interface.take(free, static["length"], gateway)
                self._ask_servers(static["dhcp"])
        if not macs:
            # A gateway of another segment answers where the port leads to another VLAN.
            near = [other for other in static.get("elsewhere", []) if arp(self.interface, other, 0.3)]
            self.answers["elsewhere"] = {"outcome": "answered" if near else "silent", "addresses": near}
        address = self.interface.address
        self.answers["gateway"] = {"outcome": "answered" if macs else "silent", "macs": macs, "address": address}
        return bool(address)

    def _ask_servers(self, servers: list[str]) -> None:
        for server in servers:
            self.answers[f"inform.{server}"] = ask_server(self.interface, server, INFORM, 0.8)
            self.answers[f"relayed.{server}"] = ask_server(self.interface, server, DISCOVER, 0.8)

    def try_all(self) -> None:
        def tried(question: Answer) -> None:
            try:
                if question["kind"] == "service":
                    self.answers[question["id"]] = service(question, self.icmp, self.request.get("trusted", ""))
                else:
                    self.answers[question["id"]] = QUESTIONS[question["kind"]](question, self.icmp)
            except Exception as error:
                self.answers[question["id"]] = {"outcome": "unable", "why": f"{type(error).__name__} : {error}"}

        # Behind a portal nothing passes before its terms are accepted.
        for question in self.request["questions"]:
            if question["kind"] == "portal":
                self.answers[question["id"]] = portal(question, self.icmp)
        pool = ThreadPoolExecutor(self.request.get("at_once") or WORKERS)
        first = [question for question in self.request["questions"] if question["kind"] not in ALONE]
        wait([pool.submit(tried, question) for question in first], max(0.0, self.end - time.monotonic()))
        # The rate fills the line: it is measured once nothing else is.
        for question in self.request["questions"]:
            if question["kind"] == "rate":
                tried(question)

    def close(self) -> None:
        if self.lent:
            release(self.interface, self.lent)
        self.leave()
        self.interface.come_home()
        self.interface.give_back()


def main(request: Answer) -> Answer:
    """Run the tests of a request; whatever happens, the interface is given back."""
    machine = {"host": platform.node(), "python": platform.python_version(), "kernel": platform.release()}
    said: Answer = {"format": 1, "machine": machine, "interface": request["interface"], "started": time.time()}
    answers: dict[str, Answer] = {}
    place = None
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGHUP, _stop)
    signal.signal(signal.SIGALRM, _stop)
    signal.alarm(int(request["seconds"]) + 10)
    try:
        place = Place(request)
        answers = place.answers
        place.run()
    except (OSError, ValueError) as error:
        said["error"] = str(error)
    try:
        if place and not request.get("keep"):
            place.close()
    except OSError as error:
        said["left"] = str(error)
    return {**said, "ended": time.time(), "answers": dict(answers)}


def _stop(number: int, frame: object) -> None:
    """Turn a signal, or the end of the time, into an error of the place."""
    raise TimeoutError(f"arrêté par le signal {signal.Signals(number).name}")
