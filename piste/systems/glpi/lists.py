"""Lists of names that items refer to: states, manufacturers, types, models (`Dropdowns`).

A name that an item already refers to is there: the list itself is read only where a name is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from piste.engine.converge.errors import Fault
from piste.engine.converge.plan import Item
from piste.engine.converge.reading import text
from piste.engine.converge.resource import Field, Resource
from piste.systems.glpi.driver import WRITTEN, GlpiDriver
from piste.systems.glpi.items import ASSETS, LISTS
from piste.systems.glpi.names import linked

RESOURCE = Resource(
    system="glpi",
    name="list_entry",
    doc="Intitulé de GLPI",
    key=("list", "name"),
    known=WRITTEN | {"parent", "comment", "is_visible_helpdesk", "product_number"},
    fields=(
        Field("list", "List that has the name.", required=True, choices=LISTS, path_only=True),
        Field("name", "Name, as people read it.", required=True, maximum=255),
    ),
)
_FIELDS = ("status", "manufacturer", "type", "model")


class ListEntries(GlpiDriver):
    resource = RESOURCE
    states: Sequence[str] = ("merged", "replaced", "gathered")

    def itemtypes(self, desired: Iterable[Item]) -> list[str]:
        wanted = {item["list"] for item in desired} or (LISTS if self.everything else ())
        return [name for name in LISTS if name in wanted and self.glpi.serves(name)]

    def itemtype(self, item: Mapping[str, Any]) -> str:
        return str(item["list"])

    def key(self, itemtype: str, document: Item, asked: object) -> str:
        return f"{itemtype}/{text(document['name'])}"

    def check(self, desired: Sequence[Item]) -> Sequence[Fault]:
        return ()

    def gather(self, desired: Sequence[Item], *, whole: bool, fresh: bool) -> dict[str, Item]:
        if fresh or whole or self.everything:
            return super().gather(desired, whole=whole, fresh=fresh)
        seen = self._seen()
        shown = {}
        for item in desired:
            key = self.resource.key_of(item)
            if not self.glpi.serves(item["list"]):
                why = f"n’est pas poussé, la version {self.glpi.version} de l’API n’a pas cette liste"
                self.conflicts.setdefault(item["list"], why)
            elif key not in seen:
                continue
            shown[key] = item
        rest = [item for item in desired if self.resource.key_of(item) not in shown]
        noted = dict(self.conflicts)
        live = super().gather(rest, whole=False, fresh=False) if rest else {}
        self.conflicts = noted
        return {**live, **{key: {"list": item["list"], "name": item["name"]} for key, item in shown.items()}}

    def _seen(self) -> set[str]:
        """Names that the assets and applications of GLPI refer to."""
        seen = set()
        for itemtype in (*ASSETS, "Appliance"):
            for document in self.glpi.all(itemtype):
                for field in _FIELDS:
                    if name := self.names.name_in(itemtype, field, document.get(field)):
                        seen.add(f"{linked(itemtype, field)}/{name}")
        return seen
