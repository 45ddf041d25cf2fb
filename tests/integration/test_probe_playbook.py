"""The playbook of the probe, from a station that is a computer of a twin: nothing stays there."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from tests.support.playbooks import REPOSITORY
from tests.support.probe import SCHOOL, as_declared
from tests.support.terminal import PISTE
from tests.support.twin import computer, needs_machine, standing

pytestmark = needs_machine

SECRET = "une cle que personne ne doit lire"


def test_a_station_is_asked_over_the_connection_of_ansible_and_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "lab").mkdir()
    secrets = {"meraki/ssid/VLB-Agents/psk": SECRET, "eap/agent/password": SECRET}
    (tmp_path / "lab" / "secrets.json").write_text(json.dumps(secrets), "utf-8")
    extra = {
        "probe_from": "ici",
        "probe_site": SCHOOL,
        "probe_places": ["utilisateurs"],
        "piste_probe_wired": "eth0",
        "piste_probe_become": False,
        "piste_probe_isolate": False,
    }
    environment = {
        **os.environ,
        "ANSIBLE_CONFIG": str(REPOSITORY / "ansible.cfg"),
        "PISTE_LAB_DIR": str(tmp_path / "lab"),
        "PISTE_PROBES_DIR": str(tmp_path / "probes"),
    }
    with standing(tmp_path, as_declared(SCHOOL), SCHOOL) as identity:
        station = computer(identity, SCHOOL, "poste")
        before = interface(station.namespace)
        play = [Path(PISTE[0]).with_name("ansible-playbook"), "playbooks/probe.yml", "-vvv", "-e", json.dumps(extra)]
        inventories = ["-i", "inventories/town", "-i", "inventories/lab"]
        done = subprocess.run(
            ["ip", "netns", "exec", station.namespace, *map(str, play), *inventories],
            env=environment, cwd=REPOSITORY, capture_output=True, text=True, check=False,
        )  # fmt: skip
        after = interface(station.namespace)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    assert SECRET not in done.stdout + done.stderr
    assert after == before
    (kept,) = (tmp_path / "probes" / "lab" / SCHOOL).iterdir()
    record = json.loads(kept.read_text("utf-8"))
    assert record["carrier"] == "here"
    assert {result["verdict"] for result in record["places"][0]["results"]} == {"conform"}


def interface(namespace: str) -> tuple[Any, Any]:
    """Give the addresses and the routes of a computer."""
    shown = ["addr", "show", "dev", "eth0"], ["route", "show", "dev", "eth0"]
    said = [subprocess.run(["ip", "-n", namespace, "-j", "-4", *words], capture_output=True, check=True) for words in shown]
    addresses, routes = (json.loads(done.stdout or "[]") for done in said)
    return [entry.get("addr_info") for entry in addresses], routes
