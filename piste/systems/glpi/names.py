"""Names of what items refer to: locations by their way, lists by name, and their ids.

Each document brings the name and the id of what it refers to, so that a run with nothing to do reads no list.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from piste.engine.converge.errors import Missing
from piste.engine.converge.reading import mapped, text
from piste.engine.converge.values import coerce
from piste.systems.glpi.client import Document, Glpi

SEPARATOR = " > "
"""Between the names of a way, as GLPI writes it (`completename`)."""
LINKS: Mapping[str, str] = {
    "status": "State",
    "location": "Location",
    "manufacturer": "Manufacturer",
    "model": "{}Model",
    "type": "{}Type",
    "parent": "Location",
}
"""Itemtype that a field refers to; `{}` is the itemtype of the document."""
PLANNED = "names"


def linked(itemtype: str, field: str) -> str:
    """Itemtype that a field of a document refers to."""
    return LINKS[field].format(itemtype)


@cache
def _lists(itemtype: str) -> tuple[tuple[str, str], ...]:
    """Fields of a document that refer to a list known by names, each with its itemtype."""
    every = ((field, linked(itemtype, field)) for field in LINKS)
    return tuple((field, other) for field, other in every if other != "Location")


def lacking(name: str) -> str:
    """Return the message for a name that is not in GLPI and that the task does not make."""
    return f"« {name} » n’est pas dans GLPI : convergez d’abord la ville (-l commune), si elle le fait, ou corrigez-le"


class Names:
    """Names and ids, both ways."""

    def __init__(self, glpi: Glpi) -> None:
        self.glpi = glpi
        self._ids: dict[str, dict[str, int]] = {}
        self._ways: dict[int, str] | None = None
        self._places: dict[str, int] = {}
        """Id of each location, by its way."""

    def seek(self, itemtype: str, documents: Iterable[Document], wanted: set[tuple[str, str]]) -> None:
        """Note the ids of names that documents refer to, and take them from `wanted`."""
        sought = {other for other, _ in wanted}
        fields = [(field, other) for field, other in _lists(itemtype) if other in sought]
        here = {other for _, other in fields}
        left = sum(other in here for other, _ in wanted)
        for document in documents if left else ():
            for field, other in fields:
                reference = mapped(document.get(field))
                if reference and (other, name := text(reference["name"])) in wanted:
                    self._ids.setdefault(other, {})[name] = int(coerce("int", reference["id"]))
                    wanted.discard((other, name))
                    left -= 1
            if not left:
                return

    def name_in(self, itemtype: str, field: str, value: Any) -> str | None:
        """Name of what a document refers to; None where it refers to nothing."""
        reference = mapped(value)
        if not reference:
            return None
        if linked(itemtype, field) == "Location":
            name = text(reference["name"])
            return self.ways().get(int(coerce("int", reference["id"])), name)
        return text(reference["name"])

    def ways(self) -> dict[int, str]:
        """Way of each location, by its id."""
        if self._ways is None:
            every = self.glpi.all("Location")
            self._ways = {int(coerce("int", item["id"])): text(item["completename"]) for item in every}
            self._places = {way: item_id for item_id, way in reversed(self._ways.items())}
        return self._ways

    def forget(self) -> None:
        """Read the locations again when they are next asked for: new items have changed them."""
        self._ways = None

    def id_of(self, other: str, name: str) -> int | None:
        """Id of an item by its name, or its way; None where there is none."""
        if other == "Location":
            self.ways()
            return self._places.get(name)
        known = self._ids.setdefault(other, {})
        if name not in known:
            for item in self.glpi.all(other):
                known.setdefault(text(item["name"]), int(coerce("int", item["id"])))
        return known.get(name)

    def known(self, itemtype: str, field: str, name: str) -> bool:
        """True for a name that is there, or that check mode has planned."""
        other = linked(itemtype, field)
        return f"{other}/{name}" in self.glpi.shared.planned(PLANNED) or self.id_of(other, name) is not None

    def reference(self, itemtype: str, field: str, name: str | None) -> dict[str, Any] | int:
        """Build the wire form of a reference. Raises `Missing`."""
        if name is None:
            return 0
        other = linked(itemtype, field)
        item_id = self.id_of(other, name)
        if item_id is None:
            raise Missing(f"{other} « {name} » n’est pas dans GLPI", where=self.glpi.host)
        return {"id": item_id}

    def plan(self, itemtype: str, key: str) -> None:
        """Note an item that check mode has planned."""
        name = key.removeprefix(f"{itemtype}/")
        self.glpi.shared.plan_object(PLANNED, f"{itemtype}/{name}", {})
