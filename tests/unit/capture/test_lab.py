"""A lab from a capture: what it takes, what it says that it did not, where it refuses."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from lab import Lab, captured
from lab.cli import main
from lab.instance import Refused
from piste.engine.converge.memory import Memory
from piste.engine.converge.secrets import FINGERPRINT_KEY, Vault
from piste.engine.transport import witness
from piste.engine.transport.response import Response
from piste.engine.transport.witness import Question
from piste.exports.bag import bagit
from piste.exports.capture import make, store
from piste.exports.capture.masks import Masks
from piste.exports.capture.recording import SETTINGS, Recording, attend

NETWORK = {"id": "L_1", "name": "VLB", "productTypes": ["switch"], "tags": [], "timeZone": "Europe/Paris"}
STATE = {"id": 7, "name": "En service"}


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    """Make a capture of three systems; no lab of these tests has its supervision."""
    folder = tmp_path / "capture"
    about = make.opened(folder, "lab", names_kept=True, systems=["meraki", "glpi", "zabbix"])
    recording = Recording(folder / "data", Masks(b"clef", keep_names=True))
    for system, path, content in (
        ("meraki", "/organizations/42/networks", [NETWORK]),
        ("glpi", "/api.php/v2.3/Dropdowns/State", [STATE]),
        ("zabbix", "/api_jsonrpc.php", {"result": []}),
    ):
        asked = {"method": "host.get", "params": {}} if system == "zabbix" else None
        body = json.dumps(content).encode()
        headers = {"date": "Tue, 01 Dec 2026 09:00:00 GMT"}
        recording.heard(
            Question(system, "POST" if asked else "GET", path, (), asked), Response(200, headers, body), 0.1
        )
    make.ended(folder / "data", about)
    bagit.seal(folder, {})
    return folder


def test_a_lab_takes_what_it_can_and_names_the_rest(capture: Path, tmp_path: Path) -> None:
    with Lab(folder=tmp_path / "lab", inventory=[], others=("glpi", "smc", "prism")) as lab:
        taken = lab.take(str(capture))
        assert taken["taken"] == {"glpi": 1, "meraki": 1}
        assert taken["at"].startswith("2026-12-01T09:00:0")
        assert [line.partition(" : ")[0] for line in taken["left"]] == ["zabbix", "smc", "prism"]
        shown = lab.meraki.edit("GET", "/organizations/930093/networks")
        assert [network["name"] for network in shown] == ["VLB"]
        assert lab.systems["glpi"].simulator.world.named("State", "En service")["id"] == 7  # type: ignore[attr-defined]


def listening() -> set[str]:
    """List the sockets of this process that accept connections."""
    mine = {os.readlink(entry) for entry in Path("/proc/self/fd").iterdir() if entry.is_symlink()}
    rows = [line.split() for line in Path("/proc/self/net/tcp").read_text("ascii").splitlines()[1:]]
    return {row[9] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in mine}


def test_nothing_answers_before_the_lab_holds_what_was_captured(
    capture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, seen = listening(), []
    taken = captured.take

    def watched(*given: Any) -> Any:
        seen.append((listening() - before, (tmp_path / "lab" / "info.json").exists()))
        return taken(*given)

    monkeypatch.setattr(captured, "take", watched)
    parts: dict[str, Any] = {"nexus": True, "supplies": True, "others": ("glpi",), "inventory": []}
    with Lab(folder=tmp_path / "lab", **parts, capture=capture) as lab:
        assert listening() - before
        assert lab.taken["taken"] == {"glpi": 1, "meraki": 1}
        shown = lab.meraki.edit("GET", "/organizations/930093/networks")
        assert [network["name"] for network in shown] == ["VLB"]
    assert seen == [(set(), False)]


def changed(folder: Path, system: str, **changes: Any) -> None:
    (path,) = (folder / "data/answers" / system).iterdir()
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **changes}), "utf-8")
    bagit.seal(folder, {})


def heard(capture: Path, answers: dict[str, Any]) -> None:
    """Add answers of the organization to a capture, by their path."""
    recording = Recording(capture / "data", Masks(b"clef", keep_names=True))
    for path, content in answers.items():
        question = Question("meraki", "GET", f"/organizations/42/{path}", (), None)
        recording.heard(question, Response(200, {}, json.dumps(content).encode()), 0.1)
    make.ended(capture / "data", store.read_about(capture / "data"))
    bagit.seal(capture, {})


SWITCH = {"serial": "Q2AA-AAAA-AAAA", "productType": "switch", "model": "MS130-8", "mac": "a0:b1:c2:d3:e4:f5"}
HOSTILE = {
    "no id": {"answer": [{"name": "VLB"}]},
    "a text": {"answer": "VLB"},
    "a moment that is none": {"at": "hier"},
    "the future": {"at": "9999-01-01T00:00:00+00:00"},
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("system", ["meraki", "glpi"])
def test_a_hostile_capture_leaves_the_lab_as_it_was(name: str, system: str, capture: Path, tmp_path: Path) -> None:
    changed(capture, system, **HOSTILE[name])
    with Lab(folder=tmp_path / "lab", inventory=[], others=("glpi", "smc")) as lab:
        before = {name: known.image() for name, known in lab.systems.items()}
        at = lab.clock.now()
        with pytest.raises(ValueError, match="rien n’a été pris"):
            lab.take(str(capture))
        assert {name: known.image() for name, known in lab.systems.items()} == before
        assert abs(lab.clock.now() - at) < 600


def test_a_capture_that_is_not_taken_is_refused_by_the_start_of_the_lab(capture: Path, tmp_path: Path) -> None:
    changed(capture, "glpi", at="hier")
    lab = Lab(folder=tmp_path / "lab", inventory=[], others=("glpi",), capture=capture)
    with pytest.raises(Refused, match="rien n’a été pris"), lab:
        pass


@pytest.mark.parametrize("port", ["30000000", "9" * 5000, "0"])
def test_a_switch_of_a_capture_has_the_ports_of_a_switch(port: str, capture: Path, tmp_path: Path) -> None:
    ports = [{"serial": SWITCH["serial"], "ports": [{"portId": port}]}]
    heard(capture, {"devices": [SWITCH], "switch/ports/bySwitch": ports})
    with (
        Lab(folder=tmp_path / "lab", inventory=[], others=("glpi", "smc")) as lab,
        pytest.raises(ValueError, match="de 1 à 512"),
    ):
        lab.take(str(capture))


def test_what_no_write_decides_lies_beside_the_state_and_is_served_after_a_restart(
    capture: Path, tmp_path: Path
) -> None:
    """Histories may have 150 MB: in the state, they would be written after each question."""
    admins = [{"id": str(number), "name": f"Administrateur {number}"} for number in range(500)]
    heard(capture, {"admins": admins})
    folder, parts = tmp_path / "lab", {"inventory": [], "others": ("glpi",)}
    with Lab(folder=folder, **parts, capture=capture) as lab:
        assert len(lab.systems["meraki"].image()) < 5000
    assert (folder / "state.json").stat().st_size < 10_000
    with Lab(folder=folder, **parts) as lab:
        shown = lab.meraki.edit("GET", "/organizations/930093/admins")
        assert [admin["id"] for admin in shown] == [admin["id"] for admin in admins]
        answers = folder / "meraki-answers.json"
        assert answers.stat().st_mode & 0o077 == 0
        lab.reset()
        assert not answers.exists()
        assert len(lab.meraki.edit("GET", "/organizations/930093/admins")) < len(admins)
    with Lab(folder=folder, **parts) as lab:
        assert lab.meraki.edit("GET", "/organizations/930093/networks") == []


def test_a_lab_says_what_the_capture_lacks(capture: Path, tmp_path: Path) -> None:
    about = store.read_about(capture / "data")
    step = store.Step(name="le réseau entier", ended="", silent=["commune : Relever : n’a pas répondu"])
    store.keep_about(capture / "data", about.model_copy(update={"steps": [step]}))
    bagit.seal(capture, {})
    with Lab(folder=tmp_path / "lab", inventory=[], others=("glpi", "smc")) as lab:
        assert lab.take(str(capture))["left"][-1].startswith("le réseau entier : commune")


def test_a_system_that_does_not_take_its_answers_refuses_the_capture(
    capture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def become(made: Any) -> list[str]:
        raise RuntimeError("son journal : /lab/ad/image.log")

    with Lab(folder=tmp_path / "lab", inventory=[], others=("glpi",)) as lab:
        monkeypatch.setattr(lab.systems["glpi"], "become", become)
        with pytest.raises(ValueError, match=r"^glpi ne prend pas ses réponses : son journal : /lab/ad/image\.log$"):
            lab.take(str(capture))
        assert lab.taken == {}


def test_a_lab_that_has_a_state_is_not_replaced(
    capture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    (folder / "state.json").write_text("{}", "utf-8")
    monkeypatch.setenv("PISTE_LAB_DIR", str(folder))
    result = CliRunner().invoke(main, ["up", "--from", str(capture)])
    assert result.exit_code == 1
    assert "a déjà un laboratoire" in result.output
    assert (folder / "state.json").read_text("utf-8") == "{}"


def test_a_lab_remembers_the_secrets_that_the_town_had_written(
    capture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The capture has the path of each, and neither its value nor its fingerprint."""
    vault = Vault({FINGERPRINT_KEY: "clef-de-la-ville", "zabbix/a": "Un-secret-1", "zabbix/b": "Un-secret-2"})
    lock, settings = tmp_path / "secrets.lock.yml", tmp_path / "settings"
    former = {"zabbix/x/password": vault.fingerprint("Un-secret-1"), "zabbix/y/password": vault.fingerprint("Ancien-9")}
    Memory(lock, vault).store(former)
    settings.mkdir()
    given = {"data": str(capture / "data"), "key": "00", "keep_names": True, "names": []}
    (settings / SETTINGS).write_text(json.dumps(given), "utf-8")
    monkeypatch.setenv(witness.CAPTURE, str(settings))
    secrets = {FINGERPRINT_KEY: "clef-de-la-ville", "zabbix/a": "Un-secret-1", "zabbix/b": "Un-secret-2"}
    try:
        attend(secrets, [], str(lock))
    finally:
        witness.dismiss()
    assert store.remembered(capture / "data") == {"zabbix/x/password": "zabbix/a"}
    bagit.seal(capture, {})
    lab_folder = tmp_path / "lab"
    with Lab(folder=lab_folder, inventory=[], others=("glpi",)) as lab:
        ours = {FINGERPRINT_KEY: "clef-du-laboratoire", "zabbix/a": "Autre-secret-1"}
        (lab_folder / "secrets.json").write_text(json.dumps(ours), "utf-8")
        lab.take(str(capture))
    here = Vault(ours)
    known = Memory(lab_folder / "secrets.lock.yml", here).entries()
    assert known == {"zabbix/x/password": here.fingerprint("Autre-secret-1")}
    (capture / "data" / store.REMEMBERED).write_text("[1]", "utf-8")
    bagit.seal(capture, {})
    with (
        Lab(folder=tmp_path / "third", inventory=[], others=("glpi",)) as lab,
        pytest.raises(ValueError, match="rien n’a été pris"),
    ):
        lab.take(str(capture))
