"""Other towns than the declared town: each loads, is derived, and a site of each is planned."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from netaddr import IPNetwork

from piste.town.model import Town
from piste.town.model.declaration import read_declaration
from piste.town.model.faults import Faults
from piste.town.model.inventory import read_inventory
from piste.town.model.new_site import Answers, Known, propose
from tests.support.town import converge
from tests.support.towns import GeneratedTown, declared_hosts, generated_town
from tests.support.towns_planned import examined, intents, last_with_hardware, planned

SEEDS = (31, 14, 3)
"""A town of 6 sites, of 18, and of 35 whose names have an apostrophe."""
OF_THE_DECLARED_TOWN = re.compile(r"\bhdv\b|VLB|bourget|\b10\.93\.|QZZZ", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Examined:
    written: GeneratedTown
    town: Town


@pytest.fixture(scope="module", params=SEEDS)
def examined_town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Examined:
    written = generated_town(tmp_path_factory.mktemp("ville"), request.param)
    return Examined(written, examined(written.inventory))


def test_a_seed_gives_the_same_town_again(examined_town: Examined, tmp_path: Path) -> None:
    again = generated_town(tmp_path, examined_town.written.seed)
    assert again.sites == examined_town.written.sites
    for path in (path for path in tmp_path.rglob("*.yml") if path.is_file()):
        assert path.read_text("utf-8") == (examined_town.written.folder / path.relative_to(tmp_path)).read_text("utf-8")


def test_every_site_has_a_block_and_vlans_of_its_own(examined_town: Examined) -> None:
    town = examined_town.town
    blocks = [IPNetwork(site["block"]) for site in town.sites.values()]
    assert town.commune is not None
    prefixes = [IPNetwork(prefix) for prefix in town.commune["firewall"]["prefixes"]]
    assert all(sum(block in prefix for prefix in prefixes) == 1 for block in blocks)
    assert len(set(blocks)) == len(blocks) == len(examined_town.written.sites) + 1
    vlans = [segment["vlan"] for site in town.sites.values() for segment in site["segments"].values()]
    assert len(set(vlans)) == len(vlans)
    assert max(vlans) <= 4094


def test_nothing_that_is_derived_names_the_declared_town(examined_town: Examined) -> None:
    town = examined_town.town
    names = {name for names in declared_hosts().values() for name in names} - town.sites.keys()
    for owner, content in town.owners.items():
        for what, derived in {"derived": content, **intents(town, content)}.items():
            text = json.dumps(derived, ensure_ascii=False)
            foreign = [match[0] for match in OF_THE_DECLARED_TOWN.finditer(text)]
            assert not foreign, f"{owner}, {what}"
            assert not [name for name in names if f'"{name}"' in text], f"{owner}, {what}"


def test_the_policies_of_every_site_come_before_the_end(examined_town: Examined) -> None:
    town = examined_town.town
    assert town.commune is not None
    asked = intents(town, town.commune)["access"]
    *others, last = sorted(policy["order"] for policy in asked["request_policies"])
    assert all(order < last for order in (*others, *(policy["order"] for policy in asked["network_policies"])))


def test_a_site_is_planned_then_converged(examined_town: Examined, tmp_path: Path) -> None:
    town = examined_town.town
    whole = dict(last_with_hardware(town))
    world, plan = planned(tmp_path, town, whole["id"])
    assert not world.writes
    assert {"network", "ssid", "switch_port"} <= {operation["kind"] for operation in plan.operations}
    done = {operation["label"] for operation in converge(world, whole).operations}
    assert {operation["label"] for operation in plan.operations} <= done
    assert not converge(world, whole, check=True).operations


def test_the_next_site_has_a_free_number_of_the_plan(examined_town: Examined) -> None:
    faults = Faults()
    inventory = read_inventory(examined_town.written.inventory, faults)
    declaration = read_declaration(inventory, faults)
    assert declaration is not None
    known = Known.of(inventory, declaration, examined_town.town.sites)
    proposal = propose(Answers(name="Groupe scolaire du 8 mai 1945", category="ecole"), known)
    assert proposal.number == min(set(known.room) - known.taken)
