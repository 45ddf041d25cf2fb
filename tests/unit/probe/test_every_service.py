"""Every service from every place of its users: each fault has its cause."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from piste.trials.probe import chain, services
from piste.trials.probe.trial import Trial
from piste.trials.probe.trials import Circumstances, places, trials
from tests.support.services import served, ways

FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "name unknown": ({"step": "name", "outcome": "answered"}, "est inconnu de"),
    "names silent": ({"step": "name", "outcome": "silent"}, "se taisent"),
    "name elsewhere": ({"step": "port", "outcome": "silent", "addresses": ["192.0.2.66"]}, "mène à 192.0.2.66"),
    "port closed": ({"step": "port", "outcome": "refused"}, "le port est fermé"),
    "flow refused": ({"step": "port", "outcome": "refused", "by": "192.0.2.1", "code": 13}, "refusé en chemin"),
    "certificate past": ({"step": "certificate", "outcome": "refused", "code": 10}, "a expiré"),
    "certificate of another": ({"step": "certificate", "outcome": "refused", "code": 62}, "n’est pas au nom de"),
    "page in error": ({"step": "done", "status": 500}, "une erreur (500)"),
    "page without rights": ({"step": "done", "status": 403}, "sans droits"),
    "slow page": ({"step": "done", "status": 200, "shown": True, "ms": 4_500.0}, "plus de 4 s"),
}
OF_A_PAGE = {"certificate past", "certificate of another", "page in error", "page without rights", "slow page"}


@cache
def tried() -> list[tuple[str, Trial]]:
    """List each trial of a service with its place."""
    return list(_tried())


def _tried() -> Iterator[tuple[str, Trial]]:
    for site in served().sites:
        for place in places(ways(), site):
            for trial in trials(ways(), place, Circumstances()):
                if trial.kind == services.KIND:
                    yield place.name, trial


def test_a_service_that_may_be_tried_is_tried_somewhere() -> None:
    commune = served().commune
    assert commune
    offered = {f"service.{entry['id']}" for entry in services.tried(commune["applications"])
               if not services.offered(entry)}  # fmt: skip
    assert offered == {trial.id for _, trial in tried()}
    assert len(tried()) > 10 * len(offered)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_has_its_cause_at_every_place_of_every_service(fault: str) -> None:
    answer, cause = FAULTS[fault]
    judged = 0
    for place, trial in tried():
        if fault in OF_A_PAGE and not trial.questions[0].get("page"):
            continue
        whole = {"outcome": "answered", "ms": 1.0, "addresses": [], "by": trial.want["address"], **answer}
        verdict, _, why = chain.judged(trial, whole, {}, beyond=True)
        assert (verdict, cause in why) == ("wrong", True), (place, trial.id, why)
        judged += 1
    assert judged > 10
