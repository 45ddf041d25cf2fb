"""A captive portal: seen, accepted where its page says how, and otherwise left closed."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from piste.trials.probe.onsite.portal import portal


class Guests:
    """The part of `Icmp` that a portal needs, on this machine."""

    source = "127.0.0.1"

    def refused(self, address: str) -> dict[str, Any]:
        return {"outcome": "silent"}


class Page(BaseHTTPRequestHandler):
    """A network of guests: every page leads to the portal until its terms are accepted."""

    page, accepted, form = "", False, ""

    def do_GET(self) -> None:
        if self.path.startswith("/splash/grant"):
            type(self).accepted = True
        if self.path == "/generate_204" and not self.accepted:
            self.send_response(302)
            self.send_header("Location", f"/splash/{self.form}")
        else:
            self.send_response(204 if self.path == "/generate_204" else 200)
        body = b"" if self.path == "/generate_204" else self.page.encode()
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: Any) -> None:
        """Say nothing."""


@pytest.fixture
def network() -> Iterator[tuple[type[Page], dict[str, Any]]]:
    page = type("Here", (Page,), {})
    server = HTTPServer(("127.0.0.1", 0), page)
    Thread(target=server.serve_forever, daemon=True).start()
    yield page, {"address": "127.0.0.1", "host": f"page.test:{server.server_port}", "dns": []}
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("page", "form"),
    [
        ('<a href="/splash/grant?continue_url=x&amp;y=1">Accepter</a>', ""),
        ("<form method=get action='grant'>", ""),
        ("", "?base_grant_url=/splash/grant"),
    ],
)
def test_terms_are_accepted_where_the_page_says_how(network: Any, page: str, form: str) -> None:
    served, question = network
    served.page, served.form = page, form
    said = portal(question, Guests())  # type: ignore[arg-type]
    assert (said["status"], said["after"]) == (302, 204)
    assert said["location"].startswith("/splash/")


def test_a_page_without_a_known_link_stays_closed(network: Any) -> None:
    served, question = network
    served.page = "<p>Bienvenue</p>"
    said = portal(question, Guests())  # type: ignore[arg-type]
    assert "after" not in said
    assert "acceptez-la à la main" in said["why"]
    assert not served.accepted


def test_an_open_internet_has_no_portal(network: Any) -> None:
    served, question = network
    served.accepted = True
    said = portal(question, Guests())  # type: ignore[arg-type]
    assert (said["status"], said["location"]) == (204, "")


def test_a_portal_that_is_not_there_is_silent() -> None:
    question = {"address": "127.0.0.1", "host": "page.test:1", "dns": []}
    assert portal(question, Guests())["outcome"] == "silent"  # type: ignore[arg-type]
