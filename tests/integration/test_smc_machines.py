"""Two machines that share no lock change the rules of one section at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from piste.engine.converge.errors import PisteError
from tests.integration.test_smc_policies import JAURES, TOWN, href, order, rules, section, world
from tests.support.smc import SmcWorld

__all__ = ["world"]


@pytest.mark.parametrize("moment", ["GET", "PUT"])
def test_a_machine_wins_and_the_other_stops(
    moment: str, world: SmcWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other works at the second look, or between that look and the write."""
    world.module("smc_policies", [TOWN])
    config = [section("Site jaures", {**JAURES[0], "log": "stored"}, JAURES[1])]
    place, before, won, seen = href(world, "jaures-web"), order(world), [], []

    def other(method: str, path: str) -> None:
        seen.append(method) if path.endswith(place) else None
        if won or seen.count(moment) < (2 if moment == "GET" else 1):
            return
        won.append(False)
        (tmp_path / "there").mkdir()
        with monkeypatch.context() as patch:
            patch.setattr(world, "folder", tmp_path / "there")
            won[0] = world.module("smc_policies", config)["changed"]

    world.on_request = other
    with pytest.raises(PisteError, match="quelqu’un d’autre"):
        world.module("smc_policies", config)
    assert won == [True]
    assert (order(world), rules(world)[3]["log"]) == (before, "stored")
    assert world.module("smc_policies", config)["changed"] is False
