"""Findings on the kept readings of systems: by thing, with a site and a gravity."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from piste.engine.finding import Finding
from piste.readings import history
from piste.readings.findings import by_site, findings
from piste.readings.table import SUBJECTS
from piste.sites.living import former, kept
from piste.sites.living.network import network
from piste.sites.living.seen import Reading
from tests.support.dossier import SCHOOL
from tests.support.dossier import town as whole_town
from tests.support.living import NEXUS_PORT, READ_AT, alive, keep

HALL = "hotel-de-ville"
LIVING = [SUBJECTS[name] for name in ("network", "nexus", "hosting", "supervision")]
Damage = Callable[[dict[str, Any]], Any]


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("PISTE_TODAY", "2026-09-22")
    return tmp_path


def of(damage: Damage = lambda life: None, site: str = HALL) -> dict[str, Finding]:
    life = alive(whole_town(), whole_town().sites[site])
    commune = whole_town().commune
    assert commune
    for switch in commune["nexus"]["switches"]:
        ports = {f"1/{number}": dict(NEXUS_PORT) for number in range(1, 55)}
        life["nexus"]["nexus_ports"][switch["name"]]["values"] |= ports
    damage(life)
    keep(whole_town(), life)
    return {finding.id: finding for finding in findings(whole_town(), "lab", LIVING) if finding.site == site}


def first(site: str, kind: str = "switch") -> Any:
    return next(device for device in whole_town().sites[site]["devices"] if device["kind"] == kind)


def offline(device: Any) -> Damage:
    return lambda life: life["meraki"]["devices"][device["serial"]].update(status="offline")


def problem(**changes: Any) -> Damage:
    def damage(life: dict[str, Any]) -> None:
        here = {"id": "77", "name": "Ne répond plus", "severity": 4, "since": READ_AT, "acknowledged": False}
        name = first(SCHOOL)["name"]
        life["zabbix"] = {"read_at": READ_AT, "hosts": {}, "problems": {name: [here | changes]}, "unread": {}}

    return damage


def test_a_town_where_all_lives_has_a_finding_a_site_and_a_subject() -> None:
    every = of()
    assert {finding.state for finding in every.values()} == {"ok"}
    assert {*every} == {f"{name}.{HALL}" for name in ("network", "nexus", "hosting")}
    assert every[f"network.{HALL}"].evidence == "réseau, lu le 21/09/2026 à 16:13"


def test_a_switch_that_is_gone_is_grave_and_an_access_point_is_not() -> None:
    switch, point = first(SCHOOL), first(SCHOOL, "access_point")
    every = of(lambda life: (offline(switch)(life), offline(point)(life)), SCHOOL)
    gone = every[f"network.{SCHOOL}.{switch['name']}"]
    assert (gone.state, gone.gravity, gone.site) == ("wrong", "critical", SCHOOL)
    assert gone.what.startswith(f"{switch['name']} : hors ligne")
    assert every[f"network.{SCHOOL}.{point['name']}"].gravity == "minor"
    assert by_site(every.values())[SCHOOL] == "wrong"
    assert f"network.{SCHOOL}" not in every


@pytest.mark.parametrize(
    ("damage", "thing", "said", "gravity"),
    [
        (lambda life: next(iter(life["prism"]["nodes"].values())).update(degraded=True), "hosting", "dégradé",
         "critical"),
        (lambda life: life["prism"]["machines"].update({"hdv-dc1": ["OFF"]}), "hosting",
         "hdv-dc1 : à l’arrêt", "major"),
        (lambda life: life["nexus"]["nexus_ports"]["nx-hdv-1"]["values"].update(
            {"1/49": {"status": "down", "speed_mbps": None, "reason": "Link not connected"}}),
         "nexus", "sans lien : Link not connected", "critical"),
    ],
)  # fmt: skip
def test_what_does_not_live_is_named(damage: Damage, thing: str, said: str, gravity: str) -> None:
    wrong = [finding for finding in of(damage).values() if finding.state == "wrong"]
    assert [(said in finding.what, finding.id.partition(".")[0], finding.gravity) for finding in wrong] == [
        (True, thing, gravity)
    ]


def test_a_problem_of_the_supervision_keeps_its_name_its_gravity_its_day_and_who_knows() -> None:
    every = of(problem(), SCHOOL)
    said = every[f"supervision.{SCHOOL}.{first(SCHOOL)['name']}"]
    assert "Ne répond plus (haut, depuis le 21/09/2026 à 16:13, pas acquitté)" in said.what
    assert (said.state, said.gravity) == ("wrong", "critical")
    every = of(problem(severity=2, acknowledged=True), SCHOOL)
    assert "(avertissement, depuis le 21/09/2026 à 16:13, acquitté)" in every[said.id].what
    assert every[said.id].gravity == "minor"


def test_what_is_too_old_or_was_never_read_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    assert findings(whole_town(), "lab", LIVING) == []
    never = findings(whole_town(), "production", LIVING)
    assert {finding.state for finding in never} == {"unknown"}
    of()
    monkeypatch.setenv("PISTE_TODAY", "2026-09-23")
    old = [finding for finding in findings(whole_town(), "lab", LIVING) if finding.site == HALL]
    assert {finding.state for finding in old} == {"unknown"}
    assert all("trop ancien" in finding.what for finding in old)


def test_a_part_that_was_refused_leaves_its_subject_unknown_at_each_site() -> None:
    def refused(life: dict[str, Any]) -> None:
        del life["meraki"]["ports"]
        life["meraki"]["unread"] = {"ports": "refusé (403)"}

    assert of(refused)[f"network.{HALL}"].what == f"{HALL} : refusé (403)"


def test_what_an_earlier_version_kept_is_shown_and_not_judged(monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    """It kept less of each thing: a port without its duplex proves no full duplex."""
    monkeypatch.setattr(former, "ROOT", place)
    file = place / ".piste" / "living" / "lab" / "readings.json"
    file.parent.mkdir(parents=True)
    switch = first(HALL)["serial"]
    file.write_text(
        f"""{{"devices": {{"read_at": "{READ_AT}", "values": {{"{switch}": {{
            "status": "online", "reported_at": null}}}}}},
        "ports": {{"read_at": "{READ_AT}", "values": {{"{switch}": {{"1": {{"status": "Connected", "speed_mbps": 10,
            "errors": [], "warnings": []}}}}}}}},
        "problems": {{"read_at": "{READ_AT}", "values": {{"a": 2}}}},
        "nexus_ports": {{"nx-hdv-1": {{"read_at": "{READ_AT}", "values": {{}}}}}}}}""",
        "utf-8",
    )  # fmt: skip
    life, doubts = kept.believed(kept.known(whole_town(), "lab"))
    assert life["ports"]["values"][switch]["1"]["speed_mbps"] == 10
    assert {*life} == {"devices", "ports", kept.NEXUS_PORTS}
    assert doubts == {"problems": kept.SHRUNK}
    judged = {finding.id: finding for finding in findings(whole_town(), "lab", LIVING)}
    assert kept.SHRUNK in judged[f"network.{HALL}"].what


def test_a_problem_of_what_the_town_owns_is_a_finding_and_so_is_that_of_a_stranger() -> None:
    here = {"id": "77", "name": "Ne répond plus", "severity": 5, "since": READ_AT, "acknowledged": True}
    commune = whole_town().commune
    assert commune

    def damage(life: dict[str, Any]) -> None:
        problems = {"hdv-dc1": [here], "hote-libre": [here], "x; reboot": [here]}
        life["zabbix"] = {"read_at": READ_AT, "hosts": {}, "problems": problems, "unread": {}}

    of(damage)
    every = {finding.id: finding for finding in findings(whole_town(), "lab", LIVING)}
    for name in ("hdv-dc1", "hote-libre"):
        finding = every[f"supervision.{commune['id']}.{name}"]
        assert (finding.state, finding.gravity, "acquitté" in finding.what) == ("wrong", "critical", True)
    assert every[f"supervision.{commune['id']}.hote-libre"].site == commune["id"]
    # A name of a live system is data: the command that is shown is one that a person may paste.
    assert every[f"supervision.{commune['id']}.x; reboot"].todo == "piste find 'x; reboot'"


def night(life: dict[str, Any], at: str) -> None:
    """Read at another moment; what is online has just reported."""
    life["meraki"]["read_at"] = at
    for device in life["meraki"]["devices"].values():
        device["reported_at"] = at


def test_a_fault_of_an_access_point_lasts_through_the_night(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its ports are off by hours: it is judged in the morning, and its fault goes on."""
    hours = [{"day": day, "start": "07:00", "end": "18:00"} for day in ("monday", "tuesday")]
    here = whole_town().sites[SCHOOL]
    monkeypatch.setitem(here, "port_schedules", [{"name": "Heures", "open": hours}])
    for device in here["devices"]:
        monkeypatch.setitem(device, "ports", [{**port, "schedule": "Heures"} for port in device["ports"]])
    point, id_ = first(SCHOOL, "access_point"), f"network.{SCHOOL}.{first(SCHOOL, 'access_point')['name']}"
    begun = None
    for hour, seen, state in (
        ("21T14:13:20", "alerting", "wrong"), ("21T20:00:00", "offline", None), ("22T06:00:00", "alerting", "wrong"),
        ("22T07:00:00", "online", None),
    ):  # fmt: skip
        at = f"2026-09-{hour}+00:00"
        monkeypatch.setattr(history, "now", lambda at=at: datetime.fromisoformat(at))

        def damage(life: dict[str, Any], at: str = at, seen: str = seen) -> None:
            night(life, at)
            life["meraki"]["devices"][point["serial"]] |= {"status": seen}
            if seen == "offline":
                life["meraki"]["devices"][point["serial"]]["reported_at"] = "2026-09-21T15:58:00+00:00"

        every = of(damage, SCHOOL)
        history.note("lab", every.values())
        assert (every[id_].state if id_ in every else None) == state
        if state:
            (finding,) = history.dated("lab", [every[id_]])
            begun = begun or finding.since
            assert finding.since == begun
    (over,) = history.dated("lab", [Finding(id_, "wrong", "")])
    assert over.since == "", "a reading by day ends it"


def test_an_access_point_that_was_gone_before_its_hours_is_wrong_at_night_too() -> None:
    hours = [{"day": "monday", "start": "07:00", "end": "18:00"}]
    site = {**whole_town().sites[SCHOOL], "port_schedules": [{"name": "Heures", "open": hours}]}
    site["devices"] = [
        {**device, "ports": [{**port, "schedule": "Heures"} for port in device["ports"]]} for device in site["devices"]
    ]
    life = alive(whole_town(), whole_town().sites[SCHOOL])["meraki"]
    night({"meraki": life}, "2026-09-21T20:00:00+00:00")
    points = [device for device in site["devices"] if device["kind"] == "access_point"]
    for point, reported in zip(points, ("2026-09-21T09:00:00+00:00", "2026-09-21T15:55:00+00:00"), strict=False):
        life["devices"][point["serial"]] |= {"status": "offline", "reported_at": reported}
    (test,) = [test for test in network(site, Reading(life)) if test.id_ == "living.access-points"]  # type: ignore[arg-type]
    assert (test.verdict, [fault.thing for fault in test.faults]) == ("wrong", [points[0]["name"]])
    assert test.asleep == [point["name"] for point in points[1:]]


def test_a_site_whose_access_points_all_sleep_is_not_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    here = whole_town().sites[SCHOOL]
    hours = [{"day": "monday", "start": "07:00", "end": "18:00"}]
    monkeypatch.setitem(here, "port_schedules", [{"name": "Heures", "open": hours}])
    for device in here["devices"]:
        monkeypatch.setitem(device, "ports", [{**port, "schedule": "Heures"} for port in device["ports"]])
    points = [device["serial"] for device in here["devices"] if device["kind"] == "access_point"]

    def damage(life: dict[str, Any]) -> None:
        night(life, "2026-09-21T20:00:00+00:00")
        for serial in points:
            life["meraki"]["devices"][serial] |= {"status": "offline", "reported_at": "2026-09-21T15:58:00+00:00"}

    mine = {id_: finding.state for id_, finding in of(damage, SCHOOL).items() if id_.startswith("network.")}
    assert mine == {f"network.{SCHOOL}": "ok"}
