"""Policies: when they apply is one item of the document (conditions, order), what they then do is another of the same
name, their profile. Sources: recorded exports; `netsh nps` reference."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence

from piste.converge.errors import Fault
from piste.converge.plan import Item, Operation
from piste.windows.nps import answers, beliefs, conditions
from piste.windows.nps.clients import NO_TEMPLATE
from piste.windows.nps.document import (
    REQUEST_POLICIES,
    REQUEST_PROFILES,
    SERVER_GROUPS,
    Document,
    Place,
    Value,
)
from piste.windows.nps.driver import NpsDriver, flag, number
from piste.windows.nps.server import Server
from piste.windows.nps.tables import CONNECTION_REQUEST_POLICIES, PROVIDERS

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
"""What the console puts into the profile of nearly every policy, about dial-up lines: nothing that anybody said."""
_SAID = {*_NEW_POLICY, *_NEW_PROFILE, "msNPAction", "msNPConstraint", "msNPSequence"}


def profile_texts(document: Document, place: Place, name: str) -> dict[str, list[str]]:
    """The texts of a profile by property, in their order."""
    held: dict[str, list[str]] = {}
    for one, _, text in document.properties(place, name):
        held.setdefault(one, []).append(text)
    return held


class Policies(NpsDriver):
    """What both kinds share: name, order, conditions."""

    profiles: Place
    said: frozenset[str] = frozenset()
    """Properties of the profile that the fields of the kind say, or that mean nothing to them."""

    # names of groups: only network policies ask for them

    def group_name(self, sid: str) -> str:
        return sid

    def group_sid(self, name: str) -> str:
        return name

    def read(self, server: Server, document: Document, name: str, wanted: Item) -> Item:
        held = {one: text for one, _, text in document.properties(self.place, name)}
        item: Item = {
            "enabled": flag(held.get("Policy_Enabled", "1")),
            "conditions": conditions.read(document.values(self.place, name, "msNPConstraint"), self.group_name),
        }
        if (order := number(held.get("msNPSequence", ""))) is not None:
            item["order"] = order
        return item | self.read_profile(server, document, name, wanted)

    @abstractmethod
    def read_profile(self, server: Server, document: Document, name: str, wanted: Item) -> Item:
        """The fields that the profile gives."""

    def unexpressed(self, document: Document, name: str) -> Iterator[str]:
        properties = [*document.properties(self.place, name), *document.properties(self.profiles, name)]
        for one, _, text in properties:
            template = one.endswith("Template_Guid") and text != NO_TEMPLATE
            lost = one == "msNPSequence" and number(text) is None
            unknown = one not in _SAID | self.said and text != _OF_CONSOLE.get(one)
            if template or lost or unknown or (one == "Opaque_Data" and text):
                yield one

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
        """Properties of the profile that the changed fields give."""

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
                        yield self.fault(item, f"conditions.{field}", "un guillemet n'y tient pas")

    def guarded(self, operations: Sequence[Operation]) -> dict[str, str]:
        needed = super().guarded(operations)
        for name, server in self.servers.items():
            mine = [one.after for one in operations if one.after and one.key.partition("/")[0] == name]
            texts = [text for item in mine for text in conditions.written(item.get("conditions", {}), str)]
            if texts:
                document = server.document(fresh=False)
                found = beliefs.unsettled_conditions(document, texts)
                needed |= {belief.word(name): belief.why(name) for belief in found}
        return needed

    def refusals(self, operations: Sequence[Operation]) -> Iterator[str]:
        # The others do not say what becomes of the conditions that Piste does not read.
        clear = {self.resource.key_of(item) for item in self.declared if "verbatim" in item.get("conditions", {})}
        for operation in operations:
            after = operation.after or {}
            if operation.action == "create":
                for field, what in (("order", "son rang"), ("conditions", "ses conditions")):
                    if field not in after:
                        yield f"« {operation.name} » n'existe pas, et {what} ({field}) ne sont pas donnés"
            unread = (operation.before or {}).get("conditions", {}).get("verbatim", [])
            if unread and operation.after and operation.key not in clear:
                yield (
                    f"« {operation.name} » a des conditions que Piste ne lit pas : {' ; '.join(unread)}. Déclarez-les "
                    "(conditions.verbatim), ou verbatim: [] pour les retirer"
                )
        yield from self._clashes(operations)

    def _clashes(self, operations: Sequence[Operation]) -> Iterator[str]:
        """Policies of one server that would have one order."""
        for name, server in self.servers.items():
            mine = [one for one in operations if one.key.partition("/")[0] == name]
            moved = {one.after["order"]: one for one in mine if one.after and "order" in one.after}
            if not moved:
                continue
            renewed = {(one.after or one.before or {})["name"].casefold(): one for one in mine}
            for other, order in self.orders(server.document(fresh=False)):
                change = renewed.get(other.casefold())
                gone = change is not None and (change.after is None or "order" in change.after)
                if order in moved and not gone:
                    yield (
                        f"« {moved[order].name} » : « {other} » a déjà le rang {order} ; donnez-en un autre, ou "
                        "déclarez aussi cette stratégie pour la déplacer"
                    )

    def remarks(self) -> list[str]:
        """Also the policies of others that decide before the declared ones."""
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
                    notes.append(f"{name} : « {other} », qui n'est pas déclarée, passe avant (rang {order})")
        return notes

    def orders(self, document: Document) -> list[tuple[str, int]]:
        """Names and orders of the policies of a server, the first first."""
        found = []
        for name in document.names(self.place):
            text = next(iter(document.values(self.place, name, "msNPSequence")), "")
            if (order := number(text)) is not None:
                found.append((name, order))
        return sorted(found, key=lambda pair: pair[1])


class ConnectionRequestPolicies(Policies):
    resource = CONNECTION_REQUEST_POLICIES
    place = REQUEST_POLICIES
    profiles = REQUEST_PROFILES
    said = frozenset({"msAuthProviderType", "msAuthProviderName", *answers.SAID})
    overriding = ("msEAPConfiguration", "msNPAllowedEapType", "msNPAuthenticationType2", "msOverrideRAPAuth")
    """Ways of authenticating that hold only where they override those of the network policies."""

    def read_profile(self, server: Server, document: Document, name: str, wanted: Item) -> Item:
        held = {one: text for one, _, text in document.properties(REQUEST_PROFILES, name)}
        known = {str(one): provider for provider, one in PROVIDERS.items()}
        provider = held.get("msAuthProviderType", "1")
        item: Item = {"authentication": known.get(provider, provider)}
        item |= answers.read(profile_texts(document, REQUEST_PROFILES, name))
        return item | ({"server_group": group} if (group := held.get("msAuthProviderName")) else {})

    def profile(
        self, server: Server, document: Document, name: str, changed: Item, *, new: bool
    ) -> Mapping[str, Value]:
        changes: dict[str, Value] = {}
        if new or "authentication" in changed:
            provider = PROVIDERS[changed.get("authentication", "local")]
            changes["msAuthProviderType"] = ("int", [str(provider)])
        if "server_group" in changed:
            changes["msAuthProviderName"] = ("string", [changed["server_group"]] if changed["server_group"] else [])
        return changes | answers.written(changed, document.values(REQUEST_PROFILES, name, answers.VENDOR))

    def unexpressed(self, document: Document, name: str) -> Iterator[str]:
        held = profile_texts(document, REQUEST_PROFILES, name)
        overrides = flag(held.get("msOverrideRAPAuth", ["0"])[0])
        yield from (one for one in super().unexpressed(document, name) if overrides or one not in self.overriding)
        yield from answers.unexpressed(held)

    def refusals(self, operations: Sequence[Operation]) -> Iterator[str]:
        yield from super().refusals(operations)
        for operation in operations:
            after = {**self._before.get(operation.key, {}), **(operation.after or {})}
            if operation.after is None or after.get("authentication") != "forward":
                continue
            group = after.get("server_group")
            document = self.servers[operation.key.partition("/")[0]].document(fresh=False)
            if not group:
                yield f"« {operation.name} » transmet (forward), et son groupe (server_group) n'est pas donné"
            elif group.casefold() not in map(str.casefold, document.names(SERVER_GROUPS)):
                yield f"« {operation.name} » : le serveur n'a pas de groupe RADIUS « {group} »"
