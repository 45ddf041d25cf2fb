"""Base of the kinds of an engine, whose document is read once a run."""

from __future__ import annotations

from abc import ABC
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.reading import whole
from piste.systems.forcepoint import references
from piste.systems.forcepoint.driver import SmcDriver
from piste.systems.forcepoint.interface_codec import contents
from piste.systems.forcepoint.references import ENGINES
from piste.systems.forcepoint.smc import Smc

INERT = "n’agit qu’une fois la politique installée sur le moteur (étape « installation »)"
KINDS = ("engine_interface", "engine_routes", "engine_settings", "engine_gateway")
"""Kinds whose changes are inert until the policy is installed."""


class Engines:
    """Documents of the engines of an SMC, read once a run."""

    def __init__(self, smc: Smc) -> None:
        self.smc = smc

    def every(self) -> list[str]:
        return [f"{kind}/{name}" for kind in ENGINES for name in self.smc.listing(kind)]

    def document(self, engine: str, *, fresh: bool = False) -> dict[str, Any] | None:
        """Document of an engine with its `path` and `etag`; None where the SMC has no such engine."""
        return self._read(engine, "", self.smc.document, fresh=fresh)

    def routing(self, engine: str, *, fresh: bool = False) -> dict[str, Any]:
        """Root of the routing tree of an engine."""
        return self._read(engine, "/routing", self._tree, fresh=fresh) or {}

    def antispoofing(self, engine: str) -> dict[str, Any]:
        """Root of the antispoofing tree of an engine."""
        return self._read(engine, "/antispoofing", self._tree, fresh=False) or {}

    def _tree(self, path: str) -> dict[str, Any] | None:
        """Read the root of a tree, whose nodes below are never left out."""
        response = self.smc.read(path)
        return None if response is None else response.mapping(f"{path.rpartition('/')[2]}_node")

    def _read(
        self, engine: str, below: str, read: Callable[[str], dict[str, Any] | None], *, fresh: bool
    ) -> dict[str, Any] | None:
        path = self.smc.path(engine)
        if not path:
            return None
        if fresh:
            self.smc.shared.forget(_name(path + below))
        place = path + below
        document = self.smc.shared.once(_name(place), lambda: read(place) or {})
        return {**document, "path": place} if document else None

    def forget(self, engine: str) -> None:
        """Forget what the run knows of an engine, before something of it is written."""
        for below in ("", "/routing", "/antispoofing"):
            self.smc.shared.forget(_name(self.smc.path(engine) + below))


class EngineDriver(SmcDriver, ABC):
    """Base of the drivers of what an engine is made of."""

    locked = ("engines",)
    states: Sequence[str] = ("merged", "deleted", "gathered")
    _writes = False

    @property
    def engines(self) -> Engines:
        return Engines(self.smc)

    def named(self, items: Iterable[Item]) -> list[str]:
        return sorted({str(item["engine"]) for item in items if "engine" in item})

    def lacks(self, item: Item) -> str:
        """Say that an engine is not there: its nodes, licences and first contact are made by hand."""
        engine = str(item["engine"])
        return "" if self.smc.path(engine) else f"attend le moteur {engine}, que ce SMC n’a pas"

    def guarded(self, operations: Sequence[Operation]) -> dict[str, str]:
        self._writes = bool(operations)
        return super().guarded(operations)

    def remarks(self) -> list[str]:
        inert = [f"{self.resource.name} : {INERT}"] if self._writes else []
        return [*super().remarks(), *inert]

    def protection(self, engine: Mapping[str, Any]) -> dict[str, Any]:
        """Attributes of an engine that forbid to write what is in it."""
        return {name: engine[name] for name in ("system", "read_only", "locked") if name in engine}


def interfaces_of(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the interfaces of an engine document, each with its kind. Raises `Misfit`."""
    yield from contents("physicalInterfaces", whole(document["physicalInterfaces"]))


def short(engine: str) -> str:
    """Name of an engine without its type."""
    return references.split(engine)[1]


def _name(path: str) -> str:
    return "engine" + path.replace("/", "-")
