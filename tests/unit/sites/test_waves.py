"""State of the waves of an upgrade, by the kept reading of the network."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from piste.readings.findings import findings
from piste.readings.table import SUBJECTS
from piste.sites.living.waves import waves
from piste.town import declared
from piste.town.model import Town
from tests.support.dossier import SCHOOL, town
from tests.support.living import READ_AT, alive, keep

PILOT, PAST, NEXT = "ccas", "2026-09-20T19:00:00Z", "2026-09-28T19:00:00Z"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("PISTE_TODAY", "2026-09-22")


def declare(monkeypatch: pytest.MonkeyPatch, pilot: str = PAST, school: str = NEXT) -> Town:
    """Give the town with two waves: the pilot, then the school."""
    whole = town()
    wanted: dict[str, Any] = {"product": "switch", "version": "switch-17-2"}
    upgrades = {
        PILOT: [{**wanted, "time": pilot, "pilots": []}],
        SCHOOL: [{**wanted, "time": school, "pilots": [whole.sites[PILOT]["network_name"]]}],
    }
    sites: Any = {name: {**site, "upgrades": upgrades.get(name, [])} for name, site in whole.sites.items()}
    made = replace(whole, sites=sites)
    monkeypatch.setattr(declared, "sound", lambda environment: made)
    return made


def read(whole: Town, *upgraded: str, severity: int = 0, supervised: bool = True) -> None:
    """Keep a reading where some sites run the new version; the pilot may have a problem."""
    life: dict[str, Any] = alive(whole, whole.sites[SCHOOL])
    switches = {
        name: [device for device in whole.sites[name]["devices"] if device["kind"] == "switch"] for name in upgraded
    }
    for device in (device for devices in switches.values() for device in devices):
        life["meraki"]["devices"][device["serial"]]["firmware"] = "switch-17-2"
    problem = {"id": "7", "name": "Ne répond plus", "severity": severity, "since": READ_AT, "acknowledged": False}
    ill = {whole.sites[PILOT]["devices"][0]["name"]: [problem]} if severity else {}
    life["zabbix"] = {"read_at": READ_AT, "hosts": {}, "problems": ill, "unread": {}}
    if not supervised:
        del life["zabbix"]
    keep(whole, life)


def stages(whole: Town) -> dict[str, str]:
    return {wave.site: wave.stage for wave in waves(whole, "lab")}


def test_a_town_without_an_upgrade_has_no_wave(monkeypatch: pytest.MonkeyPatch) -> None:
    assert waves(town(), "lab") == []


def test_a_wave_waits_for_its_pilot_then_is_planned_then_done(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = declare(monkeypatch, pilot=NEXT)
    read(whole)
    assert stages(whole) == {PILOT: "planned", SCHOOL: "waits"}
    read(whole, PILOT)
    assert stages(whole) == {PILOT: "done", SCHOOL: "planned"}
    read(whole, PILOT, SCHOOL)
    assert stages(whole) == {PILOT: "done", SCHOOL: "done"}


def test_a_window_that_passed_is_missed_where_it_was_read_since(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = declare(monkeypatch)
    read(whole)
    assert stages(whole)[PILOT] == "missed"
    late = declare(monkeypatch, pilot="2026-09-22T06:00:00Z")
    assert stages(late)[PILOT] == "unknown"


def test_a_pilot_of_unknown_health_is_no_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = declare(monkeypatch)
    read(whole, PILOT, supervised=False)
    (asked,) = [wave for wave in waves(whole, "lab") if wave.site == SCHOOL]
    assert (asked.stage, "l’état des pilotes est inconnu : VLB ccas (pilote) : " in asked.why) == ("unknown", True)


def test_a_wave_that_nothing_was_read_of_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    assert stages(declare(monkeypatch)) == {PILOT: "unknown", SCHOOL: "unknown"}


def test_an_ill_pilot_stops_the_wave_and_the_finding_says_all(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = declare(monkeypatch)
    read(whole, PILOT, severity=4)
    every = {finding.id: finding for finding in findings(whole, "lab", [SUBJECTS["upgrades"]])}
    assert {id_: finding.state for id_, finding in every.items()} == {
        f"upgrades.{PILOT}.switch": "ok", f"upgrades.{SCHOOL}.switch": "wrong",
    }  # fmt: skip
    stopped, done = every[f"upgrades.{SCHOOL}.switch"], every[f"upgrades.{PILOT}.switch"]
    begins = f"{SCHOOL}, commutateurs : passage à switch-17-2 le 28/09/2026 à 21:00 ; 3 en switch-17-1"
    assert stopped.what.startswith(begins)
    assert "VLB ccas (pilote) va mal : " in stopped.what
    assert "Ne répond plus" in stopped.what
    assert "passage à switch-17-2 depuis la fenêtre du 20/09/2026 à 21:00 ; 2 en switch-17-2" in done.what
    assert stopped.evidence == "réseau, lu le 21/09/2026 à 16:13"
