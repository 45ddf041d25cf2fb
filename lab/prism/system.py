"""Prism Central as a system of the lab."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Mapping
from typing import Any

from lab.beyond import Captured
from lab.declared import servers
from lab.faults import Faults
from lab.prism.captured import world_of
from lab.prism.seeds import seeded
from lab.prism.simulator import SYSTEM, PrismSimulator
from lab.prism.tasks import FATES
from lab.prism.world import World
from lab.system import Setting

USERNAME = "piste"
# The name here of the lab's seed.
_SEED = {"brownfield": "inherited"}


class Prism:
    """A Prism Central and its cluster of three nodes."""

    name = SYSTEM

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self.faults = Faults(*FATES)
        world = World(setting.kept) if setting.kept else self._build(setting.seed)
        self.simulator = PrismSimulator(
            USERNAME,
            setting.key("password"),
            setting.key("api_key"),
            world=world,
            clock=setting.clock,
            faults=self.faults,
            calls=setting.calls,
        )
        self.behaviour = self.simulator.behaviour

    def describe(self, plain: str, secure: str) -> dict[str, Any]:
        sessions = self.simulator.sessions
        return {
            "url": secure,
            "http_url": plain,
            "username": sessions.username,
            "password": sessions.password,
            "api_key": sessions.api_key,
        }

    def reset(self, seed: str) -> None:
        self.simulator.reset(self._build(seed))

    def captured(self, answers: Iterable[Captured], secrets: Mapping[str, str]) -> tuple[World, list[str]]:
        """Build the Prism Central of a capture; list the lines of what was left."""
        return world_of(answers, self._setting.clock)

    def become(self, world: World) -> list[str]:
        self.simulator.reset(world)
        return []

    def image(self) -> bytes:
        with self.simulator.lock:
            return self.simulator.world.snapshot()

    def state(self) -> Any:
        return pickle.loads(self.image())

    def finish(self) -> None:
        self.simulator.finish()

    def _build(self, seed: str) -> World:
        known, name = servers(), _SEED.get(seed, seed)
        return seeded(name, self._blank, *((known.cluster, known.nodes) if known.cluster else ()))

    def _blank(self, world: World) -> PrismSimulator:
        return PrismSimulator(USERNAME, "", "", world=world, clock=self._setting.clock)
