"""A lab from a capture: what it takes, what it says that it did not, where it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from lab import Lab
from lab.cli import main
from piste.engine.transport.response import Response
from piste.engine.transport.witness import Question
from piste.exports.bag import bagit
from piste.exports.capture import make
from piste.exports.capture.masks import Masks
from piste.exports.capture.recording import Recording

NETWORK = {"id": "L_1", "name": "VLB", "productTypes": ["switch"], "tags": [], "timeZone": "Europe/Paris"}
STATE = {"id": 7, "name": "En service"}


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    """Make a capture of three systems; no lab can become its firewall."""
    folder = tmp_path / "capture"
    about = make.opened(folder, "lab", names_kept=True)
    recording = Recording(folder / "data", Masks(b"clef", keep_names=True))
    for system, path, content in (
        ("meraki", "/organizations/42/networks", [NETWORK]),
        ("glpi", "/api.php/v2.3/Dropdowns/State", [STATE]),
        ("smc", "/7.4/elements/host", {"result": []}),
    ):
        body = json.dumps(content).encode()
        headers = {"date": "Tue, 01 Dec 2026 09:00:00 GMT"}
        recording.heard(Question(system, "GET", path, (), None), Response(200, headers, body), 0.1)
    make.ended(folder / "data", about)
    bagit.seal(folder, {})
    return folder


def test_a_lab_takes_what_it_can_and_names_the_rest(capture: Path, tmp_path: Path) -> None:
    with Lab(folder=tmp_path / "lab", inventory=[], others=("glpi", "smc", "prism")) as lab:
        taken = lab.take(str(capture))
        assert taken["taken"] == {"glpi": 1, "meraki": 1}
        assert taken["at"].startswith("2026-12-01T09:00:0")
        assert [line.partition(" : ")[0] for line in taken["left"]] == ["smc", "prism"]
        shown = lab.meraki.edit("GET", "/organizations/930093/networks")
        assert [network["name"] for network in shown] == ["VLB"]
        assert lab.systems["glpi"].simulator.world.named("State", "En service")["id"] == 7  # type: ignore[attr-defined]


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
