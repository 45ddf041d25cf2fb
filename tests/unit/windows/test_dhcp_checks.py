"""Findings of doctor on DHCP servers: each check, and the fault that it reports."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lab import Lab
from piste.systems.windows.dhcp import checks, uses
from piste.systems.windows.entry import Entry
from piste.systems.windows.winrm import Session
from piste.systems.windows.winrm_access import Access
from tests.support.dhcp import FIRST, PARTNER, USERS, Town


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab(tls=True, inventory=[], others=("winrm",)) as running:
        yield running


@pytest.fixture
def town(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Town:
    monkeypatch.setenv("PISTE_LOCK_DIR", str(tmp_path))
    lab.reset("empty")
    return Town(lab, tmp_path)


def examined(town: Town, **failover: Any) -> dict[str, str]:
    """Return the state of each check of the servers, the worst where there are several."""
    sessions = [Session(Access.of(town.winrm), name) for name in (FIRST, PARTNER)]
    order = ("ok", "unknown", "wrong")
    states: dict[str, str] = {}
    for finding in checks.checks(sessions, {"mode": "load_balance", "share": 50} | failover):
        assert finding.todo or finding.state == "ok"
        states[finding.id] = max(states.get(finding.id, "ok"), finding.state, key=order.index)
    for session in sessions:
        session.close()
    return {name: state for name, state in states.items() if state != "ok"}


def test_doctor_says_what_keeps_a_server_from_lending(town: Town) -> None:
    town.run(USERS)
    assert examined(town) == {}
    assert examined(town, share=70) == {"dhcp.terms": "wrong"}
    scope = town.scopes()["10.93.41.0"]
    scope["leases"] = {f"10.93.41.{host}": "00-11-22-33-44-55" for host in [*range(50, 56), *range(70, 240)]}
    assert examined(town) == {"dhcp.free": "wrong"}
    town.scopes()["10.99.0.0"] = copy.deepcopy(scope) | {"leases": {}, "active": False}
    assert examined(town) == {"dhcp.free": "wrong", "dhcp.relation": "wrong"}
    town.simulator.machines[PARTNER].state["services"]["DHCPServer"] = False
    silent = {"dhcp.service": "wrong", "dhcp.relation": "unknown", "dhcp.partners": "wrong"}
    assert examined(town) == {"dhcp.free": "wrong", **silent}
    del town.simulator.machines[PARTNER].state["dhcp"]
    assert examined(town)["dhcp.role"] == "wrong"
    town.simulator.faults.add("cut", path=f"/{FIRST}/", times=None)
    assert examined(town)["dhcp.reachable"] == "unknown"
    town.simulator.faults.clear()


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["hdv-dc1.ad.lebourget.example", "HDV-DC2"], "et nul autre"),
        (["hdv-dc1.ad.lebourget.example"], "n’autorise pas hdv-dc2"),
        (["hdv-dc1", "hdv-dc2", "pirate.ad.lebourget.example"], "personne ne déclare : pirate"),
    ],
)
def test_the_directory_authorises_our_servers_and_no_other(names: list[str], said: str) -> None:
    entries = [Entry("CN=x", {"cn": [name.encode()], "dhcpServers": [b"i10.0.0.1$"]}) for name in names]
    root = Entry("CN=DhcpRoot", {"cn": [b"DhcpRoot"]})
    directory: Any = SimpleNamespace(configuration="CN=Configuration", search=lambda *given: [root, *entries])
    (finding,) = checks.authorised(directory, [FIRST, PARTNER])
    assert said in finding.what
    assert finding.state == ("ok" if said == "et nul autre" else "wrong")


def test_the_use_of_scopes_is_read_of_each_server_and_silence_stays_unknown(town: Town) -> None:
    town.run(USERS)
    scope = town.scopes()["10.93.41.0"]
    scope["leases"] = {f"10.93.41.{host}": "00-11-22-33-44-55" for host in range(70, 80)}
    asked = {"winrm": town.winrm, "servers": [FIRST, PARTNER], "subnets": [USERS["subnet"], "10.93.99.0/24"]}
    with town.one_run():
        first, partner = uses.MODULES["dhcp_uses"].run(asked, True)["lenders"]
    assert (first["server"], first["unread"], partner["unread"]) == (FIRST, "", "")
    (use,) = first["scopes"]
    assert (use["subnet"], use["active"], use["in_use"], use["free"]) == (USERS["subnet"], True, 10, 170)
    town.simulator.machines[PARTNER].state["services"]["DHCPServer"] = False
    del town.simulator.machines[PARTNER].state["dhcp"]
    with town.one_run():
        first, partner = uses.MODULES["dhcp_uses"].run(asked, True)["lenders"]
    assert (len(first["scopes"]), partner["scopes"]) == (1, [])
    assert partner["unread"]
