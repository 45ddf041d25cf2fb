"""Static routes of an engine, by destination.

The tree of routing is read once a run. A route that comes is written before the route that goes; gateways and
destinations that people or other tools have put there stay. Antispoofing follows: the SMC derives it from the
interfaces and routes, and nothing here writes it. Source: the vendor's library 1.0.34 (`Engine.add_route`,
`RoutingTree.delete`).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from piste.engine.converge.errors import Fault
from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.progress import Progress
from piste.engine.converge.reading import listed, mapped, reading
from piste.engine.converge.values import stable
from piste.systems.forcepoint.driver import Gathered
from piste.systems.forcepoint.engine_table import ROUTES
from piste.systems.forcepoint.engines import EngineDriver, interfaces_of, short
from piste.systems.forcepoint.interface_codec import decode
from piste.systems.forcepoint.route_tree import Route, routes


@dataclass(slots=True)
class GatheredRoutes(Gathered):
    """Result of a reading of routing trees.

    `routes`: the static routes of each engine. `others`: what else people have put into its tree.
    """

    routes: dict[str, list[Route]] = field(default_factory=dict)
    others: dict[str, list[str]] = field(default_factory=dict)


class EngineRoutes(EngineDriver):
    resource = ROUTES
    rests = (("smc.routes", ""),)
    states = ("merged", "gathered")
    last: GatheredRoutes

    # declaration

    def check(self, desired: Sequence[Item]) -> Sequence[Fault]:
        return [fault for item in desired if "engine" in item for fault in self._faults(item)]

    def _faults(self, item: Item) -> Iterator[Fault]:
        engine = item["engine"]
        if not self.smc.path(engine):
            return
        networks = [ipaddress.ip_network(network) for network in self._networks(engine)]
        for destination, route in (item.get("routes") or {}).items():
            where = f"config[{engine}].routes[{destination}]"
            for gateway in (route or {}).get("via") or ():
                if not any(ipaddress.ip_address(gateway) in network for network in networks):
                    yield Fault(where, f"{gateway} n’est sur le réseau d’aucune interface du pare-feu")
            if route is not None and not route.get("via"):
                yield Fault(where, "une passerelle au moins ; null retire la route")
            if route and ipaddress.ip_network(destination) in networks:
                yield Fault(where, "est le réseau d’une interface : une route n’y mène pas")

    def _networks(self, engine: str) -> set[str]:
        """Networks of the interfaces of an engine, those that the run has planned included."""
        document = self.engines.document(engine)
        entries = []
        with reading(engine):
            for _, body in interfaces_of(document) if document else ():
                for interface in (body, *map(mapped, listed(body.get("vlanInterfaces")))):
                    entries += decode({"interfaces": interface.get("interfaces")}, str)["addresses"]
        planned = self.smc.shared.planned("engine_interface").values()
        entries += [entry for item in planned if item.get("engine") == engine for entry in item.get("addresses") or ()]
        return {str(entry["network"]) for entry in entries}

    # reading

    def read(self, desired: Sequence[Item], *, whole: bool, fresh: bool) -> GatheredRoutes:
        engines = self.named(desired) if desired or not whole else self.engines.every()
        result = GatheredRoutes()
        for engine in engines:
            document = self.engines.document(engine)
            if document is None:
                continue
            with reading(engine):
                static, others = routes(self.engines.routing(engine, fresh=fresh))
            via: dict[str, dict[str, Any]] = {}
            for route in static:
                via.setdefault(route.destination, {"via": []})["via"].append(route.gateway)
            for entry in via.values():
                entry["via"].sort(key=stable)
            result.routes[engine], result.others[engine] = static, others
            result.items[engine] = {"engine": engine, "routes": {name: via[name] for name in sorted(via, key=_rank)}}
            result.documents[engine] = {"path": document["path"], **self.protection(document)}
        return result

    # before the first write

    def label(self, key: str, item: Item) -> str:
        return f"routes de {short(key)}"

    @classmethod
    def relies(cls, operation: Operation, waiting: Operation) -> bool:
        """Also let the routes of an engine wait for its interfaces: they go through them."""
        return super().relies(operation, waiting) or (
            waiting.kind == "engine_interface" and waiting.key.endswith(f"/{operation.key}")
        )

    def guards(self, operations: Sequence[Operation]) -> dict[str, str]:
        words = {}
        for operation in operations:
            lost = [
                f"{destination} via {', '.join(route['via'])}"
                for destination, route in _routes(operation.before).items()
                if not set(route["via"]) <= set(_routes(operation.after).get(destination, {}).get("via", ()))
            ]
            if lost:
                words[f"routes:{short(operation.key)}"] = f"des routes en service partent : {', '.join(lost)}"
        return words

    # writing

    def apply(self, operations: Sequence[Operation], progress: Progress) -> None:
        for operation in operations:
            self.engines.forget(operation.key)
            with self.sending(progress, operation):
                self._write(operation)
            progress.done(operation)
            self.engines.forget(operation.key)

    def _write(self, operation: Operation) -> None:
        """Add the routes that lack, then remove those that nobody declares any more."""
        before, after = _pairs(operation.before), _pairs(operation.after)
        for destination, gateway in after - before:
            query = {"gateway": gateway, "network": destination}
            self.smc.post(f"{self.last.documents[operation.key]['path']}/add_route", {}, query)
        gone = [
            route for route in self.last.routes[operation.key] if (route.destination, route.gateway) in before - after
        ]
        for path in dict.fromkeys(self._removed(gone, self.last.routes[operation.key])):
            node = self.smc.document(path)
            if node is not None:
                self.smc.delete(path, node["etag"])

    def _removed(self, gone: Sequence[Route], every: Sequence[Route]) -> Iterator[str]:
        """Yield the nodes to remove: a gateway where none of its destinations is left."""
        paths = {route.path for route in gone}
        for route in gone:
            left = [other for other in every if other.gateway_path == route.gateway_path and other.path not in paths]
            yield route.path if left or route.shared else route.gateway_path

    def remarks(self) -> list[str]:
        others = [
            f"{engine} : routes d’un autre genre, laissées telles quelles : {', '.join(names)}"
            for engine, names in self.last.others.items()
            if names
        ]
        return [*super().remarks(), *others] if self.request.state == "gathered" else super().remarks()


def _rank(destination: str) -> tuple[int, int, int]:
    network = ipaddress.ip_network(destination)
    return network.version, int(network.network_address), network.prefixlen


def _routes(item: Item | None) -> Mapping[str, Any]:
    return {name: route for name, route in ((item or {}).get("routes") or {}).items() if route is not None}


def _pairs(item: Item | None) -> set[tuple[str, str]]:
    return {(destination, gateway) for destination, route in _routes(item).items() for gateway in route["via"]}
