"""The captive portal of guests: seen as a telephone sees it, then accepted as a guest does.

From the parameters that Meraki gives to pages of others (`base_grant_url`), a click-through page has a link or a form
whose address says `grant` [belief meraki.splash_page]. Where none is found nothing is accepted, and what lies behind
stays unknown.
"""

from __future__ import annotations

import html
import re
import socket
import ssl
import time
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

from piste.trials.probe.onsite.questions import Icmp, name

Answer = dict[str, Any]
PATIENCE, LARGEST, REDIRECTS = 3.0, 262144, 4
TRIES, PAUSE = 4, 0.5
_GRANT = re.compile(r"""(?:href|action)\s*=\s*["']([^"']*grant[^"']*)["']""", re.IGNORECASE)


def portal(question: Answer, icmp: Icmp) -> Answer:
    """Ask for a page without TLS; where a portal answers in its place, accept its terms."""
    asked = f"http://{question['host']}/generate_204"
    try:
        status, location, _ = _get(asked, question, icmp)
    except (OSError, HTTPException, ValueError) as error:
        return {**icmp.refused(question["address"]), "why": str(error)}
    answer: Answer = {"outcome": "answered", "status": status, "location": location}
    if location:
        try:
            _accept(urljoin(asked, location), question, icmp)
            # An access point takes a moment to let a client pass.
            for _ in range(TRIES):
                answer["after"], withheld, _ = _get(asked, question, icmp)
                if not withheld:
                    break
                time.sleep(PAUSE)
        except (OSError, HTTPException, ValueError) as error:
            answer["why"] = str(error)
    return answer


def _accept(location: str, question: Answer, icmp: Icmp) -> None:
    for _ in range(REDIRECTS):
        given = parse_qs(urlsplit(location).query).get("base_grant_url")
        _, further, page = (0, "", "") if given else _get(location, question, icmp)
        if not further:
            break
        location = urljoin(location, further)
    links = given or [html.unescape(link) for link in _GRANT.findall(page)]
    if not links:
        raise ValueError("sa page n’a pas de lien d’acceptation connu : acceptez-la à la main, puis recommencez")
    _get(urljoin(location, links[0]), question, icmp)


def _get(url: str, question: Answer, icmp: Icmp) -> tuple[int, str, str]:
    """Get a page by the interface under test; its host is resolved by the servers of the lease."""
    parts = urlsplit(url)
    host, secure = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    address = question["address"] if parts.netloc == question["host"] else _address(host, question["dns"], icmp)
    plain = socket.create_connection((address, port), PATIENCE, (icmp.source, 0))
    connection = (HTTPSConnection if secure else HTTPConnection)(host, port, timeout=PATIENCE)
    connection.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=host) if secure else plain
    try:
        connection.request("GET", parts._replace(scheme="", netloc="").geturl() or "/")
        said = connection.getresponse()
        location = said.getheader("Location") or "" if 300 <= said.status < 400 else ""
        return said.status, location, said.read(LARGEST).decode("utf-8", "replace")
    finally:
        connection.close()


def _address(host: str, servers: list[str], icmp: Icmp) -> str:
    if re.fullmatch(r"[0-9.]+", host):
        return host
    for server in servers:
        said = name({"address": server, "name": host}, icmp)
        if said.get("addresses"):
            first: str = said["addresses"][0]
            return first
    raise ValueError(f"le nom du portail, {host}, ne se résout pas")
