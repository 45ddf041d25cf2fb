"""A service, tried as its user would: name, port, then certificate and page, or protocol.

A page is asked for by a GET alone, without cookie, credential or body; a form is never sent, terms are never accepted,
and a redirection is followed on the same host alone: a sign-in page elsewhere is named, not asked.
"""

from __future__ import annotations

import re
import socket
import ssl
import struct
import time
from http.client import HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import urljoin, urlsplit

from piste.trials.probe.onsite.interface import since
from piste.trials.probe.onsite.protocols import PROTOCOLS
from piste.trials.probe.onsite.questions import Icmp, name, ping

Answer = dict[str, Any]
PATIENCE, LARGEST, LONGEST, REDIRECTS = 4.0, 262144, 200, 3
_PORTS = {"http": 80, "https": 443}
HEADERS = {"User-Agent": "piste-probe", "Accept": "text/html", "Connection": "close"}


def service(question: Answer, icmp: Icmp, trusted: str = "") -> Answer:
    """Walk the chain of a service: `step` is the last link reached, `done` at its end.

    `trusted` are authorities (PEM) besides those of this machine.
    """
    answer: Answer = {"outcome": "silent", "step": "name"}
    address = _address(question, icmp, answer)
    if not address:
        return answer
    answer["step"], start = "port", time.monotonic()
    try:
        plain = socket.create_connection((address, question["port"]), PATIENCE, (icmp.source, 0))
    except ConnectionRefusedError:
        # Linux says the same of a firewall on the way that answers "port unreachable" (ICMP, code 3).
        refusal = icmp.refused(address)
        on_the_way = refusal.get("code") == 3 and refusal["by"] != address
        return {**answer, **(refusal if on_the_way else {"outcome": "refused", "by": address})}
    except OSError:
        alive = ping({"address": address, "count": 1}, icmp)["outcome"] == "answered"
        return {**answer, **icmp.refused(address), "alive": alive}
    answer["outcome"] = "answered"
    with plain:
        if question.get("speaks"):
            _speak(plain, question, answer)
        elif not question.get("page"):
            return {**answer, "step": "done", "ms": since(start)}
        else:
            _page(plain, address, question, icmp, trusted, answer)
    return {**answer, "ms": since(start)}


def _speak(plain: socket.socket, question: Answer, answer: Answer) -> None:
    """Begin to speak a protocol, without a credential; write into the answer what was said."""
    answer["step"] = "protocol"
    plain.settimeout(PATIENCE)
    try:
        answer.update(PROTOCOLS[question["speaks"]](plain, question["host"], question["port"]), step="done")
    except (OSError, HTTPException, ValueError, struct.error) as error:
        answer["why"] = str(error)[:LONGEST]


def _address(question: Answer, icmp: Icmp, answer: Answer) -> str:
    """Resolve a name by the servers of the lease; without them, give the declared address."""
    host: str = question["host"]
    if re.fullmatch(r"[0-9.]+", host) or not question["dns"]:
        return host if re.fullmatch(r"[0-9.]+", host) else str(question["address"])
    for server in question["dns"]:
        said = name({"address": server, "name": host}, icmp)
        if said["outcome"] == "answered":
            answer.update(outcome="answered", addresses=said["addresses"])
            # A name that leads elsewhere is named, never asked: it may be another's.
            usable = [address for address in said["addresses"] if question["address"] in ("", address)]
            return str(next(iter(usable), ""))
    return ""


def _page(plain: socket.socket, address: str, question: Answer, icmp: Icmp, trusted: str, answer: Answer) -> None:
    """Ask for a page over verified TLS; write into the answer what was seen."""
    context = ssl.create_default_context()
    if trusted:
        context.load_verify_locations(cadata=trusted)
    url, until = f"https://{question['host']}:{question['port']}{question['path']}", time.monotonic() + 2 * PATIENCE
    for _ in range(REDIRECTS + 1):
        answer["step"] = "certificate"
        try:
            with context.wrap_socket(plain, server_hostname=question["host"]) as secure:
                answer["step"] = "page"
                status, location, text = _get(secure, url, until)
        except ssl.SSLCertVerificationError as error:
            answer.update(code=error.verify_code, why=error.verify_message[:LONGEST])
            return
        except (OSError, HTTPException, ValueError) as error:
            answer["why"] = str(error)[:LONGEST]
            return
        answer["status"] = status
        if not location:
            answer.update(step="done", shown=question["shows"].casefold() in text.casefold())
            return
        try:
            further = urlsplit(urljoin(url, location))
            port = further.port or _PORTS.get(further.scheme, 0)
        except ValueError as error:
            answer["why"] = f"son renvoi ne se lit pas : {error}"[:LONGEST]
            return
        if (further.scheme, further.hostname, port) != ("https", question["host"], question["port"]):
            # Over plain HTTP, what is typed there is read on the way.
            other = f":{port}" if port != _PORTS.get(further.scheme, 0) else ""
            where = f"{further.hostname or further.scheme}{other}"[:LONGEST]
            answer.update(step="done", elsewhere=where, plain=further.scheme != "https")
            return
        url = further._replace(fragment="").geturl()
        try:
            plain = socket.create_connection((address, question["port"]), PATIENCE, (icmp.source, 0))
        except OSError as error:
            answer["why"] = str(error)
            return
    answer["why"] = "elle renvoie sans fin à elle-même"


def _get(secure: ssl.SSLSocket, url: str, until: float) -> tuple[int, str, str]:
    parts = urlsplit(url)
    secure.settimeout(max(0.1, until - time.monotonic()))
    connection = HTTPSConnection(parts.hostname or "", parts.port or 443)
    connection.sock = secure
    connection.request("GET", parts._replace(scheme="", netloc="").geturl() or "/", headers=HEADERS)
    said = connection.getresponse()
    location = said.getheader("Location") or "" if 300 <= said.status < 400 else ""
    return said.status, location, _read(said, until).decode("utf-8", "replace")


def _read(said: HTTPResponse, until: float) -> bytes:
    """Read a page, as far as is reasonable in size and in time."""
    content = b""
    while len(content) < LARGEST and (part := said.read1(8192)):
        content += part
        if time.monotonic() > until:
            raise ValueError("la page ne finit pas")
    return content
