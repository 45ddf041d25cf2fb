"""Supplies on a real server of NUT: sound, on battery, worn, silent."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from lab.supplies import Supplies, obstacle
from piste.engine.converge.errors import Missing, Misused, Unreachable
from piste.systems.ups.judgment import trial
from piste.systems.ups.nut import Nut
from piste.systems.ups.readings import MODULES

SOUND = {
    "ups.status": "OL", "battery.charge": "100", "battery.runtime": "1800", "battery.date": "2025/03/01",
    "ups.load": "23", "ups.model": "Smart-UPS 1500",
}  # fmt: skip
SUPPLIES = {
    "ups-hdv-1": SOUND,
    "ups-hdv-2": {**SOUND, "ups.status": "OB LB", "battery.charge": "12"},
    "ups-ctm-1": {**SOUND, "battery.date": "2019/01/01", "battery.runtime": "300"},
    "ups-pm-1": {**SOUND, "ups.load": "91"},
    "ups-med-1": {"ups.status": "OL"},
}
TODAY = date(2026, 11, 27)

pytestmark = pytest.mark.skipif(bool(obstacle()), reason="NUT is not installed")


def declared(name: str, **given: Any) -> dict[str, Any]:
    return {"name": name, "runtime_minutes": 10, "battery_until": None, **given}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    supplies = Supplies(tmp_path_factory.mktemp("nut"), SUPPLIES).start()
    try:
        for _ in range(400):
            try:
                with Nut("127.0.0.1", supplies.port) as asked:
                    if all(asked.variables(name).get("ups.status") not in (None, "WAIT") for name in SUPPLIES):
                        break
            except (Unreachable, Missing):
                pass
            time.sleep(0.05)
        yield supplies.port
    finally:
        supplies.close()


def test_each_supply_is_judged_by_what_it_says(server: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_TODAY", TODAY.isoformat())
    every = [*map(declared, SUPPLIES), declared("ups-absent")]
    result = MODULES["ups_tests"].run({"nut": {"address": "127.0.0.1", "port": server}, "declared": every}, False)
    said = {entry["id"].removeprefix("ups."): (entry["state"], entry["observed"]) for entry in result["trials"]}
    todo = {entry["id"].removeprefix("ups."): entry["todo"] for entry in result["trials"]}
    assert todo["ups-hdv-2"].startswith("Voyez d’abord le secteur")
    assert "remplacement" in todo["ups-ctm-1"]
    assert {name: state for name, (state, _) in said.items()} == {
        "ups-hdv-1": "ok", "ups-hdv-2": "wrong", "ups-ctm-1": "wrong", "ups-pm-1": "wrong", "ups-med-1": "unknown",
        "ups-absent": "unknown",
    }  # fmt: skip
    assert said["ups-hdv-1"][1] == "sur secteur, chargé à 23 %, batterie à 100 %, 30 minutes"
    assert said["ups-hdv-2"][1] == "sur batterie : le secteur manque ; batterie presque vide"
    assert said["ups-ctm-1"][1] == "5 minutes d’autonomie, 10 déclarées ; batterie du 01/01/2019, plus de 4 ans"
    assert said["ups-pm-1"][1] == "chargé à 91 %"
    assert "ne connaît pas cet onduleur" in said["ups-absent"][1]
    assert result["supplies"]["ups-hdv-1"]["ups.model"] == "Smart-UPS 1500"
    assert "ups-absent" not in result["supplies"]


def test_a_name_never_becomes_another_command(server: int) -> None:
    with Nut("127.0.0.1", server) as asked, pytest.raises(Misused):
        asked.variables("ups-hdv-1\nSET VAR ups-hdv-1 x y")


def test_tls_that_is_due_is_not_left_out(server: int) -> None:
    with pytest.raises(Unreachable, match="n’offre pas TLS"):
        Nut("127.0.0.1", server, ca_file="/ca.pem")


@pytest.mark.parametrize(
    ("given", "state"),
    [({"battery_until": "2026-11-26"}, "wrong"), ({"battery_until": "2027-01-01"}, "unknown")],
)
def test_a_battery_past_its_declared_end_is_wrong_even_unread(given: dict[str, Any], state: str) -> None:
    assert trial(declared("a", **given), None, TODAY, "silence")["state"] == state


def test_a_silent_server_is_unknown() -> None:
    option = {"address": "127.0.0.1", "port": 9, "timeout": 1}
    result = MODULES["ups_tests"].run({"nut": option, "declared": [declared("a")]}, False)
    assert [entry["state"] for entry in result["trials"]] == ["unknown"]


def test_what_comes_in_clear_before_tls_is_not_believed() -> None:
    """Somebody on the way adds an answer of his own behind that of the server."""
    forged = b'OK STARTTLS\nBEGIN LIST VAR u\nVAR u ups.status "OL forged"\nEND LIST VAR u\n'
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_says, args=(listening, forged), daemon=True).start()
        with pytest.raises(Unreachable, match="a parlé en clair entre STARTTLS et le chiffrement"):
            Nut("127.0.0.1", listening.getsockname()[1], ca_file="/ca.pem")


def _says(listening: socket.socket, content: bytes) -> None:
    client, _ = listening.accept()
    with client:
        client.recv(100)
        client.sendall(content)
        client.recv(100)
