"""A run that dies at any write is finished by the next run, without doubles."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from piste.systems.meraki.intent import meraki_intent
from tests.support.breadth import breadth
from tests.support.inprocess import Killed, MerakiWorld
from tests.support.town import converge, dot1x, school, town_world

STARTS = [("empty", "MS120-8"), ("empty", "MS220-24"), ("brownfield", "MS120-8"), ("brownfield", "MS220-24")]


def state(world: MerakiWorld) -> Any:
    """Return the system's view of the school, without its ids and its log."""
    gathered = {}
    intent = meraki_intent(school())
    with world.run() as run:
        for module in ("meraki_devices", "meraki_network_settings", "meraki_access_policies", "meraki_ssids"):
            result = run.module(module, [], network=intent["name"], state="gathered")
            gathered[module] = sorted(result["gathered"], key=str)
        ports = run.module("meraki_switch_ports", [], network=intent["name"], state="gathered")
        gathered["ports"] = [port for port in ports["gathered"] if port["serial"] == school()["devices"][0]["serial"]]
    return gathered


def assert_nothing_doubled(world: MerakiWorld) -> None:
    networks = world.simulator.world.networks.values()
    names = [Counter(network["name"] for network in networks)]
    for network in networks:
        names.append(Counter(policy["name"] for policy in network["policies"].values()))
        names.append(Counter(ssid["name"] for ssid in network["ssids"].values()))
    assert [name for counted in names for name, count in counted.items() if count > 1] == []


def whole_of(model: str) -> dict[str, Any]:
    return dot1x(school(model))


def undisturbed(folder: Path, seed: str, model: str) -> tuple[int, Any]:
    folder.mkdir()
    world = town_world(folder, seed)
    converge(world, whole_of(model))
    return len(world.writes), state(world)


@pytest.mark.parametrize("each", [False, pytest.param(True, marks=pytest.mark.story)], ids=["some", "each"])
@pytest.mark.parametrize(("seed", "model"), breadth(STARTS, [("empty", "MS220-24"), ("brownfield", "MS120-8")]))
@pytest.mark.parametrize("moment", ["kill_before", "kill_after"])
def test_a_kill_at_any_write_is_mended_by_the_next_run(
    seed: str, model: str, moment: str, each: bool, tmp_path: Path
) -> None:
    writes, expected = undisturbed(tmp_path / "undisturbed", seed, model)
    assert writes >= 6
    # After a write is before the next: the two moments share the first, the middle and the last.
    some = (1, writes) if moment == "kill_before" else (writes // 2,)
    for number in range(1, writes + 1) if each else some:
        folder = tmp_path / str(number)
        folder.mkdir()
        world = town_world(folder, seed)
        setattr(world, moment, number)
        with pytest.raises(Killed):
            converge(world, whole_of(model))
        setattr(world, moment, 0)
        # A batch that the dead run had sent continues without it.
        world.simulator.clock.advance(1)
        converge(world, whole_of(model))
        assert_nothing_doubled(world)
        assert state(world) == expected, number
        third = converge(world, whole_of(model))
        assert (third.operations, world.writes) == ([], []), number
