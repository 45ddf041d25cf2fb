"""Links between items: what impacts what, what a contract covers, by the legacy API.

The High-Level API has no route for them in any version read (glpi-project/glpi #23241 for those of tickets). A link
that is no longer declared stays, and is named by nobody: people draw impact by hand too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from piste.engine.converge.errors import Missing
from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.reading import number, text
from piste.engine.converge.resource import Field, Resource
from piste.engine.words import ARROW
from piste.systems.glpi.driver import GlpiDriver
from piste.systems.glpi.items import ASSETS
from piste.systems.glpi.legacy import Legacy

ENDS = (*ASSETS, "Appliance", "Certificate", "Contract")
IMPACT, COVER = "ImpactRelation", "Contract_Item"
RESOURCE = Resource(
    system="glpi",
    name="link",
    doc="Lien de GLPI",
    key=("link",),
    fields=(
        Field("link", "The two ends, C(Computer pc-1 → Appliance Paie): the first impacts, or covers.", required=True,
              path_only=True),
    ),
)  # fmt: skip


def link(source: tuple[str, str], target: tuple[str, str]) -> str:
    """Name a link by its two ends, a kind and a name each."""
    return ARROW.join(f"{itemtype} {name}" for itemtype, name in (source, target))


class Links(GlpiDriver):
    resource = RESOURCE
    states: Sequence[str] = ("merged", "replaced", "gathered")

    def gather(self, desired: Sequence[Item], *, whole: bool, fresh: bool) -> dict[str, Item]:
        asked = {item["link"] for item in desired}
        called = {end.casefold(): end for key in asked for end in key.split(ARROW)}
        self._ends: dict[str, tuple[str, int]] = {}
        names: dict[tuple[str, int], list[str]] = {}
        for itemtype in ENDS:
            # The name that Piste wrote comes before that of an agent; what is in the bin comes last.
            documents = sorted(self.glpi.all(itemtype), key=lambda document: document.get("is_deleted") is True)
            for field in ("otherserial", "name"):
                for document in documents:
                    if given := document.get(field):
                        name = f"{itemtype} {text(given)}"
                        name, end = called.get(name.casefold(), name), (itemtype, self._id(document))
                        self._ends.setdefault(name, end)
                        names.setdefault(end, []).append(name)
        live = {ARROW.join(pair) for pair in self._pairs(names, fresh)}
        return {key: {"link": key} for key in sorted(live if whole and not asked else live & asked)}

    def _pairs(self, names: Mapping[tuple[str, int], list[str]], fresh: bool) -> Iterator[tuple[str, str]]:
        """Yield the names of both ends of each link, in every way that an item is called."""
        legacy = Legacy(self.glpi)
        rows = [
            ((text(row["itemtype_source"]), number(row["items_id_source"])),
             (text(row["itemtype_impacted"]), number(row["items_id_impacted"])))
            for row in legacy.all(IMPACT, fresh=fresh)
        ]  # fmt: skip
        rows += [
            (("Contract", number(row["contracts_id"])), (text(row["itemtype"]), number(row["items_id"])))
            for row in legacy.all(COVER, fresh=fresh)
        ]
        for source, target in rows:
            for first in names.get(source, ()):
                yield from ((first, second) for second in names.get(target, ()))

    def check(self, desired: Sequence[Item]) -> Sequence[Any]:
        return ()

    def write(self, operation: Operation) -> None:
        (source, source_id), (target, target_id) = map(self._end, operation.key.split(ARROW))
        if source == "Contract":
            row = {"contracts_id": source_id, "itemtype": target, "items_id": target_id}
            Legacy(self.glpi).create(COVER, row)
            return
        row = {
            "itemtype_source": source, "items_id_source": source_id,
            "itemtype_impacted": target, "items_id_impacted": target_id,
        }  # fmt: skip
        Legacy(self.glpi).create(IMPACT, row)

    def _end(self, name: str) -> tuple[str, int]:
        if name not in self._ends:
            raise Missing(f"« {name} » n’est pas dans GLPI", where=self.glpi.host)
        return self._ends[name]
