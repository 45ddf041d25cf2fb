"""Services without a page: a server of shares, a print queue; no account, nothing printed."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, cast

import pytest

from piste.sites.living.services import findings
from piste.town.model.dates import now
from piste.town.model.derived import Derived
from piste.town.model.supervision.points import service_points
from piste.trials.probe.onsite.service import service
from piste.trials.probe.results import Probed, Probing, write
from piste.trials.probe.trial import Trial
from piste.trials.probe.trials import Circumstances, trials
from piste.trials.probe.ways import Ways
from tests.support.probe import judged, place
from tests.support.services import served
from tests.unit.probe.test_service import Users

AGENTS = place("utilisateurs")


def ask(port: int, speaks: str) -> dict[str, Any]:
    asked = {"host": "127.0.0.1", "address": "127.0.0.1", "port": port, "dns": [], "speaks": speaks}
    return service(asked, Users())  # type: ignore[arg-type]


@pytest.fixture
def answering() -> Iterator[tuple[int, list[bytes]]]:
    """Serve a peer that says the first of a list, whatever it is asked."""
    says: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    peer, _ = listening.accept()
                except OSError:
                    return
                with peer:
                    peer.recv(4096)
                    peer.sendall(says[0])

        Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1], says


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"\x00\x00\x00\x50\xffSMB" + bytes(76), "SMB 1"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n" + bytes(100), "pas du SMB"),
        (b"\x00\x00\x00\x50\xfeSMB" + bytes(4) + b"\xbb\x00\x00\xc0" + bytes(68), "0xc00000bb"),
        (b"\x00\x00\x00\x50\xfeSMB" + bytes(62) + b"\x99\x09" + bytes(12), "refuse de négocier"),
        (b"", "ferme sans répondre"),
    ],
)
def test_a_port_that_speaks_otherwise_is_named(answering: Any, said: bytes, why: str) -> None:
    port, says = answering
    says.append(said)
    heard = ask(port, "smb")
    assert (heard["step"], why in heard["why"]) == ("protocol", True), heard


def test_a_server_that_signs_on_demand_alone_is_said_so(answering: Any) -> None:
    port, says = answering
    says.append(b"\x00\x00\x00\x50\xfeSMB" + bytes(62) + b"\x01\x00\x02\x03" + bytes(10))
    heard = ask(port, "smb")
    assert (heard["step"], heard["dialect"], heard["signed"]) == ("done", "3.0.2", False)


class Queue(BaseHTTPRequestHandler):
    """A printer that notes the operations that it is asked, and says its state."""

    asked: list[int]
    said: bytes

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.asked.append(struct.unpack(">H", body[2:4])[0])
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.said)

    def log_message(self, *words: Any) -> None:
        """Say nothing."""


STATE = b"\x01\x01\x00\x00\x00\x00\x00\x01\x04\x23\x00\x0dprinter-state\x00\x04"


@pytest.mark.parametrize(
    ("said", "step", "state"),
    [
        (STATE + b"\x00\x00\x00\x03\x03", "done", 3),
        (STATE + b"\x00\x00\x00\x05\x03", "done", 5),
        (b"\x01\x01\x04\x06\x00\x00\x00\x01\x03", "protocol", None),
        (STATE + b"\x00", "protocol", None),
        (b"", "protocol", None),
    ],
)
def test_a_queue_says_its_state_and_prints_nothing(said: bytes, step: str, state: int | None) -> None:
    here: Any = type("Here", (Queue,), {"asked": [], "said": said})
    server = HTTPServer(("127.0.0.1", 0), here)
    Thread(target=server.serve_forever, daemon=True).start()
    heard = ask(server.server_port, "ipp")
    server.shutdown()
    server.server_close()
    assert (heard["step"], heard.get("state")) == (step, state), heard
    assert here.asked == [0x000B], "Get-Printer-Attributes alone"


def shared(**changes: Any) -> Derived:
    """Give the town with a service of shares on two machines."""
    commune: Any = served().commune
    [glpi] = [entry for entry in commune["applications"] if entry["id"] == "glpi"]
    hosts = [{**glpi["hosts"][0], "name": name, "address": address}
             for name, address in (("hdv-dc1", "10.93.2.11"), ("hdv-dc2", "10.93.2.12"))]  # fmt: skip
    entry = {**glpi, "id": "partages", "label": "Partages", "services": ["Tous"], "url": None, "speaks": "smb",
             "machines": ["hdv-dc1", "hdv-dc2"], "hosts": hosts, "flows": ["postes-annuaire"], **changes}  # fmt: skip
    return replace(served(), commune=cast(Any, {**commune, "applications": [entry]}))


def trial(**given: Any) -> Trial:
    [made] = [each for each in trials(Ways(shared()), AGENTS, Circumstances(**given)) if each.kind == "service"]
    return made


SMB = {"outcome": "answered", "step": "done", "addresses": [], "ms": 2.0, "dialect": "3.1.1", "signed": True}


def said(*answers: dict[str, Any]) -> tuple[str, str, str]:
    made = trial()
    by_id = {asked["id"]: answer for asked, answer in zip(made.questions, answers, strict=True)}
    result = judged({made.id: made}, by_id)[made.id]
    return result.verdict, result.observed, result.reason


def test_each_machine_of_a_service_is_tried_by_its_protocol() -> None:
    asked = trial().questions
    assert [(each["machine"], each["port"], each["speaks"]) for each in asked] == [
        ("hdv-dc1", 445, "smb"), ("hdv-dc2", 445, "smb"),
    ]  # fmt: skip
    assert not any("speaks" in each for each in trial(everything_answers=True).questions), "a twin speaks no SMB"


def test_the_machine_that_fails_is_named() -> None:
    assert said(SMB, SMB)[:2] == ("conform", "SMB 3.1.1 répond, signature exigée (2 machines sur 2)")
    verdict, observed, reason = said(SMB, {**SMB, "step": "protocol", "why": "il ferme sans répondre"})
    assert (verdict, "1 machine sur 2" in observed) == ("wrong", True)
    assert "hdv-dc2" in reason
    assert "hdv-dc1" not in reason
    assert said({**SMB, "dialect": 4, "signed": "yes"}, SMB)[0] == "unknown"


def test_a_stopped_queue_is_wrong_and_a_strange_state_unknown() -> None:
    queue = {"outcome": "answered", "step": "done", "addresses": [], "ms": 2.0}
    assert said({**queue, "state": 5}, {**queue, "state": 3})[0] == "wrong"
    assert said({**queue, "state": 9}, {**queue, "state": 3})[0] == "unknown"
    assert said({**queue, "state": 4}, {**queue, "state": 3})[0] == "conform"


def test_each_machine_has_its_port_in_the_supervision() -> None:
    points = list(service_points(shared().commune["applications"]))  # type: ignore[index]
    assert [(point["name"], point["address"], point["macros"]) for point in points] == [
        ("service-partages-hdv-dc1", "10.93.2.11", {"{$SERVICE.PORT}": "445"}),
        ("service-partages-hdv-dc2", "10.93.2.12", {"{$SERVICE.PORT}": "445"}),
    ]


FAULTS: dict[str, tuple[tuple[dict[str, Any], dict[str, Any]], str, str]] = {
    "port closed": (
        ({**SMB, "step": "port", "outcome": "refused", "by": "10.93.2.11"}, SMB),
        "le port est fermé : le service est arrêté sur hdv-dc1", "voyez la machine et le flux : piste find hdv-dc1",
    ),
    "service that hangs": (
        (SMB, {**SMB, "step": "protocol", "why": "timed out"}),
        "le service de hdv-dc2 répond mal : timed out", "voyez le service sur hdv-dc2",
    ),
    "old protocol": (
        (SMB, {**SMB, "step": "protocol", "why": "il ne parle que SMB 1"}),
        "le service de hdv-dc2 répond mal : il ne parle que SMB 1", "voyez le service sur hdv-dc2",
    ),
    "name elsewhere": (
        (SMB, {**SMB, "addresses": ["10.93.2.99"], "step": "name"}),
        "mène à 10.93.2.99, et non à 10.93.2.12", "corrigez le nom",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_seeded_fault_is_named_by_service_users_and_cause(fault: str, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("PISTE_PROBES_DIR", str(tmp_path))
    answers, cause, todo = FAULTS[fault]
    made, ended = trial(), now().astimezone(UTC).isoformat(timespec="seconds")
    by_id = {asked["id"]: answer for asked, answer in zip(made.questions, answers, strict=True)}
    result = judged({made.id: made}, by_id)[made.id]
    place_ = Probed(segment="utilisateurs", started=ended, ended=ended, results=[result])
    write(
        Probing(id=f"{now().astimezone(UTC):%Y%m%dT%H%M%SZ}-000001", site="ecole-jaures", environment="lab",
                carrier="twin", operator="claire", commit="0" * 40, clean=True, declaration="abc", places=[place_])
    )  # fmt: skip
    [seen] = [each for each in findings(shared(), "lab") if each.id == "services.partages"]
    assert (seen.state, seen.what.startswith("Partages : ne marche pas pour Tous, ")) == ("wrong", True), seen
    assert cause in seen.what
    assert seen.todo.startswith(todo), seen.todo
    assert seen.what.endswith("vu de utilisateurs@ecole-jaures")
