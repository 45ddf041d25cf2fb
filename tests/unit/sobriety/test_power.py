"""The room of the cluster and the energy of the switches: kept, judged, believed for a time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from piste.readings import store
from piste.readings.table import Answer
from piste.sobriety import power
from piste.town import declared
from piste.town.model import Town

ENERGY = {
    "switches": [
        {"name": "sw", "serial": "Q1", "mac": "00:11", "network": None, "model": "MS225", "kwh": 12.5, "poe_kwh": None}
    ],
    "period": {"start": "2026-10-26T12:00:00Z", "end": "2026-11-26T12:00:00Z", "hours": 744.0},
    "coverage": {"measured": 1, "switches": 2, "most": 50, "complete": False},
}


@pytest.fixture(autouse=True)
def _kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("PISTE_TODAY", "2026-11-26")


@pytest.fixture(scope="module")
def town() -> Town:
    return declared.town("lab")


def capacity(left: Any) -> dict[str, Any]:
    totals = {"memory_after_the_loss_of_a_node_gib": 192, "memory_left_gib": left, "watts": 700}
    waits = {"cpu_ready_percent": 1.2, "io_latency_ms": 1.8}
    return {
        "totals": totals,
        "waited": {"start": "2026-11-25T08:00:00+01:00", "end": "2026-11-25T18:00:00+01:00"},
        "nodes": [{"name": "ntnx-hdv-a", "machines": 2, **waits}],
        "machines": [{"name": name, "running": 1, **waits} for name in ("hdv-med1", "hdv-dc1")],
    }


@pytest.mark.parametrize(
    ("left", "state", "said"),
    [
        (12, "ok", "ntnx-hdv, un nœud perdu : il reste 12 Gio sur 192"),
        (-8, "wrong", "ntnx-hdv, un nœud perdu : il manque 8 Gio sur 192"),
        (None, "unknown", "ntnx-hdv : ce qui a été lu ne se comprend pas"),
    ],
)
def test_a_cluster_that_does_not_hold_the_loss_of_a_node_is_a_finding(
    left: Any, state: str, said: str, town: Town
) -> None:
    assert power.take_capacity(town, "lab", Answer(capacity(left), {}, {})) is (left is not None)
    finding, *_ = power.findings(town, "lab")
    assert (finding.id, finding.state) == ("capacity.ntnx-hdv", state)
    assert finding.what.startswith(said)
    if state == "wrong":
        assert finding.todo.startswith("Réduisez la mémoire de machines, ou ajoutez")


@pytest.mark.parametrize(
    ("spoilt", "state", "said"),
    [
        ({}, "ok", "aucune des 2 machines mesurées n’attend trop"),
        (
            {"cpu_ready_percent": 12.5},
            "wrong",
            "hdv-med1 : processeur attendu 12,5 % du temps (au plus 5 % du temps, seuil à confirmer)"
            " ; s’en ressentent : Neos (Médiathèque)",
        ),
        ({"io_latency_ms": 31.0}, "wrong", "hdv-med1 : disques en 31 ms (au plus 20 ms"),
        (dict.fromkeys(power.LIMITS), "ok", "aucune des 1 machines mesurées n’attend trop (1 sans mesure)"),
    ],
)
def test_machines_that_wait_too_long_are_a_finding_with_their_users(
    spoilt: dict[str, Any], state: str, said: str, town: Town
) -> None:
    content = capacity(12)
    content["machines"][0] |= spoilt
    assert power.take_capacity(town, "lab", Answer(content, {}, {}))
    _, finding = power.findings(town, "lab")
    assert (finding.id, finding.state) == ("capacity.ntnx-hdv.waits", state)
    assert said in finding.what
    assert "ntnx-hdv-a : 2 machines, processeur attendu 1,2 % du temps, disques en 1,8 ms" in finding.evidence


def test_waits_that_nothing_measured_are_unknown(town: Town) -> None:
    for content in ({**capacity(12), "waited": None}, {**capacity(12), "machines": []}):
        assert power.take_capacity(town, "lab", Answer(content, {}, {}))
        _, finding = power.findings(town, "lab")
        assert (finding.state, finding.what) == ("unknown", "ntnx-hdv : ce que ses machines attendent n’est pas mesuré")


def test_a_cluster_that_does_not_answer_is_unknown_with_its_reason(town: Town) -> None:
    assert [finding.what for finding in power.findings(town, "lab")] == ["ntnx-hdv : jamais lu"]
    assert not power.take_capacity(town, "lab", Answer(None, {}, {"Relever la grappe": "prism : coupé"}))
    assert [finding.what for finding in power.findings(town, "lab")] == ["ntnx-hdv : prism : coupé"]


def test_a_town_without_a_cluster_has_nothing_to_read(town: Town) -> None:
    assert town.commune
    without = replace(town, commune={**town.commune, "hosting": None})
    assert power.take_capacity(without, "lab", Answer(None, {}, {}))
    assert [*power.findings(without, "lab")] == []


def test_the_energy_that_was_read_serves_while_it_is_believed(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    assert power.energy(town, "lab", None) is None
    assert power.take_energy(town, "lab", Answer(ENERGY, {}, {}))
    assert power.energy(town, "lab", None) == ENERGY
    newer = {**ENERGY, "switches": []}
    assert power.energy(town, "lab", newer) == power.energy(town, "lab", None) == newer
    assert not power.take_energy(town, "lab", Answer(None, {}, {}))
    monkeypatch.setenv("PISTE_TODAY", "2026-12-11")
    assert power.energy(town, "lab", None) is None


@pytest.mark.parametrize("spoilt", [{"switches": []}, {**ENERGY, "period": {}}, {**ENERGY, "more": 1}])
def test_an_energy_that_makes_no_sense_is_not_kept(spoilt: dict[str, Any], town: Town) -> None:
    assert not power.take_energy(town, "lab", Answer(spoilt, {}, {}))
    assert power.energy(town, "lab", None) is None
    assert "ne se comprend pas" in store.last(power.ENERGY, "lab")[power.SWITCHES].why  # type: ignore[union-attr]
