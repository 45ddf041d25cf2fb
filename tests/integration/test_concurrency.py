"""Concurrent work: an edit between plan and write stops the run; two runs at once end well."""

from __future__ import annotations

import multiprocessing
import os
from multiprocessing.queues import Queue
from pathlib import Path
from typing import Any

import pytest

from lab import Lab
from lab.declared import declared_inventory, declared_town
from piste.engine.converge.errors import Conflict, PisteError
from piste.engine.transport.shared import VARIABLE
from piste.runs.domains.network import MODULES
from piste.systems.meraki.intent import meraki_intent
from piste.town.derived import keep
from tests.integration.test_interruption import assert_nothing_doubled
from tests.support.inprocess import MerakiWorld
from tests.support.town import FORMERLY, converge, dot1x, school, secret_values, town_world

SWITCH, ACCESS_POINT = "QZZZ-0005-0002", "QZZZ-0005-0041"
NETWORK = "VLB ecole-jaures"
SITE = dot1x(school())
INTENT = meraki_intent(SITE)


def path_of(world: MerakiWorld) -> str:
    networks = world.simulator.world.networks
    return next(f"/networks/{n}" for n, network in networks.items() if network["name"] == NETWORK)


def policy_path(world: MerakiWorld) -> str:
    path = path_of(world)
    (number, *_) = world.simulator.world.networks[path.removeprefix("/networks/")]["policies"]
    return f"{path}/switch/accessPolicies/{number}"


EDITS: dict[str, tuple[str, str, dict[str, Any], dict[str, Any], str]] = {
    # module: (kind in the intent, path, drift that makes us write, meanwhile the edit of another, object named)
    "meraki_networks": ("networks", "{network}", {"tags": ["x"]}, {"tags": ["y"]}, NETWORK),
    "meraki_devices": ("devices", f"/devices/{SWITCH}", {"name": "x"}, {"name": "y"}, "sw-jau-02"),
    "meraki_network_settings": (
        "settings",
        "{network}/switch/mtu",
        {"defaultMtuSize": 1600},
        {"defaultMtuSize": 1700},
        NETWORK,
    ),
    "meraki_access_policies": ("access_policies", "{policy}", {"guestVlanId": 7}, {"guestVlanId": 8}, "agents"),
    "meraki_switch_ports": (
        "switch_ports",
        f"/devices/{SWITCH}/switch/ports/2",
        {"vlan": 7},
        {"vlan": 8},
        "sw-jau-02/2",
    ),
    "meraki_ssids": (
        "ssids",
        "{network}/wireless/ssids/0",
        {"defaultVlanId": 7},
        {"defaultVlanId": 8},
        "VLB-Agents",
    ),
}


@pytest.mark.parametrize("module", EDITS)
def test_an_edit_between_plan_and_write_stops_us_with_nothing_written(module: str, tmp_path: Path) -> None:
    kind, template, drift, meanwhile, name = EDITS[module]
    world = town_world(tmp_path)
    converge(world, dot1x(school()))
    path = template.format(network=path_of(world), policy=policy_path(world))
    world.simulator.edit("PUT", path, drift)
    before = world.simulator.world.snapshot()

    def edit_before_the_second_look(method: str, asked: str) -> None:
        reads = [request for request in world.requests if request[1] == asked]
        if reads and world.simulator.world.snapshot() == before:
            world.simulator.edit("PUT", path, meanwhile)

    world.forget_requests()
    world.on_request = edit_before_the_second_look
    options: dict[str, Any] = {} if module == "meraki_networks" else {"network": NETWORK}
    with world.run() as run, pytest.raises(Conflict) as caught:
        run.module(module, INTENT[kind], owner="ecole-jaures", confirm=["mtu", "uplink"], **options)
    assert world.writes == []
    assert str(caught.value) == (
        f"PISTE-E022 ecole-jaures : modifié par quelqu’un d’autre depuis le calcul du plan : {name}. "
        "Rien n’a été écrit. Relancez pour planifier sur l’état actuel."
    )
    world.on_request = lambda method, asked: None
    assert converge(world, dot1x(school()), confirm=["mtu"]).operations
    assert converge(world, dot1x(school())).operations == []


@pytest.mark.parametrize("part", ["l3FirewallRules", "schedules"])
def test_an_edit_of_a_document_of_an_ssid_stops_us_too(part: str, tmp_path: Path) -> None:
    world = town_world(tmp_path)
    whole = school()
    whole["ssids"][0] |= {"guest": True, "deny": ["10.0.0.0/8"]}
    converge(world, whole)
    paths = {
        "l3FirewallRules": ("firewall/l3FirewallRules", {"rules": []}, {"allowLanAccess": True}),
        "schedules": ("schedules", {"enabled": False}, {"ranges": []}),
    }
    suffix, drift, meanwhile = paths[part]
    path = f"{path_of(world)}/wireless/ssids/0/{suffix}"
    world.simulator.edit("PUT", path, drift)
    world.simulator.faults.add(
        "edit", method="GET", path=suffix, nth=2, edit={"method": "PUT", "path": path, "body": meanwhile}
    )
    with pytest.raises(Conflict, match="VLB-Agents"):
        converge(world, whole)
    assert world.writes == []


def test_an_object_created_meanwhile_is_not_created_twice(tmp_path: Path) -> None:
    world = town_world(tmp_path)
    body = {"name": NETWORK, "productTypes": ["switch", "wireless"]}
    edit = {"method": "POST", "path": "/organizations/930093/networks", "body": body}
    world.simulator.faults.add("edit", method="GET", path="/networks$", nth=2, edit=edit)
    with pytest.raises(Conflict, match=NETWORK):
        converge(world, school())
    assert_nothing_doubled(world)
    converge(world, school())
    assert_nothing_doubled(world)


def engineer(info: dict[str, Any], secrets: dict[str, str], folder: Path, results: Queue[Any]) -> None:
    """Run the site on the lab in a separate process; return the way it ended."""
    own = folder / f"run-{os.getpid()}"
    own.mkdir()
    os.environ |= {VARIABLE: str(own), "PISTE_LOCK_DIR": str(folder / "locks")}
    dashboard = {
        "base_url": info["meraki"]["url"],
        "api_key": info["meraki"]["api_key"],
        "organization": "Ville du Bourget",
        "ca_file": info["ca_file"],
        "rate": 0,
    }
    try:
        keep("ecole-jaures", SITE)
        module = MODULES["piste_network"]
        given = {
            "dashboard": dashboard,
            "site": "ecole-jaures",
            "formerly": FORMERLY["ecole-jaures"],
            "secrets": secrets,
            "secrets_lock": str(folder / "secrets.lock.yml"),
        }
        operations = len(module.run({**module.defaults, **given}, False)["operations"])
    except PisteError as error:
        results.put(str(error))
    else:
        results.put(operations)


@pytest.mark.parametrize("seed", ["empty", pytest.param("brownfield", marks=pytest.mark.story)])
def test_two_engineers_on_one_site_at_once_end_well_and_double_nothing(seed: str, tmp_path: Path) -> None:
    # Processes of their own, that import once what all three need.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    secrets = secret_values()
    with Lab(seed, tls=True, inventory=declared_inventory(declared_town())) as lab:
        lab.meraki.behaviour.set(rate_limit=None, claim_limit=None)
        results: Queue[Any] = context.Queue()
        both = [context.Process(target=engineer, args=(lab.info, secrets, tmp_path, results)) for _ in range(2)]
        for process in both:
            process.start()
        answers = [results.get(timeout=60) for _ in both]
        for process in both:
            process.join()
        names = [network["name"] for network in lab.meraki.world.networks.values()]
        assert names.count(NETWORK) == 1
        done = [answer for answer in answers if isinstance(answer, int)]
        assert done, answers
        assert all("Relancez pour planifier" in answer for answer in answers if isinstance(answer, str))
        for network in lab.meraki.world.networks.values():
            policies = [policy["name"] for policy in network["policies"].values()]
            assert len(policies) == len(set(policies))
        lab.calls.clear()
        third = context.Process(target=engineer, args=(lab.info, secrets, tmp_path, results))
        third.start()
        assert results.get(timeout=60) == 0
        third.join()
        assert lab.calls.writes() == []
