"""Veeam as a system of the lab."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from lab.beyond import Captured
from lab.declared import declared_town
from lab.faults import Faults
from lab.system import Setting
from lab.veeam.captured import world_of
from lab.veeam.simulator import ADMINISTRATOR, SYSTEM, USERNAME, VeeamSimulator
from lab.veeam.world import Answered, World


class Veeam:
    """A backup server whose jobs copy the declared sets to the declared stores, each night."""

    name = SYSTEM

    def __init__(self, setting: Setting) -> None:
        self.faults = Faults()
        world = Answered(setting.kept) if setting.kept else _world
        self.simulator = VeeamSimulator(
            setting.key("password"),
            world,
            administrator=setting.key("administrator"),
            clock=setting.clock,
            faults=self.faults,
            calls=setting.calls,
        )
        self.behaviour = self.simulator.behaviour
        if isinstance(world, Answered):
            self.behaviour.disabled_jobs = world.disabled()

    def describe(self, plain: str, secure: str) -> dict[str, Any]:
        passwords = self.simulator.passwords
        return {
            "url": secure, "http_url": plain, "username": USERNAME, "password": passwords[USERNAME],
            "administrator": ADMINISTRATOR, "administrator_password": passwords[ADMINISTRATOR],
        }  # fmt: skip

    def reset(self, seed: str) -> None:
        self.simulator.reset(_world)

    def captured(self, answers: Iterable[Captured], secrets: Mapping[str, str]) -> tuple[Answered, list[str]]:
        """Build the Veeam of a capture; list the lines of what was left."""
        return world_of(answers, secrets)

    def become(self, world: Answered) -> list[str]:
        self.simulator.reset(world)
        return []

    def image(self) -> bytes:
        return json.dumps(self.state()).encode()

    def state(self) -> Any:
        """Return what was captured; the rest follows from the declaration."""
        return self.simulator.taken

    def finish(self) -> None:
        return


def _world() -> World:
    """Make the world of the declared town: it follows from the declaration at each start."""
    town = declared_town()
    protection = town.commune["protection"] if town.commune else None
    if protection is None:
        return World([], {})
    ours = [store for store in protection["stores"] if store["reader"] == "veeam"]
    stores = {store["name"]: store["immutable_days"] or 0 for store in ours}
    copied = (
        protected["name"]
        for protected in protection["sets"]
        if stores.keys() & set(protected["stores"]) and protected["kind"] != "configurations"
    )
    return World(copied, stores)
