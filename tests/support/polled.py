"""A twin where the lab's Zabbix polls, and what the town declares of it, in that Zabbix."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from lab.declared import write_secrets
from lab.polled.programs import obstacle
from lab.zabbix.host import obstacle as no_zabbix
from piste.systems.zabbix.coverage import Covered, covered
from piste.systems.zabbix.intent import zabbix_intent
from piste.systems.zabbix.living import living
from piste.systems.zabbix.templates import files
from piste.trials.twin import machine
from piste.trials.twin.build import build
from tests.support.twin import needs_machine, readings, town
from tests.support.zabbix import Watched, watched

PING = "icmpping"
SITES = ("mediatheque", "hotel-de-ville")
needs_polling = [
    needs_machine,
    pytest.mark.skipif(bool(obstacle() or no_zabbix()), reason="il manque les paquets de requirements/polled.txt"),
]


class Polling:
    """A Zabbix that polls in a twin of some sites."""

    def __init__(self, zabbix: Watched, identity: str) -> None:
        self.zabbix, self.identity = zabbix, identity
        self.items: dict[tuple[str, str], str] = {}

    @property
    def owners(self) -> list[Any]:
        return [town().commune, *(town().sites[name] for name in SITES)]

    def declare(self) -> None:
        """Make the hosts of the owners, as the town declares them."""
        for owner in self.owners:
            intent = zabbix_intent(owner)
            templates = [{"name": name, "content": content} for name, content in files().items()]
            given = {**intent, "templates": templates if owner is town().commune else []}
            for kind in ("host_groups", "templates", "hosts", "dependencies"):
                if given[kind]:
                    self.zabbix.run(kind, given[kind], owner=owner["id"])
        hosts = {host["hostid"]: host["host"] for host in self.zabbix.api("host.get", {"output": ["host"]})}
        items = self.zabbix.api("item.get", {"output": ["hostid", "key_"], "monitored": True})
        self.items = {(hosts[item["hostid"]], item["key_"]): item["itemid"] for item in items}

    def ask(self, *items: tuple[str, str]) -> None:
        """Let the server read items now, instead of at their time."""
        self.zabbix.api("task.create", [{"type": 6, "request": {"itemid": self.items[item]}} for item in items])

    def covered(self) -> list[Covered]:
        client = self.zabbix.client()
        try:
            return covered(self.owners, living(client))
        finally:
            client.close()

    def value(self, host: str, key: str) -> str:
        [item] = self.zabbix.api("item.get", {"itemids": [self.items[host, key]], "output": ["lastvalue"]})
        return str(item["lastvalue"])

    def values(self, key: str, *hosts: str) -> list[list[str]]:
        """Give the last values of whole numbers of an item of each host."""
        asked = [self.items[host, key] for host in hosts]
        given = {"itemids": asked, "history": 3, "output": ["itemid", "value"], "sortfield": "clock"}
        history = self.zabbix.api("history.get", given)
        return [[entry["value"] for entry in history if entry["itemid"] == item] for item in asked]

    def miss(self, wanted: Mapping[str, int]) -> None:
        """Ask hosts until so many of their last pings stayed without an answer, in a row."""
        counts: list[int] = []

        def missed() -> bool:
            nonlocal counts
            values = self.values(PING, *wanted)
            if all(each[-times:] == ["0"] * times for each, times in zip(values, wanted.values(), strict=True)):
                return True
            if counts != (counts := [*map(len, values)]):
                self.ask(*((host, PING) for host in wanted))
            return False

        until(missed)

    def problems(self, *hosts: str) -> dict[str, set[str]]:
        """Give the names of the problems that are open, by host, as `problem.get` has them."""
        known = self.zabbix.api("host.get", {"filter": {"host": hosts}, "output": ["host"]})
        return {
            host["host"]: {problem["name"] for problem in self.zabbix.api("problem.get", {"hostids": [host["hostid"]]})}
            for host in known
        }


def until(state: Callable[[], Any], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not state():
        if time.monotonic() > deadline:
            pytest.fail("the server did not come to it in time")
        time.sleep(0.5)


@contextmanager
def polling(folder: Path) -> Iterator[Polling]:
    """Raise a lab and a twin; the server of the lab polls there."""
    before = os.environ.get(machine.VARIABLE)
    os.environ[machine.VARIABLE] = str(folder / "twins")
    identity = machine.new_identity()
    (folder / "lab").mkdir(mode=0o700)
    write_secrets(folder / "lab", town().secret_paths(planned=True))
    try:
        with watched(folder, "whole", endpoints=True) as zabbix:
            about = {"sites": [*SITES], "environment": "lab"}
            machine.up(build(readings(*SITES), town(), SITES, watched=True), identity, about)
            zabbix.lab.poll(machine.state(identity))
            yield Polling(zabbix, identity)
            zabbix.lab.poll(None)
    finally:
        machine.down(identity)
        if before is None:
            del os.environ[machine.VARIABLE]
        else:
            os.environ[machine.VARIABLE] = before
