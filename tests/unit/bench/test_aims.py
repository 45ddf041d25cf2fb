"""Aims: the changes of the lab before them, and the cost beside another command."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from lab.instance import Lab
from tests.bench import aims
from tests.bench.aims import RENAMED, SWITCH, Aim, _Both
from tests.bench.measure import Spent
from tests.bench.own_lab import change_port
from tests.bench.routing import SERIAL
from tests.support.meraki_client import Client, small_inventory


def test_a_port_of_the_site_is_renamed_by_another_administrator() -> None:
    with Lab(inventory=small_inventory()) as lab:
        client = Client(lab.meraki)
        client.network("Banc")
        client.ok("PUT", f"/devices/{SERIAL}", {"name": SWITCH})
        change_port(lab, SWITCH, RENAMED)
        assert client.ok("GET", f"/devices/{SERIAL}/switch/ports/3")["name"] == "à la main"


class Scripted:
    """A side whose commands cost what is written, and fail below zero."""

    def __init__(self, tree: Path, costs: Mapping[str, Sequence[float]]) -> None:
        self.tree, self.spent, self.costs = tree, 0.0, {name: iter(some) for name, some in costs.items()}

    def called(self, command: Sequence[str], tree: Path) -> CompletedProcess[str]:
        cost = next(self.costs[command[0]])
        self.spent += abs(cost)
        return CompletedProcess(command, int(cost < 0), "", "")

    def forget_calls(self) -> None:
        """Forget nothing."""

    def calls(self) -> dict[str, dict[str, int]]:
        return {}


@pytest.mark.parametrize(
    ("beside", "rank"),
    [
        pytest.param([2.0, 2.5, 2.25], 1.5, id="median of the differences, turn by turn"),
        pytest.param([2.0, -2.5, 2.25], 1.75, id="a turn that failed ranks last"),
    ],
)
def test_what_a_command_costs_more_than_the_command_beside_it(
    beside: Sequence[float], rank: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    side = Scripted(tmp_path, {"whole": [3.5, 3.0, 4.0], "brief": beside})

    @contextmanager
    def timed() -> Iterator[Spent]:
        spent, before = Spent(), side.spent
        yield spent
        spent.cpu = side.spent - before

    monkeypatch.setattr(aims, "timed", timed)
    monkeypatch.setattr(aims, "aims", lambda _folder: [Aim("x", ["whole"], 1.0, beside=["brief"], recent=True)])
    (pair,) = _Both(tmp_path, side, side).pairs()  # type: ignore[arg-type]
    assert (pair.now, pair.base) == (rank, 0.0)
