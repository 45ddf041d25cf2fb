"""Two machines that share no lock change the same client of a pair of servers at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from lab.winrm import nps_documents
from lab.winrm.machine import Machine
from piste.engine.converge.errors import PisteError
from tests.support.nps import SERVERS, World, foreign

MODULE = "nps_radius_clients"
CONFIG = [
    {"name": "sw-hdv-01", "address": "10.93.0.12", "secret": {"secret": "radius/hdv"}, "enabled": True},
    {"name": "Pare-feu", "enabled": False},
]
NAMES = ("sw-hdv-01", "Pare-feu")


@pytest.mark.parametrize("call", range(2, 8))
def test_a_machine_wins_and_the_other_stops(call: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever the other works, from the first reading of the second server to the import there."""
    world = World(tmp_path / "here", nps_documents.inherited(), model=False)
    before = world.exported()
    won: list[bool] = []

    def other(machine: Machine, snippet: str, given: Mapping[str, Any]) -> None:
        if won:
            return
        won.append(False)
        with monkeypatch.context() as patch:
            patch.setattr(world, "folder", tmp_path / "there")
            won[0] = world.once(MODULE, CONFIG)["changed"]

    for folder in ("here", "there"):
        (tmp_path / folder).mkdir(exist_ok=True)
    world.at[len(world.called) + call, "before"] = other
    with pytest.raises(PisteError, match="modifié par quelqu’un d’autre depuis le calcul du plan"):
        world.once(MODULE, CONFIG)
    assert won == [True]
    assert list(tmp_path.glob("*/pending/*")) == []
    for server in SERVERS:
        assert foreign(world.exported(server), *NAMES) == foreign(before, *NAMES)
    assert world.once(MODULE, CONFIG)["changed"] is False
