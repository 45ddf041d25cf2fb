"""A capture of the supplies: lists alone reach a server, variables are kept by their sort."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from lab.supplies import SOUND, Supplies
from piste.engine.converge.errors import Missing, Misused
from piste.exports.capture import store
from piste.systems.ups.nut import Nut
from tests.support.capture import capturing

SAID = {
    "ups.status": "OL", "battery.charge": "100", "ups.model": "Smart-UPS 1500", "ups.serial": "3B1234X56789",
    "device.contact": "Jean Dupont", "device.location": "bureau de Jean Dupont", "driver.parameter.community": "Dupont",
    "driver.parameter.port": "10.20.30.40", "experimental.word": "Dupont-93", "experimental.hours": "12",
}  # fmt: skip


class Server:
    """A socket that answers as `upsd` does, and notes what it is sent."""

    def __init__(self, answer: list[str]) -> None:
        self.heard: list[str] = []
        self._answer, self._pending = answer, b""

    def sendall(self, text: bytes) -> None:
        self.heard.append(text.decode().strip())
        lines = ["ERR FEATURE-NOT-CONFIGURED"] if self.heard[-1] == "STARTTLS" else self._answer
        self._pending += "".join(f"{line}\n" for line in lines).encode()

    def recv(self, size: int) -> bytes:
        part, self._pending = self._pending[:size], self._pending[size:]
        return part

    def settimeout(self, seconds: float) -> None: ...

    def close(self) -> None: ...


def server(monkeypatch: pytest.MonkeyPatch, answer: list[str] | None = None) -> Server:
    lines = ["BEGIN LIST VAR ups", *(f'VAR ups {key} "{value}"' for key, value in SAID.items()), "END LIST VAR ups"]
    made = Server(lines if answer is None else answer)
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: made)
    return made


@pytest.mark.parametrize("keep_names", [True, False])
def test_variables_are_kept_by_what_they_are(
    keep_names: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server(monkeypatch)
    with capturing(tmp_path, keep_names=keep_names), Nut("192.0.2.1") as asked:
        assert asked.variables("ups") == SAID
    ((_, answer),) = store.answers(tmp_path)
    assert (answer.system, answer.method, answer.path.rpartition("/")[2]) == ("nut", "LIST", "ups")
    kept = answer.answer
    assert [kept[key] for key in ("ups.status", "battery.charge", "ups.model")] == ["OL", "100", "Smart-UPS 1500"]
    assert kept["driver.parameter.community"] == "secret:"
    assert (kept["experimental.word"], kept["experimental.hours"]) == ("x" * 9, "xx")
    assert {(place.at, place.why, place.size) for place in answer.odd} == {
        (".experimental.word", "unseen", 9), (".experimental.hours", "unseen", 2)
    }  # fmt: skip
    shown = [key for key in ("device.contact", "device.location", "driver.parameter.port") if kept[key] == SAID[key]]
    assert len(shown) == (3 if keep_names else 0)
    assert ("192.0.2.1" in answer.path) is keep_names


@pytest.mark.parametrize("text", ["SET VAR ups x 1", "INSTCMD ups load.off", "FSD ups", "LIST CLIENT ups"])
def test_another_command_reaches_no_server(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = server(monkeypatch)
    with capturing(tmp_path), Nut("192.0.2.1") as asked, pytest.raises(Misused, match="Rien n’a été envoyé"):
        asked._say(text)
    assert said.heard == ["STARTTLS"]


def test_an_unknown_supply_is_kept_as_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server(monkeypatch, ["ERR UNKNOWN-UPS"])
    with capturing(tmp_path), Nut("192.0.2.1") as asked, pytest.raises(Missing):
        asked.variables("ups")
    ((_, answer),) = store.answers(tmp_path)
    assert (answer.status, answer.answer) == (404, None)


def test_the_declared_supplies_take_the_captured_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server(monkeypatch)
    with capturing(tmp_path / "data"), Nut("192.0.2.1") as asked:
        asked.variables("ups")
    ((_, answer),) = store.answers(tmp_path / "data")
    unknown = answer.model_copy(update={"path": "/192.0.2.1/VAR/autre"})
    supplies = Supplies(tmp_path / "nut", {"ups": SOUND})
    made, left = supplies.captured([answer, unknown], {})
    assert left == ["autre : aucun onduleur déclaré ne porte ce nom, il est laissé"]
    supplies.become({**made, "ups": {**made["ups"], "device.location": "près du\nserveur"}})
    written = (tmp_path / "nut/ups.dev").read_text("ascii")
    assert "ups.serial: 3B1234X56789\n" in written
    assert "device.location: pr?s du?serveur\n" in written
    assert "driver." not in written
