"""Elements, the material of rules, known by type and name.

Source: SMC API guide, "Create", "Update", "Delete an element"; "references_by_element".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from types import MappingProxyType
from typing import Any, Self

from piste.engine.converge.errors import Fault
from piste.engine.converge.normalise import from_wire, to_wire
from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.progress import Progress
from piste.engine.converge.reading import mapped, reading, text, truth
from piste.engine.converge.request import Request
from piste.engine.converge.resource import Field
from piste.engine.converge.secrets import Secret
from piste.engine.converge.spec import REHEARSE
from piste.engine.converge.values import stable
from piste.systems.forcepoint import admin_table, bulk, references, rights, versions
from piste.systems.forcepoint.access_table import NOT_PLAIN, NOT_PLAIN_SAID, RESTS, SECRETS, UNGIVEN, USERS_OF
from piste.systems.forcepoint.children import Children, secrets_of
from piste.systems.forcepoint.driver import Gathered, SmcDriver
from piste.systems.forcepoint.element_guards import cutting, keyless, loses_rights, narrowed
from piste.systems.forcepoint.element_table import (
    ELEMENTS,
    NETWORKS,
    TYPES,
    by_dependency,
    cycles,
    decode,
    designations,
    encode,
    misplaced,
)
from piste.systems.forcepoint.element_table import references as references_of
from piste.systems.forcepoint.smc import Smc, is_system

_NEEDS: Mapping[str, tuple[str, ...]] = {
    "host": ("address", "ipv6_address"),
    "router": ("address", "ipv6_address"),
    "dhcp_server": ("address", "ipv6_address"),
    "ntp": ("address", "ipv6_address"),
    "network": ("ipv4_network", "ipv6_network"),
    "address_range": ("ip_range",),
    "tcp_service": ("ports", "source_ports"),
    "udp_service": ("ports", "source_ports"),
    "icmp_service": ("icmp_type",),
    "icmp_ipv6_service": ("icmp_type",),
    "ip_service": ("protocol",),
    "url_list_application": ("urls",),
    "radius_server": ("address", "ipv6_address"),
    "active_directory_server": ("address", "ipv6_address"),
    "ldap_server": ("address", "ipv6_address"),
    "authentication_service": ("method",),
    "external_ldap_user_domain": ("ldap_servers",),
    "external_gateway": ("gateway_profile",),
    "vpn": ("vpn_profile",),
}
"""Fields, by type, among which a new element must have at least one."""


_ACCOUNT_UNKNOWN = (
    "le SMC ne dit pas quel compte porte la session de Piste, ni ses rôles, et elle pourrait y perdre ses droits : "
    "donnez à ce compte un rôle qui voit les administrateurs"
)

OPTIONS = (
    Field(
        "keep",
        "Elements, C(type/name), of the rules that let administration in: changing one into another asks for a word.",
        type="list",
        default=[],
    ),
    REHEARSE,
)


class Elements(SmcDriver):
    resource = ELEMENTS
    options = OPTIONS
    locked = ("elements",)

    def __init__(self, smc: Smc, request: Request, *, keep: Iterable[str] = ()) -> None:
        super().__init__(smc, request)
        self.keep = frozenset(keep)
        self.children = Children(smc)

    @classmethod
    def of(cls, connection: Smc, request: Request, params: Mapping[str, Any]) -> Self:
        return cls(connection, request, keep=params.get("keep") or ())

    def rests_on(self, operation: Operation) -> Iterable[str]:
        kind = references.split(operation.key)[0]
        return [belief for belief, kinds in RESTS.items() if kind in kinds]

    # declaration

    def asked_absent(self, names: Iterable[str]) -> list[str]:
        """Replace `vpn/<policy>-*` by the undeclared VPNs of that policy's own profile."""
        declared = {f"{item.get('type')}/{item.get('name')}" for item in self.request.config}
        return [key for name in names for key in (self._own(name, declared) if name.endswith("-*") else [name])]

    def _own(self, pattern: str, declared: Collection[str]) -> Iterator[str]:
        """Yield the undeclared VPNs of a pattern that have the profile of the town.

        A name alone proves nothing: people may have chosen it.
        """
        kind, start = references.split(pattern.removesuffix("*"))
        for name, path in self.smc.listing(kind).items():
            key = f"{kind}/{name}"
            if name.startswith(start) and key not in declared:
                with reading(key):
                    profile = mapped(self.smc.get(path)).get("vpn_profile")
                    if profile and self.smc.name(text(profile)) == f"vpn_profile/{start}vpn":
                        yield key

    def check(self, desired: Sequence[Item]) -> Sequence[Fault]:
        items = [item for item in desired if "type" in item and "name" in item]
        keys = {self.resource.key_of(item) for item in items}
        faults = [*_clashes([item for item in items if not self._there(item)], keys), *_cycle_faults(items)]
        for item in items:
            where, kind = f"config[{self.resource.key_of(item)}]", item["type"]
            for name in misplaced(item):
                own = ", ".join(TYPES[kind]) or "aucun autre que comment"
                faults.append(Fault(f"{where}.{name}", f"un élément {kind} n’a pas ce champ ; les siens : {own}"))
            needs = _NEEDS.get(kind, ())
            if kind == "internal_user_domain" and not self._there(item):
                faults.append(Fault(where, "n’existe pas : le SMC n’a qu’un domaine interne, qu’il fait lui-même"))
            if kind == "internal_user_group" and NOT_PLAIN.search(item["name"]):
                faults.append(Fault(f"{where}.name", NOT_PLAIN_SAID))
            if needs and not any(item.get(name) is not None for name in needs) and not self._there(item):
                faults.append(Fault(where, f"n’existe pas encore, et il lui faut {' ou '.join(needs)}"))
            for ref in self.missing(references_of(item), keys):
                faults.append(Fault(where, f"désigne « {ref} », qui n’existe pas et n’est pas déclaré"))
            for name in versions.unknown_fields(item, self.smc.smc_version):
                faults.append(Fault(f"{where}.{name}", "ce SMC est trop ancien pour ce champ"))
        return faults

    def _there(self, item: Item) -> bool:
        return bool(self.smc.path(self.resource.key_of(item)))

    def lacks(self, item: Item) -> str:
        """Say which secret an element waits for: a whole write without it would lose it."""
        paths = [secret.path for secret in secrets_of([*item.values()]) if secret.missing]
        return f"attend son secret ({', '.join(paths)})" if paths else ""

    def exported(self, item: Item, owner: str) -> Item:
        item = super().exported(item, owner)
        return {name: value for name, value in item.items() if name not in misplaced(item)}

    # reading

    def read(self, desired: Sequence[Item], *, whole: bool, fresh: bool) -> Gathered:
        everything = whole and not desired
        kinds = list(TYPES) if everything else list(dict.fromkeys(item["type"] for item in desired))
        names = {self.resource.key_of(item): item for item in desired}
        todo: dict[str, str] = {}
        places: dict[str, list[str]] = {}
        for kind in kinds:
            listed = {f"{kind}/{name}": path for name, path in self.smc.listing(kind, fresh=fresh).items()}
            mine = {key: path for key, path in listed.items() if everything or key in names}
            todo |= mine
            if mine:
                places[self.smc.entry_points[kind]] = list(mine.values())
        documents = self._documents(places, alone=whole or fresh)
        result = Gathered()
        for key, path in todo.items():
            document = documents[path]
            if document is None or truth(document.get("trashed")):
                continue
            if everything and (is_system(document) or truth(document.get("superuser"))):
                continue  # Who may do everything is the console's alone.
            result.documents[key] = {**document, "path": path}
            result.items[key] = self._canonical(key, document, result.unknown)
        if everything:
            result.abroad = self.abroad(ref for item in result.items.values() for ref in references_of(item))
        self._read_children(result, {} if whole else names)
        result.items = dict(
            sorted(result.items.items(), key=lambda pair: (list(TYPES).index(pair[1]["type"]), pair[0]))
        )
        return result

    def _documents(self, places: Mapping[str, Sequence[str]], *, alone: bool) -> dict[str, bulk.Document | None]:
        """Read the documents of some elements, given by list; `alone` reads each by itself."""
        if not alone:
            return bulk.documents(self.smc, places)
        paths = [path for some in places.values() for path in some]
        return dict(zip(paths, self.smc.documents(paths), strict=True))

    def _canonical(self, key: str, document: Mapping[str, Any], unknown: set[str]) -> Item:
        kind, name = references.split(key)
        with reading(key):
            wire = decode(kind, document)
            wire |= designations(wire, self.smc.name, on_wire=True)
            unknown |= self.unknown(wire, [field.wire_name for field in self.resource.fields])
            item = from_wire(self.resource.body, {**wire, "name": name}, self.vault, {}, {})
        return {name: value for name, value in item.items() if name not in misplaced(item)}

    def _read_children(self, gathered: Gathered, wanted: Mapping[str, Item]) -> None:
        """Read the fields that are documents of their own, or those that `wanted` has."""
        todo = [
            (key, field)
            for key, item in gathered.items.items()
            for field in self.resource.parts
            if field.name in TYPES[item["type"]] and (not wanted or field.name in wanted[key])
        ]
        read = lambda each: self.children.read(gathered.documents[each[0]]["path"], each[1])  # noqa: E731
        for (key, field), value in zip(todo, self.smc.map(read, todo), strict=True):
            gathered.items[key][field.name] = value

    # before the first write

    def refusals(self, operations: Sequence[Operation]) -> list[str]:
        """Refuse to remove elements that other objects still designate.

        In check mode, the rules of a policy that an earlier task would have changed do not count: that task may have
        taken the element out of them.
        """
        gone = {operation.key for operation in operations if operation.action == "delete"}
        freed = {
            operation.key: set(references_of(operation.before or {})) - set(references_of(operation.after or {}))
            for operation in operations
            if operation.action == "update"
        }
        reasons = []
        for key in sorted(gone):
            lets_go = {holder for holder, members in freed.items() if key in members}
            if why := self.used(key, self.last.documents[key]["path"], {*gone, *lets_go}):
                reasons.append(f"{why} : retirez-le d’abord de là")
        written = [each for each in operations if each.after and references.split(each.key)[0] == "vpn"]
        reasons += [*self._supreme(operations), *self._losing(operations)]
        return [*reasons, *chain.from_iterable(map(self.children.refusals, written))]

    def _supreme(self, operations: Sequence[Operation]) -> Iterator[str]:
        """Name the changes of an administrator of all rights, and those that take rights from Piste."""
        changed = [each for each in operations if each.before and references.split(each.key)[0] == "admin_user"]
        cut = [each for each in operations if loses_rights(each)]
        account = rights.account_of(self.smc) if changed or cut else None
        for operation in changed:
            document = self.last.documents[operation.key]
            if truth(document.get("superuser")) or (account and document["path"] == account.path):
                yield f"« {operation.name} » peut tout, ou porte la session de Piste : il se règle dans la console"
            elif account is None:
                yield f"« {operation.name} » : {_ACCOUNT_UNKNOWN}"
        for operation in cut:
            if account is None:
                yield f"« {operation.name} » : {_ACCOUNT_UNKNOWN}"
            elif self.last.documents[operation.key]["path"] in (account.roles or ()):
                yield (
                    f"« {operation.name} » donne ses droits à la session de Piste, qui en perdrait : il se règle dans "
                    "la console"
                )

    def _losing(self, operations: Sequence[Operation]) -> Iterator[str]:
        """Name the changes that would lose a secret, which the SMC does not give back."""
        for operation in operations:
            if operation.action != "update":
                continue
            kind, document = references.split(operation.key)[0], self.last.documents[operation.key]
            given = {name for name in SECRETS.get(kind, ()) if isinstance((operation.after or {}).get(name), Secret)}
            anonymous = "shared_secret" not in SECRETS.get(kind, ()) and not document.get("bind_user_id")
            lost = [] if anonymous else sorted({*SECRETS.get(kind, ())} - given)
            lost += [name for name in UNGIVEN.get(kind, ()) if document.get(name)]
            lost += [*keyless(operation)]
            if lost:
                yield (
                    f"« {operation.name} » : {', '.join(lost)} y est un secret que le SMC ne redonne pas, et qu’une "
                    "écriture perdrait : déclarez-le, ou changez-le dans la console"
                )

    def guards(self, operations: Sequence[Operation]) -> dict[str, str]:
        """Guard the elements of the rules that let administration in: a change may lose the rule."""
        why = "une règle qui laisse entrer l’administration le nomme"
        words = {
            f"administration:{operation.key}": f"{why} ({', '.join(fields)})"
            for operation in operations
            if operation.action == "update" and operation.key in self.keep
            if (fields := narrowed(operation.before or {}, operation.after or {}))
        }
        return words | dict(cutting(operations))

    def ordered(self, operations: Sequence[Operation]) -> Sequence[Operation]:
        """Create referenced elements first and remove them last, once groups have let them go."""
        made = {operation.key: operation for operation in operations if operation.action != "delete"}
        gone = {operation.key: operation for operation in operations if operation.action == "delete"}
        return [
            *(made[key] for key in _keys(by_dependency([_named(operation) for operation in made.values()]))),
            *(gone[key] for key in reversed(_keys(by_dependency([_named(operation) for operation in gone.values()])))),
        ]

    # writing

    def apply(self, operations: Sequence[Operation], progress: Progress) -> None:
        for operation in operations:
            with self.sending(progress, operation):
                if operation.action == "create":
                    self._create(operation)
                elif operation.action == "delete":
                    self._delete(operation)
                else:
                    self._update(operation)
            progress.done(operation)

    def _create(self, operation: Operation) -> None:
        kind, name = references.split(operation.key)
        after = versions.known_fields(operation.after or {}, self.smc.smc_version)
        item = {field: value for field, value in after.items() if value not in (None, [])}
        password = item.pop(admin_table.PASSWORD, None)
        if kind == "ntp":  # the type of its key is demanded [read in vendor code]
            item = {"key_type": "none", **item}
        body = self._wire(kind, item)
        if kind == "internal_user_group":
            body["unique_id"] = f"cn={name},{USERS_OF}"
        if kind == "admin_user":
            body["superuser"] = False
        path = self.smc.create(self.smc.entry_points[kind], body)
        self.smc.learn(kind, name, path)
        self._give_password(path, password)
        self._write_children(operation, path, {}, item)

    def _update(self, operation: Operation) -> None:
        before, after, raw = operation.before or {}, operation.after or {}, self.last.documents[operation.key]
        changed = {name: value for name, value in after.items() if stable(value) != stable(before.get(name))}
        parts = {field.name: changed.pop(field.name) for field in self.resource.parts if field.name in changed}
        password = changed.pop(admin_table.PASSWORD, None)
        if changed:
            kind = references.split(operation.key)[0]
            kept = {name: value for name, value in raw.items() if name not in ("path", "etag")}
            secrets = {name: after[name] for name in SECRETS.get(kind, ()) if name in after}
            self.smc.put(raw["path"], {**kept, **self._wire(kind, {**secrets, **changed}, kept)}, raw["etag"])
        self._give_password(raw["path"], password)
        self._write_children(operation, raw["path"], before, parts)

    def _give_password(self, path: str, password: Secret | None) -> None:
        if password and password.value:
            self.smc.order(f"{path}/change_password", {"password": password.value})

    def _delete(self, operation: Operation) -> None:
        raw = self.last.documents[operation.key]
        self.smc.delete(raw["path"], raw["etag"])
        self.smc.unlearn(*references.split(operation.key))

    def _write_children(self, operation: Operation, path: str, before: Item, after: Item) -> None:
        for field in self.resource.parts:
            if field.name in after:
                self.children.write(path, field, before.get(field.name), after[field.name])
        if references.split(operation.key)[0] == "vpn":
            self.children.validate(operation.key, path)

    def remarks(self) -> list[str]:
        return [*super().remarks(), *self.children.said]

    def _wire(self, kind: str, item: Item, live: Mapping[str, Any] = MappingProxyType({})) -> dict[str, Any]:
        """Build the wire form of some fields; a value taken away is left out of the document.

        What is on in `live` and unknown to the table is turned off, as any undeclared capability.
        """
        addressed = designations(item, self.smc.address)
        wire = to_wire(self.resource.fields, {**item, **addressed}, {})
        document = encode(kind, wire)
        if "capabilities" in document:
            on = {name: False for name, value in mapped(live.get("capabilities")).items() if value is True}
            document["capabilities"] = on | document["capabilities"]
        if kind == "role" and admin_table.RIGHTS in wire:
            document = dict.fromkeys(admin_table.granted(live), False) | document
        return versions.element_for(document, self.smc.api)


def _named(operation: Operation) -> dict[str, Any]:
    kind, name = references.split(operation.key)
    return {**(operation.before or {}), **(operation.after or {}), "type": kind, "name": name}


def _keys(items: Sequence[Mapping[str, Any]]) -> list[str]:
    return [f"{item['type']}/{item['name']}" for item in items]


def _clashes(new: Sequence[Item], keys: Iterable[str]) -> Iterator[Fault]:
    """Yield the names that a new network element would share with another: the SMC refuses.

    Live elements cannot clash: the SMC has accepted them.
    """
    left = set(keys)
    for item in new:
        key, name = f"{item['type']}/{item['name']}", item["name"]
        others = [f"{kind}/{name}" for kind in sorted(NETWORKS) if f"{kind}/{name}" in left - {key}]
        if others and item["type"] in NETWORKS:
            left.remove(key)
            where = f"config[{key}].name"
            yield Fault(where, f"déjà pris par {others[0]} : les éléments de réseau partagent leurs noms")


def _cycle_faults(items: Sequence[Item]) -> Iterator[Fault]:
    for way in cycles(items):
        yield Fault(f"config[{way[0]}].members", f"le groupe se contient lui-même : {' → '.join(way)}")
