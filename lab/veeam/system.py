"""Veeam as a system of the lab."""

from __future__ import annotations

from typing import Any

from lab.declared import declared_town
from lab.faults import Faults
from lab.system import Setting
from lab.veeam.simulator import ADMINISTRATOR, SYSTEM, USERNAME, VeeamSimulator
from lab.veeam.world import World


class Veeam:
    """A backup server whose jobs copy the declared sets to the declared stores, each night."""

    name = SYSTEM

    def __init__(self, setting: Setting) -> None:
        self.faults = Faults()
        self.simulator = VeeamSimulator(
            setting.key("password"),
            _world,
            administrator=setting.key("administrator"),
            clock=setting.clock,
            faults=self.faults,
            calls=setting.calls,
        )
        self.behaviour = self.simulator.behaviour

    def describe(self, plain: str, secure: str) -> dict[str, Any]:
        passwords = self.simulator.passwords
        return {
            "url": secure, "http_url": plain, "username": USERNAME, "password": passwords[USERNAME],
            "administrator": ADMINISTRATOR, "administrator_password": passwords[ADMINISTRATOR],
        }  # fmt: skip

    def reset(self, seed: str) -> None:
        self.simulator.reset(_world)

    def image(self) -> bytes:
        return b""

    def state(self) -> Any:
        return {}

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
