"""A small town of four sites, and a client of the simulated Dashboard without a socket."""

from __future__ import annotations

import json
from typing import Any

from lab.clock import Clock
from lab.http import Request, Response
from lab.meraki import MerakiSimulator, World
from lab.meraki.operations import OPERATIONS
from lab.seeds import Inventory, Seed, build_world, inventory_from_sites

HARDWARE: dict[str, dict[str, Any]] = {
    "MS425-32": {"kind": "switch", "ports": 34},
    "MS210-48": {"kind": "switch", "ports": 52},
    "MS120-8": {"kind": "switch", "ports": 10},
    "MS120-8LP": {"kind": "switch", "ports": 10},
    "MR": {"kind": "access_point"},
}
BY_NAME = {operation.name: operation for operation in OPERATIONS}
MODELS = (("MS210-48", 1), ("MS120-8", 2), ("MS120-8LP", 3), ("MR", 41), ("MR", 42))


def small_town() -> list[dict[str, Any]]:
    return [
        {
            "id": name,
            "devices": [
                {
                    "name": f"d-{number}-{rank}",
                    "model": model,
                    "serial": f"QZZZ-00{number:02}-00{rank:02}",
                }
                for model, rank in MODELS
            ],
        }
        for number, name in enumerate(("hotel-de-ville", "ctm", "ecole-jaures", "cimetiere"))
    ]


class Client:
    """Call a simulator without a socket; bodies in and out as Python values."""

    def __init__(self, simulator: MerakiSimulator) -> None:
        self.simulator = simulator

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Response:
        given = {"Authorization": f"Bearer {self.simulator.api_key}", **headers}
        data = b"" if body is None else json.dumps(body).encode()
        return self.simulator.handle(Request.to(method, f"/api/v1{path}", headers=given, body=data))

    def ok(self, method: str, path: str, body: Any = None) -> Any:
        response = self.send(method, path, body)
        assert response.status < 300, (response.status, response.body)
        return response.json()

    def refused(self, method: str, path: str, body: Any = None, status: int = 400) -> list[str]:
        response = self.send(method, path, body)
        assert response.status == status, (response.status, response.body)
        errors: list[str] = response.json()["errors"]
        return errors

    def network(
        self, name: str = "VLB ctm", types: tuple[str, ...] = ("switch", "wireless"), site: int = 1
    ) -> str:
        """Create a network and claim a site's devices into it."""
        body = {"name": name, "productTypes": list(types)}
        network_id: str = self.ok("POST", "/organizations/930093/networks", body)["id"]
        serials = [
            f"QZZZ-00{site:02}-00{rank:02}" for model, rank in MODELS if model != "MR" or "wireless" in types
        ]
        self.ok("POST", f"/networks/{network_id}/devices/claim", {"serials": serials})
        return network_id


def remembers(world: World, servers: list[dict[str, Any]], host: str, secret: str) -> bool:
    """Tell whether a stored RADIUS server has this secret; no answer shows it."""
    return any(server["host"] == host and server.get("_secret") == world.seal(secret) for server in servers)


def small_inventory() -> Inventory:
    return inventory_from_sites(small_town(), HARDWARE)


def frozen_client(seed: str | Seed = "empty") -> Client:
    """Return a client of a new simulator: frozen clock, no request limit."""
    clock = Clock()
    clock.freeze(1_790_000_000.0)
    simulator = MerakiSimulator("test", world=build_world(seed, small_inventory(), clock), clock=clock)
    simulator.behaviour.set(rate_limit=None)
    return Client(simulator)
