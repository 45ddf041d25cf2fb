"""NPS modules over WinRM on the lab's pair, beside a real domain: three kinds, and a fault."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab import Lab
from piste.engine.converge.errors import Interrupted
from piste.engine.converge.secrets import FINGERPRINT_KEY
from piste.engine.transport.shared import VARIABLE
from piste.runs.domains.access import MODULES
from piste.systems.windows.nps import server as nps_server
from piste.systems.windows.nps.document import CLIENTS, Document
from tests.support.ad import Town
from tests.support.nps import foreign, operations
from tests.support.samba import Domain

SERVERS = ("hdv-nps1", "hdv-nps2")
CLIENTS_CONFIG: list[dict[str, Any]] = [
    {"name": f"sw-hdv-{n:02}", "address": f"10.93.0.{20 + n}", "secret": {"secret": "radius/hdv"}, "enabled": True}
    for n in range(1, 6)
]
REQUESTS = [{"name": "Ville - 802.1X", "order": 10, "conditions": {"nas_port_type": ["wired", "wireless"]}}]
POLICIES: list[dict[str, Any]] = [
    {
        "name": "Ville - Agents, certificat",
        "order": 10,
        "conditions": {"machine_groups": ["GP-hdv"], "client_name": "^(sw|ap)-hdv-"},
        "eap": [{"method": "tls", "certificate": {"template": "Serveurs RADIUS"}}],
        "vlan": 101,
    },
    {
        "name": "Ville - Agents, mot de passe",
        "order": 11,
        "conditions": {"user_groups": ["Domain Users"]},
        "eap": [{"method": "peap", "certificate": {"template": "VLB-RADIUS"}}],
        "vlan": 101,
    },
]
TASKS = (
    ("nps_radius_clients", CLIENTS_CONFIG),
    ("nps_connection_request_policies", REQUESTS),
    ("nps_network_policies", POLICIES),
)
OURS = [policy["name"] for _, config in TASKS for policy in config]


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab(tls=True, inventory=[], others=("winrm",)) as running:
        yield running


class Pair:
    """Servers of the lab, and runs on them."""

    def __init__(self, lab: Lab, domain: Domain, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.lab, self.domain, self.folder, self._environment = lab, domain, folder, monkeypatch
        self._runs = 0
        monkeypatch.setattr(nps_server, "PAUSE", 0.1)
        monkeypatch.setenv("PISTE_LOCK_DIR", str(folder / "locks"))
        monkeypatch.setenv("PISTE_PENDING_DIR", str(folder / "pending"))

    @property
    def winrm(self) -> Any:
        return self.lab.systems["winrm"]

    def exported(self, server: str) -> bytes:
        content: bytes = self.winrm.simulator.machines[server].configuration
        return content

    def begin(self) -> None:
        """Begin another run."""
        self._runs += 1
        run = self.folder / f"run-{self._runs}"
        run.mkdir()
        self._environment.setenv(VARIABLE, str(run))
        self.lab.calls.clear()

    def imports(self) -> list[str]:
        return [entry.path for entry in self.lab.calls.log if entry.path.endswith("nps_import")]

    def task(self, name: str, config: list[dict[str, Any]], check: bool = False) -> dict[str, Any]:
        info = self.lab.info["winrm"]
        params = {
            "winrm": {
                **{name: info[name] for name in ("username", "password")},
                "urls": info["hosts"],
                "ca_file": self.lab.info["ca_file"],
            },
            "domain": self.domain.option,
            "servers": list(SERVERS),
            "config": config,
            "state": "merged",
            "owner": "hdv",
            "absent": [],
            "confirm": [],
            "max_removals": 5,
            "secrets": {FINGERPRINT_KEY: "une-clef-d-empreintes", "radius/hdv": "Secret-RADIUS-de-la-mairie"},
        }
        return MODULES[name].run(params, check)

    def run(self, check: bool = False) -> list[tuple[str, str]]:
        self.begin()
        return [operation for name, config in TASKS for operation in operations(self.task(name, config, check))]


@pytest.fixture
def pair(lab: Lab, domain: Domain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pair]:
    town = Town(domain, tmp_path / "ad")
    (tmp_path / "ad").mkdir()
    town.module("ad_organizational_units", [{"path": "Ville"}])
    town.module("ad_groups", [{"name": "GP-hdv", "ou": "Ville"}])
    lab.reset("brownfield")
    yield Pair(lab, domain, tmp_path, monkeypatch)
    lab.systems["winrm"].faults.clear()


def test_the_pair_is_converged_in_few_calls_survives_a_torn_import_and_has_nothing_left_to_do(pair: Pair) -> None:
    before, other = map(pair.exported, SERVERS)
    predicted = pair.run(check=True)
    assert (pair.imports(), pair.exported(SERVERS[0])) == ([], before)

    pair.begin()
    pair.winrm.faults.add("tear", method="nps_import")
    with pytest.raises(Interrupted, match=r"PISTE-E047 hdv-nps1 .* précédente est remise \(vérifié\)"):
        pair.task(*TASKS[0])
    assert pair.exported(SERVERS[0]) == before
    pair.winrm.faults.clear()

    assert pair.run() == predicted
    assert pair.imports() == [f"/{server}/nps_import" for _ in TASKS for server in SERVERS]
    for server, kept_settings in zip(SERVERS, (before, other), strict=True):
        assert foreign(pair.exported(server), *OURS) == foreign(kept_settings, *OURS)
    assert len(set(OURS) & set(Document(pair.exported(SERVERS[1])).names(CLIENTS))) == len(CLIENTS_CONFIG)

    assert pair.run() == []
    assert pair.imports() == []
    reads = [entry.path for entry in pair.lab.calls.log if entry.kind == "read" and "/hdv-nps" in entry.path]
    assert sorted(reads) == sorted(f"/{server}/{what}" for server in SERVERS for what in ("nps_export", "certificates"))
