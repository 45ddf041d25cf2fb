"""Certificates served over TLS: each fault is seen, silence is unknown, F16 counts both."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.authority import authority
from lab.declared import declared_town
from lab.endpoints import STATES, Endpoints
from piste.engine.converge.errors import Misused, Unreachable
from piste.readings.certificates.judgment import figure
from piste.readings.certificates.kept import judged, keep, last
from piste.readings.certificates.scan import MODULES
from piste.readings.certificates.served import Place, served, trusting
from piste.town.model.freshness import derive_freshness
from piste.town.model.freshness_form import Freshness


@pytest.fixture(scope="module")
def town() -> Any:
    commune = declared_town().commune
    assert commune
    return commune["certificates"]


@pytest.fixture(scope="module")
def endpoints(tmp_path_factory: pytest.TempPathFactory, town: Any) -> Iterator[Endpoints]:
    folder = tmp_path_factory.mktemp("endpoints")
    running = Endpoints(folder, authority(folder), town).start()
    running.ca_file = str(folder / "ca.pem")  # type: ignore[attr-defined]
    yield running
    running.close()


def scan(town: Any, endpoints: Any, **states: str) -> dict[str, Any]:
    endpoints.set(**{name: states.get(name, "sound") for name in endpoints.states})
    tls = {"ca_file": endpoints.ca_file, "only_elsewhere": True, **endpoints.info}
    return MODULES["certificate_scan"].run({"declared": town, "tls": tls}, False)


def test_what_is_served_as_declared_conforms(town: Any, endpoints: Endpoints) -> None:
    result = scan(town, endpoints)
    assert {trial["state"] for trial in result["trials"]} == {"ok"}
    assert len(result["trials"]) == len(endpoints.states) == result["calls"]["reads"]
    facts = result["certificates"]["facts"]["annuaire-dc1"]
    assert (facts["trusted"], facts["issuer"], facts["key_kind"], facts["key_bits"]) == (
        True, "Ville du Bourget CA", "EC", 256
    )  # fmt: skip


FAULTS = {
    "sound": set[str](),
    "soon": {"due"},
    "expired": {"expired"},
    "other_name": {"name"},
    "unknown": {"chain", "issuer"},
    "weak": {"key"},
    "other_authority": {"issuer"},
    "silent": {"unread"},
}


def test_each_fault_is_seen_and_no_other(
    town: Any, endpoints: Endpoints, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = dict(zip(endpoints.states, STATES, strict=False))
    assert set(wanted.values()) == FAULTS.keys()
    result = scan(town, endpoints, **wanted)
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path))
    keep("lab", [result["certificates"]])
    every = {item.certificate["name"]: item for item in judged(town, last("lab", derive_freshness(Freshness())))}
    assert {name: set(every[name].faults) for name in wanted} == {name: FAULTS[state] for name, state in wanted.items()}
    by_state = {state: every[name] for name, state in wanted.items()}
    assert (by_state["silent"].state, by_state["expired"].state) == ("unknown", "wrong")
    assert all(item.todo for item in every.values() if item.faults)
    f16 = figure(by_state.values())
    assert (f16["state"], len(f16["expired"]), len(f16["due_without_ticket"])) == ("wrong", 1, 1)


def test_an_expired_certificate_of_a_known_authority_is_not_called_unknown(town: Any, endpoints: Any) -> None:
    result = scan(town, endpoints, assistance="expired")
    assert result["certificates"]["facts"]["assistance"]["trusted"] is True


def test_a_laboratory_reaches_no_declared_place(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def reach(*_: Any, **__: Any) -> None:
        raise AssertionError("une connexion est partie")

    monkeypatch.setattr(socket, "create_connection", reach)
    result = MODULES["certificate_scan"].run({"declared": town, "tls": {"only_elsewhere": True}}, False)
    assert {trial["state"] for trial in result["trials"]} == {"unknown"}


def test_only_the_named_certificates_are_read(town: Any, endpoints: Any) -> None:
    tls = {"ca_file": endpoints.ca_file, **endpoints.info}
    result = MODULES["certificate_scan"].run({"declared": town, "tls": tls, "names": ["assistance"]}, False)
    assert [trial["id"] for trial in result["trials"]] == ["certificate.assistance"]


def test_the_scan_sends_nothing_after_the_handshake(town: Any, endpoints: Any) -> None:
    sent: list[bytes] = []
    real = Endpoints._serve

    def serve(self: Any, connection: socket.socket) -> None:
        connection.settimeout(60)
        try:
            # The scan may have hung up before the server has ended its own part of the handshake.
            sent.append(self._front.wrap_socket(connection, server_side=True).recv(100))
        except OSError:
            sent.append(b"")

    Endpoints._serve = serve  # type: ignore[method-assign]
    try:
        facts = served(_place(endpoints, "assistance.ad.lebourget.example"), trusting(endpoints.ca_file))
    finally:
        Endpoints._serve = real  # type: ignore[method-assign]
    for _ in range(6000):
        if sent:
            break
        time.sleep(0.01)
    assert (facts["trusted"], sent) == (True, [b""])


def _place(endpoints: Endpoints, name: str) -> Place:
    where = endpoints.info["elsewhere"]["assistance"]
    return Place(where["address"], where["port"], name)


def test_a_server_that_drips_is_cut() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    done = threading.Event()

    def drip() -> None:
        connection, _ = listener.accept()
        with connection:
            while not done.wait(0.05):
                try:
                    connection.sendall(b"\x16")
                except OSError:
                    return

    threading.Thread(target=drip, daemon=True).start()
    try:
        with pytest.raises(Unreachable):
            served(Place("127.0.0.1", listener.getsockname()[1], "x.example"), trusting(""), 0.3)
    finally:
        done.set()
        listener.close()


def test_an_authority_that_does_not_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misused):
        trusting(str(tmp_path / "absent.pem"))
