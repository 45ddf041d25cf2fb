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
from piste.systems.forcepoint.engine_intent import engine_intent
from piste.town.model import Town
from piste.town.model.routing.trace import Router, declared_routers
from tests.support.inprocess import MerakiWorld
from tests.support.rules import ELEMENTS, TOWN
from tests.support.smc import SmcWorld
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


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> list[Town]:
    """Return the town as it is, after each wave, and with the police behind the firewall."""
    folder, made = tmp_path_factory.mktemp("steps"), []
    for number in range(len(WAVES) + 2):
        root = folder / str(number)
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
    return {name: live_list(world, name) for name in SITES}


def live_list(world: MerakiWorld, name: str = "ecole-jaures") -> list[dict[str, Any]]:
    """Return the access list of a network."""
    with world.run() as run:
        (settings,) = run.module("meraki_network_settings", [], state="gathered", network=f"VLB {name}")["gathered"]
    return list(settings["access_lists"]["rules"])


def judged(town: Town, world: MerakiWorld) -> Verdicts:
    """Judge the town by the lists that its switches have."""
    rules = declared_rules(town)
    return Verdicts(town, replace(rules, access_lists={**rules.access_lists, **live(world)}))


def needed(name: str) -> Iterator[tuple[str, str, str]]:
    """Yield the flows that a site never loses."""
    return ((f"{segment}@{name}", target, service) for segment, target, service in NEEDED)


def lost(verdicts: Verdicts, sites: Sequence[str] = SITES) -> Iterator[tuple[str, str, str, str]]:
    for flow in (flow for name in sites for flow in needed(name)):
        answer = verdicts.of(*flow)
        if answer.state != "passes":
            yield (*flow, answer.why or ", ".join(answer.by))


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


def test_a_site_put_back_among_those_that_do_not_filter_loses_its_own_rules_alone(
    steps: list[Town], tmp_path: Path
) -> None:
    world = town_world(tmp_path)
    today, wave, *_ = steps
    school, before = site(wave, "ecole-jaures"), site(today, "ecole-jaures")
    converge(world, school)
    own = live_list(world)
    assert own
    by_hand = {**own[0], "comment": "imprimante du gardien", "src_cidr": "10.93.41.9/32", "policy": "deny"}
    with world.run() as run:
        run.module("meraki_network_settings", [{"network": "VLB ecole-jaures", "access_lists": {
            "rules": [by_hand, *own]}}], network="VLB ecole-jaures", confirm=["access_lists"])  # fmt: skip
    with pytest.raises(Guarded, match=r"access_lists:VLB ecole-jaures.*des règles quittent la liste d’accès"):
        converge(world, before)
    world.operations.clear()
    done = converge(world, before, confirm=["access_lists"])
    assert [entry["kind"] for entry in done.operations] == ["network_settings"]
    assert live_list(world) == [by_hand]
    assert any("imprimante du gardien" in line for result in done.results for line in result["warnings"])
    assert converge(world, before).operations == [], "what others made is left alone"
    tasks, unknown = inverse(list(world.operations), world.contents)
    assert unknown == []
    with world.run() as run:
        run.domain(before, undo=tasks["ecole-jaures"], state="merged", owner="ecole-jaures")
    assert live_list(world) == [by_hand, *own]


def test_a_gateway_stays_at_the_core_until_the_firewall_is_installed(steps: list[Town], tmp_path: Path) -> None:
    """The two steps in each order: the word alone does nothing, and each state says what lacks."""
    world, smc = town_world(tmp_path), SmcWorld(tmp_path / "smc")
    make_core(world.simulator)
    before, after = (dict(town.sites["police-municipale"]) for town in (steps[-2], steps[-1]))
    users = after["segments"]["utilisateurs"]
    (face,) = (item for item in engine_intent(steps[-1].sites["police-municipale"])["engine_interfaces"]
               if item["interface"] == f"0.{users['vlan']}")  # fmt: skip
    face = {**face, "zone": None, "relay": []}

    def route(whole: dict[str, Any], *, asked: bool = True, **options: Any) -> dict[str, Any]:
        given = {"smc": smc.connection()} if asked else {}
        with smc.run(), world.run() as run:
            return run.domain(whole, name="routing", **given, **options)

    def waits(**options: Any) -> str:
        """Give the word and find that nothing is done; return why."""
        done = route(after, confirm=["gateway"], **options)
        assert done["operations"] == []
        (line,) = (line for line in done["withheld"] if f"/{users['vlan']} : " in line)
        assert "reste au cœur" in line
        checked = route(after, check=True, **options)
        assert checked["refused"]
        assert [known["kind"] for known in checked["stays"]] == ["routed_interface"]
        assert checked["stays"][0]["key"].endswith(f"/{users['vlan']}")
        return line

    route(before)
    assert "le pare-feu n’a pas été lu" in waits(asked=False)
    assert "aucune politique installée" in waits()
    smc.module("smc_elements", ELEMENTS)
    smc.module("smc_policies", [TOWN])
    installed = [{"engine": "fw_cluster/fw-hdv", "policy": "fw_policy/VLB"}]
    smc.module("smc_installations", installed, policies=[TOWN])
    assert f"n’a pas l’adresse {users['gateway']}" in waits()
    smc.module("smc_engine_interfaces", [face])
    assert "à installer" in waits()
    smc.module("smc_installations", installed, policies=[TOWN])
    with pytest.raises(Guarded, match=rf"gateway:.*pare-feu .* {users['gateway']}, installée"):
        route(after)
    world.operations.clear()
    route(after, confirm=["gateway"])
    (gone,) = world.operations
    assert (gone["action"], gone["key"]) == ("delete", f"VLB hotel-de-ville/coeur-hdv/{users['vlan']}")
    tasks, _ = inverse(list(world.operations), world.contents)
    with world.run() as run:
        run.domain(name="routing", undo=tasks["police-municipale"], state="merged", owner="police-municipale")
    assert route(before)["operations"] == []


def routed(core: Town, engine: Town) -> list[Router]:
    """Give the routers between two steps: the core of the first, the firewall of the second."""
    assert core.commune
    assert engine.commune
    return [declared_routers(core.commune, core.sites)[0], declared_routers(engine.commune, engine.sites)[1]]


def test_between_the_installation_and_the_routing_only_the_segment_that_moves_is_concerned(steps: list[Town]) -> None:
    """Each order of the two steps; what a word alone would do is entered here by hand."""
    before, after = steps[-2], steps[-1]
    moving, gateway = "utilisateurs@police-municipale", after.sites["police-municipale"]["segments"]["utilisateurs"]
    others = [flow for site in SITES for flow in needed(site) if flow[0] != moving]
    states = {
        "installed first": (routed(before, after), "unknown", f"ont tous deux {gateway['gateway']}"),
        "routed first": (routed(after, before), "stopped", f"rien n’a {gateway['gateway']}"),
        "neither": (routed(before, before), "unknown", "le chemin lu est coeur-hdv"),
    }
    for name, (routers, state, why) in states.items():
        for declared in (after,) if name == "neither" else (before, after):
            verdicts = Verdicts(declared, None, routers)
            assert [flow for flow in others if verdicts.of(*flow).state != "passes"] == [], name
            inside = verdicts.of(moving, "hdv-dc1", "annuaire")
            assert (inside.state, why in inside.why) == (state, True), (name, inside)
            for source in ("utilisateurs@ecole-jaures", "utilisateurs@ccas"):
                # Nobody concludes that the police is out of reach while two gateways answer.
                assert verdicts.of(source, moving, "smb").state == state, name
    assert smb_to_the_police(Verdicts(after, None, routed(after, after)), "utilisateurs@ccas") == "stopped"


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
