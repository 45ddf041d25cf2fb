"""The module `radius_tests`: secrets given to the supplicant, judgment, record."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import stat
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from piste.engine.converge.errors import Misused
from piste.systems.radius import packet as wire
from piste.systems.radius import probe
from piste.systems.radius.exchange import Place, Server, ask_eap, ask_mac
from piste.systems.radius.packet import Packet
from piste.systems.radius.probe import MODULES, NoProbe
from tests.unit.radius.test_trials import access, exception

SECRET = "un-secret-que-nul-ne-voit"
VLAN_111 = (
    (wire.TUNNEL_TYPE, b"\x00\x00\x00\x0d"),
    (wire.TUNNEL_MEDIUM, b"\x00\x00\x00\x06"),
    (wire.TUNNEL_GROUP, b"111"),
)
# Stands for eapol_test: notes how it was started, asks once, says what comes back.
SUPPLICANT = f"""#!{sys.executable}
import json, os, socket, sys, time
sys.path.insert(0, {os.getcwd()!r})
from piste.systems.radius import packet as wire
given = dict((word[1], word[2:]) for word in sys.argv[1:])
with open(os.environ["SEEN"], "w") as seen:
    json.dump({{"argv": sys.argv, "conf": open(given["c"]).read(), "mode": os.stat(given["c"]).st_mode}}, seen)
peer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
peer.connect((given["a"], int(given["p"])))
asked = wire.sign_request(wire.access_request([(wire.USER_NAME, b"x")]), b"radius")
peer.send(asked.encode())
peer.settimeout(5)
answer = wire.decode(peer.recv(4096))
assert wire.is_genuine(answer, asked, b"radius")
print("password - hexdump: tout")
time.sleep(float(os.environ.get("HOLD", "0")))
print("CTRL-EVENT-EAP-TLS-CERT-ERROR reason=1")
sys.exit(0 if answer.code == wire.ACCEPT else 1)
"""


class Answering:
    """A server with a secret and a single answer.

    `forged`: under another secret; `bare`: without a signature.
    """

    def __init__(self, code: int = wire.ACCEPT, forged: bool = False, bare: bool = False) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.code, self.forged, self.bare = code, forged, bare
        self.asked: list[Packet] = []
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            try:
                data, client = self.socket.recvfrom(4096)
            except OSError:
                return
            request = wire.decode(data)
            self.asked.append(request)
            attributes = VLAN_111 if self.code == wire.ACCEPT else ()
            answer = Packet(self.code, request.identifier, bytes(16), attributes)
            secret = b"un autre" if self.forged else SECRET.encode()
            signed = wire.sign_answer(answer, request, secret)
            if self.bare:
                unsigned = replace(answer, authenticator=request.authenticator)
                digest = hashlib.md5(unsigned.encode() + secret, usedforsecurity=False).digest()
                signed = replace(unsigned, authenticator=digest)
            self.socket.sendto(signed.encode(), client)

    @property
    def port(self) -> int:
        port: int = self.socket.getsockname()[1]
        return port

    def known(self) -> Server:
        return Server("hdv-nps1", "127.0.0.1", self.port, SECRET, "127.0.0.1")


@pytest.fixture
def answering() -> Iterator[Answering]:
    server = Answering()
    yield server
    server.socket.close()


@pytest.fixture
def seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    program = tmp_path / "bin" / "eapol_test"
    program.parent.mkdir()
    program.write_text(SUPPLICANT)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("SEEN", str(tmp_path / "seen.json"))
    return tmp_path / "seen.json"


def test_secrets_are_not_on_the_command_line_and_their_files_are_private_and_removed(
    answering: Answering, seen: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    run.mkdir()
    network = {"identity": b"agent".hex(), "password": b"mot-de-passe".hex()}
    outcome = ask_eap(answering.known(), Place("10.93.8.11"), network, run, 5.0)
    noted = json.loads(seen.read_text())
    assert SECRET not in " ".join(noted["argv"])
    assert b"mot-de-passe".hex() in noted["conf"]
    assert stat.S_IMODE(noted["mode"]) == 0o600
    assert list(run.iterdir()) == []
    assert (outcome.verdict, outcome.vlan) == ("accepted", 111)
    assert outcome.why == "CTRL-EVENT-EAP-TLS-CERT-ERROR reason=1"


@pytest.mark.parametrize(("hold", "verdict"), [("0", "broken"), ("5", "unfinished")])
def test_a_supplicant_that_gave_up_is_not_a_server_that_stopped_answering(
    seen: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hold: str, verdict: str
) -> None:
    monkeypatch.setenv("HOLD", hold)
    challenging = Answering(wire.CHALLENGE)
    outcome = ask_eap(challenging.known(), Place("10.93.8.11"), {}, tmp_path, 1.5)
    challenging.socket.close()
    assert (outcome.verdict, outcome.answers) == (verdict, 1)


def test_the_server_is_asked_under_the_real_secret(answering: Answering, seen: Path, tmp_path: Path) -> None:
    ask_eap(answering.known(), Place("10.93.8.11"), {}, tmp_path, 5.0)
    (request,) = answering.asked
    bare = wire.sign_request(request, SECRET.encode())
    assert request.first(wire.MESSAGE_AUTHENTICATOR) == bare.first(wire.MESSAGE_AUTHENTICATOR)


def test_an_answer_that_another_has_signed_is_no_answer(tmp_path: Path) -> None:
    forger = Answering(forged=True)
    assert ask_mac(forger.known(), Place("10.93.8.11"), patience=0.5).verdict == "silent"
    forger.socket.close()


def test_a_device_is_asked_for_as_a_switch_does(answering: Answering) -> None:
    outcome = ask_mac(answering.known(), Place("10.93.8.11", mac="02:93:01:00:00:6a"), patience=2.0)
    assert (outcome.verdict, outcome.vlan) == ("accepted", 111)
    (request,) = answering.asked
    assert request.first(wire.USER_NAME) == b"02930100006a"
    assert request.first(wire.CALLING_STATION) == b"02-93-01-00-00-6A"
    assert request.first(wire.NAS_IP) == socket.inet_aton("10.93.8.11")
    assert b"02930100006a" not in (request.first(wire.USER_PASSWORD) or b"")


def test_a_port_where_nobody_listens_is_silence() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Server("hdv-nps1", "127.0.0.1", port, SECRET, "127.0.0.1")
    assert ask_mac(server, Place("10.93.8.11"), patience=0.3).verdict == "silent"


def params(tmp_path: Path, port: int, **changed: Any) -> dict[str, Any]:
    return {
        "site": "ccas",
        "access": access(policies=[], exceptions=[exception(False)]),
        "servers": [{"name": "hdv-nps1", "host": "192.0.2.1", "auth_port": 1812}],
        "dns_domain": "ad.lebourget.example",
        "probe": {
            "source": "127.0.0.1",
            "ca_file": "/ca.pem",
            "servers": {"hdv-nps1": {"address": "127.0.0.1", "port": port}},
        },
        "secret": "radius/sonde",
        "secrets": {"radius/sonde": SECRET},
        "record": str(tmp_path / "eap_tests"),
        **changed,
    }


def run(given: dict[str, Any], check: bool = False) -> dict[str, Any]:
    return MODULES["radius_tests"].run(given, check)


def states(result: dict[str, Any]) -> dict[str, str]:
    return {finding["id"].removeprefix("radius.hdv-nps1."): finding["state"] for finding in result["findings"]}


def test_a_failed_or_missing_test_leaves_no_record(
    answering: Answering, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server admits every device, and does not answer a stranger, whose secret it lacks."""
    monkeypatch.setattr(probe, "SILENCE", 0.3)
    result = run(params(tmp_path, answering.port))
    assert states(result) == {
        "peap.wrong": "unknown",
        "tls.revoked": "unknown",
        "mac.02:93:01:00:00:60": "ok",
        "mac.unknown": "wrong",
        "client.unknown": "ok",
    }
    assert result["record"] == ""
    assert not (tmp_path / "eap_tests").exists()
    wrong = next(trial for trial in result["trials"] if trial["state"] == "wrong")
    finding = next(finding for finding in result["findings"] if finding["state"] == "wrong")
    assert (wrong["expected"], finding["todo"]) == ("refusé", f"Attendu : refusé. {wrong['todo']}")


def test_a_silent_server_is_unknown_in_every_test(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "SILENCE", 0.2)
    monkeypatch.setattr(probe, "PATIENCE", 0.2)
    forger = Answering(forged=True)
    assert set(states(run(params(tmp_path, forger.port))).values()) == {"unknown"}
    forger.socket.close()


def test_a_success_is_recorded_with_its_evidence_and_read_back_by_the_model(
    answering: Answering, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe, "SILENCE", 0.3)
    monkeypatch.setattr(probe, "trials", lambda site, accounts: [t for t in trials_of(site) if t.id == MAC])
    result = run(params(tmp_path, answering.port), check=True)
    assert result["record"] == ""
    result = run(params(tmp_path, answering.port, unready="une autorité hors de NTAuth"))
    assert (result["record"], result["findings"][-1]["id"], result["findings"][-1]["state"]) == (
        "", "radius.record", "wrong"
    )  # fmt: skip
    result = run(params(tmp_path, answering.port))
    path = tmp_path / "eap_tests" / "ccas.yml"
    assert result["record"] == str(path)
    assert SECRET not in path.read_text("utf-8")
    assert yaml.safe_load(path.read_text("utf-8"))["tests"] == [
        {
            "server": "hdv-nps1",
            "test": "Copieur (02:93:01:00:00:60), exception jusqu’au 2026-11-23",
            "expected": "admis, VLAN 111",
            "found": "admis, VLAN 111",
            "state": "conform",
        }
    ]
    from piste.town.model.faults import Faults
    from piste.town.model.proof import read_proofs

    faults = Faults()
    assert read_proofs(path.parent, faults, tmp_path)["ccas"].succeeded
    assert faults == []


MAC = "mac.02:93:01:00:00:60"


def trials_of(site: Any) -> list[Any]:
    from piste.systems.radius.trials import trials

    return list(trials(site, []))


@pytest.mark.parametrize(
    ("changed", "error", "said"),
    [
        ({"secrets": {}}, NoProbe, "le secret radius/sonde n’a pas de valeur"),
        ({"servers": []}, NoProbe, "aucun serveur RADIUS"),
        ({"probe": {"source": "127.0.0.1"}}, Misused, "à quelle autorité se fier"),
        ({"probe": {"source": "203.0.113.9", "ca_file": "/ca.pem"}}, NoProbe, "ne peut pas interroger"),
        (
            {"probe": {"ca_file": "/ca.pem", "accounts": {"agent": {"identity": "a", "password": {"secret": "e/a"}}}}},
            Misused,
            "« agent » est incomplet",
        ),
    ],
)
def test_a_probe_that_cannot_ask_says_why(
    tmp_path: Path, changed: dict[str, Any], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        run(params(tmp_path, 9, **changed))


def test_an_admission_that_is_not_signed_is_none_and_says_why() -> None:
    server = Answering(bare=True)
    try:
        outcome = ask_mac(server.known(), Place("10.93.8.11"), patience=0.5)
    finally:
        server.socket.close()
    assert (outcome.verdict, outcome.vlan) == ("unsigned", None)
