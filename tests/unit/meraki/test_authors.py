"""The authors of what a drift shows: matched by the object, never guessed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from piste.engine.converge.errors import Rejected
from piste.systems.meraki.authors import MODULES
from tests.support.inprocess import API_KEY, BASE, MerakiWorld
from tests.support.town import converge, site, town_world

SITE, OTHER = "ecole-jaures", "ecole-mermoz"
DASHBOARD = {"base_url": BASE, "api_key": API_KEY, "organization": "Ville du Bourget", "rate": 0}
PORT = "QZZZ-0005-0002/8"
HAND = "Autre administrateur <autre.administrateur@lab.invalid>"


@pytest.fixture(scope="module")
def converged(tmp_path_factory: pytest.TempPathFactory) -> tuple[MerakiWorld, bytes]:
    world = town_world(tmp_path_factory.mktemp("authors"))
    converge(world, site(SITE), site(OTHER))
    return world, world.simulator.world.snapshot()


@pytest.fixture
def world(converged: tuple[MerakiWorld, bytes]) -> MerakiWorld:
    made, snapshot = converged
    made.simulator.world.restore(snapshot)
    return made


def authors(world: MerakiWorld, *objects: dict[str, Any]) -> list[list[str]]:
    with world.run():
        read = MODULES["meraki_authors"].run({"dashboard": DASHBOARD, "objects": objects, "days": 90}, False)
    return [[author["who"] for author in by] for by in read["authors"]]


def port(**before: Any) -> dict[str, Any]:
    return {
        "kind": "switch_port", "key": PORT, "action": "update", "fields": sorted(before), "before": before,
        "after": {}, "within": f"VLB {SITE}",
    }  # fmt: skip


def by_hand(world: MerakiWorld, path: str = f"/devices/{PORT.replace('/', '/switch/ports/')}", **body: Any) -> None:
    world.simulator.edit("PUT", path, body)


def entry(world: MerakiWorld, **changes: Any) -> None:
    """Put an entry in the log, as a page of the Dashboard writes it."""
    last = world.simulator.world.data["changes"][-1]
    world.simulator.world.data["changes"].append({**last, "oldValue": "", "newValue": "", "page": "Ports", **changes})


def test_who_wrote_the_live_value_last_is_named(world: MerakiWorld) -> None:
    by_hand(world, vlan=12, name="PC de l’accueil")
    world.forget_requests()
    assert authors(world, port(vlan=12), port(vlan=12, name="PC de l’accueil")) == [[HAND], [HAND]]
    assert world.writes == []


def test_two_authors_of_two_fields_are_both_named(world: MerakiWorld) -> None:
    by_hand(world, vlan=12)
    path = f"/devices/{PORT.replace('/', '/switch/ports/')}"
    world.simulator.edit("PUT", path, {"name": "autre"}, admin="Prestataire")
    assert authors(world, port(vlan=12, name="autre")) == [["Prestataire <prestataire@lab.invalid>", HAND]]


def test_a_log_that_does_not_say_the_live_value_names_nobody(world: MerakiWorld) -> None:
    by_hand(world, vlan=12)
    assert authors(world, port(vlan=99)) == [[]], "the last entry wrote another value: the change is not in the log"
    assert authors(world, {**port(vlan=12), "key": "QZZZ-0005-0002/9"}) == [[]]
    assert authors(world, {**port(vlan=12), "key": "QZZZ-0005-0003/8"}) == [[]]


@pytest.mark.parametrize("label", ["Port 8", "", "PUT", "PUT /api/v1/devices/../switch/ports/8", "{{ 7 * 7 }}"])
def test_what_a_page_says_of_a_port_is_not_guessed(world: MerakiWorld, label: str) -> None:
    entry(world, label=label, adminName="Personne", networkId=None)
    assert authors(world, port(vlan=12)) == [[]]


def test_a_page_names_the_author_of_an_ssid_alone(world: MerakiWorld) -> None:
    network = next(known for known in world.simulator.world.networks.values() if known["name"] == f"VLB {SITE}")
    entry(world, label="Splash page", networkId=network["id"], ssidNumber=2, adminName="Agent", adminEmail="")
    ssid = {
        "kind": "ssid", "key": "VLB-Public", "action": "update", "fields": ["visible"], "before": {"visible": False},
        "after": {"number": 2}, "within": f"VLB {SITE}",
    }  # fmt: skip
    assert authors(world, ssid) == [["Agent"]]
    with world.run():
        read = MODULES["meraki_authors"].run({"dashboard": DASHBOARD, "objects": [ssid], "days": 90}, False)
    assert read["authors"][0][0]["how"] == "a modifié ce SSID, rien ne dit quoi (Ports : Splash page)"
    assert authors(world, {**ssid, "after": {"number": 3}}, {**ssid, "within": f"VLB {OTHER}"}) == [[], []]


def test_a_document_of_a_network_is_that_of_its_network(world: MerakiWorld) -> None:
    network = next(known for known in world.simulator.world.networks.values() if known["name"] == f"VLB {SITE}")
    by_hand(world, f"/networks/{network['id']}/switch/mtu", defaultMtuSize=1500)
    mtu = {
        "kind": "network_settings", "key": f"VLB {SITE}", "action": "update", "fields": ["mtu"],
        "before": {"mtu": {"default_mtu_size": 1500}}, "after": {}, "within": f"VLB {SITE}",
    }  # fmt: skip
    assert authors(world, mtu) == [[HAND]]
    assert authors(world, {**mtu, "key": f"VLB {OTHER}", "within": f"VLB {OTHER}"}) == [[]]


@pytest.mark.parametrize(
    "change",
    [
        lambda entry: entry.update(newValue="pas du JSON"),
        lambda entry: entry.update(newValue='["vlan"]'),
        lambda entry: entry.update(newValue="[" * 5000),
        lambda entry: entry.update(newValue=json.dumps({"vlan": None})),
        lambda entry: entry.update(label=None, page=None),
    ],
)
def test_an_entry_without_sense_names_nobody(world: MerakiWorld, change: Callable[[dict[str, Any]], None]) -> None:
    by_hand(world, vlan=12)
    change(world.simulator.world.data["changes"][-1])
    assert authors(world, port(vlan=12)) == [[]]


def test_the_log_is_read_once_whatever_the_number_of_objects(world: MerakiWorld) -> None:
    world.forget_requests()
    assert authors(world, *(port(vlan=number) for number in range(40))) == [[]] * 40
    assert sum(path.split("?")[0].endswith("/configurationChanges") for _, path in world.requests) == 1


def test_a_refused_log_is_an_error_of_the_reading(world: MerakiWorld) -> None:
    world.simulator.faults.add("status", path="/configurationChanges", status=403, times=None)
    try:
        with pytest.raises(Rejected):
            authors(world, port(vlan=12))
    finally:
        world.simulator.faults.clear()
