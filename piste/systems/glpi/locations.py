"""Locations: the tree of places, a way each (`DropdownController`, schema `Location`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from piste.engine.converge.errors import Fault
from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.progress import Progress
from piste.engine.converge.reading import text
from piste.engine.converge.resource import Field, Resource
from piste.systems.glpi.client import Document
from piste.systems.glpi.driver import WRITTEN, GlpiDriver
from piste.systems.glpi.names import SEPARATOR, lacking

RESOURCE = Resource(
    system="glpi",
    name="location",
    doc="Lieu de GLPI",
    key=("way",),
    nested=SEPARATOR,
    endpoint="Location",
    known=WRITTEN
    | {"parent", "name", "alias", "comment", "room", "building", "state", "country"}
    | {"latitude", "longitude", "altitude"},
    fields=(
        Field("way", "Names from the top, C(Ville > Mairie > Accueil).", required=True, path_only=True),
        Field("code", "Short name: the site, as the declaration calls it.", maximum=255),
        Field("address", "Street and number."),
        Field("postcode", "Post code."),
        Field("town", "Town."),
    ),
)


class Locations(GlpiDriver):
    resource = RESOURCE
    states: Sequence[str] = ("merged", "replaced", "gathered")

    def key(self, itemtype: str, document: Document, asked: Mapping[str, Item]) -> str:
        return text(document["completename"])

    def lookups(self, item: Item) -> Iterator[tuple[str, str]]:
        yield "name", str(item["way"]).split(SEPARATOR)[-1]

    def check(self, desired: Sequence[Item]) -> Sequence[Fault]:
        """Faults of ways: an empty name, or a parent that nothing makes."""
        ways = {str(item["way"]) for item in desired if "way" in item}
        faults = []
        for way in sorted(ways):
            names = way.split(SEPARATOR)
            if any(not name.strip() or ">" in name for name in names):
                faults.append(Fault(f"config[{way}].way", "des noms séparés par « > », sans vide"))
            parent = SEPARATOR.join(names[:-1])
            if parent and parent not in ways and not self.names.known("Location", "location", parent):
                faults.append(Fault(f"config[{way}].way", lacking(parent)))
        return faults

    def ordered(self, operations: Sequence[Operation]) -> Sequence[Operation]:
        """Containers first."""
        return sorted(operations, key=lambda operation: (operation.key.count(SEPARATOR), operation.key))

    def apply(self, operations: Sequence[Operation], progress: Progress) -> None:
        self._made: dict[str, int] = {}
        super().apply(operations, progress)
        self.names.forget()

    def send(self, itemtype: str, operation: Operation) -> None:
        if operation.action != "create":
            super().send(itemtype, operation)
            return
        *above, name = operation.key.split(SEPARATOR)
        parent = SEPARATOR.join(above)
        place = self._made.get(parent) or (self.names.id_of("Location", parent) if parent else None)
        body: dict[str, Any] = {"name": name, **self.wire(itemtype, operation.after or {})}
        self._made[operation.key] = self.glpi.create(itemtype, {**body, "parent": {"id": place}} if place else body)
