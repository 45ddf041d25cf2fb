"""A town becomes segmented by waves: no declared flow is lost, each step is taken back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import Guarded
from piste.runs.plans.undo import inverse
from piste.sites.flows import declared_rules
from piste.sites.verdict import Verdicts
from piste.town.model import Town
from tests.support.inprocess import MerakiWorld
from tests.support.town import converge, make_core, town_world
from tests.unit.model.broken_town import Copy

REPOSITORY = Path(__file__).resolve().parents[2]
SEGMENTATION = "group_vars/all/segmentation.yml"
POLICE = "inventories/town/host_vars/police-municipale.yml"
WAVES = (("ecole-jaures",), ("ctm", "police-municipale"))
SITES = tuple(site for wave in WAVES for site in wave)
SENSITIVE = ", utilisateurs@police-municipale]"
NEEDED = (
    ("utilisateurs", "hdv-dc1", "annuaire"), ("utilisateurs", "hdv-dc2", "dns"), ("utilisateurs", "hdv-dc1", "dhcp"),
    ("utilisateurs", "hdv-imp1", "impression"), ("utilisateurs", "hdv-fic1", "smb"),
    ("administration", "hdv-nps1", "radius"), ("administration", "hdv-nps2", "radius"),
    ("telephonie", "hdv-dc1", "dhcp"), ("telephonie", "telephonie@ccas", "rtp"),
)  # fmt: skip
"""Flows that a site never loses: directory, names, leases, printing, files, admission, voice."""


@pytest.fixture
def steps(tmp_path: Path) -> list[Town]:
    """Return the town as it is, after each wave, and with the police behind the firewall."""
    made = []
    for number in range(len(WAVES) + 2):
        root = tmp_path / str(number)
        shutil.copytree(REPOSITORY / "group_vars", root / "group_vars")
        shutil.copytree(REPOSITORY / "inventories/town", root / "inventories/town", symlinks=True)
        copy = Copy(root)
        done = [site for wave in WAVES[:number] for site in wave]
        if number <= len(WAVES):
            copy.edit(SEGMENTATION, SENSITIVE, "]")
            copy.edit(POLICE, "carrier: ngfw", "carrier: core")
        waiting = [site for site in (*SITES, "ccas") if site not in done] if number <= len(WAVES) else ["ccas"]
        said = ", ".join(f'{site}: {{why: par vagues, until: "2027-06-30"}}' for site in waiting)
        copy.edit(SEGMENTATION, "unfiltered: {}", f"unfiltered: {{{said}}}")
        town = copy.load()
        assert [fault for fault in town.faults if fault.severity == "error"] == []
        made.append(town)
    return made


def site(town: Town, name: str) -> dict[str, Any]:
    """Return a site without its access points, with a single switch."""
    whole: Any = dict(town.sites[name])
    first = next(device for device in whole["devices"] if device["kind"] == "switch")
    return {**whole, "devices": [first], "ssids": []}


def live(world: MerakiWorld) -> dict[str, list[dict[str, Any]]]:
    """Return the access lists of the networks, as they are gathered."""
    lists = {}
    with world.run() as run:
        for name in SITES:
            options = {"state": "gathered", "network": f"VLB {name}"}
            (settings,) = run.module("meraki_network_settings", [], **options)["gathered"]
            lists[name] = settings["access_lists"]["rules"]
    return lists


def judged(town: Town, world: MerakiWorld) -> Verdicts:
    """Judge the town by the lists that its switches have."""
    rules = declared_rules(town)
    return Verdicts(town, replace(rules, access_lists={**rules.access_lists, **live(world)}))


def lost(verdicts: Verdicts, sites: Sequence[str] = SITES) -> Iterator[tuple[str, str, str, str]]:
    for name in sites:
        for segment, target, service in NEEDED:
            answer = verdicts.of(f"{segment}@{name}", target, service)
            if answer.state != "passes":
                yield f"{segment}@{name}", target, service, answer.why or ", ".join(answer.by)


def smb_to_the_police(verdicts: Verdicts, source: str) -> str:
    return verdicts.of(source, "utilisateurs@police-municipale", "smb").state


def test_no_declared_flow_is_lost_at_any_step_and_the_police_is_unreachable_at_the_end(
    steps: list[Town], tmp_path: Path
) -> None:
    world = town_world(tmp_path)
    world.folder = tmp_path
    today, *waves, final = steps
    converge(world, *(site(today, name) for name in SITES))
    assert set(map(len, live(world).values())) == {0}
    assert list(lost(judged(today, world))) == []
    assert smb_to_the_police(judged(today, world), "utilisateurs@ecole-jaures") == "passes"
    for town, names in zip(waves, WAVES, strict=True):
        for name in names:
            before = live(world)
            planned = converge(world, site(town, name), check=True)
            assert [entry["kind"] for entry in planned.operations] == ["network_settings"], "the list alone changes"
            world.operations.clear()
            converge(world, site(town, name))
            assert len(live(world)[name]) > 0
            assert list(lost(judged(town, world))) == []
            # The way back, then again.
            tasks, unknown = inverse(list(world.operations), world.contents)
            assert unknown == []
            with world.run() as run:
                run.domain(undo=tasks[name], state="merged", owner=name, network=f"VLB {name}")
            assert live(world) == before
            converge(world, site(town, name))
            assert converge(world, site(town, name)).operations == []
        now = judged(town, world)
        school, other = (smb_to_the_police(now, f"utilisateurs@{name}") for name in ("ecole-jaures", "ccas"))
        assert school == "stopped", "either end is enough"
        assert other == ("stopped" if "police-municipale" in names else "passes")
    converge(world, *(site(final, name) for name in SITES), confirm=["access_lists"])
    end = judged(final, world)
    assert list(lost(end)) == []
    for source in ("utilisateurs@ecole-jaures", "telephonie@ctm", "utilisateurs@ccas", "invites@ccas", "serveurs@ctm"):
        for service in ("smb", "https", "icmp", "udp/16384"):
            assert end.of(source, "utilisateurs@police-municipale", service).state == "stopped"


def test_a_gateway_leaves_the_core_under_a_word_and_comes_back(steps: list[Town], tmp_path: Path) -> None:
    world = town_world(tmp_path)
    make_core(world.simulator)
    before, after = (dict(town.sites["police-municipale"]) for town in (steps[-2], steps[-1]))

    def route(whole: dict[str, Any], **options: Any) -> dict[str, Any]:
        with world.run() as run:
            return run.domain(whole, name="routing", **options)

    route(before)
    users = after["segments"]["utilisateurs"]
    with pytest.raises(Guarded, match=rf"gateway:.*pare-feu .* {users['gateway']}, installée avant \(piste install\)"):
        route(after)
    world.operations.clear()
    route(after, confirm=["gateway"])
    (gone,) = world.operations
    assert (gone["action"], gone["key"]) == ("delete", f"VLB hotel-de-ville/coeur-hdv/{users['vlan']}")
    tasks, _ = inverse(list(world.operations), world.contents)
    with world.run() as run:
        run.domain(name="routing", undo=tasks["police-municipale"], state="merged", owner="police-municipale")
    assert route(before)["operations"] == []


def test_an_interface_of_another_address_in_a_vlan_of_the_firewall_is_left_alone(
    steps: list[Town], tmp_path: Path
) -> None:
    world = town_world(tmp_path)
    make_core(world.simulator)
    after = dict(steps[-1].sites["police-municipale"])
    users = after["segments"]["utilisateurs"]
    network = next(known for known in world.simulator.world.networks.values() if known.get("stacks"))
    path = f"/networks/{network['id']}/switch/stacks/{next(iter(network['stacks']))}/routing/interfaces"
    address = users["gateway"].rpartition(".")[0] + ".9"
    given = {"name": "supervision à la main", "vlanId": users["vlan"], "subnet": users["subnet"]}
    world.simulator.edit("POST", path, {**given, "interfaceIp": address})
    with world.run() as run:
        done = run.domain(after, name="routing", confirm=["gateway"])
    assert f"VLB hotel-de-ville/coeur-hdv/{users['vlan']}" not in {entry["key"] for entry in done["operations"]}
