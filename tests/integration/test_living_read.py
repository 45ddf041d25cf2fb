"""`piste living read` as a person runs it: whole lists, once each; a silence is unknown."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from lab.nexus.server import Nexus
from piste.systems.nexus.commands import OF_TERMINAL, Command
from tests.integration.test_nexus import add
from tests.support.nexus import switches
from tests.support.playbooks import console
from tests.support.terminal import Said, Terminal

SITE, OTHER = "ecole-jaures", "ecole-auriol"


@pytest.fixture(scope="module")
def nexus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nexus]:
    with switches(tmp_path_factory.mktemp("nexus")) as made:
        yield made


@pytest.fixture(scope="module")
def terminal(nexus: Nexus, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    folder = tmp_path_factory.mktemp("living")
    with console(folder, hosting=True) as opened:
        add(opened, nexus)
        opened.environment["PISTE_STATE_DIR"] = str(folder / "kept")
        made = opened.play("playbooks/domains/network.yml", "-l", f"{SITE},{OTHER}")
        assert made.code == 0, made.said
        yield Terminal(opened)


def kept(terminal: Terminal) -> dict[str, Any]:
    """Give what is kept by part, a Nexus by its name, with the moment of its reading."""
    file = Path(terminal.console.environment["PISTE_STATE_DIR"]) / "lab" / "readings.db"
    with closing(sqlite3.connect(file)) as base:
        rows = base.execute("SELECT thing, read_at, content FROM reading WHERE content IS NOT NULL").fetchall()
    return {thing: {"read_at": at, **json.loads(content)} for thing, at, content in rows}


def lists(terminal: Terminal) -> list[str]:
    """Give the paths that the last verb read of the Dashboard and of Prism."""
    return [entry.path for entry in terminal.console.lab.calls.log if entry.system in ("meraki", "prism")]


def read(terminal: Terminal) -> Said:
    said = terminal.piste("living", "read")
    assert list(terminal.console.lab.calls.writes()) == []
    return said


def test_the_town_is_read_by_whole_lists_and_a_second_reading_changes_nothing(terminal: Terminal) -> None:
    first = read(terminal)
    assert first.code == 0, first.out + first.err
    paths, before = lists(terminal), kept(terminal)
    assert {"devices", "ports", "radios", "machines", "places", "nodes", "nx-hdv-1", "nx-hdv-2"} <= {*before}
    assert len(before["ports"]["ports"]) >= 5
    serials = [*before["devices"]["devices"]]
    assert [path for path in paths if any(serial in path for serial in serials)] == []
    assert len(paths) == len(set(paths)) <= 14, paths

    again = read(terminal)
    assert (again.code, lists(terminal)) == (0, paths)
    after = kept(terminal)
    for life in (before, after):
        for part in life.values():
            part.pop("read_at")
        for device in life["devices"]["devices"].values():
            device.pop("reported_at")
    assert after == before


def test_a_dashboard_that_is_silent_leaves_what_was_read_with_its_date(terminal: Terminal) -> None:
    assert read(terminal).code == 0
    before, faults = kept(terminal), terminal.console.lab.faults
    faults.add("cut", times=None)
    try:
        said = read(terminal)
    finally:
        faults.clear()
    assert said.code == 3, said.out + said.err
    (line,) = [line for line in said.out.splitlines() if line.startswith("ports des commutateurs")]
    assert "inconnu, reste celui du" in line
    assert {part: kept(terminal)[part] for part in ("devices", "ports")} == {
        part: before[part] for part in ("devices", "ports")
    }


def test_each_nexus_is_read_in_one_session_and_a_silent_nexus_keeps_its_own_date(
    terminal: Terminal, nexus: Nexus
) -> None:
    nexus.heard.clear()
    assert read(terminal).code == 0
    before = {name: part for name, part in kept(terminal).items() if name.startswith("nx-")}
    assert {name: len(part["nexus_ports"]) for name, part in before.items()} == {"nx-hdv-1": 54, "nx-hdv-2": 54}
    lines = [*OF_TERMINAL, Command.VERSION, Command.INTERFACES]
    assert {name: [line for switch, line in nexus.heard if switch == name] for name in before} == {
        "nx-hdv-1": lines, "nx-hdv-2": lines,
    }  # fmt: skip

    file = terminal.console.lab.folder / "info.json"
    described = json.loads(file.read_text("utf-8"))
    there = described["nexus"]["elsewhere"]["nx-hdv-2"]
    port, there["port"] = there["port"], 1
    file.write_text(json.dumps(described), "utf-8")
    try:
        said = read(terminal)
    finally:
        there["port"] = port
        file.write_text(json.dumps(described), "utf-8")
    assert said.code == 3, said.out + said.err
    (line,) = [line for line in said.out.splitlines() if line.startswith("ports du Nexus nx-hdv-2")]
    assert "inconnu, reste celui du" in line
    after = kept(terminal)
    assert after["nx-hdv-2"] == before["nx-hdv-2"]
    assert after["nx-hdv-1"]["read_at"] > before["nx-hdv-1"]["read_at"]


def test_the_air_of_the_town_is_read_and_every_access_point_judged(terminal: Terminal) -> None:
    """A channel that the plan forbids is wrong; what is in 802.1X is counted."""
    behaviour = terminal.console.lab.meraki.behaviour
    behaviour.set(air={"QZZZ-0005-0041": {"2.4": {"channel": 3}}})
    said = terminal.piste("read", "wifi")
    behaviour.set(air={})
    assert said.code == 0, said.out + said.err
    assert list(terminal.console.lab.calls.writes()) == []
    every = json.loads(terminal.piste("findings", "--format", "json").out)
    mine = {finding["id"]: finding for finding in every["findings"] if finding["id"].startswith(f"wifi.{SITE}.")}
    assert {finding["state"] for finding in mine.values()} <= {"ok", "wrong"}, mine
    first = mine[f"wifi.{SITE}.ap-jau-01"]
    assert (first["state"], "canal 3 à 2,4 GHz" in first["what"]) == ("wrong", True)
    (figure,) = [figure for figure in every["figures"] if figure["id"] == "F18"]
    assert figure["value"] == 0
