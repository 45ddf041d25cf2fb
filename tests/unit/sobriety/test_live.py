"""The plan outside the hours as the modules gather it of a site that was converged, on the simulated Dashboard."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from piste.sobriety.readings import Readings
from tests.support.inprocess import MerakiWorld
from tests.support.town import converge, school, town_world
from tests.unit.sobriety.small import SCHOOL, compute, town


def gathered(world: MerakiWorld, site: dict[str, Any]) -> Readings:
    with world.run() as run:
        ssids = run.module("meraki_ssids", [], state="gathered", owner=SCHOOL, network=site["network_name"])
    return Readings(networks={SCHOOL: {"ssids": ssids["gathered"], "switch_ports": [], "devices": []}})


def test_a_converged_site_conforms_until_somebody_leaves_the_wifi_on(tmp_path: Path) -> None:
    world, site = town_world(tmp_path), school()
    converge(world, site)
    assert compute(town(SCHOOL), gathered(world, site))["F8"].value == 100
    left_on = [{"name": "VLB-Agents", "schedule": {"enabled": False}}]
    with world.run() as run:
        run.module("meraki_ssids", left_on, owner=SCHOOL, network=site["network_name"])
    figure = compute(town(SCHOOL), gathered(world, site))["F8"]
    assert (figure.value, figure.failing) == (0, [f"{SCHOOL} (VLB-Agents émet à toute heure)"])
