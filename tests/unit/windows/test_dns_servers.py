"""Forwarders and scavenging of DNS servers: read over WinRM, judged, or unknown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lab import Lab
from piste.engine.converge.errors import PisteError
from piste.systems.windows.dns.servers import MODULES, examined
from tests.support.dhcp import FIRST, PARTNER

TOWN = ["198.51.100.253"]


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab(tls=True, inventory=[], others=("winrm",)) as running:
        yield running


@pytest.fixture
def params(lab: Lab) -> dict[str, Any]:
    lab.reset("empty")
    info = lab.info["winrm"]
    named = {"username": info["username"], "password": info["password"], "urls": info["hosts"]}
    winrm = {**named, "authentication": "basic", "ca_file": lab.info["ca_file"]}
    return {"winrm": winrm, "servers": [FIRST, PARTNER], "forwarders": TOWN}


def state(lab: Lab, server: str = FIRST) -> dict[str, Any]:
    machine: dict[str, Any] = lab.systems["winrm"].simulator.machines[server].state  # type: ignore[attr-defined]
    return machine


def states(params: dict[str, Any], *, aging: bool = True) -> list[tuple[str, str]]:
    calls = {"reads": 0, "writes": 0}
    listed = examined(params, 30, calls, aging=aging)
    assert all(finding.todo for finding in listed if finding.state != "ok")
    assert calls == {"reads": len(params["servers"]), "writes": 0}
    return [(finding.id.removeprefix("dns."), finding.state) for finding in listed]


def test_doctor_judges_forwarders_and_scavenging(lab: Lab, params: dict[str, Any]) -> None:
    fine = [("forwarders", "ok"), ("forwarders", "ok"), ("scavenging", "ok")]
    assert states(params) == fine
    state(lab)["dns"]["scavenging_h"] = 0
    assert states(params) == [*fine[:2], ("scavenging", "wrong")]
    assert states(params, aging=False) == fine
    state(lab)["dns"]["forwarders"] = ["192.0.2.53"]
    assert states(params)[:2] == [("forwarders", "wrong"), ("forwarders", "ok")]
    assert states({**params, "forwarders": None})[:2] == fine[:2]
    state(lab, PARTNER)["services"]["DNS"] = False
    assert states(params)[1:] == [("forwarders", "unknown"), ("scavenging", "unknown")]


def test_a_drift_names_the_servers_that_depart_and_their_order_means_nothing(lab: Lab, params: dict[str, Any]) -> None:
    run = MODULES["dns_server_orphans"].run
    two = {**params, "forwarders": ["192.0.2.1", "192.0.2.2"]}
    state(lab)["dns"]["forwarders"] = ["192.0.2.2", "192.0.2.1"]
    (departure,) = run(two, True)["orphans"]
    assert (departure["key"], departure["said"]) == (PARTNER, "écart")
    state(lab)["dns"]["forwarders"] = []
    assert [it["why"] for it in run(params, True)["orphans"]] == ["redirige vers personne, 198.51.100.253 déclaré"]
    state(lab)["services"]["DNS"] = False
    with pytest.raises(PisteError):
        run(params, True)


def test_without_an_access_the_servers_are_not_read(params: dict[str, Any]) -> None:
    (finding,) = examined({**params, "winrm": None}, 30, {"reads": 0, "writes": 0}, aging=True)
    assert (finding.state, finding.id) == ("unknown", "dns.reachable")
    assert examined({**params, "servers": []}, 30, {"reads": 0, "writes": 0}, aging=True) == []
