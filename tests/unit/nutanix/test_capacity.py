"""Capacity and energy: measured and modelled, share and margin, loss of a node."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import PisteError
from piste.systems.nutanix import cluster_energy, waits
from tests.support.hosting import PrismWorld, converge, intent, once

FACTORS: dict[str, Any] = {
    "points": [{"load": 0.1, "watts": 204}, {"load": 0.2, "watts": 258}, {"load": 0.3, "watts": 300}],
    "rest_load": 0.1, "usual_load": 0.2, "margin": 0.2,
}  # fmt: skip


def run(world: PrismWorld) -> dict[str, Any]:
    whole = intent()
    return once(world, "prism_capacity", **{
        name: whole[name] for name in ("apart", "cvm_memory", "hours", "energy", "waits")
    })  # fmt: skip


@pytest.fixture
def town(tmp_path: Path) -> PrismWorld:
    world = PrismWorld(tmp_path)
    converge(world)
    world.forget_requests()
    return world


def test_a_saving_is_claimed_at_the_margin_and_not_by_share() -> None:
    """44 vCPU on three nodes at 20 %; two vCPU asleep 118 of 168 hours: 46 kWh and not 217."""
    each = cluster_energy.per_processor([cluster_energy.node(FACTORS, None, None)] * 3, 44)
    assert each is not None
    assert (round(each.shared, 1), round(each.marginal, 1)) == (17.6, 3.7)
    asleep = cluster_energy.HOURS * 118 / 168
    assert round(cluster_energy.yearly(2 * each.shared, asleep)) == 216
    assert round(cluster_energy.yearly(2 * each.marginal, asleep)) == 45


@pytest.mark.parametrize(
    ("load", "measured", "expected"),
    [
        (0.15, None, (231, "modélisé", 27)),
        (None, None, (258, "modélisé", 54)),
        (0.2, 310, (310, "mesuré", 65)),
        (0.05, None, (204, "modélisé", 0)),
        (0.9, None, (300, "modélisé", 96)),
    ],
)
def test_a_node_draws_what_it_measures_else_what_its_load_makes(
    load: float | None, measured: float | None, expected: tuple[int, str, int]
) -> None:
    power = cluster_energy.node(FACTORS, load, measured)
    assert (round(power.watts), power.origin, round(power.marginal)) == expected
    assert (power.low == power.high) == (measured is not None)


def test_the_report_tells_nodes_machines_and_the_loss_of_a_node(town: PrismWorld) -> None:
    report = run(town)["capacity"]
    totals = report["totals"]
    assert (totals["count"], totals["running"], totals["vcpus"], totals["memory_gib"]) == (22, 20, 44, 102)
    assert (totals["machines_per_node"], totals["holds_the_loss_of_a_node"]) == (7.33, True)
    assert (totals["memory_after_the_loss_of_a_node_gib"], totals["memory_left_gib"]) == (192, 96)
    assert sum(node["machines"] for node in report["nodes"]) == 20
    assert {node["origin"] for node in report["nodes"]} == {"mesuré"}
    assert all(0 < node["cpu_used"] < 1 and node["memory_used_gib"] > 32 for node in report["nodes"])
    assert town.writes == []


def test_the_shares_of_the_machines_make_up_the_whole_power(town: PrismWorld) -> None:
    report = run(town)["capacity"]
    shared = sum(row["watts_shared"] for row in report["machines"])
    assert shared == pytest.approx(report["totals"]["watts"], abs=2)
    assert 0 < sum(row["watts_marginal"] for row in report["machines"]) < shared / 2
    asleep = {row["name"]: row["watts_shared"] for row in report["machines"] if not row["running"]}
    assert asleep == {"hdv-rct1": 0, "hdv-img1": 0}


def test_only_machines_that_follow_hours_save_and_only_the_margin_is_claimed(town: PrismWorld) -> None:
    report = run(town)["capacity"]
    saving = {row["name"]: row["kwh_marginal"] for row in report["machines"] if row["kwh_marginal"]}
    assert saving.keys() == {"hdv-rct1", "hdv-img1"}
    assert report["saving"]["claimed"] == "marginal"
    assert report["saving"]["kwh_per_year"] == pytest.approx(sum(saving.values()), abs=0.1)
    assert report["saving"]["kwh_per_year"] < report["saving"]["kwh_per_year_shared"]
    emitted = report["saving"]["co2"]
    assert emitted["low"] < emitted["kg"] < emitted["high"]


def test_without_readings_power_is_modelled_between_two_bounds_and_says_so(town: PrismWorld) -> None:
    town.simulator.behaviour.set(power_readings=False)
    result = run(town)
    totals = result["capacity"]["totals"]
    assert (totals["origin"], totals["watts_low"] < totals["watts"] < totals["watts_high"]) == ("modélisé", True)
    assert any("modélisé, entre" in line for line in result["report"])
    assert any("Boavizta" in line and "relevé le 2026-11-24" in line for line in result["report"])


def test_the_desktops_of_another_tool_are_one_line(tmp_path: Path) -> None:
    result = run(PrismWorld(tmp_path, "town"))
    rows = result["capacity"]["machines"]
    assert [row["name"] for row in rows if "Citrix" in row["name"]] == ["50 machines : Citrix, par son nom (CTX-*)"]
    assert rows[-1]["running"] == 30


def test_the_longest_wait_is_that_of_the_busiest_hour_by_machine_and_by_node(town: PrismWorld) -> None:
    waits = {"hypervisorCpuReadyTimePpm": 125_000, "controllerAvgIoLatencyMicros": 31_000, "controllerNumIops": 9}
    town.simulator.behaviour.set(waits={"hdv-sh1": waits, "hdv-sh2": dict.fromkeys(waits, -1)})
    result = run(town)
    rows = {row["name"]: row for row in result["capacity"]["machines"]}
    assert (rows["hdv-sh1"]["cpu_ready_percent"], rows["hdv-sh1"]["io_latency_ms"]) == (12.5, 31.0)
    assert rows["hdv-sh2"]["cpu_ready_percent"] is None, "a measure that was not made is no zero"
    assert rows["hdv-rct1"]["cpu_ready_percent"] is None, "it is stopped"
    (node,) = [node for node in result["capacity"]["nodes"] if node["name"] == rows["hdv-sh1"]["node"]]
    assert (node["cpu_ready_percent"], node["io_latency_ms"]) == (12.5, 1.8)
    assert any("processeur attendu 12,5 % du temps, au plus hdv-sh1" in line for line in result["report"])
    assert sum("ahv/stats/vms" in path for path in town.reads) == 1


def test_waits_that_the_account_may_not_read_are_unknown(town: PrismWorld) -> None:
    town.simulator.faults.add("status", path="stats/", status=403, times=None)
    report = run(town)["capacity"]
    assert {row["cpu_ready_percent"] for row in report["machines"]} == {None}
    assert {node["io_latency_ms"] for node in report["nodes"]} == {None}


@pytest.mark.parametrize(
    ("moment", "start"),
    [
        ("2026-12-03T19:00", "2026-12-03T08:00:00+01:00"),
        ("2026-12-03T11:00", "2026-12-02T08:00:00+01:00"),
        ("2026-12-07T06:00", "2026-12-04T08:00:00+01:00"),
    ],
)
def test_the_hours_that_are_read_are_the_last_that_are_over(moment: str, start: str) -> None:
    hours = [{"days": ["monday", "tuesday", "wednesday", "thursday", "friday"], "start": "08:00", "end": "18:00"}]
    read = waits.last_hours(hours, datetime.fromisoformat(moment), "Europe/Paris")
    assert read is not None
    assert read.start.isoformat() == start
    assert waits.last_hours([{**hours[0], "days": []}], datetime.fromisoformat(moment), "Europe/Paris") is None


def test_a_cluster_that_would_not_survive_the_loss_of_a_node_is_reported(town: PrismWorld) -> None:
    for vm in town.simulator.world.of("Vm").values():
        vm["memorySizeBytes"] *= 3
    result = run(town)
    assert result["capacity"]["totals"]["holds_the_loss_of_a_node"] is False
    assert any(line.startswith("Un nœud perdu : NE TIENT PAS, il reste -") for line in result["report"])


def test_the_tables_are_csv_in_the_towns_words(town: PrismWorld) -> None:
    result = run(town)
    nodes = list(csv.DictReader(io.StringIO(result["csv"]["noeuds"])))
    machines = list(csv.DictReader(io.StringIO(result["csv"]["machines"])))
    assert [row["nœud"] for row in nodes] == ["ntnx-hdv-a", "ntnx-hdv-b", "ntnx-hdv-c"]
    assert {row["origine"] for row in nodes} == {"mesuré"}
    assert len(machines) == 22
    asleep = {row["machine"]: row["veille_heures_an"] for row in machines if row["horaire"]}
    assert asleep == {"hdv-img1": "4696.0", "hdv-rct1": "4696.0"}


def test_a_cluster_that_does_not_answer_is_unknown(town: PrismWorld) -> None:
    town.simulator.faults.add("status", path="config/hosts", status=503, times=None)
    with pytest.raises(PisteError) as failure:
        run(town)
    assert failure.value.kind == "unknown"
