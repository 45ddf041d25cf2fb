"""The Nexus switches in whole runs, by the command line: drift, export, doctor."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.nexus.server import Nexus
from piste.commands.output import EXIT
from tests.support.nexus import switches
from tests.support.playbooks import NETWORK_ALONE, Console, console
from tests.support.terminal import Terminal


@pytest.fixture(scope="module")
def nexus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nexus]:
    with switches(tmp_path_factory.mktemp("nexus"), "brownfield") as made:
        yield made


@pytest.fixture(scope="module")
def terminal(nexus: Nexus, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    with console(tmp_path_factory.mktemp("town")) as opened:
        add(opened, nexus)
        yield Terminal(opened)


def add(opened: Console, nexus: Nexus) -> None:
    """Describe the switches in the file by which the lab says where it listens."""
    file = opened.lab.folder / "info.json"
    described = json.loads(file.read_text("utf-8"))
    places = {name: {"address": "127.0.0.1", "port": port} for name, port in nexus.ports.items()}
    account = {"username": "svc-piste", "password": nexus.accounts["svc-piste"][0]}
    described["nexus"] = {**account, "host_keys": nexus.host_keys, "elsewhere": places}
    file.write_text(json.dumps(described), "utf-8")


def test_a_drift_names_what_departs_and_writes_nothing(terminal: Terminal, nexus: Nexus) -> None:
    nexus.heard.clear()
    before = json.dumps(nexus.configs)
    said = terminal.piste("drift", "commune", **NETWORK_ALONE)
    assert (said.code, terminal.writes) == (EXIT["changes"], []), said.out + said.err
    for line in (
        "! écart : nexus_vlan nx-hdv-1/102, absent, alors qu’il porte le segment serveurs (hotel-de-ville)",
        "! orphelin : nexus_vlan nx-hdv-1/999, personne ne le déclare",
        "! écart : nexus_trunk nx-hdv-1/Ethernet1/48, arrêté, dans port-channel1",
    ):
        assert line in said.out.splitlines(), said.out
    assert {line for _, line in nexus.heard} == {"terminal length 0", "terminal width 511", "show running-config"}
    assert json.dumps(nexus.configs) == before


def test_an_export_keeps_each_configuration_as_text_without_secrets(terminal: Terminal, tmp_path: Path) -> None:
    played = terminal.console.play("playbooks/export_nexus.yml", "-e", f"folder={tmp_path}")
    assert played.code == 0, played.said
    files = {path.name: path.read_text("utf-8") for path in (tmp_path / "nexus").iterdir()}
    assert files.keys() == {"nx-hdv-1.txt", "nx-hdv-2.txt"}
    assert "\nvlan 999\n  name ancien-essai\n" in files["nx-hdv-1.txt"]
    assert not [name for name, text in files.items() if "communaute-du-lab" in text]
    assert nexus_password(terminal) not in played.said


def nexus_password(terminal: Terminal) -> str:
    described = json.loads((terminal.console.lab.folder / "info.json").read_text("utf-8"))
    return str(described["nexus"]["password"])


def test_a_silent_switch_is_unknown_to_doctor(terminal: Terminal) -> None:
    file = terminal.console.lab.folder / "info.json"
    kept = file.read_text("utf-8")
    described = json.loads(kept)
    described["nexus"]["elsewhere"]["nx-hdv-2"]["port"] = 1
    file.write_text(json.dumps(described), "utf-8")
    try:
        said = terminal.piste("doctor", "--format", "json", PISTE_RATE="10")
    finally:
        file.write_text(kept, "utf-8")
    assert nexus_password(terminal) not in said.out + said.err
    findings = [finding for finding in json.loads(said.out)["findings"] if finding["id"].startswith("nexus")]
    assert {(finding["id"], finding["state"]) for finding in findings if finding["state"] != "ok"} == {
        ("nexus.reachable", "unknown"),
    }
    assert len([finding for finding in findings if finding["state"] == "ok"]) == 6
    assert said.code != EXIT["ok"]
