"""The common part of the clients of HTTP APIs: options of the way, address, counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from piste.engine.converge.errors import Unreachable
from piste.engine.converge.resource import Field
from piste.engine.transport.clock import Clock
from piste.engine.transport.http import Endpoint, Pace, Transport
from piste.engine.transport.shared import Limiter, Shared

WAY = (
    Field("ca_file", "Certificate authority, where it is not one of the machine's.", type="path"),
    Field("proxy", "Proxy, C(http://host:port)."),
    Field("no_proxy", "Hosts reached without it.", type="list", default=[]),
)
"""Options of the way to a system."""


def timeout(seconds: float = 60) -> Field:
    return Field("timeout", "Seconds for which an answer is waited for.", type="float", default=seconds)


def rate(requests: float) -> Field:
    words = "Requests a second that this run may send; 0 lifts the limit."
    return Field("rate", words, type="float", default=requests)


class Client:
    """A client of one system, for one process."""

    root: str
    """Address of the API, by which locks are named too."""
    transport: Transport
    line: type[Transport] = Transport
    """What carries the requests; tests give each system a line of their own."""

    def __init__(self, connection: Mapping[str, Any], name: str, option: str, key: str = "base_url") -> None:
        """Take the address under `key` of an option. Raises `Unreachable` where it is empty."""
        if not connection.get(key):
            raise Unreachable(
                f"aucune adresse n’est donnée pour {name}",
                todo=f"Au laboratoire, démarrez-le (piste lab up) ; ailleurs, renseignez {option}.{key}.",
            )
        self.connection, self.system = connection, option.removeprefix("piste_")
        self.root = str(connection[key]).rstrip("/")

    def travel(
        self, headers: Mapping[str, str], pace: Pace | None = None, patience: float = 60, domains: Iterable[str] = ()
    ) -> None:
        """Make the transport by the way of the option; `patience` is its timeout by default."""
        given = self.connection
        endpoint = Endpoint(
            url=self.root,
            headers={"User-Agent": "Piste/0.1 VilleDuBourget", **headers},
            ca_file=str(given.get("ca_file") or ""),
            proxy=str(given.get("proxy") or ""),
            no_proxy=tuple(given.get("no_proxy") or ()),
            timeout=float(given.get("timeout") or patience),
            domains=tuple(domains),
            system=self.system,
        )
        self.transport = self.line(endpoint, pace)

    def limiter(self, shared: Shared, requests: float, burst: float | None = None) -> Limiter:
        """Limit the requests of the run to the rate of the option, else to `requests` a second."""
        given = self.connection.get("rate")
        allowed = requests if given is None else float(given)
        return Limiter(shared, allowed, allowed if burst is None else burst)

    @property
    def host(self) -> str:
        return urlsplit(self.root).hostname or ""

    @property
    def calls(self) -> dict[str, int]:
        return self.transport.calls

    @property
    def clock(self) -> Clock:
        return self.transport.clock

    def close(self) -> None:
        """Close the connections of this process; a session or a token is the run's."""
        self.transport.close()
