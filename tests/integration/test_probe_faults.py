"""Faults seeded in what the systems hold: the probe finds each by packets, and names it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from piste.trials.probe.trials import Place
from piste.trials.twin import machine
from piste.trials.twin.readings import Readings
from tests.support import frozen
from tests.support.computed import addressed
from tests.support.probe import as_declared, visited
from tests.support.twin import computer, needs_machine, standing

pytestmark = needs_machine

SCHOOL, HALL = "ecole-jaures", "hotel-de-ville"
AGENTS, PUPILS = Place(SCHOOL, "utilisateurs"), Place(SCHOOL, "pedagogique")
SSID = Place(SCHOOL, "utilisateurs", "VLB-Agents")
CLERKS = Place(HALL, "utilisateurs")
GUESTS = Place(HALL, "invites", "VLB-Invites")
CORE = ("QZZZ-0000-0001", "QZZZ-0000-0002")
TAKEN = "10.93.41.50"


def item(items: Any, **wanted: Any) -> dict[str, Any]:
    (match,) = [entry for entry in items if wanted.items() <= entry.items()]
    return match  # type: ignore[no-any-return]


def no_vlan_on_a_trunk(read: Readings) -> None:
    for serial, port in (("QZZZ-0000-0001", "5"), ("QZZZ-0005-0001", "28")):
        site = HALL if serial.startswith("QZZZ-0000") else SCHOOL
        trunk = item(read.networks[site]["switch_ports"], serial=serial, port_id=port)
        trunk["allowed_vlans"] = "1,150,152,153,154,155"


def no_relay(read: Readings) -> None:
    item(read.routed_interfaces, vlan=151)["dhcp"] = {"mode": "dhcpDisabled"}


def relay_elsewhere(read: Readings) -> None:
    item(read.routed_interfaces, vlan=151)["dhcp"]["relay_servers"] = ["10.93.2.18"]


def another_vlan(read: Readings) -> None:
    """Lead the agents' SSID to the VLAN of telephones, whose relay is wrong too."""
    item(read.networks[SCHOOL]["ssids"], name="VLB-Agents")["default_vlan_id"] = 153
    item(read.routed_interfaces, vlan=153)["dhcp"]["relay_servers"] = ["10.93.2.18"]


def two_gateways(read: Readings) -> None:
    second = {**item(read.engine_interfaces, interface="0.155"), "interface": "0.151", "relay": []}
    nodes = {"1": "10.93.41.252", "2": "10.93.41.253"}
    second["addresses"] = [{"network": "10.93.41.0/24", "cluster": "10.93.41.254", "nodes": nodes}]
    read.engine_interfaces.append(second)
    for port in read.networks[HALL]["switch_ports"]:
        if port["serial"] in CORE and port["port_id"] == "31":
            port["allowed_vlans"] += ",151"


def rule_too_wide(read: Readings) -> None:
    for policy in read.policies:
        for rule in policy.get("ipv4_access") or ():
            if rule.get("id") == "postes-fichiers.ecole-jaures":
                rule["services"] = ["any"]


def no_address_left(read: Readings) -> None:
    item(read.scopes, subnet="10.93.41.0/24").update(start=TAKEN, end=TAKEN)


def no_return_route(read: Readings) -> None:
    for table in read.engine_routes:
        table["routes"].pop("10.93.41.0/24", None)


def guests_among_agents(read: Readings) -> None:
    item(read.networks[HALL]["ssids"], name="VLB-Invites")["default_vlan_id"] = 101


def name_elsewhere(read: Readings) -> None:
    item(read.records, name="hdv-imp1", type="A")["values"] = ["10.93.2.99"]


def another_secret(read: Readings) -> None:
    for client in read.radius_clients:
        if client["name"].startswith(("sw-hdv", HALL)) or "hotel" in str(client.get("secret")):
            client["secret"] = {"secret": "radius/autre"}


class Seeded(NamedTuple):
    """A fault, the place that sees it, and the words of the trials that name it."""

    seed: Callable[[Readings], None]
    place: Place
    named: Mapping[str, str]


FAULTS = {
    "VLAN missing on a trunk": Seeded(
        no_vlan_on_a_trunk,
        AGENTS,
        {"lease": " ne laisse pas passer le VLAN 151", "gateway": " ne laisse pas passer le VLAN 151"},
    ),
    "relay forgotten": Seeded(no_relay, AGENTS, {"lease": "le relais de la passerelle manque"}),
    "relay elsewhere": Seeded(
        relay_elsewhere, AGENTS, {"lease": "le relais de la passerelle mène à 10.93.2.18, et non à 10.93.2.11"}
    ),
    "SSID in another VLAN, relay elsewhere": Seeded(
        another_vlan, SSID, {"lease": "VLB-Agents est dans le VLAN 153, et non 151", "gateway": "le VLAN 153"}
    ),
    "two gateways": Seeded(two_gateways, AGENTS, {"gateway": "deux passerelles ont la même adresse"}),
    "rule too wide": Seeded(rule_too_wide, AGENTS, {"isolation.serveurs@ailleurs": "plus que ce qui est déclaré"}),
    "exhausted pool": Seeded(no_address_left, AGENTS, {"lease": "sa plage est épuisée"}),
    "reverse route missing": Seeded(no_return_route, AGENTS, {"lease": "celle du retour"}),
    "guests in the VLAN of agents": Seeded(guests_among_agents, GUESTS, {"lease": "utilisateurs@hotel-de-ville"}),
    "wrong RADIUS secret": Seeded(another_secret, CLERKS, {"admission.right": "secret de l’équipement"}),
    "name that leads elsewhere": Seeded(
        name_elsewhere, PUPILS, {"name.hdv-imp1.ad.lebourget.example": "ce nom mène ailleurs"}
    ),
}
SAMPLED = "VLAN missing on a trunk"
"""The fault that every check seeds. A rule too wide is also seen by test_computed_equals_measured."""
USUAL = {"link", "lease", "gateway", "flow"}


@pytest.mark.parametrize(
    "fault", [pytest.param(fault, marks=() if fault == SAMPLED else pytest.mark.story) for fault in FAULTS]
)
def test_a_seeded_fault_is_seen_and_named(fault: str, tmp_path: Path) -> None:
    seeded = FAULTS[fault]
    spoiled = as_declared(seeded.place.site)
    seeded.seed(spoiled)
    with standing(tmp_path, spoiled, seeded.place.site) as identity:
        if fault == "exhausted pool":
            assert machine.lease(computer(identity, SCHOOL, "imprimante"))
        kinds = USUAL | {trial.partition(".")[0] for trial in seeded.named}
        results = {result.id: result for result in visited(identity, seeded.place, kinds).results}
    for trial, words in seeded.named.items():
        assert results[trial].verdict == "wrong", results[trial]
        assert words in results[trial].reason, results[trial].reason


def faults(identity: str, place: Place) -> list[tuple[str, str]]:
    results = visited(identity, place).results
    return [(result.id, result.observed) for result in results if result.verdict not in ("conform", "untested")]


@pytest.mark.story
@frozen.by_the_real_clock("les serveurs de temps d’un jumeau")
@pytest.mark.parametrize("place", [GUESTS, CLERKS])
def test_a_place_of_the_town_hall_as_declared_has_no_fault(place: Place, tmp_path: Path) -> None:
    with standing(tmp_path, as_declared(HALL), HALL) as identity:
        assert faults(identity, place) == []


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with standing(tmp_path_factory.mktemp("school"), as_declared(SCHOOL), SCHOOL) as identity:
        yield identity


@frozen.by_the_real_clock("les serveurs de temps d’un jumeau")
def test_a_place_as_declared_has_no_fault(school: str) -> None:
    assert faults(school, AGENTS) == []


def test_the_rate_is_measured_to_a_server_both_ways(school: str) -> None:
    server = computer(school, SCHOOL, "imprimante")
    (address,) = addressed([server]).values()
    # Every port of a computer leads to the responder of the twin, which the other trials of the place need.
    rules = machine.run(server, ["nft", "list", "ruleset"]).stdout
    machine.run(server, ["nft", "flush", "ruleset"])
    serving = ["iperf3", "--server", "--bind", address, "--daemon"]
    assert machine.run(server, serving).returncode == 0
    (result,) = visited(school, AGENTS, {"rate"}, address).results
    machine.run(server, ["pkill", "-f", f"iperf3 --server --bind {address}"])
    assert machine.run(server, ["nft", "-f", "-"], rules).returncode == 0
    assert result.verdict == "conform", result
    assert " Mbit/s montants" in result.observed
