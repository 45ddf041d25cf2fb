"""Flows of the logs: from each source to the collector, where no declared flow leads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ..logs.derived import port_of
from .declared import DeclaredFlow
from .form import Flow, Service

if TYPE_CHECKING:
    from ..declaration import Declaration, TownVariables
    from ..logs.form import LogSource

PREFIX = "journaux-"
"""Prefix of the ids of these flows, and of no other."""


class _Way(NamedTuple):
    """The way of a source to the collector."""

    source: str
    entry: LogSource
    port: int

    @property
    def id(self) -> str:
        """The id of its flow, and of the service of that flow."""
        return (PREFIX + self.source)[:32].rstrip("-")

    @property
    def protocol(self) -> str:
        return "udp" if self.entry.transport == "udp" else "tcp"


def log_services(town: TownVariables) -> dict[str, Service]:
    """Give the services of these flows that the catalogue lacks, by name."""
    return {
        way.id: Service(label=f"Journaux : {way.entry.label}", **{way.protocol: [str(way.port)]})  # type: ignore[arg-type]
        for way in _ways(town)
        if _service(way, town) == way.id
    }


def log_flows(declaration: Declaration, declared: Sequence[DeclaredFlow]) -> Iterator[DeclaredFlow]:
    """Yield the flow of each source, for the senders that no flow leads to the collector."""
    town = declaration.town.variables
    if town.logs is None:
        return
    every, host = tuple(site.id for site in declaration.sites), town.logs.collector.host
    for way in _ways(town):
        led = {
            sender
            for flow in declared
            if flow.level == "town"
            and host in flow.form.to
            and _serves(flow.form.services, way, town.service_catalogue)
            for sender in flow.form.source
        }
        if senders := [sender for sender in way.entry.senders if sender not in led]:
            # Not validated: a name that is no end of a flow is reported as a fault of its source.
            form = Flow.model_construct(
                source=senders,
                to=[host],
                services=[_service(way, town)],
                why=f"Journaux vers le collecteur : {way.entry.label}",
                cctp="3.3.3",
                permanent="Obligation de conservation",
            )
            place, path = ("logs", "sources", way.source, "from"), f"logs.sources[{way.source}]"
            yield DeclaredFlow(way.id, form, "town", every, declaration.town, place, path)


def _ways(town: TownVariables) -> Iterator[_Way]:
    if town.logs:
        for name, entry in town.logs.sources.items():
            if port := port_of(entry, town.logs):
                yield _Way(name, entry, port)


def _service(way: _Way, town: TownVariables) -> str:
    """Name the service of the catalogue that is exactly this port; else that of the way."""
    alone = {"tcp": [], "udp": [], "icmp": [], "ip": [], "services": [], way.protocol: [str(way.port)]}
    named = (
        name
        for name, service in town.service_catalogue.items()
        if service.model_dump(include=set(alone)) == alone
    )
    return next(named, way.id)


def _serves(names: Sequence[str], way: _Way, catalogue: Mapping[str, Service]) -> bool:
    """Tell whether a service of the catalogue has the port of a way; a loop of services ends."""
    wanted, seen = list(names), set[str]()
    while wanted:
        name = wanted.pop()
        if name in seen or name not in catalogue:
            continue
        seen.add(name)
        service = catalogue[name]
        if str(way.port) in (service.udp if way.protocol == "udp" else service.tcp):
            return True
        wanted += service.services
    return False
