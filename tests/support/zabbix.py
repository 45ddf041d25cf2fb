"""A real Zabbix of the tests, and the kinds of the supervision run on it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lab.instance import Lab
from lab.zabbix.host import obstacle
from piste.engine.converge.memory import Memory
from piste.engine.converge.plan import State
from piste.engine.converge.request import Request
from piste.engine.converge.run import run
from piste.engine.converge.secrets import FINGERPRINT_KEY, Vault
from piste.systems.kinds.zabbix import SUPERVISION
from piste.systems.zabbix.api import Zabbix
from piste.systems.zabbix.driver import ZabbixDriver

KINDS: Mapping[str, type[ZabbixDriver]] = {kind.name: kind.driver_class for kind in SUPERVISION}
ON_BATTERY = {"name": "APC UPS: UPS is on battery", "severity": 3}
"""The problem of a supply on battery, as the template of the real server words it."""
SECRETS = {FINGERPRINT_KEY: "clef-des-empreintes-des-tests"}


class Watched:
    """A Zabbix, and what a run of a kind does to it; each task has a run of its own."""

    def __init__(self, lab: Lab, folder: Path, token: str = "") -> None:
        self.lab, self._folder, self._token = lab, folder, token
        self.lock = folder / "secrets.lock.yml"
        self.secrets = dict(SECRETS)
        self.writes = 0

    @property
    def connection(self) -> dict[str, Any]:
        info = self.lab.info["zabbix"]
        token = self._token or info["token"]
        return {"url": info["url"], "token": token, "ca_file": self.lab.info["ca_file"], "rate": 0}

    def client(self) -> Zabbix:
        """Open a client of a run of its own."""
        return Zabbix(self.connection, Path(tempfile.mkdtemp(dir=self._folder)))

    def api(self, method: str, params: Any) -> Any:
        """Call the API as somebody else does: no fault strikes it, and no count sees it."""
        front = self.lab.systems["zabbix"].simulator
        headers = {"Authorization": f"Bearer {self.lab.info['zabbix']['token']}", "Content-Type": "application/json"}
        call = {"jsonrpc": "2.0", "method": method, "params": params, "id": 1}
        answer = front.straight(json.dumps(call).encode(), headers)  # type: ignore[attr-defined]
        content = answer.json()
        assert "result" in content, content
        return content["result"]

    def run(
        self,
        kind: str,
        config: Sequence[Mapping[str, Any]],
        *,
        owner: str = "ecole-jaures",
        state: State = "merged",
        check: bool = False,
        **given: Any,
    ) -> dict[str, Any]:
        """Run a kind as a task of its own."""
        vault = Vault(self.secrets)
        memory = Memory(self.lock, vault)
        request = Request(
            config=list(config), owner=owner, state=state, check=check, vault=vault, memory=memory, **given
        )
        client = self.client()
        try:
            return {**run(KINDS[kind], client, request, {}), "calls": dict(client.calls)}
        finally:
            client.close()

    def reset(self) -> None:
        """Begin again from an empty Zabbix."""
        self.lab.systems["zabbix"].reset("empty")
        self.lab.systems["zabbix"].faults.clear()
        self.lab.calls.clear()
        self.lock.unlink(missing_ok=True)


@contextmanager
def watched(folder: Path, zabbix: str = "api", *, endpoints: bool = False) -> Iterator[Watched]:
    """Open a lab with a Zabbix, and no other real server; fails where this machine has none."""
    assert not obstacle(), obstacle()
    with Lab(tls=True, zabbix=zabbix, endpoints=endpoints, others=(), folder=folder / "lab") as lab:
        yield Watched(lab, folder)
