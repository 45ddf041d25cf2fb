"""`piste firmware`: one list of versions, of what was read and of what nobody read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from piste.cli import main
from piste.sites.living.versions import Row, rows
from piste.town import declared
from tests.support.dossier import SCHOOL
from tests.support.dossier import town as whole_town
from tests.support.living import READ_AT, alive, keep


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("PISTE_TODAY", "2026-09-22")
    monkeypatch.setattr(declared, "sound", lambda environment: whole_town())
    return tmp_path


def switch() -> Any:
    return next(device for device in whole_town().sites[SCHOOL]["devices"] if device["kind"] == "switch")


def read(version: str | None = "switch-17-1") -> None:
    life = alive(whole_town(), whole_town().sites[SCHOOL])
    life["meraki"]["devices"][switch()["serial"]].update(firmware=version)
    keep(whole_town(), life)


def listed(only: str | None = None) -> dict[str, Row]:
    every = [*rows(whole_town(), "lab", only)]
    assert len({row.compared.thing.name for row in every}) == len(every)
    return {row.compared.thing.name: row for row in every}


def test_what_was_never_read_is_unknown_never_late() -> None:
    assert {row.compared.state for row in listed().values()} == {"unknown"}
    assert {row.compared.thing.version for row in listed().values()} == {None}


def test_each_thing_is_there_once_and_engines_belong_to_the_town() -> None:
    read()
    every, commune = listed(), whole_town().commune
    assert commune
    assert commune["hosting"]
    assert {every[node["name"]].site for node in commune["hosting"]["nodes"]} == {commune["id"]}
    assert {every[node["name"]].compared.state for node in commune["hosting"]["nodes"]} == {"ok"}
    engine = whole_town().sites[SCHOOL]["engine"]
    assert engine
    assert (every[engine["name"]].site, listed(SCHOOL)[engine["name"]].site) == (commune["id"], SCHOOL)
    assert every[engine["name"]].compared.said == "lu par piste verify seulement"
    assert {row.site for row in listed(commune["id"]).values()} == {commune["id"]}
    devices = {device["name"] for site in whole_town().sites.values() for device in site["devices"]}
    nexus = {item["name"] for item in commune["nexus"]["switches"]}
    assert devices | nexus <= {*every}


@pytest.mark.parametrize(
    ("version", "state", "said"),
    [
        ("switch-17-1", "ok", ""),
        ("switch-16-9", "wrong", "en switch-16-9, non switch-17-1"),
        (None, "unknown", "version inconnue"),
    ],
)
def test_a_version_is_approved_late_or_unknown(version: str | None, state: str, said: str) -> None:
    read(version)
    row = listed()[switch()["name"]]
    assert (row.compared.state, row.compared.said, row.launch.who) == (state, said, "piste plan, piste apply")
    assert row.read_at == READ_AT


def test_the_next_upgrade_is_there_until_its_version_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    read()
    item = {"product": "switch", "version": "switch-17-2", "time": "2026-12-07T20:00:00Z", "pilots": []}
    monkeypatch.setitem(whole_town().sites[SCHOOL], "upgrades", [item])
    planned = listed()[switch()["name"]].wave
    assert planned
    assert (planned.time, planned.version, planned.stage) == ("2026-12-07T20:00:00Z", "switch-17-2", "planned")
    said = CliRunner().invoke(main, ["firmware", SCHOOL])
    assert "switch-17-2 le 07/12/2026 à 21:00, prévue" in said.output
    missed = {**item, "time": "2026-09-20T20:00:00Z"}
    monkeypatch.setitem(whole_town().sites[SCHOOL], "upgrades", [missed])
    assert "switch-17-2 le 20/09/2026 à 22:00, fenêtre manquée" in CliRunner().invoke(main, ["firmware", SCHOOL]).output
    point = next(device for device in whole_town().sites[SCHOOL]["devices"] if device["kind"] == "access_point")
    assert listed()[point["name"]].wave is None
    read("switch-17-2")
    assert listed()[switch()["name"]].wave is None


def test_the_command_names_what_is_late_and_its_exit_says_it() -> None:
    read("switch-16-9")
    said = CliRunner().invoke(main, ["firmware", SCHOOL, "--late"])
    assert said.exit_code == 1
    assert f"{SCHOOL}" in said.output
    assert "en écart : en switch-16-9, non switch-17-1" in said.output
    assert "wireless-31-1" not in said.output
    late = json.loads(CliRunner().invoke(main, ["firmware", SCHOOL, "--late", "--format", "json"]).stdout)
    assert {entry["name"]: entry["state"] for entry in late}[switch()["name"]] == "wrong"
    assert CliRunner().invoke(main, ["firmware", "nulle-part"]).exit_code != 0
    lines = CliRunner().invoke(main, ["firmware", SCHOOL, "--format", "csv"]).stdout.splitlines()
    assert lines[0].startswith("site,name,model,version,read_at,state,why")
