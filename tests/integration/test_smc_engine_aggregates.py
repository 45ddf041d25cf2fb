"""The link of the firewall's VLANs, made up of several ports of the engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import Guarded, InvalidConfig
from tests.support.smc import SmcWorld
from tests.support.town import unheld

ENGINE = "fw_cluster/fw-hdv"
LINK: dict[str, Any] = {"engine": ENGINE, "interface": "0", "aggregate": {"mode": "lb", "interfaces": ["2", "3"]}}


@pytest.fixture
def world(tmp_path: Path) -> SmcWorld:
    return SmcWorld(tmp_path / "smc")


def carrier(world: SmcWorld) -> dict[str, Any]:
    """The interface of the VLANs as the simulator keeps it."""
    interfaces = world.simulator.world.of_type("physical_interface")
    return next(each["data"] for each in interfaces if each["data"]["interface_id"] == "0")


def test_a_link_is_aggregated_with_its_word_and_given_back(world: SmcWorld) -> None:
    before = dict(carrier(world))
    with pytest.raises(Guarded) as refusal:
        world.module("smc_engine_interfaces", [LINK])
    assert "aggregate:fw-hdv 0" in refusal.value.todo
    assert world.writes == []
    checked = world.module("smc_engine_interfaces", [LINK], check=True)
    done = world.module("smc_engine_interfaces", [LINK], confirm=["aggregate"])
    assert done["operations"] == unheld(checked["operations"])
    assert any("n’agit qu’une fois la politique installée" in line for line in done["warnings"])
    assert carrier(world) == before | {"aggregate_mode": "lb", "second_interface_id": "2,3"}
    live = next(item for item in world.gathered("smc_engine_interfaces") if item["interface"] == "0")
    assert live["aggregate"] == LINK["aggregate"]
    assert world.module("smc_engine_interfaces", [LINK])["operations"] == []
    world.module("smc_engine_interfaces", [{**LINK, "aggregate": None}], confirm=["aggregate"])
    assert carrier(world) == before


def test_what_people_have_written_in_another_order_is_no_change(world: SmcWorld) -> None:
    carrier(world).update(aggregate_mode="lb", second_interface_id="3, 2")
    assert world.module("smc_engine_interfaces", [LINK])["operations"] == []


def test_an_impossible_aggregate_is_refused_before_any_write(world: SmcWorld) -> None:
    config = [
        {**LINK, "aggregate": {"mode": "ha", "interfaces": ["1", "2"]}},
        {"engine": ENGINE, "interface": "0.400", "aggregate": {"mode": "lb", "interfaces": ["3"]}},
        {"engine": ENGINE, "interface": "1", "aggregate": {"mode": "lb", "interfaces": []}},
    ]
    with pytest.raises(InvalidConfig) as refusal:
        world.module("smc_engine_interfaces", config)
    said = "\n".join(str(fault) for fault in refusal.value.faults)
    for part in ("1 autre(s) interface(s) au plus", "pas à son VLAN", "au moins une autre", "déjà prise par 1/"):
        assert part in said
    assert world.writes == []
