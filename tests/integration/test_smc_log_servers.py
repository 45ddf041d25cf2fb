"""Log servers of the SMC: what they forward, and what people forward elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from smc import session
from smc.elements.network import Host
from smc.elements.servers import LogServer, NetflowCollector

from lab.server import Listener
from piste.engine.converge.errors import Guarded, InvalidConfig
from tests.support.inprocess import Killed
from tests.support.orphans import MODULES
from tests.support.smc import SmcWorld

NAME = "LogServer 192.0.2.10"
SERVER = f"log_server/{NAME}"
HOSTS: list[dict[str, Any]] = [
    {"type": "host", "name": "hdv-log1", "address": "10.93.2.24"},
    {"type": "host", "name": "prestataire", "address": "192.0.2.77"},
]
TARGET = "host/hdv-log1:514/udp"
ENTRY = {"format": "cef", "data": "data_context/All Log Data"}
CONFIG: list[dict[str, Any]] = [{"server": SERVER, "forwards": {TARGET: ENTRY}}]


@pytest.fixture
def world(tmp_path: Path) -> SmcWorld:
    world = SmcWorld(tmp_path / "smc")
    world.module("smc_elements", HOSTS)
    world.forget_requests()
    return world


def record(world: SmcWorld) -> dict[str, Any]:
    (server,) = (each for each in world.simulator.world.of_type("log_server") if each["data"]["name"] == NAME)
    return server


def by_hand(world: SmcWorld) -> list[dict[str, Any]]:
    """Rules of forwarding that people have made, with attributes that no table says."""
    elements = world.simulator.world.of_type("host", "data_context")
    paths = {each["data"]["name"]: f"/7.4/elements/{each['type']}/{each['key']}" for each in elements}
    rule = {
        "host": paths["prestataire"], "data_context": paths["All Log Data"], "netflow_collector_port": 6514,
        "netflow_collector_service": "udp", "netflow_collector_version": "leef", "kafkaTopic": "ville",
    }  # fmt: skip
    return [rule, {**rule, "netflow_collector_version": "csv"}]


def test_logs_are_forwarded_in_one_write_and_what_people_forward_stays(world: SmcWorld) -> None:
    record(world)["data"]["netflow_collector"] = by_hand(world)
    before = dict(record(world)["data"])
    checked = world.module("smc_log_servers", CONFIG, check=True)
    done = world.module("smc_log_servers", CONFIG)
    assert done["operations"] == checked["operations"]
    assert [(each["action"], each["label"]) for each in done["operations"]] == [("update", f"journaux de {NAME}")]
    assert [method for method, _ in world.writes] == ["PUT"]
    assert not any("politique installée" in line for line in done["warnings"]), "no engine has to be installed"
    after = record(world)["data"]
    assert after["netflow_collector"][:2] == before["netflow_collector"]
    assert {name: value for name, value in after.items() if name != "netflow_collector"} == {
        name: value for name, value in before.items() if name != "netflow_collector"
    }
    world.forget_requests()
    assert world.module("smc_log_servers", CONFIG)["operations"] == []
    assert len([path for _, path in world.requests if path.rpartition("/")[0].endswith("/log_server")]) == 1
    (live,) = (item for item in world.gathered("smc_log_servers") if item["server"] == SERVER)
    assert list(live["forwards"]) == [TARGET, "host/prestataire:6514/udp", "host/prestataire:6514/udp#2"]
    assert live["forwards"]["host/prestataire:6514/udp#2"]["format"] == "csv"


def test_the_end_of_a_drift_names_where_else_the_logs_go(world: SmcWorld) -> None:
    record(world)["data"]["netflow_collector"] = by_hand(world)[:1]
    world.module("smc_log_servers", CONFIG)
    declared: dict[str, Any] = {"elements": [], "policies": [], "installations": [], "log_servers": CONFIG}
    with world.run():
        orphans = MODULES["smc_orphans"].run({"smc": world.connection(), **declared}, False)["orphans"]
    assert f"{SERVER} → host/prestataire:6514/udp" in [orphan["key"] for orphan in orphans]


def test_a_forwarding_that_goes_asks_for_a_word(world: SmcWorld) -> None:
    world.module("smc_log_servers", CONFIG)
    gone = [{"server": SERVER, "forwards": {TARGET: None}}]
    with pytest.raises(Guarded) as refusal:
        world.module("smc_log_servers", gone)
    assert f"log_server:{NAME}" in refusal.value.todo
    world.module("smc_log_servers", gone, confirm=["log_server"])
    assert record(world)["data"]["netflow_collector"] == []


def test_all_faults_come_at_once_before_any_write(world: SmcWorld) -> None:
    entry = {**ENTRY, "filter": "filter_expression/absent"}
    config = [{"server": SERVER, "forwards": {"host/inconnu:514/tcp": entry, "host/hdv-log1:6514/tcp_with_tls": ENTRY}}]
    with pytest.raises(InvalidConfig) as refusal:
        world.module("smc_log_servers", config)
    said = "\n".join(map(str, refusal.value.faults))
    for part in ("« host/inconnu »", "« filter_expression/absent »", "veut tls_profile"):
        assert part in said
    for target in ("host/hdv-log1", "host/hdv-log1:0/udp", "host/hdv-log1:514/sctp", "host/hdv-log1:514/udp#0"):
        with pytest.raises(InvalidConfig):
            world.module("smc_log_servers", [{"server": SERVER, "forwards": {target: ENTRY}}])
    assert world.writes == []


def test_a_server_that_is_not_there_is_waited_for(world: SmcWorld) -> None:
    done = world.module("smc_log_servers", [{"server": "log_server/Autre", "forwards": {TARGET: ENTRY}}])
    assert done["operations"] == []
    assert any("log_server/Autre" in str(value) for value in done.values())


def test_a_log_server_with_a_secret_is_not_written(world: SmcWorld) -> None:
    record(world)["data"]["elasticsearch_authentication_settings"] = {"method": "basic", "login": "journaux"}
    with pytest.raises(Guarded) as refusal:
        world.module("smc_log_servers", CONFIG)
    assert "login" in refusal.value.todo
    assert world.writes == []


@pytest.mark.parametrize("moment", ["kill_before", "kill_after"])
def test_a_killed_write_is_finished_by_running_again(world: SmcWorld, moment: str) -> None:
    setattr(world, moment, 1)
    with pytest.raises(Killed):
        world.module("smc_log_servers", CONFIG)
    setattr(world, moment, 0)
    world.module("smc_log_servers", CONFIG)
    assert world.module("smc_log_servers", CONFIG)["operations"] == []
    assert len(record(world)["data"]["netflow_collector"]) == 1


def test_the_library_reads_what_we_write_and_its_change_is_a_drift(world: SmcWorld) -> None:
    world.simulator.behaviour.null_values = "ignore"  # the vendor's library sends some
    world.module("smc_log_servers", CONFIG)
    listener = Listener({"": world.simulator})
    session.login(url=listener.url, api_key=world.key, api_version="7.4")
    try:
        server = LogServer(NAME)
        (rule,) = server.netflow_collector
        assert (rule.host.name, rule.netflow_collector_port, rule.netflow_collector_version) == ("hdv-log1", 514, "cef")
        assert isinstance(rule, NetflowCollector)
        server.remove_netflow_collector(rule)
        other = Host("prestataire")
        server.add_netflow_collector([NetflowCollector(rule.data_context, other, 514, "udp", "cef")])
    finally:
        session.logout()
        listener.close()
    (operation,) = world.module("smc_log_servers", CONFIG, check=True)["operations"]
    assert operation["fields"] == ["forwards"]
    world.module("smc_log_servers", CONFIG)
    (live,) = (item for item in world.gathered("smc_log_servers") if item["server"] == SERVER)
    assert list(live["forwards"]) == [TARGET, "host/prestataire:514/udp"]
