"""Consumption of switches: kilowatt-hours of the Dashboard, and their share of the whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from piste.systems.meraki import switch_energy
from piste.systems.meraki.intent import meraki_intent
from tests.support.inprocess import API_KEY, BASE, MerakiWorld
from tests.support.town import converge, school, town_world

DASHBOARD = {"base_url": BASE, "api_key": API_KEY, "organization": "Ville du Bourget", "rate": 0}
WEEK = {"start": "2026-11-02T00:00:00Z", "end": "2026-11-09T00:00:00Z"}
SWITCH = "QZZZ-0005-0002"


def measured(world: MerakiWorld, **params: Any) -> dict[str, Any]:
    with world.run():
        return switch_energy.MODULES["meraki_energy"].run({"dashboard": DASHBOARD, **params}, False)


@pytest.fixture
def world(tmp_path: Path) -> MerakiWorld:
    made = town_world(tmp_path)
    converge(made, school())
    return made


def test_a_week_of_a_small_switch_is_said_in_kilowatt_hours(world: MerakiWorld) -> None:
    result = measured(world, **WEEK)
    (switch,) = result["switches"]
    assert (switch["serial"], switch["model"], switch["network"]) == (SWITCH, "MS120-8", "VLB ecole-jaures")
    # 5 W for 168 hours, less the part of the disabled port.
    assert switch["kwh"] == round(5 * 168 * (1 - 0.3 / 10) / 1000, 3)
    assert switch["poe_kwh"] == 0.0
    assert result["period"] == {**WEEK, "hours": 168.0}
    assert result["coverage"] == {"measured": 1, "switches": 1, "most": 50, "complete": True}
    assert result["report"] == [
        "Du 2026-11-02T00:00:00Z au 2026-11-09T00:00:00Z : 0.815 kWh mesurés par le Dashboard sur 1 commutateur de 1"
    ]
    assert result["calls"]["writes"] == 0


def test_a_port_that_is_off_by_its_schedule_draws_less(world: MerakiWorld) -> None:
    before = measured(world, **WEEK)["switches"][0]["kwh"]
    network = meraki_intent(school())["name"]
    off = {day: {"active": False} for day in ("saturday", "sunday")}
    options = {"network": network, "owner": "ecole-jaures", "confirm": ["access_point"]}
    with world.run() as run:
        run.module("meraki_port_schedules", [{"name": "Semaine", "week": off}], **options)
        run.module("meraki_switch_ports", [{"serial": SWITCH, "port_id": "1", "port_schedule": "Semaine"}], **options)
    after = measured(world, **WEEK)["switches"][0]["kwh"]
    assert round(before - after, 3) == round(5 * 168 * 0.3 / 10 * 2 / 7 / 1000, 3)


def test_switches_beyond_the_fifty_are_counted_and_not_made_up(
    world: MerakiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    converge(world, {**school("MS220-24"), "devices": [*school("MS220-24")["devices"][:1], *school()["devices"]]})
    monkeypatch.setattr(switch_energy, "MOST", 1)
    monkeypatch.setattr("lab.meraki.energy.MOST", 1)
    monkeypatch.setattr(switch_energy, "LONGEST_BY_PORT", switch_energy.SHORTEST)
    result = measured(world, **WEEK)
    assert [switch["model"] for switch in result["switches"]] == ["MS220-24"]
    assert result["coverage"] == {"measured": 1, "switches": 2, "most": 1, "complete": False}
    assert result["report"][1].startswith("Le Dashboard ne dit que les 1 qui consomment le plus")


def test_what_ports_feed_is_unknown_beyond_a_month(world: MerakiWorld) -> None:
    result = measured(world, start="2026-09-01T00:00:00Z", end="2026-11-01T00:00:00Z")
    assert result["switches"][0]["poe_kwh"] is None
    assert not [path for _, path in world.requests if "usage/history" in path]


@pytest.mark.parametrize(
    ("params", "why"),
    [
        ({"start": "hier", "end": "2026-11-09T00:00:00Z"}, "« hier » n’est pas un moment"),
        ({"start": "2026-11-09T00:00:00Z"}, "start et end vont ensemble"),
        ({"start": "2026-01-01T00:00:00Z", "end": "2026-11-09T00:00:00Z"}, "de 25 minutes à 186 jours"),
    ],
)
def test_a_period_that_cannot_be_is_refused(params: dict[str, str], why: str, world: MerakiWorld) -> None:
    with pytest.raises(Exception, match=why):
        measured(world, **params)
