"""Unreadable answers to a write: the next look decides whether it was done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import PisteError, Unreadable
from piste.engine.transport.response import Response
from tests.support.answers import HTML, Spoil, bodies, is_read, on
from tests.support.hosting import PrismWorld
from tests.support.smc import SmcWorld
from tests.support.town import town_world

NETWORK = [{"name": "VLB essai", "product_types": ["switch"]}]
MACHINE = [{"name": "essai", "num_sockets": 1, "memory": "1 GiB"}]
HOST = [{"type": "host", "name": "essai", "address": "192.0.2.1"}]
DEFECTS = tuple(bodies({}))


def _networks(world: Any) -> list[str]:
    return [network["name"] for network in world.simulator.world.networks.values() if network["name"] == "VLB essai"]


SYSTEMS: dict[str, tuple[Callable[[Path], Any], str, Any, Callable[[Any], list[str]]]] = {
    "meraki": (town_world, "meraki_networks", NETWORK, _networks),
    "prism": (PrismWorld, "prism_vms", MACHINE, PrismWorld.machines),
    "smc": (
        lambda folder: SmcWorld(folder / "smc"),
        "smc_elements",
        HOST,
        lambda world: list(world.gathered("smc_elements")),
    ),
}


def spoiler(defect: Callable[[Response], Response], *, always: bool) -> Spoil:
    """Spoil the first answer after a write was sent (the write's included), or all of them."""
    state = {"written": False, "struck": False}

    def spoil(method: str, answer: Response) -> Response:
        state["written"] |= not is_read(method, answer.url)
        if not state["written"] or (state["struck"] and not always):
            return answer
        state["struck"] = True
        return defect(answer)

    return spoil


@pytest.mark.parametrize("always", [False, True])
@pytest.mark.parametrize("name", DEFECTS)
@pytest.mark.parametrize("system", SYSTEMS)
def test_nothing_is_made_twice_and_the_next_run_has_nothing_to_do(
    system: str, name: str, always: bool, tmp_path: Path
) -> None:
    make, module, config, made = SYSTEMS[system]
    world = make(tmp_path)
    world.spoil = spoiler(bodies({})[name], always=always)
    kinds = []
    try:
        with world.run() as run:
            run.module(module, config)
    except PisteError as error:
        kinds = [error.kind]
    # An empty list is readable: the system would then have kept nothing of the write.
    assert kinds in ([], ["unknown"]) or name == "other shape"
    world.spoil = lambda method, answer: answer
    with world.run() as run:
        run.module(module, config)
        assert len(made(world)) == 1
        assert run.module(module, config)["operations"] == []


def test_a_list_that_is_a_page_throughout_makes_no_second_network(tmp_path: Path) -> None:
    """A portal answers for the list of networks, and lets the rest through."""
    world = town_world(tmp_path)
    with world.run() as run:
        run.module("meraki_networks", NETWORK)
    world.spoil = on("/api/v1/organizations/{id}/networks", lambda answer: Response(200, {}, HTML, answer.url))
    for options in ({}, {"check": True}, {"state": "gathered"}):
        with world.run() as run, pytest.raises(Unreadable, match="du JSON est attendu"):
            run.module("meraki_networks", NETWORK, **options)
    assert _networks(world) == ["VLB essai"]
