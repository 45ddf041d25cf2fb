"""Ports, profiles and hours that the levers of the network derive."""

from __future__ import annotations

import pytest

from piste.town.model import Town
from piste.town.model.outside_hours import SCHEDULE
from tests.unit.model.broken_town import ALL, JAURES, Copy, on_the_day
from tests.unit.model.test_access import pilot


def rolled_out(copy: Copy, lever: str) -> Town:
    copy.edit(*pilot(lever))
    return on_the_day(copy.root / "inventories" / "town").require()


def test_no_site_of_the_town_turns_ports_off_nor_lowers_power(town: Town) -> None:
    for site in town.sites.values():
        assert (site["port_schedules"], site["rf_profiles"]) == ([], [])
        assert (site["port_power"], site["radio_power"]) == (None, None)
        assert {device["rf_profile"] for device in site["devices"]} <= {None}
        assert {port["schedule"] for device in site["devices"] for port in device["ports"]} <= {None}


def test_ports_of_access_points_follow_the_hours_with_a_margin(whole: Copy) -> None:
    town = rolled_out(whole, "bornes-hors-heures")
    site = town.sites["ecole-jaures"]
    (schedule,) = site["port_schedules"]
    assert schedule["name"] == SCHEDULE
    assert [tuple(window.values()) for window in schedule["open"]] == [
        (day, "06:30", "19:00") for day in ("monday", "tuesday", "wednesday", "thursday", "friday")
    ]
    followed = {port["profile"]: port["schedule"] for device in site["devices"] for port in device["ports"]}
    assert followed["borne"] == SCHEDULE
    assert {profile for profile, name in followed.items() if name} == {"borne"}
    assert (site["port_power"], site["radio_power"]) == ("hours", None)
    assert town.sites["ecole-auriol"]["port_schedules"] == []


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [("00:00", "23:30", ("00:00", "24:00")), ("00:30", "12:00", ("00:00", "12:30"))],
)
def test_the_margin_stays_within_the_day(start: str, end: str, hours: tuple[str, str], copy: Copy) -> None:
    copy.edit("group_vars/ecole.yml", 'start: "07:00"\n  end: "18:30"', f'start: "{start}"\n  end: "{end}"')
    (schedule,) = rolled_out(copy, "bornes-hors-heures").sites["ecole-jaures"]["port_schedules"]
    assert {(window["start"], window["end"]) for window in schedule["open"]} == {hours}


def test_a_reduced_power_is_that_of_the_town(copy: Copy) -> None:
    copy.edit(ALL + "ssids.yml", "five_ghz: {lowest: 8, highest: 11}", "five_ghz: {lowest: 9, highest: 12}")
    site = rolled_out(copy, "puissance-wifi").sites["ecole-jaures"]
    (profile,) = site["rf_profiles"]
    assert (profile["name"], profile["five_ghz"]["power"]) == ("Puissance réduite", {"lowest": 9, "highest": 12})
    assert site["radio_power"] == "reduced"
    assert {(device["kind"], device["rf_profile"]) for device in site["devices"]} == {
        ("switch", None),
        ("access_point", "Puissance réduite"),
    }


def test_a_site_that_is_spared_for_a_time_has_its_full_power_and_its_ports_back(copy: Copy) -> None:
    copy.edit(*pilot("bornes-hors-heures"))
    spared = 'sobriety_exceptions:\n  - {from: "2026-11-20", until: "2026-12-01", why: Marché}\n'
    copy.edit(JAURES, "switches:\n", f"{spared}switches:\n")
    other = pilot("puissance-wifi")[2].splitlines()[1]
    rollout = copy.root / ALL / "sobriety_rollout.yml"
    rollout.write_text(rollout.read_text("utf-8") + other + "\n", "utf-8")
    site = on_the_day(copy.root / "inventories" / "town").require().sites["ecole-jaures"]
    assert (site["radio_power"], site["rf_profiles"], site["port_schedules"]) == ("full", [], [])
    assert {device["rf_profile"] for device in site["devices"]} == {None}
    assert {port["schedule"] for device in site["devices"] for port in device["ports"]} == {None}
