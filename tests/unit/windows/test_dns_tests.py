"""Answers of a name server, and their judgment; silence is unknown."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from piste.systems.windows import dns_tests
from piste.systems.windows.dns_tests import MODULES, SRV, A, Server, Silent, ask

DOMAIN = "ad.ville.example"


def question(query: bytes) -> tuple[str, int, bytes]:
    labels, at = [], 12
    while length := query[at]:
        labels.append(query[at + 1 : at + 1 + length].decode())
        at += 1 + length
    return ".".join(labels), struct.unpack(">H", query[at + 1 : at + 3])[0], query[12 : at + 5]


def answered(query: bytes, records: Mapping[str, str], code: int = 0) -> bytes:
    """Return an answer as a server writes it: the name asked for is a pointer to the question."""
    name, kind, asked = question(query)
    value = records.get(name)
    if value is None:
        return query[:2] + struct.pack(">HHHHH", 0x8180 | (code or 3), 1, 0, 0, 0) + asked
    if kind == A:
        content = socket.inet_aton(value)
    else:
        label, place = value.partition(".")[0].encode(), 12 + name.index(DOMAIN)
        content = struct.pack(">HHH", 0, 100, 389) + bytes([len(label)]) + label + bytes([0xC0, place])
    record = b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 900, len(content)) + content
    return query[:2] + struct.pack(">HHHHH", 0x8180 | code, 1, 1, 0, 0) + asked + record


@contextmanager
def served(records: Mapping[str, str], code: int = 0) -> Iterator[int]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        channel.bind(("127.0.0.1", 0))
        channel.settimeout(0.1)
        stopped = threading.Event()

        def serve() -> None:
            while not stopped.is_set():
                try:
                    query, sender = channel.recvfrom(512)
                except TimeoutError:
                    continue
                channel.sendto(answered(query, records, code), sender)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield channel.getsockname()[1]
        finally:
            stopped.set()
            thread.join()


RECORDS = {f"_ldap._tcp.dc._msdcs.{DOMAIN}": f"dc1.{DOMAIN}", f"dc1.{DOMAIN}": "10.0.0.1", f"nps1.{DOMAIN}": "10.0.0.9"}


def states(port: int, names: Mapping[str, str], records: Sequence[Any] = ()) -> dict[str, tuple[str, str]]:
    there = {"dc1": {"address": "127.0.0.1", "port": port}}
    params = {"servers": ["dc1"], "elsewhere": there, "dns_domain": DOMAIN, "names": names, "records": records}
    tests = MODULES["dns_tests"].run(params, True)["trials"]
    return {test["id"]: (test["state"], test["observed"]) for test in tests}


def test_the_names_of_a_site_are_asked_one_by_one_and_another_answer_is_named() -> None:
    records = [
        {"zone": DOMAIN, "name": "dc1", "type": "A", "values": ["10.0.0.1"]},
        {"zone": DOMAIN, "name": "nps1", "type": "A", "values": ["10.0.0.7"]},
        {"zone": DOMAIN, "name": "imp1", "type": "A", "values": ["10.0.0.3"]},
    ]
    with served(RECORDS) as port:
        assert states(port, {}, records[:1])["dns.dc1.records"] == (
            "ok",
            "1 réponse, chacune celle qui est déclarée",
        )
        assert states(port, {}, records)["dns.dc1.records"] == (
            "wrong",
            f"nps1.{DOMAIN} (A) : 10.0.0.9 ; imp1.{DOMAIN} (A) : inconnu",
        )


def test_a_name_that_was_just_written_may_answer_later() -> None:
    with served(RECORDS) as port:
        servers = {"dc1": {"address": "127.0.0.1", "port": port}}
        params = {"servers": ["dc1"], "elsewhere": servers, "dns_domain": DOMAIN, "names": {"imp1": "10.0.0.3"}}
        said = {finding["id"]: finding["todo"] for finding in MODULES["dns_tests"].run(params, True)["findings"]}
    assert said["dns.dc1.domain"] == ""
    assert said["dns.dc1.servers"].startswith("Un nom écrit depuis moins de trois minutes")


def test_addresses_and_services_are_read_pointers_included() -> None:
    with served(RECORDS) as port:
        server = Server("dc1", "127.0.0.1", port)
        assert ask(server, f"dc1.{DOMAIN}", A) == ["10.0.0.1"]
        assert ask(server, f"_ldap._tcp.dc._msdcs.{DOMAIN}", SRV) == [f"dc1.{DOMAIN}"]
        assert ask(server, f"nobody.{DOMAIN}", A) == []


def test_a_name_at_another_address_is_wrong_and_reported() -> None:
    with served(RECORDS) as port:
        assert states(port, {"dc1": "10.0.0.1"}) == {
            "dns.dc1.domain": ("ok", f"dc1.{DOMAIN}"),
            "dns.dc1.servers": ("ok", "1 nom, chacun à son adresse"),
        }
        assert states(port, {"nps1": "10.0.0.2", "imp1": "10.0.0.3"})["dns.dc1.servers"] == (
            "wrong",
            "nps1 : 10.0.0.9 au lieu de 10.0.0.2 ; imp1 : inconnu au lieu de 10.0.0.3",
        )


@pytest.mark.parametrize("code", [2, 5])
def test_a_server_that_refuses_is_unknown_not_wrong(code: int) -> None:
    with served({}, code) as port:
        assert {state for state, _ in states(port, {"dc1": "10.0.0.1"}).values()} == {"unknown"}


def test_a_silent_server_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dns_tests, "PATIENCE", 0.05)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind(("127.0.0.1", 0))
        assert {state for state, _ in states(deaf.getsockname()[1], {"dc1": "10.0.0.1"}).values()} == {"unknown"}


def test_a_name_that_points_at_itself_is_no_endless_loop() -> None:
    answer = struct.pack(">HHHHHH", 7, 0x8180, 0, 1, 0, 0) + b"\xc0\x0c" + struct.pack(">HHIH", A, 1, 0, 0)
    with pytest.raises(Silent):
        dns_tests._read(answer, 7, A)
