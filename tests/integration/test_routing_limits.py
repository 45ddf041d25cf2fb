"""The uplink of a core, its last interface, the limits of models, the members of a stack."""

from __future__ import annotations

from typing import Any

import pytest

from piste.engine.converge.errors import Guarded, InvalidConfig, PisteError, Rejected
from tests.integration import test_routing as routed
from tests.integration.test_routing import (
    FIRST,
    NETWORK,
    RELAY,
    SECOND,
    SMALL,
    STACK,
    TRANSIT,
    USERS,
    gateway,
    interfaces,
    key,
    routes,
    routing,
    stack,
)
from tests.support.inprocess import Killed, MerakiWorld

THIRD = "QZZZ-0000-0003"
ALONE = {**TRANSIT, "carrier": THIRD}

world, core = routed.world, routed.core


@pytest.fixture(params=["subnet", "first"])
def inherited(core: MerakiWorld, request: pytest.FixtureRequest) -> MerakiWorld:
    """Return a core whose uplink is in another VLAN than the declared transit."""
    core.simulator.behaviour.set(uplink=request.param)
    (network,) = core.simulator.world.networks.values()
    base = f"/networks/{network['id']}/switch/stacks/{next(iter(network['stacks']))}/routing/interfaces"
    routing(core).update({"interfaces": {}, "gateway": ""})
    old = {"name": "ancien", "vlanId": 10, "subnet": "10.1.1.0/24", "interfaceIp": "10.1.1.2"}
    core.simulator.edit("POST", base, {**old, "defaultGateway": "10.1.1.1"})
    desks = {"name": "postes", "vlanId": 11, "subnet": "10.1.2.0/24", "interfaceIp": "10.1.2.2"}
    core.simulator.edit("POST", base, desks)
    core.forget_requests()
    return core


@pytest.mark.parametrize("already", [False, True])
def test_a_core_that_has_its_uplink_elsewhere_gives_it_to_the_transit(inherited: MerakiWorld, already: bool) -> None:
    if already:
        interfaces(inherited, {name: value for name, value in TRANSIT.items() if name != "default_gateway"})
    with pytest.raises(Guarded, match=r"default_gateway:.*prend la route par défaut à .* \(VLAN 10, 10.1.1.1\)"):
        interfaces(inherited, TRANSIT, USERS)
    checked = interfaces(inherited, TRANSIT, USERS, check=True, confirm=["default_gateway"])["operations"]
    assert interfaces(inherited, TRANSIT, USERS, confirm=["default_gateway"])["operations"] == checked != []
    assert routing(inherited)["gateway"] == "10.93.240.1"
    assert interfaces(inherited, TRANSIT, USERS)["operations"] == []
    moved = {**TRANSIT, "default_gateway": "10.93.240.3"}
    interfaces(inherited, moved, confirm=["default_gateway"])
    assert routing(inherited)["gateway"] == "10.93.240.3"
    assert interfaces(inherited, moved)["operations"] == []


@pytest.mark.parametrize("write", [1, 2, 3])
@pytest.mark.parametrize("moment", ["kill_before", "kill_after"])
def test_a_run_that_moves_the_uplink_and_is_killed_is_finished_by_the_next(
    inherited: MerakiWorld, write: int, moment: str
) -> None:
    setattr(inherited, moment, write)
    try:
        interfaces(inherited, TRANSIT, USERS, confirm=["default_gateway"])
    except Killed:
        inherited.kill_before = inherited.kill_after = 0
        interfaces(inherited, TRANSIT, USERS, confirm=["default_gateway"])
    assert routing(inherited)["gateway"] == "10.93.240.1"
    assert interfaces(inherited, TRANSIT, USERS)["operations"] == []


def test_the_uplink_goes_last_and_a_last_interface_not_under_a_fixed_address(core: MerakiWorld) -> None:
    interfaces(core, USERS)
    words = ["gateway", "default_gateway", "dhcp"]
    with pytest.raises(Rejected, match="VLAN 400 porte la route par défaut d’autres, qui restent"):
        interfaces(core, absent=[key(TRANSIT)], confirm=words)
    interfaces(core, absent=[key(USERS)], confirm=words)
    core.simulator.world.devices[SECOND]["wan"] = {"usingStaticIp": True, "staticIp": "10.93.1.9"}
    core.forget_requests()
    for check in (True, False):
        with pytest.raises(Rejected, match=f"la dernière interface ne part pas : .* fixe de {SECOND}"):
            interfaces(core, absent=[key(TRANSIT)], confirm=words, check=check)
    assert core.writes == []
    core.simulator.world.devices[SECOND]["wan"] = {}
    interfaces(core, absent=[key(TRANSIT)], confirm=words)
    assert routing(core)["interfaces"] == {}


def test_two_default_gateways_are_refused_before_any_request(core: MerakiWorld) -> None:
    with pytest.raises(InvalidConfig, match="2 interfaces en ont une"):
        interfaces(core, TRANSIT, {**USERS, "default_gateway": "10.93.41.1"})
    assert core.requests == []


@pytest.mark.parametrize(
    ("model", "known", "said"),
    [
        ("MS125-24", {}, r"sans routage, à ce que Piste sait \(MS125-24\)"),
        ("MS150-24", {}, r"sans routage, à ce que Piste sait \(MS150-24\)"),
        ("MS210-24", {}, ""),
        ("MS150-24", {"MS150-24": {"interfaces": 16, "static_routes": 16, "dhcp_server": False}}, "Layer 3 routing"),
    ],
)
def test_a_model_routes_where_the_vendor_or_the_town_says_so(
    world: MerakiWorld, model: str, known: dict[str, Any], said: str
) -> None:
    world.simulator.world.devices[THIRD]["model"] = model
    if said:
        with pytest.raises(PisteError, match=said):
            interfaces(world, ALONE, models=known)
    else:
        assert interfaces(world, ALONE, models=known)["changed"]


def test_a_small_model_has_few_interfaces_few_routes_and_no_dhcp_server(world: MerakiWorld) -> None:
    world.simulator.world.devices[THIRD]["model"] = "MS210-24"
    place = {"network": NETWORK, "carrier": THIRD}
    many = [{**gateway(number, number), **place, "dhcp": {"mode": "dhcpDisabled"}} for number in range(2, 18)]
    with pytest.raises(Rejected, match=r"QZZZ-0000-0003 \(MS210-24\), Interface routée .* : 17 pour 16 au plus"):
        interfaces(world, ALONE, *many)
    with pytest.raises(Rejected, match="un serveur DHCP, que ce modèle n’a pas"):
        interfaces(world, ALONE, {**many[0], "dhcp": {"mode": "dhcpServer"}})
    assert world.writes == []
    interfaces(world, ALONE, *many[:14])
    # A routed port or a loopback is an interface of layer 3 too.
    routing_of_third = world.simulator.world.devices[THIRD]["routing"]["interfaces"]
    routing_of_third["boucle"] = {
        "name": "boucle", "mode": "loopback", "vlanId": None, "subnet": "10.250.0.0/24", "interfaceIp": "10.250.0.1"
    }  # fmt: skip
    with pytest.raises(Rejected, match=r"Interface routée .* : 17 pour 16 au plus"):
        interfaces(world, ALONE, *many[:15])
    del routing_of_third["boucle"]
    interfaces(world, ALONE, *many[:15])
    ways = [{**place, "subnet": f"10.{number}.0.0/16", "next_hop": "10.93.240.1"} for number in range(1, 18)]
    with pytest.raises(Rejected, match="Route statique : 17 pour 16 au plus"):
        routes(world, *ways)
    routes(world, *ways[:16])


def test_an_uplink_of_ios_xe_says_so_itself(world: MerakiWorld) -> None:
    world.simulator.world.devices[THIRD]["model"] = "C9300-24P-M"
    interfaces(world, ALONE)
    assert [body["uplinkV4"] for body in world.bodies if body and "defaultGateway" in body] == [True]
    assert interfaces(world, ALONE)["operations"] == []


THREE = [{"name": STACK, "members": [FIRST, SECOND, THIRD]}]
OTHERS = [{"name": STACK, "members": [FIRST, SMALL]}]


@pytest.mark.parametrize("whole", [True, False])
def test_members_are_changed_at_once_or_one_by_one(world: MerakiWorld, whole: bool) -> None:
    stack(world)
    world.simulator.behaviour.set(stack_members=whole)
    for config in (THREE, OTHERS):
        done = stack(world, config=config, confirm=["stack"])
        said = [warning for warning in done["warnings"] if "ajoutés et retirés un à un" in warning]
        assert (done["changed"], bool(said)) == (True, not whole)
        assert not stack(world, config=config)["changed"]


@pytest.mark.parametrize("write", [1, 2, 3])
@pytest.mark.parametrize("moment", ["kill_before", "kill_after"])
def test_a_change_of_members_that_is_killed_is_finished_by_the_next(
    world: MerakiWorld, write: int, moment: str
) -> None:
    stack(world)
    world.simulator.behaviour.set(stack_members=False)
    world.forget_requests()
    setattr(world, moment, write)
    with pytest.raises(Killed):
        stack(world, config=OTHERS, confirm=["stack"])
    world.kill_before = world.kill_after = 0
    stack(world, config=OTHERS, confirm=["stack"])
    assert not stack(world, config=OTHERS)["changed"]


def test_a_rule_by_vlan_is_refused_where_a_switch_ignores_it(world: MerakiWorld) -> None:
    rule = {"comment": "isoler", "policy": "deny", "src_cidr": "10.93.41.0/24", "vlan": "151"}

    def listed(*rules: dict[str, Any]) -> dict[str, Any]:
        with world.run() as run:
            config = [{"network": NETWORK, "access_lists": {"rules": list(rules)}}]
            options = {"confirm": ["access_lists"], "list_lengths": {"MS390-24": 64}}
            return run.module("meraki_network_settings", config, network=NETWORK, **options)

    assert listed(rule)["changed"]
    world.simulator.world.devices[THIRD]["model"] = "MS390-24"
    world.forget_requests()
    with pytest.raises(Rejected, match=r"1 règle par VLAN .* : isoler.* Un MS390-24 l’accepterait"):
        listed({**rule, "vlan": "152"})
    assert world.writes == []
    assert listed({**rule, "vlan": "any"})["changed"]


def test_a_list_that_a_switch_does_not_hold_is_refused_before_it_is_written(world: MerakiWorld) -> None:
    def listed(*rules: dict[str, Any], **lengths: int) -> dict[str, Any]:
        with world.run() as run:
            config = [{"network": NETWORK, "access_lists": {"rules": list(rules)}}]
            return run.module("meraki_network_settings", config, network=NETWORK, list_lengths=lengths)

    def rule(number: int, **changes: str) -> dict[str, Any]:
        return {"comment": f"règle {number}", "policy": "deny", "src_cidr": f"10.93.{number}.0/24", **changes,
                "dst_cidr": "10.93.0.0/16"}  # fmt: skip

    world.forget_requests()
    with pytest.raises(Rejected, match=r"129 règles .*Un MS.* n’en tient pas plus de 128"):
        listed(*(rule(number) for number in range(129)))
    for port in ("16384-32767", "80,443"):
        with pytest.raises(Rejected, match=r"1 règle à plusieurs ports .* : règle 1"):
            listed(rule(1, protocol="udp", dst_port=port))
    assert world.writes == []
    device = world.simulator.world.devices[THIRD]
    device["model"] = "MS220-24"
    world.forget_requests()
    with pytest.raises(Rejected, match=r"80 règles .*[Uu]n MS220-24 n’en tient pas plus de 79"):
        listed(*(rule(number) for number in range(80)))
    for model in ("MS390-24", "MS", "C9300-24"):
        device["model"] = model
        with pytest.raises(Rejected, match=rf"Rien ne dit combien de règles tient un {model}"):
            listed(rule(1))
        with pytest.raises(Rejected, match=rf"[Uu]n {model} n’en tient pas plus de 1"):
            listed(rule(1), rule(2), **{model: 1})
    assert world.writes == []
    assert listed(*(rule(number) for number in range(79)), **{"C9300-24": 79})["changed"]


def test_a_relay_is_what_every_model_has(world: MerakiWorld) -> None:
    world.simulator.world.devices[THIRD]["model"] = "MS225-48"
    interfaces(world, ALONE, {**USERS, "carrier": THIRD, "dhcp": RELAY})
