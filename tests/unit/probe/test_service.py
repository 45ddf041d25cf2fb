"""Services: for their users, without a credential, judged by the first broken link."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from piste.trials.probe import chain
from piste.trials.probe.onsite import service as onsite
from piste.trials.probe.onsite.service import service
from piste.trials.probe.trial import Trial
from piste.trials.probe.trials import Circumstances, trials
from piste.trials.twin.proofs import AUTHORITY, write_proofs
from tests.support.probe import judged, place, right
from tests.support.services import HOST, MACHINE, SHOWS, ways

AGENTS = place("utilisateurs")


class Users:
    """The part of `Icmp` that a service needs, on this machine."""

    source = "127.0.0.1"

    def refused(self, address: str) -> dict[str, Any]:
        return {"outcome": "silent"}

    def echo(self, address: str, patience: float) -> float | None:
        return None


class Site(BaseHTTPRequestHandler):
    """A service that asks to sign in, offers terms, and notes what it is sent."""

    seen: list[tuple[str, str, dict[str, str], bytes]]
    location = ""

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.seen.append((self.command, self.path, {**self.headers}, body))
        leads = self.location if self.path == "/" else ""
        self.send_response(302 if leads else 200)
        if leads:
            self.send_header("Location", leads)
        page = f"<title>{SHOWS}</title><form method=post action=/terms><input name=password></form><a href=/grant>"
        self.send_header("Set-Cookie", "session=1")
        self.send_header("Content-Length", str(len(page.encode())))
        self.end_headers()
        self.wfile.write(page.encode())

    do_POST = do_GET

    def log_message(self, *words: Any) -> None:
        """Say nothing."""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[type[Site], dict[str, Any], str]]:
    write_proofs(tmp_path, ["localhost"])
    here = type("Here", (Site,), {"seen": []})
    server = HTTPServer(("127.0.0.1", 0), here)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "localhost.good")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    Thread(target=server.serve_forever, daemon=True).start()
    asked = {"host": "localhost", "address": "127.0.0.1", "port": server.server_port, "dns": [], "page": True,
             "path": "/", "shows": SHOWS}  # fmt: skip
    yield here, asked, (tmp_path / AUTHORITY).read_text("ascii")
    server.shutdown()
    server.server_close()


def test_a_probe_sends_no_credential_and_accepts_no_terms(site: Any) -> None:
    """The page sets a cookie, has a form and a link that grants: a GET is all that is sent."""
    here, asked, trusted = site
    here.location = "/accueil"
    said = service(asked, Users(), trusted)  # type: ignore[arg-type]
    assert (said["step"], said["status"], said["shown"]) == ("done", 200, True)
    assert [(method, path, body) for method, path, _, body in here.seen] == [
        ("GET", "/", b""),
        ("GET", "/accueil", b""),
    ]
    sent = {name.casefold() for _, _, headers, _ in here.seen for name in headers}
    assert sent == {"host", "accept-encoding", "user-agent", "accept", "connection"}


def test_a_sign_in_page_elsewhere_is_named_and_not_asked(site: Any) -> None:
    here, asked, trusted = site
    here.location = "https://identite.example/ouvrir?retour=1"
    said = service(asked, Users(), trusted)  # type: ignore[arg-type]
    assert (said["step"], said["elsewhere"], len(here.seen)) == ("done", "identite.example", 1)
    assert said["plain"] is False
    here.location = "http://identite.example/ouvrir"
    assert service(asked, Users(), trusted)["plain"] is True  # type: ignore[arg-type]
    here.location = "https://identite.example:8443/"
    assert service(asked, Users(), trusted)["elsewhere"] == "identite.example:8443"  # type: ignore[arg-type]
    here.location = "https://identite.example:99999/"
    assert "ne se lit pas" in service(asked, Users(), trusted)["why"]  # type: ignore[arg-type]
    here.location = "mailto:accueil@ville.example"
    assert service(asked, Users(), trusted)["plain"] is True  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({"plain": False}, "conform"),
        ({"plain": True}, "wrong"),
        ({}, "wrong"),
        ({"plain": False, "elsewhere": "identite.example:8443"}, "wrong"),
    ],
)
def test_a_declared_sign_in_page_is_conform_over_tls_alone(changes: dict[str, Any], verdict: str) -> None:
    trial = listed()["service.city-web"]
    trial = replace(trial, want={**trial.want, "sign_in": "identite.example"})
    answer = {**DONE, "status": 302, "elsewhere": "identite.example", **changes}
    assert chain.judged(trial, answer, {}, beyond=True)[0] == verdict


def test_a_page_that_leads_to_itself_ends(site: Any) -> None:
    here, asked, trusted = site
    here.location = "/"
    said = service(asked, Users(), trusted)  # type: ignore[arg-type]
    assert (said["step"], len(here.seen)) == ("page", onsite.REDIRECTS + 1)


def test_an_authority_that_nobody_trusts_is_refused_before_any_request(site: Any) -> None:
    here, asked, _ = site
    said = service(asked, Users())  # type: ignore[arg-type]
    assert (said["step"], said["code"], here.seen) == ("certificate", 20, [])


def listed(segment: str = "utilisateurs") -> dict[str, Trial]:
    every = trials(ways(), place(segment), Circumstances(everything_answers=True))
    return {trial.id: trial for trial in every}


def test_a_service_is_tried_from_where_its_flows_lead_alone() -> None:
    (asked,) = listed()["service.city-web"].questions
    assert (asked["host"], asked["address"], asked["port"], asked["path"]) == (HOST, MACHINE, 443, "/")
    assert [id_ for id_ in listed("invites") if id_.startswith("service.")] == []


def test_an_address_to_confirm_is_never_asked() -> None:
    """An example of a cloud may be another's; the page of what has no address is not known."""
    names = {id_ for id_ in listed() if id_.startswith("service.")}
    assert names == {"service.city-web", "service.logicime", "service.myq", "service.glpi"}
    assert not listed()["service.logicime"].questions[0].get("page")


DONE = {"outcome": "answered", "step": "done", "addresses": [MACHINE], "status": 200, "shown": True, "ms": 90.0}


@pytest.mark.parametrize(
    ("changes", "verdict", "words"),
    [
        ({}, "conform", ""),
        ({"status": 401}, "conform", ""),
        ({"step": "name", "addresses": []}, "wrong", "est inconnu de"),
        ({"step": "port", "outcome": "refused", "by": MACHINE}, "wrong", "le service est arrêté sur hdv-ag1"),
        ({"step": "port", "outcome": "refused", "by": "10.93.2.254", "code": 1}, "wrong", "hdv-ag1 est éteinte"),
        ({"step": "port", "outcome": "refused", "by": "10.93.41.254", "code": 13}, "wrong", "refusé en chemin, par"),
        ({"step": "port", "outcome": "silent", "alive": True}, "wrong", "répond à l’écho, pas son port"),
        ({"step": "certificate", "code": 20, "why": "unable to get issuer"}, "unknown", "n’est pas connue de la sonde"),
        ({"step": "certificate", "code": 10}, "wrong", "a expiré"),
        ({"step": "certificate", "code": 62}, "wrong", "n’est pas au nom de"),
        ({"shown": False}, "wrong", "n’est pas la sienne"),
        ({"status": 500}, "wrong", "une erreur (500)"),
        ({"step": "certificate", "why": "WRONG_VERSION_NUMBER"}, "wrong", "ne parle pas TLS"),
        ({"step": "page", "why": "timed out"}, "wrong", "rien ne suit"),
        ({"status": 404}, "wrong", "n’existe pas"),
        ({"status": 302, "elsewhere": "ailleurs.example", "plain": False}, "wrong", "que rien ne déclare"),
        ({"step": "absurd", "status": "nonsense"}, "unknown", "n’importe quoi"),
        ({"step": "absurd"}, "unknown", "n’importe quoi"),
        ({"outcome": "silent"}, "unknown", "n’importe quoi"),
        ({"status": 0}, "unknown", "n’importe quoi"),
        ({"shown": "no"}, "unknown", "n’importe quoi"),
    ],
)
def test_the_first_broken_link_gives_the_cause(changes: dict[str, Any], verdict: str, words: str) -> None:
    trials_here = listed()
    answers = right(list(trials_here.values()))
    answers["service.city-web#0"] = {**DONE, **changes}
    result = judged(trials_here, answers)["service.city-web"]
    assert (result.verdict, words in result.reason) == (verdict, True), result


def test_a_silence_accuses_no_service_where_nothing_answers_beyond_the_gateway() -> None:
    trials_here = listed()
    silent = {id_: {"outcome": "silent", "step": "port"} for id_ in right(list(trials_here.values()))}
    gateway = {"outcome": "answered", "macs": ["02:00:00:00:00:01"], "address": "10.93.41.50"}
    assert judged(trials_here, {**silent, "gateway": gateway})["service.city-web"].verdict == "unknown"


def test_a_place_without_a_name_server_accuses_none() -> None:
    trial = listed()["service.city-web"]
    blind = replace(trial, questions=({**trial.questions[0], "dns": []},))
    said = chain.judged(blind, {"outcome": "silent", "step": "name"}, {}, beyond=True)
    assert said[0] == "unknown", said


def test_a_text_from_outside_is_short_and_harmless() -> None:
    answer = {"outcome": "answered", "step": "page", "why": "\x1b[2J" + "x" * 9000}
    _, _, why = chain.judged(listed()["service.city-web"], answer, {}, beyond=True)
    assert ("\x1b" in why, len(why) < 300) == (False, True)


def test_a_name_that_leads_elsewhere_is_not_asked(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    here, asked, trusted = site
    monkeypatch.setattr(onsite, "name", lambda question, icmp: {"outcome": "answered", "addresses": ["127.0.0.1"]})
    said = service({**asked, "address": "10.93.2.9", "dns": ["127.0.0.53"]}, Users(), trusted)  # type: ignore[arg-type]
    assert (said["step"], said["addresses"], here.seen) == ("name", ["127.0.0.1"], [])


def test_a_port_that_a_firewall_calls_unreachable_is_refused_on_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Linux refuses a connection alike by a reset and by an ICMP of code 3."""

    def refuse(*_: Any) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(onsite.socket, "create_connection", refuse)
    refusal = {"outcome": "refused", "by": "10.93.41.254", "code": 3}
    monkeypatch.setattr(Users, "refused", lambda self, address: refusal)
    trial = listed()["service.city-web"]
    said = service({**trial.questions[0], "dns": []}, Users())  # type: ignore[arg-type]
    assert chain.judged(trial, said, {}, beyond=True)[2].endswith("refusé en chemin, par 10.93.41.254")
