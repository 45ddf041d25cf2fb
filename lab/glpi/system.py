"""GLPI as a system of the lab."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lab.beyond import Captured
from lab.faults import Faults
from lab.glpi.captured import world_of
from lab.glpi.seeds import seeded
from lab.glpi.simulator import SYSTEM, GlpiSimulator
from lab.glpi.tokens import CLIENT_ID, USERNAME
from lab.glpi.world import World
from lab.system import Setting


class Glpi:
    """A GLPI 11."""

    name = SYSTEM

    def __init__(self, setting: Setting) -> None:
        self.faults = Faults()
        self.simulator = GlpiSimulator(
            setting.key("client_secret"),
            setting.key("password"),
            setting.key("user_token"),
            setting.key("app_token"),
            world=World(setting.kept) if setting.kept else seeded(setting.seed),
            clock=setting.clock,
            faults=self.faults,
            calls=setting.calls,
        )
        self.behaviour = self.simulator.behaviour

    def describe(self, plain: str, secure: str) -> dict[str, Any]:
        tokens, legacy = self.simulator.tokens, self.simulator.legacy
        return {
            "url": secure,
            "http_url": plain,
            "client_id": CLIENT_ID,
            "client_secret": tokens.secret,
            "username": USERNAME,
            "password": tokens.password,
            "user_token": legacy.user_token,
            "app_token": legacy.app_token,
        }

    def reset(self, seed: str) -> None:
        self.simulator.reset(seeded(seed))

    def captured(self, answers: Iterable[Captured], secrets: Mapping[str, str]) -> tuple[World, list[str]]:
        """Build the GLPI of a capture; list the lines of what was left."""
        return world_of(answers)

    def become(self, world: World) -> list[str]:
        self.simulator.reset(world)
        return []

    def image(self) -> bytes:
        with self.simulator.lock:
            return self.simulator.world.snapshot()

    def state(self) -> Any:
        with self.simulator.lock:
            return self.simulator.world.state()

    def finish(self) -> None:
        return
