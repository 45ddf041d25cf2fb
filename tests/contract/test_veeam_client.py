"""The lab's Veeam judged by a client that is not ours, made from the vendor's documents."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab import Lab
from tests.support.sdk import ROOT, sdk

pytestmark = pytest.mark.skipif(
    not (ROOT / ".cache/veeam/bin/python").exists(), reason="scripts/bootstrap.sh test installe le client de Veeam"
)


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab(others=("veeam",)) as opened:
        yield opened


def test_its_models_read_each_list_that_piste_reads(lab: Lab) -> None:
    simulated = lab.systems["veeam"].simulator
    simulated.world.repositories["durci"] = 14  # type: ignore[attr-defined]
    judged = sdk(lab.info, "lists", of="veeam")
    assert judged["server"] == "12.3.1.1139"
    assert [name for name, *_ in judged["repositories"]] == ["sauvegarde", "durci"]
    assert (judged["hardened"], judged["states"]) == ([14], [True, True])
    assert judged["jobs"] == [["Nuit sauvegarde", "Success"], ["Nuit durci", "Success"]]
    total, *page = judged["points"]
    assert (total % 28, page) == (0, [3, 1])
    assert (judged["session"], judged["file"], judged["closed"]) == ("Success", 9_000_000_000, 200)
    assert judged["afterwards"] == "Error"


def test_a_job_is_disabled_by_the_administrator_alone(lab: Lab) -> None:
    assert sdk(lab.info, "disabled", of="veeam") == {
        "name": "Nuit sauvegarde", "refused": "AccessDenied", "before": [False, "inactive"], "done": 200,
        "off": [True, "disabled"], "again": [False, "inactive"],
    }  # fmt: skip


def test_its_models_read_what_the_lab_refuses(lab: Lab) -> None:
    assert sdk(lab.info, "refusals", of="veeam") == ["AccessDenied", "InvalidToken"]
