"""RADIUS clients: equipment that may ask a server, with the secret that both share."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Self

from piste.engine.converge.errors import Fault
from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.request import Request
from piste.engine.converge.secrets import Secret
from piste.engine.words import agreed
from piste.systems.windows.nps.document import CLIENTS, Document, Value
from piste.systems.windows.nps.driver import NpsDriver, flag, folded_name, of_server
from piste.systems.windows.nps.pair import Pair
from piste.systems.windows.nps.server import Server
from piste.systems.windows.nps.tables import OWNERS, PREFIX, RADIUS_CLIENTS, VENDORS, address, vendor

NO_TEMPLATE = "{00000000-0000-0000-0000-000000000000}"
ROTATION = "radius_secret"
"""Confirmation that a change of the secret of equipment in service needs."""
SHORTEST, LONGEST = 16, 128
"""Characters of a secret: RFC 2865 3 advises sixteen at least; some equipment cuts beyond 128."""
_NEW: dict[str, Value] = {
    "Client_Secret_Template_Guid": ("string", [NO_TEMPLATE]),
    "NAS_Manufacturer": ("int", ["0"]),
    "Opaque_Data": ("string", [""]),
    "Radius_Client_Enabled": ("boolean", ["1"]),
    "Require_Signature": ("boolean", ["1"]),
    "Template_Guid": ("string", [NO_TEMPLATE]),
}
_SECRET = "Shared_Secret"
_NUMBERS = {str(number): name for name, number in VENDORS.items()}
_EXPRESSED = {*_NEW, "IP_Address", _SECRET}


class RadiusClients(NpsDriver):
    resource = RADIUS_CLIENTS
    place = CLIENTS
    options = (PREFIX, OWNERS)
    owners: Mapping[str, Sequence[str]] = {}

    @classmethod
    def of(cls, connection: Pair, request: Request, params: Mapping[str, Any]) -> Self:
        driver = super().of(connection, request, params)
        driver.owners = params.get("owners") or {}
        return driver

    def faults(self, items: Sequence[Item]) -> Iterator[Fault]:
        yield from super().faults(items)
        for item in items:
            secret = item.get("secret")
            size = len(secret.value) if isinstance(secret, Secret) and secret.value is not None else SHORTEST
            if not SHORTEST <= size <= LONGEST:
                yield self.fault(item, "secret", f"un secret RADIUS a de {SHORTEST} à {LONGEST} caractères")
        places: dict[tuple[str, str], str] = {}
        for item in items:
            if "address" in item:
                other = places.setdefault((item["server"], item["address"]), item["name"])
                if other != item["name"]:
                    yield self.fault(item, "address", f"{item['address']} est déjà celle de « {other} »")

    def guarded(self, operations: Sequence[Operation]) -> dict[str, str]:
        """Ask to confirm a change of secret in service.

        The equipment still has the former secret: it would lose every server at once.
        """
        needed = super().guarded(operations)
        changed = [operation.name for operation in operations if _in_use(operation.before) and _renewed(operation)]
        if changed:
            needed[ROTATION] = (
                f"le secret de {agreed(len(changed), 'client(s)')} en service changerait, que leur équipement n’a "
                "peut-être pas encore ; playbooks/rotate_radius.yml le fait sans coupure"
            )
        return needed

    def refusals(self, operations: Sequence[Operation]) -> Iterator[str]:
        for operation in operations:
            if operation.action == "create" and "address" not in (operation.after or {}):
                yield f"« {operation.name} » n’existe pas, et son adresse (address) n’est pas donnée"
        for server in self.servers.values():
            touched = set(map(folded_name, operations))
            desired = {
                operation.after["address"]: operation
                for operation in of_server(operations, server.name)
                if operation.after and "address" in operation.after
            }
            if not desired:
                continue
            document = server.document(fresh=False)
            for name in document.names(CLIENTS):
                live = _address(document, name)
                if live in desired and name.casefold() not in touched:
                    yield f"« {desired[live].name} » : « {name} », qui n’est pas déclaré, a déjà l’adresse {live}"

    def read(self, server: Server, document: Document, name: str, desired: Item) -> Item:
        texts = {name: text for name, _, text in document.properties(CLIENTS, name)}
        number = texts.get("NAS_Manufacturer", "0")
        item: Item = {
            "enabled": flag(texts.get("Radius_Client_Enabled", "1")),
            "address": _address(document, name),
            "vendor": _NUMBERS.get(number, number),
            "require_message_authenticator": flag(texts.get("Require_Signature", "0")),
        }
        if text := texts.get(_SECRET):
            item["secret"] = self._secret(name, text, desired.get("secret"), sealed=document.is_sealed)
        return item

    def _secret(self, name: str, text: str, desired: Secret | None, *, sealed: bool) -> Secret:
        """Return a live secret under a path.

        The path has the same value already; else it is the path that a rotation will fill.
        """
        digest = text if sealed else self.vault.fingerprint(text)
        secret = Secret("", digest, None if sealed else text)
        path = desired.path if desired is not None else self.vault.path_of(digest)
        if not path:
            path = self.resource.field("secret").secret.format(owner=self._owner_of(name))
            known = self.vault.get(path)
            # That path has another value, which would replace the live secret: an export names a path not yet used.
            path = path if known.missing or known == secret else f"{path}/{name}"
        return replace(secret, path=path)

    def _owner_of(self, name: str) -> str:
        """Find the owner with the longest beginning of a name; else the owner of the task."""
        begun = [
            (len(start), owner)
            for owner, starts in self.owners.items()
            for start in starts
            if name.casefold().startswith(start.casefold())
        ]
        return max(begun, default=(0, self.owner))[1]

    def unexpressed(self, document: Document, name: str) -> Iterator[str]:
        for property_, _, text in document.properties(CLIENTS, name):
            templates = property_ in ("Template_Guid", "Client_Secret_Template_Guid") and text != NO_TEMPLATE
            if property_ not in _EXPRESSED or templates:
                yield property_

    def write(self, server: Server, document: Document, name: str, changed: Item, *, new: bool) -> None:
        changes: dict[str, Value] = dict(_NEW) if new else {}
        if new:
            # A client that waits for its secret is disabled, with a secret that nobody knows.
            changes[_SECRET] = ("string", [secrets.token_urlsafe(32)])
        if "address" in changed:
            changes["IP_Address"] = ("string", [changed["address"]])
        if "enabled" in changed:
            changes["Radius_Client_Enabled"] = ("boolean", [str(int(changed["enabled"]))])
        if "vendor" in changed:
            spelt = vendor(changed["vendor"])
            changes["NAS_Manufacturer"] = ("int", [str(VENDORS.get(spelt, spelt))])
        if "require_message_authenticator" in changed:
            changes["Require_Signature"] = ("boolean", [str(int(changed["require_message_authenticator"]))])
        secret = changed.get("secret")
        if isinstance(secret, Secret) and secret.value is not None:
            changes[_SECRET] = ("string", [secret.value])
            changes["Client_Secret_Template_Guid"] = ("string", [NO_TEMPLATE])
        document.write(CLIENTS, name, changes)


def _in_use(item: Item | None) -> bool:
    return item is not None and bool(item.get("enabled", True)) and isinstance(item.get("secret"), Secret)


def _renewed(operation: Operation) -> bool:
    before, after = (operation.before or {}), (operation.after or {})
    return isinstance(after.get("secret"), Secret) and bool(after["secret"] != before["secret"])


def _address(document: Document, name: str) -> str:
    text = next(iter(document.values(CLIENTS, name, "IP_Address")), "")
    try:
        return address(text)
    except ValueError:
        return text
