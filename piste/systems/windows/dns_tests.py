"""Tests of the domain's name servers: the domain itself, and the servers that a site needs.

A query asks for one name, over UDP (RFC 1035, section 4; SRV: RFC 2782). Nothing is written anywhere.
"""

from __future__ import annotations

import secrets
import socket
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from piste.engine.converge.module import Module
from piste.engine.converge.resource import Field
from piste.engine.finding import Finding, State
from piste.engine.transport.faults import reason
from piste.engine.words import agreed, some

A, CNAME, PTR, TXT, AAAA, SRV = 1, 5, 12, 16, 28, 33
TYPES = {"A": A, "AAAA": AAAA, "PTR": PTR, "CNAME": CNAME, "TXT": TXT, "SRV": SRV}
PATIENCE, TRIES = 2.0, 2
_NO_SUCH_NAME = 3
LATE = "Un nom écrit depuis moins de trois minutes n’est peut-être pas encore relu : recommencez alors."
"""[memory] A server polls the directory every 180 seconds by default (`DsPollingInterval`)."""
_NOBODY = "aucun contrôleur"
_SHOWN = 5


class Silent(OSError):
    """The server gave no answer, or nonsense."""


@dataclass(frozen=True, slots=True)
class Server:
    name: str
    address: str
    port: int = 53


def ask(server: Server, name: str, kind: int) -> list[str]:
    """Return the values of a name: addresses, names, texts, hosts of a service.

    It is empty for an unknown name. Raises `Silent`.
    """
    number = secrets.randbelow(1 << 16)
    query = struct.pack(">HHHHHH", number, 0x0100, 1, 0, 0, 0) + _wire(name) + struct.pack(">HH", kind, 1)
    family = socket.AF_INET6 if ":" in server.address else socket.AF_INET
    last: Exception = Silent()
    for _ in range(TRIES):
        with socket.socket(family, socket.SOCK_DGRAM) as channel:
            channel.settimeout(PATIENCE)
            try:
                # Connected, so that nobody else answers in its place.
                channel.connect((server.address, server.port))
                channel.send(query)
                answer = channel.recv(4096)
                return _read(answer, number, kind)
            except (OSError, struct.error, IndexError, ValueError) as error:
                last = error
    raise Silent(str(last) if isinstance(last, Silent) else reason(last, server.address)) from last


def _wire(name: str) -> bytes:
    labels = [label.encode("idna") for label in name.rstrip(".").split(".")]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def _read(answer: bytes, number: int, kind: int) -> list[str]:
    given, flags, questions, answers = struct.unpack(">HHHH", answer[:8])
    code = flags & 0xF
    if given != number or not flags & 0x8000 or code not in (0, _NO_SUCH_NAME):
        raise Silent(f"réponse refusée (code {code})")
    at = 12
    for _ in range(questions):
        at = _name(answer, at)[1] + 4
    values = []
    for _ in range(answers):
        _, at = _name(answer, at)
        type_, _, _, length = struct.unpack(">HHIH", answer[at : at + 10])
        at += 10
        if type_ == kind:
            values.append(_value(answer, at, length, kind))
        at += length
    return sorted(values)


def _value(answer: bytes, at: int, length: int, kind: int) -> str:
    """Read the content of a record at a position (RFC 1035, 3.3 and 3.4; RFC 3596, 2.2)."""
    if kind in (A, AAAA):
        return socket.inet_ntop(socket.AF_INET if kind == A else socket.AF_INET6, answer[at : at + length])
    if kind != TXT:
        return _name(answer, at + 6 if kind == SRV else at)[0]
    text, end = b"", at + length
    while at < end:
        text += answer[at + 1 : at + 1 + answer[at]]
        at += 1 + answer[at]
    return text.decode()


def _name(answer: bytes, at: int) -> tuple[str, int]:
    """Read a name; return it and the position after it.

    A pointer only leads back (RFC 1035, 4.1.4).
    """
    labels, after, limit = [], 0, len(answer)
    while length := answer[at]:
        if length >= 0xC0:
            target = struct.unpack(">H", answer[at : at + 2])[0] & 0x3FFF
            if target >= limit:
                raise Silent("nom mal formé")
            after, at, limit = after or at + 2, target, target
        else:
            labels.append(answer[at + 1 : at + 1 + length].decode("ascii"))
            at += 1 + length
    return ".".join(labels), after or at + 1


def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    names: Mapping[str, str] = params["names"]
    domain, records = params["dns_domain"], params.get("records") or ()
    tests: dict[str, tuple[str, str, Callable[[Server], tuple[str, Sequence[str]]]]] = {
        "domain": (f"annonce {domain}", "un contrôleur au moins", lambda server: _domain(server, domain)),
        "servers": (
            "résout les serveurs du site",
            _count(len(names)),
            lambda server: _servers(server, names, domain),
        ),
    }
    if records:
        expected = f"{agreed(len(records), 'réponse(s)')}, chacune celle qui est déclarée"
        tests["records"] = ("résout les noms du site", expected, lambda server: _records(server, records, expected))
    findings, trials = [], []

    def note(
        id_: str, title: str, expected: str, observed: str, state: State, todo: str = "", wrong: Sequence[str] = ()
    ) -> None:
        finding = Finding(id_, state, f"{title} : {observed}", todo)
        findings.append(finding.to_json())
        said = {"title": title, "expected": expected, "observed": observed, "wrong": [*wrong]}
        trials.append({**finding.to_json(), **said})

    for name in params["servers"]:
        there = (params.get("elsewhere") or {}).get(name) or {}
        server = Server(name, str(there.get("address") or names.get(name, "")), int(there.get("port") or 53))
        for id_, (title, expected, test) in tests.items():
            try:
                observed, wrong = test(server)
            except OSError as error:
                todo = f"Vérifiez que {name} répond au DNS ({server.address}, port {server.port})."
                why = f"sans réponse ({reason(error, server.address)})"
                note(f"dns.{name}.{id_}", f"{name} {title}", expected, why, "unknown", todo)
                continue
            todo = f"{LATE} Sinon, comparez les enregistrements de {name} à la déclaration." if wrong else ""
            state: State = "wrong" if wrong else "ok"
            note(f"dns.{name}.{id_}", f"{name} {title}", expected, observed, state, todo, wrong)
    return {"changed": False, "findings": findings, "trials": trials}


def _count(number: int) -> str:
    return f"{agreed(number, 'nom(s)')}, chacun à son adresse"


def _domain(server: Server, domain: str) -> tuple[str, Sequence[str]]:
    hosts = ask(server, f"_ldap._tcp.dc._msdcs.{domain}", SRV)
    return ", ".join(hosts) or _NOBODY, [] if hosts else [_NOBODY]


def _servers(server: Server, names: Mapping[str, str], domain: str) -> tuple[str, Sequence[str]]:
    wrong = []
    for name, address in names.items():
        addresses = ask(server, f"{name}.{domain}", A)
        if addresses != [address]:
            wrong.append(misplaced(name, addresses, address))
    return " ; ".join(wrong) or _count(len(names)), wrong


def misplaced(name: str, addresses: Sequence[str], address: str) -> str:
    return f"{name} : {', '.join(addresses) or 'inconnu'} au lieu de {address}"


def _records(server: Server, records: Sequence[Mapping[str, Any]], expected: str) -> tuple[str, Sequence[str]]:
    """Ask for each declared record; name those that answer otherwise."""
    said = (differing(record, ask(server, _whole(record), TYPES[record["type"]])) for record in records)
    wrong = [*filter(None, said)]
    return some(wrong, _SHOWN, " ; ") or expected, wrong


def differing(record: Mapping[str, Any], answered: Iterable[str]) -> str:
    """Say what a name answers, where it is not what is declared; else empty."""
    values = sorted(map(_plain, answered))
    right = values == sorted(map(_plain, record["values"]))
    return "" if right else f"{_whole(record)} ({record['type']}) : {', '.join(values) or 'inconnu'}"


def _whole(record: Mapping[str, Any]) -> str:
    return str(record["zone"] if record["name"] == "@" else f"{record['name']}.{record['zone']}")


def _plain(value: str) -> str:
    """Write a name without its last dot; case does not count."""
    return value.removesuffix(".").lower()


MODULES: Mapping[str, Module] = {
    "dns_tests": Module(
        name="dns_tests",
        options=(
            Field("servers", "Names of the domain's name servers, among C(names).", type="list", required=True),
            Field(
                "elsewhere",
                "By name, another C(address) and C(port) of a name server than that of C(names) and 53.",
                type="dict",
                default={},
            ),
            Field("dns_domain", "Domain of the names.", required=True),
            Field("names", "Addresses that must be found, by name, without the domain.", type="dict", required=True),
            Field(
                "records",
                "Records that must be found: C(zone), C(name), C(type), C(values).",
                type="list",
                elements="dict",
                default=[],
            ),
        ),
        run=_run,
    )
}
