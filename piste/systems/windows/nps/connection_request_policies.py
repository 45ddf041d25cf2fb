"""Connection request policies: a server answers a request, forwards it or accepts it.

Sources: recorded exports; `netsh nps` reference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from piste.engine.converge.plan import Item, Operation
from piste.systems.windows.nps import attributes
from piste.systems.windows.nps.document import REQUEST_POLICIES, REQUEST_PROFILES, SERVER_GROUPS, Document, Value
from piste.systems.windows.nps.driver import flag
from piste.systems.windows.nps.policies import Policies, profile_texts
from piste.systems.windows.nps.server import Server
from piste.systems.windows.nps.tables import CONNECTION_REQUEST_POLICIES, PROVIDERS


class ConnectionRequestPolicies(Policies):
    resource = CONNECTION_REQUEST_POLICIES
    place = REQUEST_POLICIES
    profiles = REQUEST_PROFILES
    expressed = frozenset({"msAuthProviderType", "msAuthProviderName", *attributes.EXPRESSED})
    overriding = ("msEAPConfiguration", "msNPAllowedEapType", "msNPAuthenticationType2", "msOverrideRAPAuth")
    """Properties that count only where they override those of the network policies."""

    def read_profile(self, server: Server, document: Document, name: str, desired: Item) -> Item:
        texts = {property_: text for property_, _, text in document.properties(REQUEST_PROFILES, name)}
        known = {str(wire): provider for provider, wire in PROVIDERS.items()}
        provider = texts.get("msAuthProviderType", "1")
        item: Item = {"authentication": known.get(provider, provider)}
        item |= attributes.read(profile_texts(document, REQUEST_PROFILES, name))
        return item | ({"server_group": group} if (group := texts.get("msAuthProviderName")) else {})

    def profile(
        self, server: Server, document: Document, name: str, changed: Item, *, new: bool
    ) -> Mapping[str, Value]:
        changes: dict[str, Value] = {}
        if new or "authentication" in changed:
            provider = PROVIDERS[changed.get("authentication", "local")]
            changes["msAuthProviderType"] = ("int", [str(provider)])
        if "server_group" in changed:
            changes["msAuthProviderName"] = ("string", [changed["server_group"]] if changed["server_group"] else [])
        return changes | attributes.written(changed, document.values(REQUEST_PROFILES, name, attributes.VENDOR))

    def unexpressed(self, document: Document, name: str) -> Iterator[str]:
        texts = profile_texts(document, REQUEST_PROFILES, name)
        overrides = flag(texts.get("msOverrideRAPAuth", ["0"])[0])
        for property_ in super().unexpressed(document, name):
            if overrides or property_ not in self.overriding:
                yield property_
        yield from attributes.unexpressed(texts)

    def refusals(self, operations: Sequence[Operation]) -> Iterator[str]:
        yield from super().refusals(operations)
        for operation in operations:
            after = {**self._before.get(operation.key, {}), **(operation.after or {})}
            if operation.after is None or after.get("authentication") != "forward":
                continue
            group = after.get("server_group")
            document = self.servers[operation.key.partition("/")[0]].document(fresh=False)
            if not group:
                yield f"« {operation.name} » transmet (forward), et son groupe (server_group) n’est pas donné"
            elif group.casefold() not in map(str.casefold, document.names(SERVER_GROUPS)):
                yield f"« {operation.name} » : le serveur n’a pas de groupe RADIUS « {group} »"
