"""Intent of the directory, from the town's declaration."""

from __future__ import annotations

from typing import Any

import pytest

from lab.declared import declared_town
from piste.systems.windows.gpo.stored import SIDES
from piste.systems.windows.intent import SHUTDOWN, ad_intent, names_intent

NOTHING: dict[str, Any] = {
    "root": "Ville", "units": [], "site_places": [], "groups": [], "wmi_filters": [], "policies": [], "links": [],
}  # fmt: skip
"""Directory of a town that declares nothing."""
LENDERS: dict[str, Any] = {"servers": [], "retired": []}


def shutdown(**rule: Any) -> dict[str, Any]:
    hours = {"days": ["monday", "tuesday", "wednesday", "thursday", "friday"], "start": "07:30", "end": "19:00"}
    policy: dict[str, Any] = {
        "name": "Arrêt",
        "comment": "",
        "computer": None,
        "user": None,
        "filtering": ["GP-Pilote-Sobriete"],
        "exempt": ["GP-Sans-Arret"],
        "wmi_filter": None,
        "exclusive": False,
        "measure": None,
        "shutdown": {**hours, "delay_min": 30, "warning_min": 3, **rule},
        "startup": None,
    }
    (made,) = ad_intent({"directory": {**NOTHING, "policies": [policy]}, "ad_subnets": [], "dhcp": LENDERS})["gpos"]
    task: dict[str, Any] = made["computer"]["preferences"]["scheduled_tasks"][SHUTDOWN]
    assert (made["filtering"], made["exempt"]) == (["GP-Pilote-Sobriete"], ["GP-Sans-Arret"])
    return task


def spans(task: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(trigger["type"], trigger["start"][-8:], trigger["repeat_for"]) for trigger in task["triggers"]]


def test_computers_are_shut_down_from_closing_to_opening_and_all_day_where_it_is_closed() -> None:
    task = shutdown()
    assert spans(task) == [("daily", "19:30:00", "PT12H"), ("weekly", "07:30:00", "PT12H")]
    assert task["triggers"][1]["days"] == ["saturday", "sunday"]


def test_a_site_open_every_day_has_no_closed_day() -> None:
    week = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    assert spans(shutdown(days=week, start="06:30", end="22:30")) == [("daily", "23:00:00", "PT7H30M")]


def test_a_delay_may_go_past_midnight() -> None:
    assert spans(shutdown(start="08:00", end="23:30", delay_min=60))[0] == ("daily", "00:30:00", "PT7H30M")


def test_a_person_at_work_is_spared_and_warned() -> None:
    task = shutdown()
    assert (task["needs_idle"], task["stop_on_idle_end"]) == (True, True)
    assert task.keys().isdisjoint({"idle_duration", "idle_wait"})
    (action,) = task["actions"]
    start, program, end = action["arguments"].split('"')
    assert (start, end) == ("-NoProfile -NonInteractive -Command ", "")
    said, *steps = program.split("; ")[2:]
    # Three minutes before the opening it is too late to shut down for the night.
    assert said == "if ([int]$now.DayOfWeek -in 1, 2, 3, 4, 5 -and $minute -ge 447 -and $minute -lt 1140) { exit }"
    assert steps[0].startswith("msg.exe * /time:180 ")
    stop = "if (((Get-Date) - $now).TotalMinutes -lt 4) { shutdown.exe /s /f /t 0 }"
    assert steps[1:] == ["Start-Sleep -Seconds 180", stop]


def test_sunday_is_the_day_0_of_windows() -> None:
    (action,) = shutdown(days=["saturday", "sunday"])["actions"]
    assert "DayOfWeek -in 6, 0 -and" in action["arguments"]


@pytest.mark.parametrize("owner", ["ecole-jaures", "police-municipale"])
def test_the_objects_of_a_site_lie_under_its_own_unit(owner: str) -> None:
    intent = ad_intent(declared_town().sites[owner])
    base = intent["base"]
    places = [unit["path"] for unit in intent["units"]]
    places += [group["ou"] for group in intent["groups"]] + [link["target"] for link in intent["links"]]
    assert {place for place in places if not f"{place}/".startswith(f"{base}/")} == set()
    assert (intent["gpos"], intent["wmi_filters"]) == ([], [])


def test_the_town_leaves_the_places_of_its_sites() -> None:
    town = declared_town()
    intent = ad_intent(town.commune)
    assert intent["base"] == "/"
    assert intent["apart"] == [site["directory"]["path"] for site in town.sites.values()]


def test_a_policy_that_no_longer_applies_is_unlinked() -> None:
    place = {"place": "Ville/A", "policies": ["Veille"], "absent": ["Veille (pilote)"]}
    (links,) = ad_intent({"directory": {**NOTHING, "links": [place]}, "ad_subnets": [], "dhcp": LENDERS})["links"]
    assert links == {"target": "Ville/A", "links": {"Veille": {}, "Veille (pilote)": None}, "order": ["Veille"]}


def test_the_town_s_policies_have_what_their_settings_need_to_act() -> None:
    """Explain texts of ControlPanelDisplay.admx, WindowsUpdate.admx and GroupPolicy.admx."""
    commune = declared_town().commune
    assert commune is not None
    named = {gpo["name"]: gpo for gpo in ad_intent(commune)["gpos"]}
    policies = {name: {side: gpo.get(side, {}).get("policies", {}) for side in SIDES} for name, gpo in named.items()}
    locked = [sides["user"] for sides in policies.values() if "screen_lock.timeout" in sides["user"]]
    assert len(locked) == 2
    needed = {"screen_lock.enabled", "screen_lock.password", "screen_lock.screen_saver"}
    assert all(needed < settings.keys() for settings in locked)
    assert policies["Sobriété - Veille"]["computer"]["windows_update.wake_to_install"]
    assert policies["Socle commun"]["computer"]["windows_update.mode"] == "schedule"
    assert policies["Socle libre accès"]["user"].keys()
    assert policies["Socle libre accès"]["computer"]["group_policy.loopback"] == "merge"
    assert named["802.1X - Postes"]["computer"]["wired"]["eap"] == "tls"
    assert named["Socle commun"]["computer"]["auto_enrolment"]["mode"] == "renew_and_update"


@pytest.mark.parametrize(
    ("settings", "more"),
    [
        (None, {}),
        ({"update_account": None}, {}),
        ({"update_account": r"LEBOURGET\svc-dhcp"}, {"creators": [r"LEBOURGET\svc-dhcp"]}),
    ],
)
def test_the_account_of_the_dhcp_servers_registers_names_in_each_zone(settings: Any, more: dict[str, Any]) -> None:
    zones = [{"name": "93.10.in-addr.arpa", "reverse": True}]
    town: Any = {"dhcp": {"settings": settings}, "zones": zones, "records": []}
    assert names_intent(town) == {"zones": [{"name": "93.10.in-addr.arpa", **more}], "records": []}
