"""Network errors of every client in words that a person of the town reads."""

from __future__ import annotations

import http.client
import re
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import Unreachable
from piste.engine.transport.faults import reason, unresolved_name
from piste.engine.transport.http import Endpoint, Transport
from piste.readings.certificates.served import Place, served
from piste.systems.nexus.connection import Access as NexusAccess
from piste.systems.nexus.shell import Shell
from piste.systems.ups.nut import Nut
from piste.systems.windows import directory
from piste.systems.windows.domain import Domain
from piste.systems.windows.shares import Share
from piste.systems.windows.winrm import Session
from piste.systems.windows.winrm_access import Access as WinrmAccess

NAME = "hdv-nulpart1.ad.lebourget.example"
ENGLISH = re.compile(
    r"errno|error|http|pool|refused|name or service|invalid|failed|unable|timed|retries|none|<|object at", re.IGNORECASE
)


def over_http(host: str, port: int) -> None:
    transport = Transport(Endpoint(f"https://{host}:{port}"))
    transport.attempts = 1
    transport.request("GET", "/a")


def over_ldap(host: str, port: int) -> None:
    option = {"controller": host, "username": "svc-piste", "password": "x" * 12, "timeout": 5}
    directory.Directory(Domain.of(option)).search("")


def over_winrm(host: str, port: int) -> None:
    access = WinrmAccess("svc-piste", "x" * 12, urls={"hdv-nps1": f"https://{host}:{port}/wsman"})
    Session(access, "hdv-nps1", sleep=lambda seconds: None).run("nps_export")


def over_ssh(host: str, port: int) -> None:
    access = NexusAccess("svc-piste", "x" * 12, {"sw": "ssh-ed25519 AAAA"}, {"sw": {"address": host, "port": port}}, 5)
    with Shell("sw", host, access):
        pass


CLIENTS: dict[str, Callable[[str, int], Any]] = {
    "http": over_http,
    "ldap": over_ldap,
    "winrm": over_winrm,
    "smb": lambda host, port: Share(host, "releves", port=port, patience=5),
    "ssh": over_ssh,
    "nut": lambda host, port: Nut(host, port, patience=5),
    "tls": lambda host, port: served(Place(host, port, host), ssl.create_default_context(), 5),
}


def said(client: str, host: str, port: int, monkeypatch: pytest.MonkeyPatch, folder: Path) -> str:
    monkeypatch.setenv("PISTE_RUN_DIR", str(folder))
    monkeypatch.setattr(directory, "PORT", port)
    with pytest.raises(Unreachable) as caught:
        CLIENTS[client](host, port)
    return caught.value.why


@pytest.mark.parametrize("client", CLIENTS)
def test_a_name_that_does_not_resolve_is_named(client: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def unknown(*asked: Any, **how: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    why = said(client, NAME, 4443, monkeypatch, tmp_path)
    assert unresolved_name(why) == NAME, why
    assert not ENGLISH.search(why.replace(NAME, "")), why


@pytest.mark.parametrize("client", CLIENTS)
def test_nobody_who_listens_is_a_refused_connection(
    client: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        why = said(client, "127.0.0.1", taken.getsockname()[1], monkeypatch, tmp_path)
    assert "la connexion est refusée" in why, why
    assert not ENGLISH.search(why), why


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (TimeoutError("timed out"), "rien n’a répondu à temps"),
        (TimeoutError(), "rien n’a répondu à temps"),
        (TimeoutError("la fin n’est pas venue"), "la fin n’est pas venue"),
        (OSError(113, "No route to host"), "aucune route n’y mène depuis ce poste"),
        (http.client.RemoteDisconnected("Remote end closed connection without response"), "la connexion a été coupée"),
        (ConnectionError("connexion fermée"), "connexion fermée"),
        (EOFError(), "la connexion a été coupée"),
        (http.client.BadStatusLine("x"), "ce qui répond n’est pas du HTTP"),
        (
            socket.gaierror(socket.EAI_AGAIN, "x"),
            "son nom ne se résout pas : aucun serveur de noms ne répond à ce poste",
        ),
        (ValueError("étrange"), "étrange"),
        (ssl.SSLError(1, "[SSL]"), "l’échange TLS échoue : ce port ne parle pas TLS, ou une autre version"),
    ],
)  # fmt: skip
def test_each_cause_has_its_words(error: Exception, expected: str) -> None:
    assert reason(error) == expected


def test_a_cause_that_a_library_wraps_is_still_seen() -> None:
    wrapped = RuntimeError("HTTPSConnectionPool(host='x'): Max retries exceeded")
    wrapped.__cause__ = ConnectionRefusedError(111, "Connection refused")
    assert reason(wrapped).startswith("la connexion est refusée")
