"""The SMC as a system of the lab."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from typing import Any

from lab.beyond import Captured
from lab.faults import Faults
from lab.smc.captured import world_of
from lab.smc.seeds import build_world
from lab.smc.seeds.system import CONTRACTOR
from lab.smc.simulator import OWN_FAULTS, SYSTEM, SmcSimulator
from lab.smc.world import World
from lab.system import Setting

# `brownfield` is a contractor's legacy here; Piste makes the `town` over the API.
_SEEDS = {"brownfield": "inherited", "town": "empty"}


class Smc:
    """A Management Server."""

    name = SYSTEM

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self.faults = Faults(*OWN_FAULTS)
        self.simulator = SmcSimulator(
            setting.key("api_key"),
            world=World(setting.kept) if setting.kept else self._build(setting.seed),
            clock=setting.clock,
            faults=self.faults,
            calls=setting.calls,
            accounts={CONTRACTOR: setting.key(CONTRACTOR)},
        )
        self.behaviour = self.simulator.behaviour

    def describe(self, plain: str, secure: str) -> dict[str, Any]:
        return {
            "url": secure,
            "http_url": plain,
            "api_key": self.simulator.api_key,
            "api_versions": self.behaviour.offered,
        }

    def reset(self, seed: str) -> None:
        self.simulator.reset(self._build(seed))

    def captured(self, answers: list[Captured], secrets: Mapping[str, str]) -> tuple[World, list[str]]:
        """Build the Management Server of a capture; list what could not be taken."""
        return world_of(answers, self._setting.clock, secrets)

    def become(self, world: World) -> list[str]:
        self.simulator.reset(world)
        return []

    def image(self) -> bytes:
        with self.simulator.lock:
            return self.simulator.world.snapshot()

    def state(self) -> Any:
        return pickle.loads(self.image())

    def finish(self) -> None:
        """Nothing is pending that the clock does not settle by itself."""

    def _build(self, seed: str) -> World:
        return build_world(_SEEDS.get(seed, seed), self._setting.clock)
