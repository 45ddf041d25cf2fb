"""The plan outside the hours, as gathered of a converged site on the simulated Dashboard."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from piste.sobriety.readings import Readings
from tests.support.inprocess import MerakiWorld
from tests.support.town import converge, school, town_world
from tests.unit.sobriety.small import SCHOOL, compute, scheduled, town


def gathered(world: MerakiWorld, site: dict[str, Any]) -> Readings:
    kinds = ("ssids", "port_schedules", "switch_ports")
    with world.run() as run:
        read = {
            kind: run.module(f"meraki_{kind}", [], state="gathered", owner=SCHOOL, network=site["network_name"])
            for kind in kinds
        }
    return Readings(networks={SCHOOL: {kind: read[kind]["gathered"] for kind in kinds}})


def test_a_converged_site_conforms_until_somebody_leaves_the_wifi_on(tmp_path: Path) -> None:
    world, site = town_world(tmp_path), school()
    converge(world, site)
    assert compute(town(SCHOOL), gathered(world, site))["F8"].value == 100
    left_on = [{"name": "VLB-Agents", "schedule": {"enabled": False}}]
    with world.run() as run:
        run.module("meraki_ssids", left_on, owner=SCHOOL, network=site["network_name"])
    figure = compute(town(SCHOOL), gathered(world, site))["F8"]
    assert (figure.value, figure.failing) == (0, [f"{SCHOOL} (VLB-Agents émet à toute heure)"])


def test_the_ports_of_a_converged_site_conform_until_a_port_is_left_on(tmp_path: Path) -> None:
    world, site = town_world(tmp_path), scheduled(school())
    converge(world, site, confirm=["access_point"])
    of = town(SCHOOL, ecole_jaures=site)
    assert compute(of, gathered(world, site))["F8"].value == 100
    ports = [port for device in site["devices"] for port in device["ports"] if port["schedule"]]
    serial = next(device["serial"] for device in site["devices"] if device["ports"])
    with world.run() as run:
        left_on = [{"serial": serial, "port_id": ports[0]["port"], "port_schedule": None}]
        run.module("meraki_switch_ports", left_on, owner=SCHOOL, network=site["network_name"], confirm=["access_point"])
    figure = compute(of, gathered(world, site))["F8"]
    assert (figure.value, figure.failing) == (0, [f"{SCHOOL} (1 port de borne sans horaire)"])
