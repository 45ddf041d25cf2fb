"""The answers of the simulators through our own templates, on a real Zabbix.

The request of each template goes to a simulator as the server would send it; the server reads the answer.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from piste.systems.zabbix.templates import files
from tests.integration.test_zabbix_points import problems, until
from tests.support import prism
from tests.support.meraki_client import Client, frozen_client
from tests.support.smc import SmcWorld
from tests.support.zabbix import Watched, watched
from tests.support.zabbix_templates import answer, dependent, fed, master, reads

MERAKI, PRISM, SMC = (f"Piste {name} by HTTP" for name in ("Meraki organisation", "Prism Central", "SMC"))
WINDOWS, CLIENT = "Piste Windows security by Zabbix agent", "Piste thin client by ping"
OFFLINE = "QZZZ-0001-0002"


@pytest.fixture(scope="module")
def zabbix(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    with watched(tmp_path_factory.mktemp("answers"), "whole") as opened:
        name, content = fed(MERAKI)
        opened.run("host_groups", [{"name": "Essai"}], owner="commune")
        opened.run("templates", [{"name": name, "content": content}], owner="commune")
        opened.run("hosts", [{"name": "meraki", "groups": ["Essai"], "templates": [name]}], owner="commune")
        # A server that has just started hears nothing: the first value that it takes says that it does.
        until(lambda: feed(opened, []))
        yield opened


@pytest.fixture(scope="module")
def dashboard() -> Client:
    client = frozen_client()
    client.network()
    return client


def devices(dashboard: Client) -> Any:
    given = {"{$MERAKI.URL}": "https://api.meraki.com/api/v1", "{$MERAKI.ORG}": "930093", "{$MERAKI.KEY}": "test"}
    response = answer(dashboard.simulator, MERAKI, given)
    assert response.status == 200, response.body
    return response.json()


def nodes(cluster: prism.Client) -> Any:
    given = {"{$PRISM.URL}": "https://prism.invalid:9440", "{$PRISM.KEY}": prism.API_KEY}
    response = answer(cluster.simulator, PRISM, given)
    assert response.status == 200, response.body
    return response.json()


def value(zabbix: Watched, template: str, key: str, given: Any, **macros: str) -> str | None:
    named = {f"{{#{name}}}": text for name, text in macros.items()}
    return reads(zabbix, dependent(template)[key], given if isinstance(given, str) else json.dumps(given), named)


def test_the_devices_of_the_organisation_are_counted_and_each_has_its_state(zabbix: Watched, dashboard: Client) -> None:
    every = devices(dashboard)
    assert len(every) > 2
    dashboard.simulator.behaviour.set(offline=[OFFLINE])
    lost = devices(dashboard)
    dashboard.simulator.behaviour.set(offline=[])
    assert value(zabbix, MERAKI, "meraki.devices.count", every) == str(len(every))
    assert value(zabbix, MERAKI, "meraki.devices.offline", every) == "0"
    assert value(zabbix, MERAKI, "meraki.devices.offline", lost) == "1"
    states = {
        device["serial"]: value(zabbix, MERAKI, "meraki.device[{#SERIAL}]", lost, SERIAL=device["serial"])
        for device in every
    }
    assert states == {device["serial"]: device["status"] for device in lost}
    assert states[OFFLINE] == "offline"


def test_nodes_are_counted_and_a_node_that_is_not_well_counts(zabbix: Watched) -> None:
    cluster = prism.client()
    sound = nodes(cluster)
    assert value(zabbix, PRISM, "prism.hosts.count", sound) == str(len(sound["data"])) != "0"
    assert value(zabbix, PRISM, "prism.hosts.degraded", sound) == "0"
    first, second, *_ = (cluster.simulator.world.of("Host")[node["extId"]] for node in sound["data"])
    first["isDegraded"] = True
    assert value(zabbix, PRISM, "prism.hosts.degraded", nodes(cluster)) == "1"
    second["nodeStatus"] = "TO_BE_REMOVED"
    assert value(zabbix, PRISM, "prism.hosts.degraded", nodes(cluster)) == "2"


def test_the_versions_of_the_api_are_counted(zabbix: Watched, tmp_path: Path) -> None:
    simulator = SmcWorld(tmp_path).simulator
    versions = answer(simulator, SMC, {"{$SMC.URL}": "https://smc.invalid:8082"}).json()
    assert value(zabbix, SMC, "smc.versions", versions) == str(len(simulator.behaviour.offered))


@pytest.mark.parametrize("template", [MERAKI, PRISM, SMC])
@pytest.mark.parametrize("given", ["<html>Connexion</html>", '{"errors": ["limit"]}', '{"data": {"error": []}}'])
def test_an_answer_of_another_form_counts_nothing(zabbix: Watched, template: str, given: str) -> None:
    """An error that is read as 0 says that nothing is wrong."""
    assert {value(zabbix, template, key, given) for key in dependent(template)} == {None}


def feed(zabbix: Watched, given: Any) -> bool:
    """Give the answer to the server as a value; False where it does not know the item yet."""
    sent = {"host": "meraki", "key": master(MERAKI)["key"], "value": json.dumps(given), "clock": int(time.time())}
    return "error" not in zabbix.api("history.push", [sent])["data"][0]


def _lost(serials: list[str]) -> list[str]:
    return sorted(f"null ({serial}) : hors ligne au Dashboard" for serial in serials)


def test_a_device_that_is_offline_twice_is_a_problem_that_names_it(zabbix: Watched, dashboard: Client) -> None:
    """The serial number names a device that has no name."""
    dashboard.simulator.behaviour.set(offline=[OFFLINE])
    lost = devices(dashboard)
    dashboard.simulator.behaviour.set(offline=[])
    assert {device["name"] for device in lost} == {None}

    def named() -> bool:
        feed(zabbix, lost)
        return problems(zabbix, "meraki") == _lost([OFFLINE])

    until(named)

    def clear() -> bool:
        feed(zabbix, devices(dashboard))
        return not problems(zabbix, "meraki")

    until(clear)


def test_an_organisation_larger_than_a_page_is_said_to_be(zabbix: Watched, dashboard: Client) -> None:
    [device, *_] = devices(dashboard)
    page = int(parse_qs(urlsplit(master(MERAKI)["url"]).query)["perPage"][0])

    def large() -> bool:
        feed(zabbix, [device] * page)
        return any(f"{page} équipements ou plus" in problem for problem in problems(zabbix, "meraki"))

    until(large)


def test_events_of_security_are_problems_of_their_server(zabbix: Watched) -> None:
    """Real templates of the agent and of ports are taken too: keys and expressions are sound."""
    name, content = fed(WINDOWS)
    real = [{"name": each, "content": files()[each]} for each in (WINDOWS, "Piste service by port", CLIENT)]
    zabbix.run("templates", real, owner="commune")
    zabbix.run("templates", [{"name": name, "content": content}], owner="commune")
    zabbix.run("hosts", [{"name": "hdv-dc1", "groups": ["Essai"], "templates": [name]}], owner="commune")
    keys = {
        number: item["key"] for item in content["items"] for number in ("1102", "4728", "4625") if number in item["key"]
    }
    failed, many, cleared, added = (
        (keys["4625"], 20), (keys["4625"], 1), (keys["1102"], 1), (keys["4728"], 1),
    )  # fmt: skip

    def heard(*values: tuple[str, int]) -> bool:
        now = int(time.time())
        sent = [{"host": "hdv-dc1", "key": key, "value": str(count), "clock": now, "ns": rank}
                for rank, (key, count) in enumerate(values)]  # fmt: skip
        return not any("error" in done for done in zabbix.api("history.push", sent)["data"])

    until(lambda: heard(failed))
    time.sleep(2)
    assert problems(zabbix, "hdv-dc1") == [], "twenty refusals are people who mistype"
    assert heard(many, cleared, added)
    until(lambda: len(problems(zabbix, "hdv-dc1")) == 3)
    assert [problem.partition(" : ")[2] for problem in problems(zabbix, "hdv-dc1")] == [
        "le journal Security de hdv-dc1 a été vidé",
        "trop d’ouvertures de session refusées par hdv-dc1",
        "un administrateur de plus, vu de hdv-dc1",
    ]
