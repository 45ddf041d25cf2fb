"""The simulated Nexus switches, read by the vendor's collection: a judge and a measure.

What `cisco.nxos` finds in each switch must be what the lab keeps there, before its figures count. Its modules only
gather. They come with a package of 50 MB, too much for each check: the judge of each check is netmiko.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lab.nexus import configuration
from lab.nexus.server import Nexus
from piste.systems.nexus.configuration import tree
from piste.systems.nexus.state import of_configuration
from tests.bench.collections import CACHE
from tests.bench.measure import Measure, RunFailed, played
from tests.support.nexus import ACCOUNTS, declared, option, switches

PLAYBOOKS = Path(__file__).parent / "playbooks"
ACCOUNT = "svc-piste"


def nexus_measures() -> Iterator[tuple[str, Measure]]:
    """Measure both sides, each marked `ours` or `peer`. Raises RunFailed where they disagree."""
    for seed, words, departures in (("town", "comme déclarés", 0), ("brownfield", "changés à la main", 6)):
        with tempfile.TemporaryDirectory(prefix="piste-bench-") as name, switches(Path(name), seed) as nexus:
            label = f"{len(nexus.configs)} Nexus {words}"
            yield "ours", _ours(label, nexus, departures)
            yield "peer", _peer(label, nexus, Path(name))


def _ours(label: str, nexus: Nexus, departures: int) -> Measure:
    nexus.heard.clear()
    variables = {
        "piste_model": 1,
        "piste_environment_bench": True,
        "nexus": option(nexus),
        "declared": declared(),
        "expected": departures,
    }
    done = played(label, PLAYBOOKS / "nexus_ours.yml", inventory=["localhost,"], variables=variables)
    return Measure(label, done.seconds, done.cpu, len(nexus.heard), 0, done.tasks, done.changed)


def _peer(label: str, nexus: Nexus, folder: Path) -> Measure:
    nexus.heard.clear()
    inventory = folder / "inventory.json"
    places = {name: {"ansible_host": "127.0.0.1", "ansible_port": port} for name, port in nexus.ports.items()}
    shared = {
        "ansible_connection": "ansible.netcommon.network_cli",
        "ansible_network_os": "cisco.nxos.nxos",
        "ansible_network_cli_ssh_type": "paramiko",
        "ansible_user": ACCOUNT,
        "ansible_password": ACCOUNTS[ACCOUNT][0],
        "ansible_host_key_checking": False,
        "ansible_python_interpreter": sys.executable,
    }
    inventory.write_text(json.dumps({"nexus": {"hosts": places, "vars": shared}}), encoding="utf-8")
    environment = {
        "ANSIBLE_COLLECTIONS_PATH": str(CACHE),
        "ANSIBLE_DEPRECATION_WARNINGS": "false",
        "ANSIBLE_HOST_KEY_CHECKING": "false",
    }
    done = played(
        label,
        PLAYBOOKS / "nexus_peer.yml",
        inventory=[str(inventory)],
        variables={"folder": str(folder)},
        environment=environment,
    )
    for name in nexus.configs:
        faults = list(differences(nexus, name, json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))))
        if faults:
            raise RunFailed(f"{name}, {label} : cisco.nxos et le laboratoire ne disent pas la même chose : {faults}")
    return Measure(label, done.seconds, done.cpu, len(nexus.heard), 0, done.tasks, done.changed)


def differences(nexus: Nexus, name: str, seen: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the vendor's modules see otherwise than the lab, and than our own reading."""
    config = nexus.configs[name]
    state = of_configuration(tree(configuration.running(config, "midi")))
    known = {"1": "active", **{number: vlan["state"] for number, vlan in config["vlans"].items()}}
    vlans = {str(vlan["vlan_id"]): "active" if vlan["enabled"] else "shut" for vlan in seen["vlans"]["gathered"]}
    yield from (f"VLAN {number}" for number in vlans.items() ^ known.items())
    trunks = {
        entry["name"]: frozenset(_numbers(entry["trunk"].get("allowed_vlans", "")))
        for entry in seen["l2"]["gathered"]
        if entry.get("mode") == "trunk" and entry.get("trunk")
    }
    ours = {port.name: port.allowed for port in state.ports.values() if port.trunk}
    yield from (f"trunk {port}" for port in trunks.keys() ^ ours.keys())
    yield from (f"VLAN de {port}" for port in trunks.keys() & ours.keys() if trunks[port] != ours[port])
    groups = {
        (entry["name"], member["member"]) for entry in seen["lag"]["gathered"] for member in entry.get("members", ())
    }
    members = {(port.group, port.name) for port in state.ports.values() if port.group}
    yield from (f"agrégat {pair}" for pair in groups ^ members)
    addresses = {
        (entry["name"], address["address"].partition("/")[0])
        for entry in seen["l3"]["gathered"]
        for address in (*entry.get("ipv4", ()), *entry.get("ipv6", ()))
        if entry["name"].startswith("Vlan")
    }
    wanted = {(f"Vlan{gateway.vlan}", gateway.address) for gateway in state.gateways if not gateway.shared}
    yield from (f"adresse {pair}" for pair in addresses ^ wanted)
    if (hostname := seen["facts"]["ansible_facts"]["ansible_net_hostname"]) != state.hostname:
        yield f"nom {hostname}"


def _numbers(text: str) -> Iterator[int]:
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)
