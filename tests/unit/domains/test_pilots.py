"""Health of the pilots of an upgrade, by the readings that an environment has."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from piste.readings.belief import UnreadableReading
from piste.runs.domains.pilots import Pilots
from piste.town import declared
from tests.support.dossier import SCHOOL, town
from tests.support.living import READ_AT, alive, keep

PILOT = "VLB ecole-jaures"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("PISTE_TODAY", "2026-09-22")
    monkeypatch.setattr(declared, "sound", lambda environment: town())


def read(severity: int = 0) -> str:
    """Keep a reading of the town; give the name of a switch of the pilot, with a problem if any."""
    life: dict[str, Any] = alive(town(), town().sites[SCHOOL])
    name: str = next(device["name"] for device in town().sites[SCHOOL]["devices"])
    problem = {"id": "7", "name": "Ne répond plus", "severity": severity, "since": READ_AT, "acknowledged": False}
    life["zabbix"] = {"read_at": READ_AT, "hosts": {}, "problems": {name: [problem]} if severity else {}, "unread": {}}
    keep(town(), life)
    return name


def test_a_pilot_of_which_nothing_was_read_is_unknown() -> None:
    known = Pilots("lab")[PILOT]
    assert (known["wrong"], known["read_at"]) == ([], "")
    assert known["unread"] == "réseau : rien de lu (piste living read) ; supervision : rien de lu (piste living read)"


def test_a_network_of_no_site_and_a_town_with_errors_are_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Pilots("lab")["VLB ailleurs"]["unread"] == "aucun site déclaré n’a ce réseau"
    refused = UnreadableReading("la déclaration a une erreur")
    monkeypatch.setattr(declared, "sound", Mock(side_effect=refused))
    assert Pilots("lab")[PILOT]["unread"]


def test_a_problem_of_the_supervision_names_the_thing_its_age_and_who_acts() -> None:
    name = read(severity=4)
    said = {entry["said"]: entry["minor"] for entry in Pilots("lab")[PILOT]["wrong"]}
    (line,) = [line for line in said if f"[supervision.{SCHOOL}.{name}]" in line]
    assert ("Ne répond plus" in line, "lu le 21/09/2026 à 16:13 ; agit : " in line, said[line]) == (True, True, False)


def test_what_somebody_puts_off_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    name, whole = read(severity=4), town()
    assert whole.commune
    days = {"start": "2026-09-21", "until": "2026-09-30"}
    entry = {"finding": f"supervision.{SCHOOL}.{name}", "name": "A. Durand", "reason": "Pièce commandée", **days}
    commune: Any = {**whole.commune, "put_off": [entry]}
    off = replace(whole, commune=commune)
    monkeypatch.setattr(declared, "sound", lambda environment: off)
    assert [entry for entry in Pilots("lab")[PILOT]["wrong"] if name in entry["said"]] == []


def test_a_pilot_that_was_read_says_when() -> None:
    read()
    assert Pilots("lab")[PILOT]["read_at"] == READ_AT
