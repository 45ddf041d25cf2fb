"""Life of a school, read and judged: a site with a switch unplugged is never green."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from lab.declared import declared_town
from piste.engine.converge.errors import Unreachable
from piste.engine.converge.moments import written
from piste.exports.portal.living import ports_read
from piste.papers.dossier.report import requirements_table
from piste.runs.plans.play import Played, Trouble
from piste.sites.living.judged import UNTRIED, lives
from piste.sites.living.seen import FILE, Seen
from piste.sites.trials import Ran
from piste.sites.verification import draw_up
from piste.systems.meraki.living import MODULES
from piste.town.model import Town
from piste.town.model.dates import now
from tests.support.inprocess import API_KEY, BASE, MerakiWorld
from tests.support.living import keep
from tests.support.town import converge, site, town_world

DASHBOARD = {"base_url": BASE, "api_key": API_KEY, "organization": "Ville du Bourget", "rate": 0}
SITE, CORE = "ecole-jaures", "hotel-de-ville"
FIRST, SECOND, POINT = "QZZZ-0005-0001", "QZZZ-0005-0002", "QZZZ-0005-0041"
GREEN = dict.fromkeys(("living.switches", "living.access-points", "living.ports", "living.ssids"), "conform")


@cache
def town() -> Town:
    loaded: Town = declared_town()
    return loaded


@pytest.fixture(scope="module")
def living(tmp_path_factory: pytest.TempPathFactory) -> MerakiWorld:
    """Return the school and the core, at work."""
    world = town_world(tmp_path_factory.mktemp("vit"))
    core = site(CORE)
    cores = [device for device in core["devices"] if device["serial"] in core["core"]["serials"]]
    stack = {"stacks": core["stacks"], "gateways": [], "aggregates": []}
    converge(world, site(SITE), {**core, **stack, "devices": cores})
    return world


@pytest.fixture
def world(living: MerakiWorld) -> Iterator[MerakiWorld]:
    behaviour = living.simulator.behaviour
    yield living
    living.simulator.faults.clear()
    living.forget_requests()
    for name in ("offline", "unplugged", "silence", "port_reports", "firmware"):
        setattr(behaviour, name, type(getattr(behaviour, name))())


def read(world: MerakiWorld) -> dict[str, Any]:
    with world.run():
        result = MODULES["meraki_living"].run({"dashboard": DASHBOARD}, False)
    seen: dict[str, Any] = result["living"]
    return seen


def judged(folder: Path, meraki: Any, played: Played | None = None, name: str = SITE) -> dict[str, Seen]:
    (folder / FILE).write_text(json.dumps({"meraki": meraki, "smc": None, "prism": None}), "utf-8")
    return {seen.id_: seen for seen in lives(town(), town().sites[name], [], played or Played(), folder)}


def network_of(tests: dict[str, Seen]) -> dict[str, str]:
    """Return the verdicts of the network and its firmware."""
    return {name: tests[name].verdict for name in GREEN}


def test_a_school_at_work_is_conform_in_few_reads(world: MerakiWorld, tmp_path: Path) -> None:
    world.forget_requests()
    tests = judged(tmp_path, read(world))
    assert network_of(tests) == GREEN
    assert tests["living.switches"].observed == "3 en ligne ; rapport le plus ancien : moins d’une minute"
    # One page a part for a few switches; the list of devices is the run's.
    assert [path.rpartition("930093/")[2] for _, path in world.requests] == [
        "/organizations",
        "devices",
        "devices/statuses",
        "switch/ports/statuses/bySwitch",
        "wireless/ssids/statuses/byDevice",
        "wireless/clients/overview/byDevice",
    ]
    assert not world.writes
    assert tests["living.ports"].read_at == written(world.simulator.clock.now())


def change(**switches: Any) -> Callable[[MerakiWorld], None]:
    return lambda world: world.simulator.behaviour.set(**switches)


def refuse(path: str, status: int = 403) -> Callable[[MerakiWorld], None]:
    return lambda world: world.simulator.faults.add("status", status=status, path=path, times=None) and None


def test_the_portal_shows_of_each_port_what_the_dashboard_said(
    world: MerakiWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path))
    reports = {f"{FIRST}/2": {"warnings": ["Very high proportion of CRC errors"]}}
    world.simulator.behaviour.set(offline=[SECOND], unplugged=[f"{FIRST}/1"], port_reports=reports)
    seen, at = read(world), now().isoformat(timespec="seconds")
    for device in seen["devices"].values():
        device["reported_at"] = at  # the clock of the simulator stands still
    ports = ports_read(keep(town(), {"meraki": {**seen, "read_at": at}}), town().sites[SITE])
    states = {port: ports.of("sw-jau-01", port).link for port in ("1", "2", "26")}
    assert states == {"1": "down", "2": "error", "26": "up"}
    assert ports.of("sw-jau-01", "26").rate_mbps == 1000
    assert ports.of("sw-jau-02", "10").link == "unknown"


@pytest.mark.parametrize(
    ("damage", "expected", "said"),
    [
        # The switch is named, its ports are unknown; what leads to it is down, and said.
        (
            change(offline=[SECOND]),
            {"living.switches": "wrong", "living.ports": "unknown"},
            "sw-jau-02 hors ligne, dernier rapport il y a 1 heure",
        ),
        (
            change(offline=[POINT]),
            {"living.access-points": "wrong"},
            "ap-jau-01 hors ligne",
        ),
        (change(unplugged=[f"{SECOND}/10"]), {"living.ports": "wrong"}, "sw-jau-02 : aucune liaison montante"),
        (
            change(port_reports={f"{FIRST}/25": {"speed": "100 Mbps"}}),
            {"living.ports": "wrong"},
            "sw-jau-01/25 (Liaison) à 100 Mb/s au lieu de 1000",
        ),
        (
            change(port_reports={f"{FIRST}/1": {"duplex": "half"}}),
            {"living.ports": "wrong"},
            "sw-jau-01/1 (Borne Wi-Fi) en semi-duplex",
        ),
        (
            change(port_reports={f"{FIRST}/1": {"warnings": ["Very high proportion of CRC errors"]}}),
            {"living.ports": "wrong"},
            "Very high proportion of CRC errors",
        ),
        # A report of an hour ago proves nothing of now, whatever it says.
        (
            change(silence={FIRST: 3600}),
            {"living.switches": "unknown", "living.ports": "unknown"},
            "sw-jau-01 en ligne, dernier rapport il y a 1 heure",
        ),
        (refuse("/switch/ports/statuses/bySwitch"), {"living.ports": "unknown"}, "403"),
        (refuse("/wireless/ssids/statuses/"), {"living.ssids": "unknown"}, "403"),
        (
            refuse("/devices/statuses", 403),
            dict.fromkeys(GREEN, "unknown"),
            "403",
        ),
    ],
)  # fmt: skip
def test_what_does_not_live_is_named(
    damage: Callable[[MerakiWorld], None], expected: dict[str, str], said: str, world: MerakiWorld, tmp_path: Path
) -> None:
    damage(world)
    tests = judged(tmp_path, read(world))
    assert network_of(tests) == GREEN | expected
    assert any(said in f"{test.observed} {test.reason}" for test in tests.values() if test.id_ in expected)


def test_where_reports_are_gone_the_availability_speaks(world: MerakiWorld, tmp_path: Path) -> None:
    """The list with the moments of reports is deprecated: one day it is not there any more."""
    refuse("/devices/statuses", 404)(world)
    assert network_of(judged(tmp_path, read(world))) == GREEN
    change(offline=[SECOND])(world)
    assert judged(tmp_path, read(world))["living.switches"].verdict == "wrong"


def test_an_ssid_that_no_access_point_emits_is_named(world: MerakiWorld, tmp_path: Path) -> None:
    seen = read(world)
    seen["radios"][POINT] = []
    test = judged(tmp_path, seen)["living.ssids"]
    assert (test.verdict, test.observed) == (
        "wrong",
        "ap-jau-01 n’émet pas VLB-Agents ; ap-jau-01 n’émet pas VLB-Pedagogique",
    )


def test_access_points_off_by_their_hours_are_not_tried(world: MerakiWorld, tmp_path: Path) -> None:
    hours = [{"day": "monday", "start": "07:00", "end": "18:00"}]
    here = {**site(SITE), "port_schedules": [{"name": "Heures", "open": hours}]}
    here["devices"] = [
        {**device, "ports": [{**port, "schedule": "Heures"} for port in device["ports"]]} for device in here["devices"]
    ]
    change(offline=[POINT])(world)
    seen = read(world)
    for moment, reported, verdict in (
        ("2026-09-21T15:00:00+00:00", "2026-09-21T14:13:20+00:00", "wrong"),
        ("2026-09-21T20:00:00+00:00", "2026-09-21T15:55:00+00:00", "untested"),
        # It was gone before its hours.
        ("2026-09-21T20:00:00+00:00", "2026-09-21T14:13:20+00:00", "wrong"),
    ):
        seen["read_at"] = moment
        seen["devices"][POINT]["reported_at"] = reported
        (tmp_path / FILE).write_text(json.dumps({"meraki": seen}), "utf-8")
        tests = {test.id_: test for test in lives(town(), here, [], Played(), tmp_path)}  # type: ignore[arg-type]
        assert tests["living.access-points"].verdict == verdict


def test_versions_are_compared_with_the_approved_list(world: MerakiWorld, tmp_path: Path) -> None:
    change(firmware={SECOND: "Not running configured version"})(world)
    test = judged(tmp_path, read(world))["firmware"]
    assert test.verdict == "wrong"
    # The engine was not read: it counts, and is not up to date.
    assert test.observed.startswith("8 sur 10 à jour (80,0")
    assert "sw-jau-02 en Not running configured version, non switch-17-1" in test.observed
    assert test.requirements == ("R083", "R088")


def test_without_an_approved_list_nothing_is_compared(world: MerakiWorld, tmp_path: Path) -> None:
    seen, bare = read(world), replace(town(), firmware={})
    (tmp_path / FILE).write_text(json.dumps({"meraki": seen}), "utf-8")
    tests = {test.id_: test for test in lives(bare, bare.sites[SITE], [], Played(), tmp_path)}
    assert tests["firmware"].verdict == "untested"
    assert "aucune version n’est approuvée" in tests["firmware"].reason


def test_a_dashboard_that_does_not_answer_is_unknown(world: MerakiWorld, tmp_path: Path) -> None:
    world.simulator.faults.add("cut", times=None)
    with pytest.raises(Unreachable):
        read(world)
    trouble = Trouble("commune", "Lire ce qui vit (réseau)", "unknown", "PISTE-E010 ne répond pas")
    tests = judged(tmp_path, None, Played(troubles=[trouble]))
    assert network_of(tests) == dict.fromkeys(GREEN, "unknown")
    assert tests["living.switches"].reason == "PISTE-E010 ne répond pas"


@pytest.mark.parametrize(
    "spoilt", [{"devices": {}}, {"read_at": "hier"}, {"read_at": None}, {"devices": [1]}, {"ports": 3}]
)
def test_a_reading_without_sense_is_unknown(spoilt: Any, world: MerakiWorld, tmp_path: Path) -> None:
    tests = judged(tmp_path, {**read(world), **spoilt})
    verdicts = {test.verdict for id_, test in tests.items() if id_.startswith("living.")}
    assert "unknown" in verdicts or "wrong" in verdicts
    assert tests["living.network" if "living.network" in tests else "living.ports"].verdict == "unknown"


def test_the_record_of_a_site_with_a_switch_unplugged_says_which(world: MerakiWorld, tmp_path: Path) -> None:
    """The *PV* names the switch, whatever the rest of the site."""
    change(offline=[SECOND])(world)
    (tmp_path / FILE).write_text(json.dumps({"meraki": read(world)}), "utf-8")
    here, started = town().sites[SITE], datetime(2026, 11, 24, 16, 55, tzinfo=UTC)
    record, files = draw_up(Ran(town(), here, "lab", Played(), [], tmp_path), started)
    (test,) = [test for test in record.tests if test.id == "living.switches"]
    assert (test.verdict, test.read_at) == ("wrong", written(world.simulator.clock.now()))
    assert "sw-jau-02 hors ligne" in test.observed
    assert b"offline" in files["living.switches.json"]
    by_requirement = {row.key: row.cells for row in requirements_table(record.tests).rows}
    assert by_requirement["R031"][2].text == "✗ non conforme"
    assert "Commutateurs en ligne" in by_requirement["R031"][3].text


def test_what_nothing_tries_is_said(world: MerakiWorld, tmp_path: Path) -> None:
    tests = judged(tmp_path, None)
    assert tests[UNTRIED].verdict == "untested"
