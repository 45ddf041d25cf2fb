"""The air of an organization: whole, in few reads, a refusal with its reason."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab import Lab
from piste.engine.transport.shared import VARIABLE
from piste.runs.read import of
from tests.support.meraki_client import small_inventory


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("lab")
    with Lab("brownfield", tls=True, folder=folder, inventory=small_inventory()) as opened:
        opened.meraki.behaviour.set(rate_limit=None)
        yield opened


@pytest.fixture(autouse=True)
def alone(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    lab.calls.clear()
    yield
    lab.faults.clear()
    lab.meraki.behaviour.set(air={}, offline=[])


def read(lab: Lab) -> dict[str, Any]:
    dashboard = {
        "base_url": lab.info["meraki"]["url"],
        "api_key": lab.info["meraki"]["api_key"],
        "organization": "Ville du Bourget",
        "ca_file": lab.info["ca_file"],
        "rate": 1000,
    }
    result = of("meraki_air").run({"dashboard": dashboard}, True)
    assert list(lab.calls.writes()) == []
    given: dict[str, Any] = result["air"]
    return given


def points(lab: Lab) -> list[str]:
    devices = lab.meraki.world.devices.values()
    return sorted(device["serial"] for device in devices if device["kind"] == "access_point" and device["networkId"])


def test_every_part_names_the_access_points_and_the_signal_alone_asks_each(lab: Lab) -> None:
    first, *_ = here = points(lab)
    given = {"2.4": {"channel": 3, "channelWidth": 40, "use": 72}, "snr": 12, "rssi": -80}
    lab.meraki.behaviour.set(air={first: given})
    air = read(lab)
    assert air["unread"] == {}
    for part in ("uses", "signals", "profiles"):
        assert sorted(air[part]) == here, part
    assert air["uses"][first]["2.4"] == {"total": 72.0, "other": 5.0}
    assert air["signals"][first] == {"snr": 12, "rssi": -80, "why": ""}
    assert air["profiles"][first]["min_bitrate"].keys() == {"2.4", "5"}
    on_air = [bands["2.4"] for serial, bands in air["radios"].items() if serial == first and bands]
    assert on_air in ([], [{"channel": 3, "width": 40, "power": 17}])
    assert {count["access"] >= count["dot1x"] for count in air["ports"].values()} == {True}
    paths = [entry.path for entry in lab.calls.log]
    assert sum("signalQualityHistory" in path for path in paths) == len(here)
    assert sum("rfProfiles/assignments" in path for path in paths) == 1
    assert len(paths) <= len(here) + 2 * len(air["ssids"]) + 8


def test_an_access_point_without_power_has_no_signal_and_is_in_no_list(lab: Lab) -> None:
    first, *_ = points(lab)
    lab.meraki.behaviour.set(offline=[first])
    air = read(lab)
    assert first not in air["uses"]
    assert first not in air["radios"]
    assert air["signals"][first] == {"snr": None, "rssi": None, "why": ""}


def test_a_refused_list_leaves_its_part_out_with_the_reason(lab: Lab) -> None:
    lab.faults.add("status", status=403, path="channelUtilization", times=9)
    air = read(lab)
    assert "uses" not in air
    assert air["unread"].keys() == {"uses"}
    assert "403" in air["unread"]["uses"]


def test_a_refused_access_point_keeps_the_signal_of_the_others(lab: Lab) -> None:
    lab.faults.add("status", status=403, path="signalQualityHistory", times=1)
    said = [signal["why"] for signal in read(lab)["signals"].values()]
    assert [bool(why) for why in said].count(True) == 1


@pytest.mark.parametrize("use", [101, -1])
def test_a_share_that_makes_no_sense_is_not_read(lab: Lab, use: int) -> None:
    first, *_ = points(lab)
    lab.meraki.behaviour.set(air={first: {"5": {"use": use}}})
    assert "pourcentage" in read(lab)["unread"]["uses"]
