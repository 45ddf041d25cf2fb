"""A day with a crowd, from the day before to the day after."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from piste.readings.table import Answer
from piste.readings.wifi.findings import findings
from piste.readings.wifi.kept import take
from piste.runs.read import of
from piste.town.model import Town
from piste.town.model.dates import OTHER_DAY
from tests.support.inprocess import API_KEY, BASE, MerakiWorld
from tests.support.town import converge, town_world
from tests.unit.model.broken_town import Copy
from tests.unit.model.test_access import crowd

SITE, GUESTS = "piscine", "VLB-Invites"
GALA = '{profile: affluence, from: "2026-12-05", until: "2026-12-06", why: Gala}'
ROOT = Path(__file__).parents[2]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MerakiWorld:
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path / "state"))
    (tmp_path / "world").mkdir()
    return town_world(tmp_path / "world")


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    shutil.copytree(ROOT / "group_vars", tmp_path / "group_vars")
    shutil.copytree(ROOT / "inventories" / "town", tmp_path / "inventories" / "town", symlinks=True)
    made = Copy(tmp_path)
    made.edit(*crowd(SITE, GALA))
    return made


def limits(world: MerakiWorld) -> list[int]:
    """Give the limits of guests on the Dashboard, of a client then of the whole SSID."""
    (network,) = (n for n in world.simulator.world.networks.values() if n["name"] == f"VLB {SITE}")
    (ssid,) = (ssid for ssid in network["ssids"].values() if ssid.get("name") == GUESTS)
    return [ssid.get(f"per{of_}BandwidthLimit{way}", 0) for of_ in ("Client", "Ssid") for way in ("Up", "Down")]


def read(world: MerakiWorld, town: Town, day: str) -> tuple[str, str, str]:
    """Read the air of the lab on a day; give the finding on the crowd: state, words, what to do."""
    dashboard = {"base_url": BASE, "api_key": API_KEY, "organization": "Ville du Bourget", "rate": 0}
    with world.run():
        air: dict[str, Any] = of("meraki_air").run({"dashboard": dashboard}, True)["air"]
    assert take(town, "production", Answer({"air": {**air, "read_at": f"{day}T09:00:00+00:00"}}, {}, {}))
    (judged,) = (f for f in findings(town, "production") if f.id == f"wifi.{SITE}.affluence")
    return judged.state, judged.what, judged.todo


def test_a_crowd_is_planned_applied_read_and_given_back_and_no_day_writes_by_itself(
    world: MerakiWorld, copy: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    towns = {}

    def comes(day: str) -> Any:
        monkeypatch.setenv(OTHER_DAY, day)
        towns[day] = copy.load(today=date.fromisoformat(day)).require()
        return towns[day].sites[SITE]

    # The day before: all as the catalogue says.
    converge(world, comes("2026-12-04"))
    usual = limits(world)
    assert usual[:2] == [2000, 5000]
    assert [f for f in findings(towns["2026-12-04"], "production") if f.id.endswith(".affluence")] == []

    # The day comes: the plan has it, nothing is written, and the reading says that it is not there yet.
    whole = comes("2026-12-05")
    planned = converge(world, whole, check=True)
    assert {(o["kind"], o["key"]) for o in planned.operations} == {("ssid", GUESTS)}
    assert (world.writes, limits(world)) == ([], usual)
    state, said, todo = read(world, towns["2026-12-05"], "2026-12-05")
    assert (state, todo) == ("wrong", f"piste plan {SITE}")
    assert "2000 kbit/s / 5000 kbit/s" in said

    # A person applies.
    assert converge(world, whole).operations == planned.operations
    assert limits(world) == [500, 1500, 20000, 60000]
    assert read(world, towns["2026-12-05"], "2026-12-05")[0] == "ok"
    assert converge(world, whole).operations == []

    # The last day is still of the crowd; the day after plans the way back, and what was read before it is too old.
    assert converge(world, comes("2026-12-06"), check=True).operations == []
    whole = comes("2026-12-07")
    (known,) = (f for f in findings(towns["2026-12-07"], "production") if f.id == f"wifi.{SITE}.affluence")
    assert (known.state, "avant le changement du 07/12/2026" in known.what) == ("unknown", True)
    back = converge(world, whole, check=True)
    assert {(o["kind"], o["key"]) for o in back.operations} == {("ssid", GUESTS)}
    assert world.writes == []
    assert read(world, towns["2026-12-07"], "2026-12-07")[0] == "wrong"
    assert converge(world, whole).operations == back.operations
    assert limits(world) == usual
    assert read(world, towns["2026-12-07"], "2026-12-07")[0] == "ok"
