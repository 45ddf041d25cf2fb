"""Base of both kinds of policies: an item with its conditions, and a profile.

The item says when the policy applies, the profile of the same name its effect. Sources: recorded exports; `netsh nps`
reference.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from piste.engine.converge.errors import Fault
from piste.engine.converge.plan import Item, Operation
from piste.systems.windows.nps import beliefs, conditions
from piste.systems.windows.nps.document import Document, Place, Value
from piste.systems.windows.nps.driver import NpsDriver, flag, folded_name, number, of_server
from piste.systems.windows.nps.radius_clients import NO_TEMPLATE
from piste.systems.windows.nps.server import Server

_NEW_POLICY: Mapping[str, Value] = {
    "Opaque_Data": ("string", [""]),
    "Policy_Enabled": ("boolean", ["1"]),
    "Policy_SourceTag": ("int", ["0"]),
    "Template_Guid": ("string", [NO_TEMPLATE]),
}
_NEW_PROFILE: Mapping[str, Value] = {
    "IP_Filter_Template_Guid": ("string", [NO_TEMPLATE]),
    "Opaque_Data": ("string", [""]),
    "Template_Guid": ("string", [NO_TEMPLATE]),
}
_OF_CONSOLE: Mapping[str, str] = {
    "msRASBapLinednLimit": "50",
    "msRASBapLinednTime": "120",
    "msRASMPPEEncryptionPolicy": "2",
    "msRASMPPEEncryptionType": "14",
}
"""Properties about dial-up lines that the console puts into most profiles, without being asked."""
_EXPRESSED = {*_NEW_POLICY, *_NEW_PROFILE, "msNPAction", "msNPConstraint", "msNPSequence"}


def profile_texts(document: Document, place: Place, name: str) -> dict[str, list[str]]:
    """Return the texts of a profile by property, in their order."""
    texts: dict[str, list[str]] = {}
    for property_, _, text in document.properties(place, name):
        texts.setdefault(property_, []).append(text)
    return texts


def _conditions(item: Item | None) -> list[str]:
    return conditions.written((item or {}).get("conditions", {}), str)


class Policies(NpsDriver):
    """Base of both kinds of policies: name, order, conditions."""

    # Their order is one for all: a policy that waits may stand before others.
    together = True
    rests = (*NpsDriver.rests, ("windows.nps_mac", "conditions.calling_station"))
    profiles: Place
    expressed: frozenset[str] = frozenset()
    """Properties of the profile that the fields of the kind express, or that mean nothing to them."""

    # names of groups: only network policies ask for them

    def group_name(self, sid: str) -> str:
        return sid

    def group_sid(self, name: str) -> str:
        return name

    def read(self, server: Server, document: Document, name: str, desired: Item) -> Item:
        texts = {property_: text for property_, _, text in document.properties(self.place, name)}
        item: Item = {
            "enabled": flag(texts.get("Policy_Enabled", "1")),
            "conditions": conditions.read(document.values(self.place, name, "msNPConstraint"), self.group_name),
        }
        if (order := number(texts.get("msNPSequence", ""))) is not None:
            item["order"] = order
        return item | self.read_profile(server, document, name, desired)

    @abstractmethod
    def read_profile(self, server: Server, document: Document, name: str, desired: Item) -> Item:
        """Return the fields that come from the profile."""

    def unexpressed(self, document: Document, name: str) -> Iterator[str]:
        properties = [*document.properties(self.place, name), *document.properties(self.profiles, name)]
        for property_, _, text in properties:
            template = property_.endswith("Template_Guid") and text != NO_TEMPLATE
            lost = property_ == "msNPSequence" and number(text) is None
            unknown = property_ not in _EXPRESSED | self.expressed and text != _OF_CONSOLE.get(property_)
            if template or lost or unknown or (property_ == "Opaque_Data" and text):
                yield property_

    def write(self, server: Server, document: Document, name: str, changed: Item, *, new: bool) -> None:
        policy: dict[str, Value] = {}
        if new:
            policy = {**_NEW_POLICY, "msNPAction": ("string", [name])}
            document.write(self.profiles, name, _NEW_PROFILE)
        if "enabled" in changed:
            policy["Policy_Enabled"] = ("boolean", [str(int(changed["enabled"]))])
        if "order" in changed:
            policy["msNPSequence"] = ("int", [str(changed["order"])])
        if "conditions" in changed:
            policy["msNPConstraint"] = ("string", conditions.written(changed["conditions"], self.group_sid))
        document.write(self.place, name, policy)
        document.write(self.profiles, name, self.profile(server, document, name, changed, new=new))

    @abstractmethod
    def profile(
        self, server: Server, document: Document, name: str, changed: Item, *, new: bool
    ) -> Mapping[str, Value]:
        """Return the properties of the profile that changed fields set."""

    def remove(self, document: Document, name: str) -> None:
        super().remove(document, name)
        document.remove(self.profiles, name)

    # before the first write

    def faults(self, items: Sequence[Item]) -> Iterator[Fault]:
        yield from super().faults(items)
        orders: dict[tuple[str, int], str] = {}
        for item in items:
            if "order" in item:
                other = orders.setdefault((item["server"], item["order"]), item["name"])
                if other != item["name"]:
                    yield self.fault(item, "order", f"{item['order']} est déjà celui de « {other} »")
            if "conditions" in item:
                if conditions.is_empty(item["conditions"]):
                    yield self.fault(item, "conditions", "au moins une condition est attendue")
                for field, text in item["conditions"].items():
                    if isinstance(text, str) and '"' in text:
                        yield self.fault(item, f"conditions.{field}", "un guillemet n’y tient pas")

    def rests_on(self, operation: Operation) -> Sequence[str]:
        """List also the conditions of a form that no public source shows."""
        return [*super().rests_on(operation), *beliefs.unproven(_conditions(operation.after))]

    def shown(self, operation: Operation) -> Sequence[str]:
        """List the conditions of a form that this policy has, or a policy of others."""
        texts, own = _conditions(operation.after), _conditions(operation.before)
        if not (believed := beliefs.unproven(texts)):
            return ()
        mine = (*self.prefix, *(item["name"].casefold() for item in self.declared))
        servers = [server for name, server in self.servers.items() if of_server([operation], name)]
        open_ = [beliefs.unproven(texts, [*own, *beliefs.live(s.document(fresh=False), mine)]) for s in servers]
        return [id_ for id_ in believed if id_ not in {*chain.from_iterable(open_)}]

    def refusals(self, operations: Sequence[Operation]) -> Iterator[str]:
        # An item without `verbatim` does not say what becomes of the conditions that Piste does not read.
        clear = {self.resource.key_of(item) for item in self.declared if "verbatim" in item.get("conditions", {})}
        for operation in operations:
            after = operation.after or {}
            if operation.action == "create":
                for field, what in (("order", "son rang"), ("conditions", "ses conditions")):
                    if field not in after:
                        yield f"« {operation.name} » n’existe pas, et {what} ({field}) ne sont pas donnés"
            unread = (operation.before or {}).get("conditions", {}).get("verbatim", [])
            if unread and operation.after and operation.key not in clear:
                yield (
                    f"« {operation.name} » a des conditions que Piste ne lit pas : {' ; '.join(unread)}. Déclarez-les "
                    "(conditions.verbatim), ou verbatim: [] pour les retirer"
                )
        yield from self._clashes(operations)

    def _clashes(self, operations: Sequence[Operation]) -> Iterator[str]:
        """Refuse to give two policies of a server the same order."""
        for name, server in self.servers.items():
            mine = of_server(operations, name)
            moved = {
                operation.after["order"]: operation
                for operation in mine
                if operation.after and "order" in operation.after
            }
            if not moved:
                continue
            renewed = {folded_name(operation): operation for operation in mine}
            for other, order in self.orders(server.document(fresh=False)):
                change = renewed.get(other.casefold())
                gone = change is not None and (change.after is None or "order" in change.after)
                if order in moved and not gone:
                    yield (
                        f"« {moved[order].name} » : « {other} » a déjà le rang {order} ; donnez-en un autre, ou "
                        "déclarez aussi cette stratégie pour la déplacer"
                    )

    def remarks(self) -> list[str]:
        """Add the policies of others that decide before the declared policies."""
        notes = super().remarks()
        for name, server in self.servers.items():
            known = [item for item in (*self._before.values(), *self.declared) if item["server"] == name]
            mine = {item["name"].casefold(): item["order"] for item in known if "order" in item}
            if not self.declared or not mine:
                continue
            document = server.document(fresh=False)
            for other, order in self.orders(document):
                enabled = flag(next(iter(document.values(self.place, other, "Policy_Enabled")), "1"))
                if enabled and other.casefold() not in mine and order < max(mine.values()):
                    notes.append(f"{name} : « {other} », qui n’est pas déclarée, passe avant (rang {order})")
        return notes

    def orders(self, document: Document) -> list[tuple[str, int]]:
        """Return the names and orders of the policies of a server, in that order."""
        orders = []
        for name in document.names(self.place):
            text = next(iter(document.values(self.place, name, "msNPSequence")), "")
            if (order := number(text)) is not None:
                orders.append((name, order))
        return sorted(orders, key=lambda pair: pair[1])
