"""A client of the Prism Central simulator without a socket, on a clock that stands still."""

from __future__ import annotations

import base64
import json
import uuid
from typing import Any

from lab.clock import Clock
from lab.http import Request, Response
from lab.prism import PrismSimulator, World
from lab.prism.seeds import GIB, seeded

Json = dict[str, Any]
USER, PASSWORD, API_KEY = "piste", "mot-de-passe-du-labo", "cle-du-labo"
NOON = 1_790_000_000.0


class Client:
    """Calls of the simulator: Python values as bodies, versions and request ids by themselves."""

    def __init__(self, simulator: PrismSimulator) -> None:
        self.simulator = simulator
        self.answers: list[tuple[str, str, Response]] = []

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Response:
        """Send a request to a path such as `vmm/ahv/config/vms`; leave out headers given as ""."""
        namespace, _, rest = path.partition("/")
        version = self.simulator.behaviour.versions.get(namespace, "v4.0")
        given = {
            "Authorization": "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode(),
            "NTNX-Request-Id": str(uuid.uuid4()),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        given = {name: value for name, value in given.items() if value}
        data = b"" if body is None else json.dumps(body).encode()
        target = f"/api/{namespace}/{version}/{rest}"
        response = self.simulator.handle(Request.to(method, target, headers=given, body=data))
        self.answers.append((method, path.partition("?")[0], response))
        return response

    def ok(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Return the whole answer of a request that succeeds."""
        response = self.send(method, path, body, **headers)
        assert response.status < 300, (response.status, response.body)
        return response.json()

    def items(self, path: str) -> list[Json]:
        entities: list[Json] = self.ok("GET", path).get("data", [])
        return entities

    def named(self, path: str, name: str) -> Json:
        return next(item for item in self.items(f"{path}?$limit=100") if item["name"] == name)

    def vm(self, name: str) -> Json:
        return self.named("vmm/ahv/config/vms", name)

    def etag(self, path: str) -> str:
        return self.send("GET", path).headers["ETag"]

    def run(self, method: str, path: str, body: Any = None, **headers: str) -> Json:
        """Send a mutation with its entity's ETag, wait on the lab's clock, return the ended task."""
        parts = path.split("/")
        depth = 5 if path.startswith("vmm/ahv/") else 4
        if "If_Match" not in headers and len(parts) >= depth:
            headers["If_Match"] = self.etag("/".join(parts[:depth]))
        reference = self.ok(method, path, body, **headers)["data"]["extId"]
        self.simulator.clock.advance(self.simulator.behaviour.task_seconds)
        return self.task(reference)

    def task(self, reference: str) -> Json:
        shown: Json = self.ok("GET", f"prism/config/tasks/{reference}")["data"]
        return shown

    def fault(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, str]:
        """Return status and code of a request that is refused."""
        response = self.send(method, path, body, **headers)
        error = response.json()["data"]["error"]
        return response.status, error[0]["code"] if isinstance(error, list) else "SCHEMA"


def client(seed: str = "empty", **switches: Any) -> Client:
    """Return a client of a new simulator, without request limit; the clock stands still."""
    clock = Clock()
    clock.freeze(NOON)

    def site(world: World) -> PrismSimulator:
        return PrismSimulator(USER, PASSWORD, API_KEY, world=world, clock=clock)

    simulator = site(seeded(seed, site))
    simulator.behaviour.set(rate_limit=None, **switches)
    return Client(simulator)


def machine(name: str, subnet: str = "", image: str = "", **fields: Any) -> Json:
    """Return the body of a small machine."""
    volume: Json = {"$objectType": "vmm.v4.ahv.config.VmDisk", "diskSizeBytes": 60 * GIB}
    if image:
        reference = {"$objectType": "vmm.v4.ahv.config.ImageReference", "imageExtId": image}
        volume["dataSource"] = {"reference": reference}
    body: Json = {
        "name": name,
        "numSockets": 2,
        "memorySizeBytes": 4 * GIB,
        "disks": [{"backingInfo": volume, "diskAddress": {"busType": "SCSI", "index": 0}}],
    }
    if subnet:
        body["nics"] = [{"networkInfo": {"subnet": {"extId": subnet}}}]
    return {**body, **fields}
