"""The Dashboard as a system of the lab."""

from __future__ import annotations

import json
import pickle
from collections.abc import Mapping
from typing import Any

from lab.beyond import Captured
from lab.faults import Faults
from lab.meraki.captured import world_of
from lab.meraki.paging import BASE
from lab.meraki.simulator import OWN_FAULTS, SYSTEM, MerakiSimulator
from lab.meraki.world import ORGANIZATION_ID, World
from lab.seeds import SEEDS, Seed, build_world, deliver
from lab.state import write_json
from lab.system import Setting


class Meraki:
    """An organization; its seed may also be a function (see `lab.seeds`)."""

    name = SYSTEM

    def __init__(self, setting: Setting, seed: str | Seed) -> None:
        self._setting = setting
        self._file = setting.folder / "meraki-answers.json"
        self.faults = Faults(*OWN_FAULTS)
        self.simulator = MerakiSimulator(
            setting.key("api_key"),
            world=World(setting.kept, self._answers()) if setting.kept else self._build(seed),
            clock=setting.clock,
            faults=self.faults,
            calls=setting.calls,
        )
        self.behaviour = self.simulator.behaviour

    def describe(self, plain: str, secure: str) -> dict[str, Any]:
        return {
            "url": f"{secure}{BASE}",
            "http_url": f"{plain}{BASE}",
            "api_key": self.simulator.api_key,
            "organization_id": ORGANIZATION_ID,
        }

    def reset(self, seed: str | Seed) -> None:
        self.simulator.reset(self._build(seed))
        self._file.unlink(missing_ok=True)

    def captured(self, answers: list[Captured], secrets: Mapping[str, str]) -> tuple[World, list[str]]:
        """Build the organization of a capture; list what could not be taken."""
        setting = self._setting
        return world_of(answers, setting.inventory(), setting.clock, secrets)

    def become(self, world: World) -> list[str]:
        write_json(self._file, world.answers, indent=None)
        world.data["answered"] = True
        self.simulator.reset(world)
        return []

    def deliver(self) -> None:
        with self.simulator.lock:
            deliver(self.simulator.world, self._setting.inventory(), self._setting.clock)

    def image(self) -> bytes:
        with self.simulator.lock:
            return self.simulator.world.snapshot()

    def state(self) -> Any:
        return pickle.loads(self.image())

    def finish(self) -> None:
        self.simulator.finish()

    def _answers(self) -> Any:
        """Read the captured answers, kept beside the state: no save writes them again."""
        return json.loads(self._file.read_text("utf-8")) if self._setting.kept.get("answered") else None

    def _build(self, seed: str | Seed) -> World:
        known = "empty" if isinstance(seed, str) and seed not in SEEDS else seed
        return build_world(known, self._setting.inventory(), self._setting.clock)
