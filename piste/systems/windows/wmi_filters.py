"""WMI filters, which limit a group policy to some computers.

Source: MS-GPOL 2.2.5 (`msWMI-Som` and its `msWMI-Parm2`).
Believed: [belief windows.wmi_filter].
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from piste.engine.converge.errors import Fault
from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.progress import Progress
from piste.engine.converge.resource import Field, Resource
from piste.systems.windows import dn as dns
from piste.systems.windows import searches
from piste.systems.windows.directory import Value
from piste.systems.windows.driver import DirectoryDriver, sorted_items, spelt_as, text_change, twice
from piste.systems.windows.wmi_names import UNFILTERED

LANGUAGE = "WQL"
NAMESPACE = "root\\CIMv2"
_NO_TEXT = " "
"""Description of a filter without any: the attribute is never empty."""

WMI_FILTERS = Resource(
    system="ad",
    name="wmi_filter",
    doc="Filtre WMI",
    fields=(
        Field("name", "Name of the filter; its identity.", required=True),
        Field("description", "Description; null clears it.", nullable=True, default=None, minimum=1),
        Field(
            "queries",
            "Queries to which a computer must all give an answer.",
            type="list",
            of=(
                Field("namespace", "WMI namespace in which the query is asked.", default=NAMESPACE),
                Field("query", "The query, in WQL.", required=True, minimum=1),
            ),
        ),
    ),
)


def written(queries: Sequence[Mapping[str, str]]) -> str:
    """Write `msWMI-Parm2`: the count of queries; for each, the lengths of its three texts.

    The texts follow their lengths.
    """
    return f"{len(queries)};" + "".join(
        f"{len(LANGUAGE)};{len(query['namespace'])};{len(query['query'])};"
        f"{LANGUAGE};{query['namespace']};{query['query']};"
        for query in queries
    )


def read(text: str) -> list[dict[str, str]]:
    """Queries of a `msWMI-Parm2`. Raises ValueError for another form."""
    count, _, rest = text.partition(";")
    queries = []
    for _ in range(int(count)):
        *lengths, rest = rest.split(";", 3)
        texts = []
        for length in map(int, lengths):
            if rest[length : length + 1] != ";":
                raise ValueError(text)
            texts.append(rest[:length])
            rest = rest[length + 1 :]
        _, namespace, query = texts
        queries.append({"namespace": namespace, "query": query})
    if rest:
        raise ValueError(text)
    return queries


class WmiFilters(DirectoryDriver):
    resource = WMI_FILTERS

    def __init__(self, *place: Any, **options: Any) -> None:
        super().__init__(*place, **options)
        self.odd: list[str] = []
        """Filters whose queries have another form, as last read."""

    def gather(self, desired: Sequence[Item], *, whole: bool, fresh: bool) -> dict[str, Item]:
        asked = [item["name"] for item in desired]
        self.raw, self.odd = {}, []
        items: dict[str, Item] = {}
        for entry in self.directory.find(searches.WMI_FILTERS, fresh=fresh):
            name = spelt_as(asked, entry.text("msWMI-Name") or "")
            if name in self.raw and name in asked:
                raise twice(self.resource.name, name, [self.raw[name].dn, entry.dn])
            if name in self.raw:
                name = f"{name} {entry.text('msWMI-ID')}"
            self.raw[name] = entry
            description = (entry.text("msWMI-Parm1") or "").strip()
            item: Item = {"name": name, "description": description or None}
            try:
                item["queries"] = read(entry.text("msWMI-Parm2") or "")
            except ValueError:
                self.odd.append(name)
            items[name] = item
        return sorted_items(items)

    @property
    def _place(self) -> str:
        return f"{searches.WMI_FILTERS.place},{self.directory.base}"

    def remarks(self) -> list[str]:
        return [f"filtre WMI « {name} » : ses requêtes n’ont pas la forme attendue, laissées" for name in self.odd]

    def check(self, desired: Sequence[Item]) -> list[Fault]:
        return [
            self.fault(item, "queries", "au moins une requête est attendue")
            for item in desired
            if item.get("queries") == []
        ]

    def refusals(self, operations: Sequence[Operation]) -> list[str]:
        return [
            f"« {operation.key} » n’existe pas, et ses requêtes (queries) ne sont pas données"
            for operation in operations
            if operation.action == "create" and "queries" not in (operation.after or {})
        ]

    def guards(self, operations: Sequence[Operation]) -> dict[str, str]:
        reasons = {}
        for operation in operations:
            if operation.action == "delete" and (users := self._users(operation.key)):
                reasons[f"used:{operation.key}"] = f"stratégies qui en dépendent, et ne s’appliqueraient plus : {users}"
        return reasons

    def _users(self, name: str) -> str:
        """Names of the policies that a filter limits."""
        desired = f"(gPCWQLFilter=*{dns.literal(self.raw[name].text('msWMI-ID') or '')}*)"
        policies = f"{searches.POLICIES.place},{self.directory.base}"
        limited = self.directory.search(policies, desired, ("displayName",), "one")
        freed = self.directory.shared.planned(UNFILTERED)
        left = [entry for entry in limited if dns.normal(entry.dn) not in freed]
        return ", ".join(sorted(entry.text("displayName") or entry.dn for entry in left))

    def apply(self, operations: Sequence[Operation], progress: Progress) -> None:
        for operation in operations:
            with self.sending(progress, operation):
                if operation.action == "create":
                    self._create(operation.key, operation.after or {})
                elif operation.action == "delete":
                    self.directory.delete(self.raw[operation.key].dn)
                else:
                    self._update(operation.key, operation.after or {})
            progress.done(operation)

    def _create(self, name: str, item: Mapping[str, Any]) -> None:
        identity, now = f"{{{uuid.uuid4()}}}".upper(), _now()
        attributes: dict[str, Sequence[Value]] = {
            "msWMI-ID": [identity],
            "msWMI-Name": [name],
            "msWMI-Author": [self.directory.login],
            "msWMI-Parm1": [item.get("description") or _NO_TEXT],
            "msWMI-Parm2": [written(item["queries"])],
            "msWMI-CreationDate": [now],
            "msWMI-ChangeDate": [now],
            "showInAdvancedViewOnly": ["TRUE"],
        }
        self.directory.add(dns.child(identity, self._place), ["top", "msWMI-Som"], attributes)

    def _update(self, name: str, after: Mapping[str, Any]) -> None:
        entry = self.raw[name]
        changes = {"msWMI-ChangeDate": text_change(entry, "msWMI-ChangeDate", _now())}
        if "description" in after:
            changes["msWMI-Parm1"] = text_change(entry, "msWMI-Parm1", after["description"] or _NO_TEXT)
        if "queries" in after:
            changes["msWMI-Parm2"] = text_change(entry, "msWMI-Parm2", written(after["queries"]))
        self.directory.modify(entry.dn, changes)


def _now() -> str:
    """Time in the form of these objects: `20261124193000.000000-000`."""
    return f"{datetime.now(UTC):%Y%m%d%H%M%S}.000000-000"
