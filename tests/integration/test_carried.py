"""Sites live by the network of the core: its closing names them, an opening changes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from piste.engine.converge.errors import Guarded
from piste.sites.onboarding import carriers
from piste.town import derived
from tests.support.inprocess import MerakiWorld
from tests.support.town import converge, open_sites, site, town_world

CORE, SCHOOL = "hotel-de-ville", "ecole-jaures"
WORDS = ["network", "stack", "gateway", "release", "removals"]


@pytest.fixture
def world(tmp_path: Path) -> MerakiWorld:
    return town_world(tmp_path)


def test_the_network_of_the_core_is_not_removed_without_a_word_that_names_who_lives_by_it(world: MerakiWorld) -> None:
    hall, school = site(CORE), site(SCHOOL)
    hall["devices"] = hall["devices"][:2]
    hall["aggregates"] = hall["aggregates"][:1]
    converge(world, hall)
    with world.run() as run:
        derived.keep(SCHOOL, school)
        with pytest.raises(Guarded, match=rf"carried:coeur-hdv : coeur-hdv porte les passerelles de {SCHOOL}"):
            run.domain(hall, state="deleted", confirm=WORDS)
        planned = run.domain(hall, state="deleted", confirm=WORDS, check=True)
    assert [line.partition(" (")[2].partition(")")[0] for line in planned["withheld"] if line.startswith("à")] == [
        "carried:coeur-hdv", "carried:VLB hotel-de-ville",
    ]  # fmt: skip
    assert world.simulator.world.networks
    with world.run() as run:
        derived.keep(SCHOOL, {**school, "lifecycle": "closed"})
        assert run.domain(hall, state="deleted", confirm=WORDS)["changed"]
    assert not world.simulator.world.networks


def test_the_links_that_an_opening_names_are_those_that_the_plan_changes(world: MerakiWorld) -> None:
    sites = {whole["id"]: whole for whole in open_sites()}
    expected = carriers(sites[SCHOOL])[CORE]
    hall = site(CORE)
    hall["devices"] = hall["devices"][:2]
    hall["aggregates"] = hall["aggregates"][:1]
    vlans = {str(segment["vlan"]) for segment in sites[SCHOOL]["segments"].values()}
    before = site(CORE)
    before["devices"], before["aggregates"] = before["devices"][:2], before["aggregates"][:1]
    for device in before["devices"]:
        for port in device["ports"]:
            kept = [vlan for vlan in (port["allowed_vlans"] or "").split(",") if vlan and vlan not in vlans]
            port["allowed_vlans"] = ",".join(kept) or None
    converge(world, before)
    assert sorted(operation["label"] for operation in converge(world, hall, check=True).operations) == sorted(expected)
