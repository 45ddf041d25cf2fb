"""Radio profiles of access points: derivation, faults, and the plan of a site."""

from __future__ import annotations

from typing import Any

import pytest

from piste.systems.meraki.intent import meraki_intent
from piste.town.model import Town
from tests.unit.model.broken_town import ALL, FIRST_AP, JAURES, Case, Copy, Edit, check, on_the_day
from tests.unit.model.test_access import pilot

HALLS = (
    'radio_profiles:\n  Salles:\n    bands: ["2.4", "5"]\n    client_balancing: true\n'
    "    two_four_ghz: {channels: [1, 6, 11], min_bitrate: 11}\n"
    "    five_ghz: {channels: [36, 40, 44, 48, 100, 104], width: 40, min_bitrate: 12}\n"
)
POINT = "sites[ecole-jaures].access_points[QZZZ-0005-0041].radio_profile"


def profiles(text: str = HALLS) -> Edit:
    """Declare radio profiles for the town."""
    return ALL + "ssids.yml", "reduced_power:\n", f"{text}reduced_power:\n"


def first_point(keys: str) -> Edit:
    """Add keys to the first access point of ecole-jaures."""
    return JAURES, FIRST_AP, FIRST_AP.replace(", status", f", {keys}, status")


def derived(copy: Copy, *edits: Edit) -> Town:
    for edit in edits:
        copy.edit(*edit)
    return on_the_day(copy.root / "inventories" / "town").require()


def intent(town: Town) -> dict[str, Any]:
    return meraki_intent(town.sites["ecole-jaures"])


def test_only_what_a_profile_says_is_asked_of_the_access_points_that_have_it(copy: Copy) -> None:
    asked = intent(derived(copy, profiles(), first_point("radio_profile: Salles")))
    assert asked["rf_profiles"] == [
        {
            "name": "Salles",
            "band_selection_type": "ap",
            "ap_band_settings": {"band_operation_mode": "dual", "bands": {"enabled": ["2.4", "5"]}},
            "client_balancing_enabled": True,
            "min_bitrate_type": "band",
            "two_four_ghz": {"valid_auto_channels": [1, 6, 11], "min_bitrate": 11.0},
            "five_ghz": {
                "channel_width": "40", "valid_auto_channels": [36, 40, 44, 48, 100, 104], "min_bitrate": 12,
            },
        }
    ]  # fmt: skip
    assert asked["radios"] == [{"serial": "QZZZ-0005-0041", "rf_profile": "Salles"}]


def test_the_profile_of_a_site_is_that_of_all_its_access_points_but_for_their_own(whole: Copy) -> None:
    both = HALLS + "  Cour: {five_ghz: {channels: [100, 104]}}\n"
    site = (JAURES, "switches:\n", "radio_profile: Salles\nswitches:\n")
    town = derived(whole, profiles(both), site, first_point("outdoor: true, radio_profile: Cour"))
    assert {radio["rf_profile"] for radio in intent(town)["radios"]} == {"Salles", "Cour"}
    points = [device for device in town.sites["ecole-jaures"]["devices"] if device["kind"] == "access_point"]
    assert len(intent(town)["radios"]) == len(points)
    assert town.sites["ecole-auriol"]["rf_profiles"] == []


def test_a_reduced_power_keeps_the_channels_of_the_profile_under_another_name(copy: Copy) -> None:
    town = derived(copy, profiles(), first_point("radio_profile: Salles"), pilot("puissance-wifi"))
    named = {profile["name"]: profile for profile in intent(town)["rf_profiles"]}
    assert {*named} == {"Salles (Puissance réduite)", "Puissance réduite"}
    low = named["Salles (Puissance réduite)"]["five_ghz"]
    assert (low["max_power"], low["channel_width"]) == (11, "40")
    assert {radio["rf_profile"] for radio in intent(town)["radios"]} == {*named}


FAULTY = [
    Case(
        "a profile that nobody declares",
        [profiles(), first_point("radio_profile: Salle")],
        [("M076", POINT, JAURES, "radio_profile")],
        ["Vouliez-vous dire « Salles » ?"],
    ),
    Case(
        "channels without their neighbours",
        [profiles("radio_profiles:\n  Salles:\n    five_ghz: {channels: [36, 40, 140], width: 40} # ici\n")],
        [("M077", "radio_profiles[Salles].five_ghz.channels", ALL + "ssids.yml", "# ici")],
        ["Salles : 140 : leurs voisins de 40 MHz n’y sont pas tous"],
    ),
    Case(
        "indoor channels outdoors",
        [profiles(), first_point("outdoor: true, radio_profile: Salles")],
        [("M078", POINT, JAURES, "radio_profile")],
        ["a des canaux d’intérieur : 36, 40, 44, 48"],
    ),
    Case(
        "unsaid channels outdoors",
        [profiles("radio_profiles:\n  Salles: {client_balancing: true}\n"),
         first_point("outdoor: true, radio_profile: Salles")],
        [("M078", POINT, JAURES, "radio_profile")],
    ),
    Case(
        "a profile beyond the radio plan",
        [profiles(HALLS.replace("min_bitrate: 11", "min_bitrate: 5.5")),
         first_point("dense: true, radio_profile: Salles")],
        [("M079", POINT, JAURES, "radio_profile")] * 2,
        ["est large de 40 MHz, 20 au plus", "débit minimal de 5.5 Mbit/s à 2,4 GHz"],
    ),
    Case(
        "radars on every channel",
        [profiles("radio_profiles:\n  Salles: {five_ghz: {channels: [52, 56]}}\n"),
         first_point("radio_profile: Salles")],
        [("M089", POINT, JAURES, "radio_profile")],
    ),
    Case(
        "a band that no access point of a site has any more",
        [profiles("radio_profiles:\n  Salles: {bands: [\"5\"]}\n"),
         (JAURES, "switches:\n", "radio_profile: Salles\nswitches:\n")],
        [("M090", "sites[ecole-jaures].radio_profile", JAURES, "radio_profile")],
        ["ecole-jaures : nulle borne n’émet à 2,4 GHz"],
    ),
    Case(
        "a band twice",
        [profiles("radio_profiles:\n  Salles: {bands: [\"5\", \"5\"]} # ici\n")],
        [("M007", "radio_profiles.Salles.bands", ALL + "ssids.yml", "# ici")],
        ["La bande 5 y est deux fois"],
    ),
    Case(
        "what is not lawful in France, or no bit rate",
        [profiles("radio_profiles:\n  Salles:\n    five_ghz: {channels: [149], min_bitrate: 11} # ici\n")],
        [
            ("M007", "radio_profiles.Salles.five_ghz.channels[1]", ALL + "ssids.yml", "# ici"),
            ("M007", "radio_profiles.Salles.five_ghz.min_bitrate", ALL + "ssids.yml", "# ici"),
        ],
        ["Le canal 149 n’est pas permis en France à 5 GHz"],
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", FAULTY, ids=lambda case: case.name)
def test_a_profile_that_is_not_right_is_refused(copy: Copy, case: Case) -> None:
    check(copy, case)


def test_channels_of_a_radio_that_is_off_hear_no_radar(copy: Copy) -> None:
    text = 'radio_profiles:\n  Salles: {bands: ["2.4"], five_ghz: {channels: [52, 56]}}\n'
    assert derived(copy, profiles(text), first_point("radio_profile: Salles")).faults == []


def test_a_profile_outdoors_has_the_channels_of_outdoors(copy: Copy) -> None:
    text = "radio_profiles:\n  Cour: {five_ghz: {channels: [100, 104, 108, 112], width: 20}}\n"
    assert derived(copy, profiles(text), first_point("outdoor: true, radio_profile: Cour")).faults == []
