"""Questions above IP: echo, ports, names, time, rate; each gives its outcome."""

from __future__ import annotations

import json
import os
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable
from typing import Any

from piste.trials.probe.onsite.interface import since
from piste.trials.probe.onsite.wire import checksum

Answer = dict[str, Any]
ECHO, REPLY, UNREACHABLE = 8, 0, 3
BUSY_PAUSES = (0.2, 0.5, 1.0, 2.0, 0.0)
"""Seconds to wait for an iperf3 server that is busy: it serves one test at a time."""
ENDING = ("busy", "reset by peer")
"""Words of iperf3 about a server that serves another test, or still ends the test before."""
REOPENING = (*ENDING, "Connection refused")
"""The same, just after a test: the server closes its port and opens it again."""


class Icmp(threading.Thread):
    """The echo replies and the refusals that come back to the address of the place."""

    def __init__(self, source: str) -> None:
        super().__init__(daemon=True)
        self.source = source
        self.raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        self.identity, self.last = os.getpid() & 0xFFFF, 0
        self.lock = threading.Lock()
        self.replies: dict[tuple[str, int], threading.Event] = {}
        self.refusals: dict[str, Answer] = {}

    def run(self) -> None:
        while True:
            data, (sender, _) = self.raw.recvfrom(2048)
            body = data[(data[0] & 15) * 4 :]
            if len(body) < 8:
                continue
            if body[0] == REPLY and struct.unpack("!H", body[4:6])[0] == self.identity:
                event = self.replies.get((sender, struct.unpack("!H", body[6:8])[0]))
                if event:
                    event.set()
            elif body[0] == UNREACHABLE and len(body) >= 28:
                self.refusals[socket.inet_ntoa(body[24:28])] = {"by": sender, "code": body[1]}

    def echo(self, address: str, patience: float) -> float | None:
        """Give the round trip in ms, None without a reply."""
        with self.lock:
            self.last += 1
            number = self.last & 0xFFFF
        event = self.replies[address, number] = threading.Event()
        head = struct.pack("!BBHHH", ECHO, 0, 0, self.identity, number)
        start = time.monotonic()
        self.raw.sendto(head[:2] + struct.pack("!H", checksum(head)) + head[4:], (address, 0))
        return since(start) if event.wait(patience) else None

    def refused(self, address: str) -> Answer:
        refusal = self.refusals.get(address)
        return {"outcome": "refused", **refusal} if refusal else {"outcome": "silent"}


def ping(question: Answer, icmp: Icmp) -> Answer:
    count, times = question.get("count", 2), []
    for turn in range(count):
        took = icmp.echo(question["address"], question.get("patience", 1.2))
        times += [took] if took is not None else []
        if took is not None and count <= 2:
            break
        if count > 2 and turn < count - 1:
            time.sleep(0.05)
    base = {"sent": count, "received": len(times), "times": times}
    return {"outcome": "answered", **base} if times else {**icmp.refused(question["address"]), **base}


def tcp(question: Answer, icmp: Icmp) -> Answer:
    start = time.monotonic()
    where, patience = (question["address"], question["port"]), question.get("patience", 2.0)
    try:
        with socket.create_connection(where, patience, (icmp.source, 0)):
            return {"outcome": "answered", "ms": since(start)}
    except ConnectionRefusedError:
        return {"outcome": "refused", "by": question["address"], "ms": since(start)}
    except OSError:
        return icmp.refused(question["address"])


def exchange(question: Answer, icmp: Icmp, payload: bytes, port: int) -> tuple[Answer, bytes]:
    """Send a datagram, twice if need be; give the outcome and the answer."""
    start = time.monotonic()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        datagrams.bind((icmp.source, 0))
        datagrams.settimeout(question.get("patience", 2.0) / 2)
        for _ in range(2):
            try:
                datagrams.connect((question["address"], port))
                datagrams.send(payload)
                return {"outcome": "answered", "ms": since(start)}, datagrams.recv(4096)
            except ConnectionRefusedError:
                by = icmp.refusals.get(question["address"], {"by": question["address"]})
                return {"outcome": "refused", **by, "ms": since(start)}, b""
            except OSError:
                continue
    return icmp.refused(question["address"]), b""


def udp(question: Answer, icmp: Icmp) -> Answer:
    if question["port"] == 53:
        return name({**question, "name": "."}, icmp)
    if question["port"] == 123:
        return clock(question, icmp)
    return exchange(question, icmp, b"\0" * 16, question["port"])[0]


def name(question: Answer, icmp: Icmp) -> Answer:
    """Ask a server for the addresses of a name (RFC 1035)."""
    labels = [label.encode("idna") for label in question["name"].strip(".").split(".") if label]
    whole = b"".join(bytes((len(label),)) + label for label in labels) + b"\0"
    head = os.urandom(2) + b"\x01\0\0\x01\0\0\0\0\0\0"
    outcome, said = exchange(question, icmp, head + whole + b"\0\x01\0\x01", 53)
    if outcome["outcome"] != "answered" or len(said) < 12 or said[:2] != head[:2]:
        return outcome if outcome["outcome"] != "answered" else {"outcome": "nonsense"}
    addresses, at = [], 12 + len(whole) + 4
    try:
        for _ in range(struct.unpack("!H", said[6:8])[0]):
            while said[at] and said[at] < 192:
                at += 1 + said[at]
            at += 2 if said[at] >= 192 else 1
            kind, _, _, length = struct.unpack("!HHIH", said[at : at + 10])
            if kind == 1 and length == 4:
                addresses.append(socket.inet_ntoa(said[at + 10 : at + 14]))
            at += 10 + length
    except (IndexError, struct.error):
        return {"outcome": "nonsense"}
    return {**outcome, "rcode": said[3] & 15, "addresses": sorted(addresses)}


def clock(question: Answer, icmp: Icmp) -> Answer:
    """Ask a server for the time (RFC 5905): stratum, distance from this machine's clock."""
    outcome, said = exchange(question, icmp, b"\x23" + b"\0" * 39 + os.urandom(8), 123)
    if outcome["outcome"] != "answered" or len(said) < 48:
        return outcome if outcome["outcome"] != "answered" else {"outcome": "nonsense"}
    seconds = struct.unpack("!I", said[40:44])[0] - 2208988800
    return {**outcome, "stratum": said[1], "offset": round(seconds - time.time(), 1)}


def rate(question: Answer, icmp: Icmp) -> Answer:
    """Measure the rate to an iperf3 server, both ways, in Mbit/s."""
    measured: Answer = {}
    for way, option, passing in (("up", [], ENDING), ("down", ["-R"], REOPENING)):
        argv = ["iperf3", "-J", "-t", "2", "-B", icmp.source, "-c", question["address"], *option]
        try:
            said = _of_iperf(argv, passing)
            if "error" in said:
                return {"outcome": "silent", "why": f"iperf3 : {said['error']}", **measured}
            measured[way] = round(said["end"]["sum_received"]["bits_per_second"] / 1e6, 1)
        except (OSError, ValueError, KeyError, subprocess.SubprocessError) as error:
            return {"outcome": "silent", "why": f"iperf3 : {error}", **measured}
    return {"outcome": "answered", **measured}


def _of_iperf(argv: list[str], passing: tuple[str, ...]) -> Answer:
    """Give what iperf3 says; ask again for a moment where its error has a passing cause."""
    for pause in BUSY_PAUSES:
        said: Answer = json.loads(subprocess.run(argv, capture_output=True, text=True, timeout=8).stdout)
        if not any(word in str(said.get("error")) for word in passing):
            break
        time.sleep(pause)
    return said


QUESTIONS: dict[str, Callable[[Answer, Icmp], Answer]] = {
    "ping": ping,
    "tcp": tcp,
    "udp": udp,
    "name": name,
    "time": clock,
    "rate": rate,
}
