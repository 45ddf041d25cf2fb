"""Checks of doctor on Prism Central, and the cause of each failure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.hosting import PrismWorld, once


@pytest.fixture
def world(tmp_path: Path) -> PrismWorld:
    return PrismWorld(tmp_path)


@pytest.fixture(autouse=True)
def sound_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("piste.engine.transport.http.Transport.certificate_end", lambda self: 4e9)


def verdicts(world: PrismWorld, **options: Any) -> dict[str, str]:
    return {finding["id"]: finding["state"] for finding in once(world, "prism_checks", **options)["findings"]}


def connection(**changes: Any) -> dict[str, Any]:
    return {"base_url": "https://prism.invalid:9440", "username": "piste", "password": "faux", "rate": 3, **changes}


def test_a_sound_prism_central_has_nothing_to_mend(world: PrismWorld) -> None:
    world.simulator.behaviour.set(rate_limit=20)
    states = verdicts(world, prism=connection(password="mot-de-passe-du-simulateur"))
    names = ("account", "apart", "certificate", "clock", "cluster", "rate", "reachable", "rights", "versions")
    assert sorted(states) == [f"prism.{name}" for name in names]
    assert set(states.values()) == {"ok"}
    assert world.writes == []


def test_silence_is_unknown(world: PrismWorld) -> None:
    world.simulator.faults.add("cut", times=None)
    assert verdicts(world) == {"prism.reachable": "unknown"}
    assert verdicts(world, prism=connection(base_url="")) == {"prism.reachable": "unknown"}


def test_a_refused_account_is_wrong_and_asked_once(world: PrismWorld) -> None:
    states = verdicts(world, prism=connection())
    assert (states["prism.account"], "prism.versions" in states, "prism.cluster" in states) == ("wrong", False, False)
    assert len(world.requests) == 2


@pytest.mark.parametrize(
    ("forbidden", "state", "says"),
    [
        (["networking", "vmm"], "wrong", "n’a pas le droit de lire vmm, networking (403)"),
        (["monitoring"], "ok", "monitoring refusé (403) : une dérive ne dira pas qui l’a faite"),
        (["iam"], "ok", "iam refusé (403) : à ouvrir avant de retirer les comptes"),
    ],
)
def test_the_namespaces_that_refuse_the_account_are_named(
    world: PrismWorld, forbidden: list[str], state: str, says: str
) -> None:
    world.simulator.behaviour.set(forbidden=forbidden)
    (rights,) = (finding for finding in once(world, "prism_checks")["findings"] if finding["id"] == "prism.rights")
    assert rights["state"] == state
    assert says in rights["what"]


def test_an_old_version_is_wrong(world: PrismWorld) -> None:
    world.simulator.behaviour.versions["networking"] = "v3.0"
    assert verdicts(world)["prism.versions"] == "wrong"


def test_a_cluster_that_is_not_there_is_wrong(world: PrismWorld) -> None:
    assert verdicts(world, cluster="ntnx-ailleurs")["prism.cluster"] == "wrong"


@pytest.mark.parametrize(("rate", "state"), [(0, "wrong"), (30, "wrong"), (20, "ok"), (None, "ok")])
def test_the_rate_is_compared_with_what_the_system_announces(world: PrismWorld, rate: float | None, state: str) -> None:
    world.simulator.behaviour.set(rate_limit=20)
    assert verdicts(world, prism=connection(rate=rate))["prism.rate"] == state


def test_what_is_out_of_reach_is_counted_and_a_category_with_a_slip_is_wrong(tmp_path: Path) -> None:
    town = PrismWorld(tmp_path, "town")
    (sound,) = (finding for finding in once(town, "prism_checks")["findings"] if finding["id"] == "prism.apart")
    assert (sound["state"], sound["what"]) == ("ok", "50 machines hors de portée (Citrix)")
    slip = {"tool": "Citrix", "categories": ["Outils:Citrix"], "names": ["CTX-*"]}
    assert verdicts(town, apart=slip)["prism.apart"] == "wrong"
