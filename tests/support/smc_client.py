"""A client of the simulated SMC without a socket."""

from __future__ import annotations

import json
from typing import Any

from lab.clock import Clock
from lab.http import Request, Response
from lab.smc.seeds import Seed, build_world
from lab.smc.simulator import SmcSimulator

ORIGIN = "http://smc.test"
TEMPLATE = "Firewall Inspection Template"
ANY: dict[str, Any] = {"sources": {"any": True}, "destinations": {"any": True}, "services": {"any": True}}


class Client:
    """Call a simulator in a session of a version; paths below the version, Python bodies."""

    def __init__(self, simulator: SmcSimulator, api: str = "7.4", origin: str = ORIGIN) -> None:
        self.simulator, self.api, self.origin = simulator, api, origin
        self.session: dict[str, str] = {}

    def login(self) -> Client:
        body = {"domain": "Shared Domain", "authenticationkey": self.simulator.api_key}
        answer = self.send("POST", "/login", body)
        assert answer.status == 200, answer.body
        cookie, token = answer.headers.get("Set-Cookie"), answer.headers.get("Authorization")
        self.session = {"Authorization": token} if token else {"Cookie": str(cookie).partition(";")[0]}
        return self

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Response:
        """Send one request; a path may also be an href of this server."""
        target = path.removeprefix(self.origin) if path.startswith(self.origin) else f"/{self.api}{path}"
        data = b"" if body is None else json.dumps(body).encode()
        given = {"Content-Type": "application/json", **self.session, **headers}
        return self.simulator.handle(Request.to(method, target, headers=given, body=data, origin=self.origin))

    def get(self, path: str) -> Any:
        answer = self.send("GET", path)
        assert answer.status == 200, (answer.status, answer.body)
        return answer.json()

    def names(self, path: str) -> list[str]:
        return [each["name"] for each in self.get(path)["result"]]

    def make(self, path: str, body: Any) -> str:
        """Create something; return its href."""
        answer = self.send("POST", path, body)
        assert answer.status == 201, (answer.status, answer.body)
        return str(answer.headers["Location"])

    def put(self, href: str, body: Any, etag: str | None = None) -> Response:
        """Write with the ETag given, else the current one."""
        return self.send("PUT", href, body, **{"If-Match": self.etag(href) if etag is None else etag})

    def change(self, href: str, **values: Any) -> None:
        answer = self.put(href, {**self.get(href), **values})
        assert answer.status == 200, (answer.status, answer.body)

    def delete(self, href: str) -> Response:
        return self.send("DELETE", href, **{"If-Match": self.etag(href)})

    def etag(self, href: str) -> str:
        return str(self.send("GET", href).headers["ETag"])

    def refused(self, answer: Response, status: int = 400) -> str:
        """Return the texts of a refusal, its message first."""
        assert answer.status == status, (answer.status, answer.body)
        body = answer.json()
        assert body.keys() == {"details", "message", "status"}
        assert body["status"] == "0"
        return " ".join([body["message"], *body["details"]])

    def named(self, kind: str, name: str) -> str:
        """Return the href of an element by its exact name."""
        entries = self.get(f"/elements?filter={name.replace(' ', '%20')}&filter_context={kind}&exact_match=true")
        return str(entries["result"][0]["href"])

    def policy(self, name: str = "ville", *rules: str) -> str:
        """Make a policy with rules of these names, in this order."""
        template = self.named("fw_template_policy", TEMPLATE)
        href = self.make("/elements/fw_policy", {"name": name, "template": template})
        for rule in reversed(rules):
            self.rule(href, rule)
        return href

    def rule(self, policy: str, name: str, query: str = "", **values: Any) -> str:
        body = {"name": name, **ANY, "action": {"action": ["allow"]}, **values}
        return self.make(f"{policy}/fw_ipv4_access_rule{query}", body)

    def rules(self, policy: str) -> list[str]:
        return self.names(f"{policy}/fw_ipv4_access_rule")

    def tag(self, href: str) -> str:
        return str(self.get(href)["tag"])


def frozen_client(seed: str | Seed = "empty", api: str = "7.4", origin: str = ORIGIN) -> Client:
    """Return a logged-in client of a new simulator whose clock stands still."""
    clock = Clock()
    clock.freeze(1_790_000_000.0)
    simulator = SmcSimulator("test", world=build_world(seed, clock), clock=clock)
    return Client(simulator, api, origin).login()
