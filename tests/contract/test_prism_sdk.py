"""The simulated Prism Central against Nutanix's Python SDKs, which we did not write.

They speak HTTPS.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lab import Lab
from lab.http import Request, Response
from lab.prism.kinds import route
from tests.support.prism_contract import Contract
from tests.support.sdk import sdk


class Overheard:
    """A simulator that remembers what it was asked and what it answered."""

    def __init__(self, simulator: Any) -> None:
        self._simulator, self._handle = simulator, simulator.handle
        self.heard: list[tuple[Request, Response]] = []

    def __call__(self, request: Request) -> Response:
        response: Response = self._handle(request)
        self.heard.append((request, response))
        return response


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab("town", tls=True, inventory=[], others=["prism"]) as running:
        running.systems["prism"].behaviour.set(
            task_seconds=0.02, rate_limit=None, same_cluster_plan="accept"
        )
        yield running


@pytest.fixture(scope="module")
def overheard(lab: Lab) -> Overheard:
    simulator: Any = lab.systems["prism"].simulator
    ear = Overheard(simulator)
    simulator.handle = ear
    return ear


@pytest.fixture(scope="module")
def seen(lab: Lab, overheard: Overheard) -> dict[str, Any]:
    """Return what the SDKs saw of everything that we manage, in a process of theirs."""
    result: dict[str, Any] = sdk(lab.info, "contract")
    return result


def test_each_sdk_agrees_with_its_namespace_on_a_version(seen: dict[str, Any]) -> None:
    assert seen["negotiated"] == {"vmm": "v4.2", "prism": "v4.2", "networking": "v4.3"}


def test_categories_are_created_changed_and_deleted(seen: dict[str, Any]) -> None:
    assert seen["categories"] == {
        "type": "USER", "owner": True, "description": "deux", "listed": True, "gone": None,
    }  # fmt: skip


def test_subnets_are_created_changed_and_deleted(seen: dict[str, Any]) -> None:
    assert seen["subnets"] == {
        "network": 399, "prefix": 24, "domain": "ad.lebourget.example", "description": "vu", "gone": None,
        "switches": ["vs0"],
    }  # fmt: skip


def test_images_are_created_changed_and_deleted(seen: dict[str, Any]) -> None:
    assert seen["images"] == {"source": "UrlSource", "type": "ISO_IMAGE", "description": "vue", "gone": None}


def test_machines_are_created_changed_run_and_deleted(seen: dict[str, Any]) -> None:
    machines = seen["machines"]
    assert machines["first"] == {"power": "OFF", "boot": "UefiBoot", "image": True, "nic": True, "same": True}
    assert (machines["changed"], machines["grown"]) == ("SUCCEEDED", "SUCCEEDED")
    assert machines["kept"] == ["changée", 2, True, True, True]
    assert machines["parts"] == [[80, 10], 2, 1, True]
    assert machines["power"] == [["SUCCEEDED", "ON"], ["SUCCEEDED", "ON"], ["SUCCEEDED", "OFF"]]
    assert machines["refused"] == ["FAILED", "VMM-30301"]
    assert machines["gone"] is None


def test_policies_are_created_changed_and_deleted(seen: dict[str, Any]) -> None:
    assert seen["policies"] == {"vm_anti_affinity_policy": "vue", "vm_host_affinity_policy": "vue"}


def test_protection_and_restores_are_driven(seen: dict[str, Any]) -> None:
    assert seen["protection"] == {
        "made_by": "protectionPolicyExtId", "description": "vue", "kept": 7, "cluster": True,
        "stage": [3, 60], "mappings": 1, "gone": [None, None],
        "restored": ["RestoreRecoveryPoint", True, "OFF", True, True],
    }  # fmt: skip


def test_the_platform_and_its_readings_are_read(seen: dict[str, Any]) -> None:
    platform = seen["platform"]
    node, whole = platform.pop("watts")
    assert 150 < node < whole < 3 * 470
    assert platform == {
        "cluster": "ntnx-hdv", "redundancy": 2, "hosts": ["ntnx-hdv-a", "ntnx-hdv-b", "ntnx-hdv-c"], "memory": 128,
        "by_cluster": 3, "host": "ntnx-hdv-a", "containers": ["ctr-prod", "ctr-horsprod"], "manager": "pc-hdv",
        "copies": 22,
    }  # fmt: skip


def test_refusals_and_pages_are_what_the_sdk_expects(seen: dict[str, Any]) -> None:
    assert seen["refusals"] == {
        "stale": 412, "unguarded": 428, "limit": 400, "missing": 404, "pages": [30, 30, 12, 0], "total": 72,
    }  # fmt: skip


def test_every_answer_that_the_sdks_got_passes_the_strict_contract(
    seen: dict[str, Any], overheard: Overheard, prism_contract: Contract
) -> None:
    assert len(overheard.heard) > 100
    wrong: list[str] = []
    for request, response in overheard.heard:
        _, _, namespace, version, *rest = request.path.replace("%3D", "=").split("/")
        matched = route(request.method, f"{namespace}/{'/'.join(rest)}")
        if response.status < 300 and response.status != 204 and version != "unversioned":
            assert matched is not None, request.path
            wrong += prism_contract.answer(namespace, matched[0].answer, response.json())
    assert wrong == []
