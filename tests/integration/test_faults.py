"""Bad days of a vendor (refusals, cuts, storms): the site converges, or the run says why."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import Interrupted, PisteError, Rejected, Unreachable
from tests.integration.test_interruption import assert_nothing_doubled
from tests.support.breadth import breadth
from tests.support.inprocess import MerakiWorld
from tests.support.town import converge, dot1x, school, town_world

POST_NETWORK, POST_CLAIM, POST_BATCH = "/networks$", "/claim$", "/actionBatches$"


def whole() -> dict[str, Any]:
    return dot1x(school("MS220-24"))


def assert_converged(world: MerakiWorld) -> None:
    world.simulator.faults.clear()
    assert converge(world, whole()).operations == []
    assert world.writes == []
    assert_nothing_doubled(world)


@pytest.mark.parametrize("seed", [1, 2, *(pytest.param(seed, marks=pytest.mark.story) for seed in range(3, 9))])
def test_one_answer_in_five_lost_or_refused_changes_nothing_in_the_end(seed: int, tmp_path: Path) -> None:
    world = town_world(tmp_path)
    undisturbed = converge(town_world_beside(tmp_path), whole())
    world.simulator.faults.add("random", rate=0.2, times=None, seed=seed)
    assert converge(world, whole()).operations == undisturbed.operations
    assert_converged(world)


def town_world_beside(folder: Path) -> MerakiWorld:
    (folder / "beside").mkdir()
    return town_world(folder / "beside")


@pytest.mark.parametrize("seed", ["empty", "brownfield"])
def test_three_answers_in_five_lost_are_finished_by_running_again(seed: str, tmp_path: Path) -> None:
    world = town_world(tmp_path, seed)
    world.simulator.faults.add("random", rate=0.6, times=None, seed=7)
    kinds = []
    for _ in range(40):
        try:
            if not converge(world, whole()).operations:
                break
        except PisteError as error:
            kinds.append(error.kind)
    assert set(kinds) == {"unknown"}
    assert_converged(world)


@pytest.mark.parametrize(("retry_after", "least"), [(2, 100.0), (None, 50.0)])
def test_a_storm_of_refusals_is_waited_out(retry_after: int | None, least: float, tmp_path: Path) -> None:
    world = town_world(tmp_path)
    world.simulator.faults.add("status", status=429, times=50, nth=10, retry_after=retry_after)
    assert converge(world, whole()).operations
    assert sum(world.time.slept) >= least
    assert_converged(world)


def test_a_storm_without_end_is_an_unknown_result_and_not_a_loop(tmp_path: Path) -> None:
    world = town_world(tmp_path)
    world.simulator.faults.add("status", status=429, times=None, retry_after=5)
    with pytest.raises(Unreachable, match="a répondu 429"):
        converge(world, whole())
    assert 850 <= sum(world.time.slept) < 1000


POSTS = [(POST_NETWORK, 1), (POST_CLAIM, 1), *((POST_BATCH, nth) for nth in range(1, 6))]
LOST = [(kind, when, *post) for kind in ("cut", "status") for when in ("before", "after") for post in POSTS]
CUT_AFTER = {("cut", "after", *post) for post in (*POSTS[:3], POSTS[-1])}
"""An answer lost after the write is what may double it, at each kind of write."""


@pytest.mark.parametrize(
    ("kind", "when", "path", "nth"),
    breadth(LOST, {*CUT_AFTER, ("cut", "before", POST_CLAIM, 1), ("status", "after", POST_BATCH, 1)}),
)
def test_a_lost_answer_neither_doubles_nor_loses(kind: str, when: str, path: str, nth: int, tmp_path: Path) -> None:
    world = town_world(tmp_path)
    fault = world.simulator.faults.add(kind, method="POST", path=path, nth=nth, when=when, status=502)
    converge(world, whole())
    assert fault.seen >= nth
    assert_converged(world)


@pytest.mark.parametrize(
    ("status", "form"), breadth(product((400, 404), ("json", "html", "empty")), [(400, "json"), (404, "html")])
)
def test_a_fresh_claim_is_waited_for(status: int, form: str, tmp_path: Path) -> None:
    world = town_world(tmp_path)
    world.simulator.behaviour.set(claim_delay=120, not_found=form, fresh_status=status)
    converge(world, whole())
    assert 120 <= sum(world.time.slept) < 140
    assert_converged(world)


def test_a_fresh_claim_is_waited_for_even_if_its_answer_was_lost(tmp_path: Path) -> None:
    world = town_world(tmp_path)
    world.simulator.behaviour.set(claim_delay=120)
    world.simulator.faults.add("cut", method="POST", path=POST_CLAIM, when="after")
    converge(world, whole())
    assert_converged(world)


def test_a_device_that_never_gets_ready_ends_the_wait(tmp_path: Path) -> None:
    world = town_world(tmp_path)
    world.simulator.behaviour.set(claim_delay=10_000)
    with pytest.raises(Interrupted, match="Device is not ready"):
        converge(world, whole())
    assert 300 <= sum(world.time.slept) < 320


def interrupted(world: MerakiWorld) -> Interrupted:
    with pytest.raises(Interrupted) as caught:
        converge(world, whole())
    return caught.value


def test_a_failing_batch_names_our_objects_and_writes_nothing(tmp_path: Path) -> None:
    world = town_world(tmp_path)
    network = "Error occurred while executing update /devices/QZZZ-0005-0001/switch/ports/{} with {{}}: refusé"
    world.simulator.faults.add("batch_fail", nth=4, body=network.format(12))
    error = interrupted(world)
    assert error.failed == ("sw-jau-01/12",)
    assert len(error.pending) == 27
    assert "un lot de 27 écritures a été refusé, rien n’en a été appliqué. sw-jau-01/12 : Error" in str(error)
    assert all(port == {} for port in world.simulator.world.devices["QZZZ-0005-0001"]["port"].values())
    converge(world, whole())
    assert_converged(world)


def test_a_stuck_batch_is_unknown_after_its_time_limit(tmp_path: Path) -> None:
    world = town_world(tmp_path)
    world.simulator.faults.add("batch_stuck", nth=4)
    error = interrupted(world)
    assert error.kind == "unknown"
    assert len(error.failed) == 27
    assert "n’est pas terminé après 600 s" in str(error)
    converge(world, whole())
    assert_converged(world)


def test_a_slow_batch_is_followed_to_its_end(tmp_path: Path) -> None:
    world = town_world(tmp_path)
    world.simulator.behaviour.set(batch_delay=300)
    converge(world, whole())
    assert 300 <= sum(world.time.slept) < 320
    assert_converged(world)


def test_too_many_batches_of_others_are_waited_for(tmp_path: Path) -> None:
    world = town_world(tmp_path)
    converge(world, whole())
    network = next(iter(world.simulator.world.networks))
    action = {"resource": f"/networks/{network}", "operation": "update", "body": {"notes": "un autre"}}
    batch = {"confirmed": True, "synchronous": False, "actions": [action]}
    world.simulator.behaviour.set(batch_delay=30)
    for _ in range(5):
        world.simulator.edit("POST", "/organizations/930093/actionBatches", batch)
    world.simulator.edit("PUT", "/devices/QZZZ-0005-0001/switch/ports/1", {"name": "x"})
    world.simulator.edit("PUT", "/devices/QZZZ-0005-0001/switch/ports/2", {"name": "x"})
    assert converge(world, whole()).summary == ["~ switch_port sw-jau-01/1 : name", "~ switch_port sw-jau-01/2 : name"]
    assert 30 <= sum(world.time.slept) < 60


@pytest.mark.parametrize("body", ["<html><body>Not found</body></html>" * 150, ""])
def test_a_404_that_is_not_json_is_an_error_in_words(body: str, tmp_path: Path) -> None:
    world = town_world(tmp_path)
    world.simulator.faults.add("status", status=404, path="/stp$", body=body)
    with pytest.raises(Rejected) as caught:
        converge(world, whole())
    assert caught.value.why == "réponse sans explication"
    assert "/switch/stp" in caught.value.what


def test_two_networks_of_one_name_are_an_error_that_says_how_to_get_out(tmp_path: Path) -> None:
    world = town_world(tmp_path)
    converge(world, whole())
    world.simulator.edit(
        "POST", "/organizations/930093/networks", {"name": "VLB ecole-jaures", "productTypes": ["switch", "wireless"]}
    )
    with pytest.raises(PisteError) as caught:
        converge(world, whole())
    assert str(caught.value) == (
        "PISTE-E021 organisation Ville du Bourget : 2 réseaux s’appellent « VLB ecole-jaures ». "
        "Renommez-en un dans le Dashboard : le nom est l’identité d’un réseau."
    )
    assert world.writes == []


def test_a_wrong_key_is_unknown_and_never_repeated(tmp_path: Path) -> None:
    world = town_world(tmp_path)
    world.simulator.api_key = "une autre"
    with pytest.raises(Unreachable, match=r"refuse la clé d’API \(401\)"):
        converge(world, whole())
    assert len(world.requests) == 1
