"""Hosts of a school on a real Zabbix, beside `community.zabbix`: a judge and a measure.

Its module says in check mode which hosts differ from the declaration, before its figures count. Secret macros are left
out: it compares none. It comes with a package of 50 MB, too much for each check: there, Zabbix's own library judges.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from lab.declared import declared_town
from lab.zabbix.host import obstacle
from piste.systems.zabbix.hosts import HOSTS
from piste.systems.zabbix.intent import zabbix_intent
from tests.bench.collections import CACHE
from tests.bench.measure import Measure, RunFailed, played
from tests.support.zabbix import Watched, watched

PLAYBOOKS = Path(__file__).parent / "playbooks"
SCHOOL = "ecole-jaures"
_OF_AN_AGENT = {"type": "agent", "main": 1, "useip": 1, "dns": "", "port": "10050"}


def zabbix_measures() -> Iterator[tuple[str, Measure]]:
    """Measure both sides, each marked `ours` or `peer`. Raises RunFailed where they disagree."""
    if reason := obstacle():
        raise RunFailed(reason)
    town = declared_town()
    intents = [zabbix_intent(owner) for owner in (town.commune, town.sites[SCHOOL])]
    hosts = [host for host in intents[1]["hosts"] if host["templates"] == ["ICMP Ping"]]
    with tempfile.TemporaryDirectory(prefix="piste-bench-") as folder, watched(Path(folder)) as zabbix:
        for intent in intents:
            zabbix.run("host_groups", intent["host_groups"], owner=SCHOOL)
        zabbix.run("hosts", hosts)
        for words, by_hand in (("comme déclarés", False), ("changés à la main", True)):
            changed = _by_hand(zabbix, hosts) if by_hand else []
            label = f"{len(hosts)} hôtes {words}"
            yield "ours", _ours(label, zabbix, hosts, changed)
            yield "peer", _peer(label, zabbix, hosts, changed, Path(folder))


def _by_hand(zabbix: Watched, hosts: Sequence[Mapping[str, Any]]) -> list[str]:
    """Change a host in each of the ways that both sides compare; name the hosts."""
    edits: tuple[dict[str, Any], ...] = (
        {"status": 1},
        {"tags": []},
        {"inventory": {"serialno_a": "EX-AUTRE"}},
        {"templates_clear": zabbix.api("template.get", {"filter": {"host": "ICMP Ping"}, "output": ["templateid"]})},
        {"name": "renommé"},
    )
    names = [host["name"] for host in hosts[: len(edits)]]
    known = zabbix.api("host.get", {"filter": {"host": names}, "output": ["hostid", "host"]})
    ids = {host["host"]: host["hostid"] for host in known}
    for name, edit in zip(names, edits, strict=True):
        zabbix.api("host.update", {"hostid": ids[name], **edit})
    return sorted(names)


def _ours(label: str, zabbix: Watched, hosts: Sequence[Mapping[str, Any]], changed: Sequence[str]) -> Measure:
    zabbix.lab.calls.clear()
    variables = {
        "piste_model": 1,
        "piste_environment_bench": True,
        "zabbix": zabbix.connection,
        "hosts_declared": list(hosts),
        "lock": str(zabbix.lock),
        "secrets": zabbix.secrets,
        "expected": list(changed),
    }
    done = played(label, PLAYBOOKS / "zabbix_ours.yml", inventory=["localhost,"], variables=variables)
    calls = zabbix.lab.calls.of("zabbix")
    return Measure(label, done.seconds, done.cpu, calls["reads"], calls["writes"], done.tasks, done.changed)


def _peer(
    label: str, zabbix: Watched, hosts: Sequence[Mapping[str, Any]], changed: Sequence[str], folder: Path
) -> Measure:
    zabbix.lab.calls.clear()
    place = zabbix.connection["url"].removeprefix("https://")
    address, _, port = place.partition(":")
    given = {
        "ansible_host": address,
        "ansible_httpapi_port": int(port),
        "ansible_httpapi_use_ssl": True,
        "ansible_httpapi_validate_certs": True,
        "ansible_httpapi_ca_path": zabbix.connection["ca_file"],
        "ansible_connection": "ansible.netcommon.httpapi",
        "ansible_network_os": "community.zabbix.zabbix",
        "ansible_zabbix_url_path": "",
        "ansible_zabbix_auth_key": zabbix.connection["token"],
        "ansible_user": "",
        "ansible_python_interpreter": sys.executable,
    }
    inventory = folder / "inventory.json"
    inventory.write_text(json.dumps({"zabbix": {"hosts": {"serveur": given}}}), encoding="utf-8")
    said = folder / "changed.json"
    done = played(
        label,
        PLAYBOOKS / "zabbix_peer.yml",
        inventory=[str(inventory)],
        variables={"hosts_declared": [_as_theirs(host) for host in hosts], "said": str(said)},
        environment={"ANSIBLE_COLLECTIONS_PATH": str(CACHE), "ANSIBLE_DEPRECATION_WARNINGS": "false"},
    )
    differing = sorted(json.loads(said.read_text(encoding="utf-8")))
    if differing != list(changed):
        raise RunFailed(f"{label} : community.zabbix trouve changés {differing}, et Piste {list(changed)}")
    calls = zabbix.lab.calls.of("zabbix")
    return Measure(label, done.seconds, done.cpu, calls["reads"], calls["writes"], done.tasks, done.changed)


def _as_theirs(host: Mapping[str, Any]) -> dict[str, Any]:
    """Give a host as `community.zabbix.zabbix_host` takes it, of an agent at an address."""
    [interface] = host["interfaces"]
    inventory = next(field for field in HOSTS.fields if field.name == "inventory")
    # A link has none: it is no asset.
    wire = {field.name: field.wire or field.name for field in inventory.of}
    known = {wire[name]: value for name, value in host.get("inventory", {}).items()}
    return {
        "host_name": host["name"],
        "visible_name": host["label"],
        "host_groups": host["groups"],
        "link_templates": host["templates"],
        "status": "enabled",
        **({"description": host["description"]} if "description" in host else {}),
        **({"inventory_mode": "manual", "inventory_zabbix": known} if known else {}),
        "interfaces": [{**_OF_AN_AGENT, "ip": interface["address"]}],
        "tags": host["tags"],
    }
