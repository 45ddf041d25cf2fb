"""The playbook of the probe, from a computer of a twin: nothing stays there."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from tests.support import frozen
from tests.support.playbooks import REPOSITORY
from tests.support.probe import SCHOOL, as_declared
from tests.support.terminal import PISTE
from tests.support.twin import computer, needs_machine, standing

pytestmark = needs_machine

SECRET = "une cle que personne ne doit lire"


@frozen.by_the_real_clock("les serveurs de temps d’un jumeau")
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


def interface(namespace: str, name: str = "eth0") -> tuple[Any, Any]:
    """Give the addresses and the routes of an interface."""
    shown = ["addr", "show", "dev", name], ["route", "show", "dev", name]
    base = ["ip", "-n", namespace, "-j", "-4"]
    said = [subprocess.run([*base, *words], capture_output=True, check=True).stdout for words in shown]
    addresses, routes = (json.loads(text or "[]") for text in said)
    return [entry.get("addr_info") for entry in addresses], routes


_MOVED = """
from pathlib import Path
Interface.physical = property(lambda self: True)
interface = Interface("sonde0")
interface.isolate()
seen = json.loads(ip("-j", "link", "show"))
interface.take("192.0.2.9", 24, "")
interface.come_home()
interface.give_back()
print(json.dumps([entry["ifname"] for entry in seen]))
"""


def test_an_interface_alone_in_a_namespace_comes_back_with_its_addresses() -> None:
    """A pair of virtual interfaces plays; its name is that of no interface of a machine."""
    namespace = f"sonde{os.getpid()}"
    named = ["ip", "-n", namespace]
    subprocess.run(["ip", "netns", "add", namespace], check=True)
    try:
        subprocess.run([*named, "link", "add", "sonde0", "type", "veth", "peer", "name", "sonde1"], check=True)
        subprocess.run([*named, "addr", "add", "192.0.2.77/24", "dev", "sonde0"], check=True)
        subprocess.run([*named, "link", "set", "sonde0", "up"], check=True)
        before = interface(namespace, "sonde0")
        program = (REPOSITORY / "piste/trials/probe/onsite/interface.py").read_text("utf-8") + _MOVED
        entered = ["ip", "netns", "exec", namespace, "python3", "-I", "-c", program]
        done = subprocess.run(entered, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        assert json.loads(done.stdout) == ["lo", "sonde0"]
        assert interface(namespace, "sonde0") == before
    finally:
        subprocess.run(["ip", "netns", "del", namespace], check=True)
