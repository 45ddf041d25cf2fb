"""DHCP scopes of an owner, changed on the first server, then replicated to its partner.

Source: module DhcpServer (`Get-DhcpServerv4Scope` and its neighbours; `piste/systems/windows/snippets/documented.yml`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Address, IPv4Network
from itertools import batched
from typing import Any, Self

from piste.engine.converge.driver import Driver
from piste.engine.converge.errors import Fault, Guarded, Rejected, Unreachable
from piste.engine.converge.plan import Item, Operation, changed_fields
from piste.engine.converge.progress import Progress
from piste.engine.converge.request import Request
from piste.engine.converge.resource import Field
from piste.engine.words import agreed
from piste.systems.windows.dhcp import table
from piste.systems.windows.dhcp.relation import Servers
from piste.systems.windows.dhcp.relations import remember
from piste.systems.windows.dhcp.server import WRITTEN, Scope

LEASES, RANGE, ROUTERS = "leases", "range", "routers"
"""Words that confirm what takes addresses from clients: their scope, their part of the range, their gateway."""
OPTIONS = (
    Field(
        "within",
        "Prefixes of the owner: scopes elsewhere are neither read whole nor changed. All by default.",
        type="list",
        default=[],
    ),
)


class Scopes(Driver):
    """The scopes of an owner on a DHCP server and its partner."""

    resource = table.SCOPES
    rests = (("windows.dhcp_backup", ""),)
    options = OPTIONS
    scope = ""

    def __init__(self, servers: Servers, owner: str, within: Sequence[str] = (), *, everything: bool = False) -> None:
        self.servers, self.owner = servers, owner
        self.within = [IPv4Network(prefix) for prefix in within]
        self.everything = everything
        """True where the task covers all the owner's scopes, not only those that it names."""
        self._live: dict[str, Scope] = {}
        self._items: dict[str, Item] = {}

    @classmethod
    def of(cls, connection: Servers, request: Request, params: Mapping[str, Any]) -> Self:
        everything = request.survey or request.state in ("overridden", "gathered")
        memory, vault = request.memory, request.vault
        if memory:
            connection.remember = lambda name, secret: remember(memory, vault, name, secret)
        return cls(connection, request.owner, params.get("within") or (), everything=everything)

    def locks(self) -> Sequence[str]:
        return (f"dhcp {self.servers.host}",)

    def label(self, key: str, item: Item) -> str:
        return f"{item['name']} ({key})" if item.get("name") else key

    # before the first write

    def check(self, desired: Sequence[Item]) -> list[Fault]:
        faults = [(item, *fault) for item in desired for fault in self._faults(item)]
        return [Fault(f"config[{item['subnet']}].{field}", why) for item, field, why in faults]

    def _faults(self, item: Item) -> Iterator[tuple[str, str]]:
        if "subnet" not in item:
            return
        network = IPv4Network(item["subnet"])
        if not self._mine(item["subnet"]):
            within = ", ".join(map(str, self.within))
            yield "subnet", f"hors de ce que possède « {self.owner} » ({within})"
        low, high, around = network[0], network[-1], str(network)
        if {"start", "end"} <= item.keys():
            yield from _outside("start", item, low, high, around)
            low, high = IPv4Address(item["start"]), IPv4Address(item["end"])
            around = f"{low} à {high}"
        for span in item.get("exclusions") or ():
            yield from _outside("exclusions", span, low, high, around)
        for reserved in item.get("reservations") or ():
            if IPv4Address(reserved) not in network:
                yield "reservations", f"{reserved} n’est pas une adresse de {network}"

    def guarded(self, operations: Sequence[Operation]) -> dict[str, str]:
        if refusals := list(self._refusals(operations)):
            raise Guarded(
                f"{agreed(len(refusals), 'changement(s) impossible(s)')}, rien n’a été écrit",
                where=self.servers.host,
                todo="Levez d’abord ce qui les empêche :" + "".join(f"\n  - {refusal}" for refusal in refusals),
            )
        words: dict[str, str] = {}
        for operation in operations:
            used = self._live[operation.key]["in_use"] if operation.before is not None else 0
            if used != 0:
                words |= self._dangers(operation, "occupation inconnue" if used is None else f"{used} adresses prêtées")
        return words | self._cut_off(operations)

    def _refusals(self, operations: Sequence[Operation]) -> Iterator[str]:
        """Yield what no confirmation lifts."""
        new = [operation.key for operation in operations if operation.action == "create"]
        listed = self.servers.first.listed() if new else {}
        for key in new:
            others = [other for other in listed if IPv4Network(other).overlaps(IPv4Network(key))]
            yield from (f"{key} : l’étendue {other} est déjà là, et un masque ne se change pas" for other in others)
            lacking = {"name", "start", "end"} - next(o.after or {} for o in operations if o.key == key).keys()
            if lacking:
                yield f"{key} : il y manque {', '.join(sorted(lacking))}"
        if not self.servers.failover:
            return
        partner = self.servers.partner.listed() if new else {}
        yield from (
            f"{key} : {self.servers.partner_name} a déjà cette étendue, hors de la relation ; retirez-la là"
            for key in new
            if key in partner
        )
        for operation in operations:
            live = self._live.get(operation.key)
            if operation.action != "delete" and live and live["relation"] and not self.servers.same_partner(live):
                yield f"{operation.key} : est dans la relation {live['relation']}, avec {live['partner']}"
        if (secret := self.servers.secret) and secret.missing:
            yield f"secret absent : {secret.path}, de la relation"

    def _dangers(self, operation: Operation, used: str) -> dict[str, str]:
        key, before, after = operation.key, operation.before or {}, operation.after
        if after is None:
            return {f"{LEASES}:{key}": f"retirer une étendue qui sert ({used})"}
        words = {}
        if before.get("active") and after.get("active") is False:
            words[f"{LEASES}:{key}"] = f"désactiver une étendue qui sert ({used})"
        old, new = (options.get("options", {}).get("routers") for options in (before, after))
        if old and new != old:
            words[f"{ROUTERS}:{key}"] = f"changer la passerelle de postes en service ({used})"
        return words

    def _cut_off(self, operations: Sequence[Operation]) -> dict[str, str]:
        """Return the words for changes that leave clients with an address that is no longer lent."""
        narrowed = [operation for operation in operations if operation.action == "update" and self._narrows(operation)]
        if not narrowed:
            return {}
        leases = self.servers.first.leases([operation.key for operation in narrowed])
        words = {}
        for operation in narrowed:
            after = {**self._items[operation.key], **(operation.after or {})}
            outside = [at for at in leases[operation.key] if not _lent(after, at)]
            if outside:
                some = ", ".join(outside[:5])
                words[f"{RANGE}:{operation.key}"] = f"retirer de la plage des adresses prêtées : {some}"
        return words

    def _narrows(self, operation: Operation) -> bool:
        before, after = operation.before or {}, operation.after or {}
        names = ("start", "end", "exclusions")
        return any(name in after and after[name] != before.get(name) for name in names) and (
            self._live[operation.key]["in_use"] != 0
        )

    # reading

    def gather(self, desired: Sequence[Item], *, whole: bool, fresh: bool) -> dict[str, Item]:
        names = {item["subnet"]: _names(item) for item in desired}

        def chosen(subnet: str) -> bool:
            return subnet in names or (self.everything and self._mine(subnet))

        scopes = self.servers.first.scopes(chosen, fresh=fresh)
        _refuse_silence(self.servers.host, scopes)
        items = {subnet: table.item(scope, names.get(subnet, {})) for subnet, scope in scopes.items()}
        self._live, self._items = scopes, dict(items)
        if self.servers.failover and not whole:
            for subnet, missing in self._unreplicated(items, names, fresh=fresh):
                items[subnet] = {**items[subnet], table.UNREPLICATED: missing}
        return dict(sorted(items.items()))

    def _unreplicated(
        self, items: Mapping[str, Item], names: Mapping[str, Mapping[str, str]], *, fresh: bool
    ) -> Iterator[tuple[str, list[str]]]:
        """Yield the declared scopes that the partner does not have as they are."""
        mine = [subnet for subnet in items if subnet in names]
        partner = self.servers.partner
        if not mine:
            return
        theirs = partner.scopes(lambda subnet: subnet in mine, fresh=fresh)
        _refuse_silence(partner.session.host, theirs)
        for subnet in mine:
            other = theirs.get(subnet)
            same = other is not None and table.item(other, names[subnet]) == items[subnet]
            if not same or self._live[subnet]["relation"] is None:
                yield subnet, [self.servers.partner_name]

    def _mine(self, subnet: str) -> bool:
        return not self.within or any(IPv4Network(subnet).subnet_of(prefix) for prefix in self.within)

    # writing

    def apply(self, operations: Sequence[Operation], progress: Progress) -> None:
        """Write the scopes, then replicate them: a refusal of some leaves the others whole."""
        first = self.servers.first
        refused: dict[str, str] = {}
        for some in batched(operations, WRITTEN):
            keys = [operation.key for operation in some]
            removed = [self._removal(operation) for operation in some if operation.after is None]
            changed = [table.change(operation) for operation in some if operation.after and _writes(operation)]
            failed: list[dict[str, str]] = []
            with first.writing(keys), progress.sending(*some):
                if changed:
                    failed += first.session.run("dhcp_scopes_write", scopes=changed)["failed"]
                if removed:
                    with self._partner_writing(keys):
                        failed += first.session.run("dhcp_scopes_remove", scopes=removed)["failed"]
            whys = {refusal["subnet"]: refusal["error"].strip() for refusal in failed}
            refused |= {key: whys[key.partition("/")[0]] for key in keys if key.partition("/")[0] in whys}
            taken = [operation for operation in some if operation.key not in refused]
            progress.begun(some)
            with progress.sending(*taken):
                self._replicate([operation for operation in taken if operation.after is not None])
            for operation in taken:
                progress.done(operation)
        if refused:
            error = Rejected(
                f"étendues refusées : {', '.join(refused)}", where=self.servers.host, why=next(iter(refused.values()))
            )
            error.objects = tuple(operation.name for operation in operations if operation.key in refused)
            raise error

    def _replicate(self, operations: Sequence[Operation]) -> None:
        try:
            self.servers.replicate([operation.key for operation in operations])
        except Rejected as error:
            error.objects = tuple(operation.name for operation in operations)
            raise

    def _partner_writing(self, keys: Sequence[str]) -> Any:
        return (self.servers.partner if self.servers.failover else self.servers.first).writing(keys)

    def _removal(self, operation: Operation) -> dict[str, Any]:
        return {"subnet": operation.key.partition("/")[0], "relation": self._live[operation.key]["relation"]}

    def remarks(self) -> list[str]:
        full = [subnet for subnet, scope in self._live.items() if scope["active"] and scope["free"] == 0]
        return [f"étendue {subnet} : plus aucune adresse libre" for subnet in sorted(full)]


def _writes(operation: Operation) -> bool:
    """False where the first server has the declared scope and only its partner lacks it."""
    return set(changed_fields(operation)) != {table.UNREPLICATED}


def _outside(
    field: str, span: Mapping[str, str], low: IPv4Address, high: IPv4Address, around: str
) -> Iterator[tuple[str, str]]:
    if {"start", "end"} <= span.keys():
        first, last = IPv4Address(span["start"]), IPv4Address(span["end"])
        if not low <= first <= last <= high:
            yield field, f"{first} à {last} n’est pas une plage de {around}"


def _names(item: Item) -> dict[str, str]:
    reserved = item.get("reservations") or {}
    return {at: str(entry["name"]) for at, entry in reserved.items() if entry is not None and "name" in entry}


def _lent(item: Item, at: str) -> bool:
    """True where an address is reserved, or in the range and not excluded."""
    if at in (item.get("reservations") or {}):
        return True
    wanted = IPv4Address(at)
    inside = [IPv4Address(span["start"]) <= wanted <= IPv4Address(span["end"]) for span in item["exclusions"]]
    return IPv4Address(item["start"]) <= wanted <= IPv4Address(item["end"]) and not any(inside)


def _refuse_silence(host: str, scopes: Mapping[str, Scope]) -> None:
    """Raise `Unreachable` where the options or reservations of a scope are unknown."""
    silent = {subnet: scope["error"] for subnet, scope in scopes.items() if scope["error"]}
    if silent:
        raise Unreachable(
            f"ne dit pas les options et les réservations de {', '.join(sorted(silent))}",
            where=host,
            why=silent[min(silent)],
            todo="Vérifiez le service DHCP de ce serveur (journal DhcpServer), puis relancez.",
        )
