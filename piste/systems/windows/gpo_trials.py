"""A policy made again from a copy, under another name: linked nowhere, it reaches nobody.

The driver of the policies writes and reads it. It is removed by the GUID that was drawn for it, never by its name.
Believed: [belief windows.policy_restored], [belief windows.policy_console].
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from piste.engine.converge.errors import Conflict, Guarded, Misused
from piste.engine.converge.locks import exclusive
from piste.engine.converge.normalise import declared
from piste.engine.converge.overlay import differing
from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.request import Request
from piste.engine.converge.resource import UNSET
from piste.engine.converge.secrets import Vault
from piste.engine.converge.walk import converge, export
from piste.systems.windows import dn as dns
from piste.systems.windows.connection import Connection
from piste.systems.windows.gpo.store import Store, drawn
from piste.systems.windows.gpos import PROTECTED, Gpos, Linked

PREFIX = "Essai de restauration - "
"""Beginning of the names of these policies."""
_OWNER = "commune"
_GUID = re.compile(r"\{[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}\}")


class _New(Gpos):
    """The driver of a policy that is not there yet."""

    def refusals(self, operations: Sequence[Operation]) -> list[str]:
        changed = [_there(operation.key) for operation in operations if operation.action != "create"]
        return [*changed, *super().refusals(operations)]


class Trials:
    """The trial policies of a domain; the caller opens and closes the connection."""

    def __init__(self, connection: Connection, admx: str | None = None) -> None:
        self.connection, self.admx = connection, admx
        self.store = Store(connection.directory, connection.sysvol)

    def _driver(self) -> _New:
        return _New(self.connection.directory, _OWNER, admx=self.admx, sysvol=self.connection.sysvol)

    def prepared(self, copy: Mapping[str, Any]) -> Item:
        """Give the policy that a copy makes: another name, no WMI filter. Writes nothing.

        Raises `InvalidConfig` and the other errors of the driver for a copy that the directory would not take, and
        `Conflict` where a policy has the name.
        """
        item = {**copy, "name": f"{PREFIX}{copy['name']}", "wmi_filter": None}
        driver = self._driver()
        converge(driver, Request(config=[item], owner=_OWNER, check=True))
        if driver.live:
            raise Conflict(_there(item["name"]))
        return item

    def make(self, item: Item, note: Callable[[str], str]) -> str:
        """Make a prepared policy and read it back; `note` keeps its GUID before it is written."""
        made: list[str] = []
        driver = self._driver()

        def draw() -> str:
            made.append(note(drawn()))
            return made[-1]

        driver.store.draw = draw
        for place in driver.locks():
            with exclusive(place):
                converge(driver, Request(config=[item], owner=_OWNER))
        if len(made) != 1 or driver.live[item["name"]].stored.guid != made[0]:
            raise Conflict(f"« {item['name']} » n’est pas celle que cet essai a faite", where=", ".join(made))
        return made[0]

    def read(self, name: str) -> tuple[Item | None, list[str]]:
        """Read a policy, in the form of an export, and the defects of its two halves."""
        driver = self._driver()
        items = export(driver, _OWNER, [{"name": name}], fresh=True)
        live = driver.live.get(name)
        if not items or live is None:
            return None, []
        return items[0], [*driver.broken.get(name, ()), *live.item.get("defects", ())]

    def differences(self, copy: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
        """List the paths of the settings that differ between two policies, their names aside."""
        resource = self._driver().resource
        defaults = {field.name: field.default for field in resource.fields if field.default is not UNSET}
        left, right = (
            declared(resource, [{**defaults, **item, "name": "-"}], Vault(), _OWNER)[0] for item in (copy, other)
        )
        return sorted(_paths(differing(left, right)))

    def links(self, guid: str) -> list[str]:
        return [dns.path_of(dn, self.connection.directory.base) for dn in self.store.links(guid)]

    def remove(self, guid: str) -> None:
        """Remove a trial policy by its GUID, what is left of it included.

        Raises where it is no longer what a test made: another name, a link.
        """
        if not _GUID.fullmatch(guid) or guid in PROTECTED:
            raise Misused(f"« {guid} » n’est pas l’identifiant d’une stratégie d’essai")
        for place in self._driver().locks():
            with exclusive(place):
                self._remove(guid)

    def _remove(self, guid: str) -> None:
        stored = self.store.of(guid)
        if stored is None:
            self.store.sysvol.delete(f"Policies/{guid}")
            return
        if not dns.fold(stored.name).startswith(dns.fold(PREFIX)):
            todo = f"Rendez-lui un nom qui commence par « {PREFIX} », ou supprimez-la dans la console."
            raise Guarded("une stratégie d’essai a été renommée", where=f"{stored.name} {guid}", todo=todo)
        if places := self.links(guid):
            todo = "Retirez ces liens, que Piste n’a pas posés, puis : piste restore clean."
            raise Linked(f"a été liée à {', '.join(places)}", where=stored.name, todo=todo)
        self.store.delete(stored)

    def left(self, guid: str) -> Iterator[str]:
        """Read what is left of a trial policy, in the directory and in SYSVOL."""
        if self.connection.directory.read(self.store.dn(guid), []) is not None:
            yield f"la stratégie {guid}, dans l’annuaire"
        if self.store.sysvol.exists(f"Policies/{guid}"):
            yield f"le dossier de la stratégie {guid}, dans SYSVOL"


def _there(name: str) -> str:
    todo = "renommez-la, ou retirez ce qu’un essai interrompu a laissé (piste restore clean)"
    return f"une stratégie s’appelle déjà « {name} », et cet essai ne l’a pas faite : {todo}"


def _paths(difference: Mapping[str, Any], above: str = "") -> Iterator[str]:
    for name, value in difference.items():
        path = f"{above}.{name}" if above else name
        if isinstance(value, Mapping) and value:
            yield from _paths(value, path)
        else:
            yield path
