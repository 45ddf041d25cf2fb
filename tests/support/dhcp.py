"""The DHCP servers of the lab, and the module of scopes run on them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from unittest.mock import patch

from lab import Lab
from lab.winrm import WinrmSimulator
from piste.engine.transport.shared import VARIABLE
from piste.runs.domains.addressing import MODULES

FIRST, PARTNER = "hdv-dc1", "hdv-dc2"
FAILOVER = {"name": f"{FIRST}-{PARTNER}", "partner": PARTNER, "mode": "load_balance", "share": 50, "client_lead": 3600}
USERS: dict[str, Any] = {
    "subnet": "10.93.41.0/24",
    "name": "jau-utilisateurs",
    "start": "10.93.41.50",
    "end": "10.93.41.239",
    "exclusions": [{"start": "10.93.41.60", "end": "10.93.41.69"}],
    "lease": 691_200,
    "active": True,
    "options": {
        "routers": ["10.93.41.254"],
        "dns": ["10.93.2.11", "10.93.2.12"],
        "ntp": [],
        "domain": "ad.lebourget.example",
        "boot_server": None,
        "other": {"252": {"values": ["http://proxy.lebourget.example/proxy.pac"]}},
    },
    "reservations": {"10.93.41.12": {"name": "imp-jau-01", "mac": "F0:DE:F1:7A:00:5E"}},
}
PHONES: dict[str, Any] = {
    "subnet": "10.93.43.0/24",
    "name": "jau-telephonie",
    "start": "10.93.43.50",
    "end": "10.93.43.239",
    "lease": 86_400,
    "active": True,
    "options": {"routers": ["10.93.43.254"]},
    "reservations": {},
}
DEFAULTS: dict[str, Any] = {"state": "merged", "absent": [], "confirm": [], "max_removals": 5, "secrets": {}}
Json = dict[str, Any]


class Town:
    """The DHCP servers, and the module run on them for a school."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self.lab, self.folder = lab, folder
        simulator = lab.systems["winrm"].simulator
        assert isinstance(simulator, WinrmSimulator)
        self.simulator = simulator

    @property
    def winrm(self) -> Json:
        info = self.lab.info["winrm"]
        named = {"username": info["username"], "password": info["password"], "urls": info["hosts"]}
        return {**named, "authentication": "basic", "ca_file": self.lab.info["ca_file"]}

    @contextmanager
    def one_run(self) -> Iterator[None]:
        with patch.dict("os.environ", {VARIABLE: mkdtemp(dir=self.folder)}):
            yield

    def task(self, *config: Json, check: bool = False, **options: Any) -> Json:
        task = {
            "winrm": self.winrm,
            "server": FIRST,
            "failover": FAILOVER,
            "within": ["10.93.40.0/21"],
            "owner": "ecole-jaures",
        }
        return MODULES["dhcp_scopes"].run({**DEFAULTS, **task, "config": list(config), **options}, check)

    def of_town(self, module: str, *config: Json, check: bool = False, **options: Any) -> Json:
        """Run a module of what the town declares of its servers."""
        task = {"winrm": self.winrm, "server": FIRST, "failover": FAILOVER, "owner": "commune", "config": list(config)}
        with self.one_run():
            return MODULES[module].run({**DEFAULTS, **task, **options}, check)

    def settings(self, server: str = FIRST) -> Json:
        settings: Json = self.simulator.machines[server].state["dhcp"]["settings"]
        return settings

    def relation(self, server: str = FIRST) -> Json:
        (relation,) = self.simulator.machines[server].state["dhcp"]["relations"].values()
        terms: Json = relation
        return terms

    def run(self, *config: Json, check: bool = False, **options: Any) -> Json:
        with self.one_run():
            return self.task(*config, check=check, **options)

    def scopes(self, server: str = FIRST) -> Json:
        scopes: Json = self.simulator.machines[server].state["dhcp"]["scopes"]
        return scopes

    @property
    def writes(self) -> list[str]:
        return [path for _, path, _ in self.simulator.calls.writes()]
