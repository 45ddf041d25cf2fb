"""Relations of DHCP servers: the terms under which a partner takes over scopes.

A relation is made with the first scope that needs it (`piste/systems/windows/dhcp/relation.py`), never empty: the
cmdlet wants a scope. Here its terms change. They are read and written on the first server; that the partner takes them
by itself is [belief windows.dhcp_terms], from the DHCP console, whose page of a relation changes both.

Source: `Set-DhcpServerv4Failover`, which changes neither the name nor the partner.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

from piste.engine.converge.driver import Driver
from piste.engine.converge.errors import Guarded
from piste.engine.converge.memory import Memory, written
from piste.engine.converge.plan import Item, Operation, changed_fields
from piste.engine.converge.progress import Progress
from piste.engine.converge.request import Request
from piste.engine.converge.resource import Field, Resource, Shape
from piste.engine.converge.secrets import Secret, Vault
from piste.systems.windows.dhcp.relation import Servers
from piste.systems.windows.dhcp.server import Relation

NORMAL = "Normal"
MODE = "mode"
"""Word that confirms another mode: the servers share the requests otherwise, and each takes its role by itself."""
_MODES: Mapping[str, str] = {"load_balance": "LoadBalance", "hot_standby": "HotStandby"}

RELATIONS = Resource(
    system="dhcp",
    name="dhcp_relation",
    doc="Relation DHCP",
    shape=Shape.FIXED,
    fields=(
        Field("name", "Name of the relation; its identity.", required=True),
        Field("partner", "Name of the partner, fixed when the relation is made.", create_only=True),
        Field(
            "mode",
            "C(load_balance) shares the requests, C(hot_standby) keeps the partner in reserve.",
            choices=tuple(_MODES),
            guard=MODE,
        ),
        Field(
            "share",
            "Percent of the requests that the first server takes, or of the addresses that the partner keeps.",
            type="int",
            minimum=0,
            maximum=100,
        ),
        Field("client_lead", "Seconds that the partner may extend a lease by (MCLT).", type="int", minimum=60),
        Field(
            "switch_after",
            "Seconds before a silent partner is taken as down; null where a person says so.",
            type="int",
            minimum=60,
            nullable=True,
        ),
        Field(
            "shared_secret",
            "Reference of the secret that the servers share; null where they share none.",
            secret="dhcp/{name}/secret",
            readable=False,
            nullable=True,
        ),
    ),
)


class Relations(Driver):
    """The relations of the first DHCP server."""

    resource = RELATIONS
    rests = (("windows.dhcp_secret", "shared_secret"),)
    options = ()
    states = ("merged", "gathered")
    scope = ""

    def __init__(self, servers: Servers) -> None:
        self.servers = servers
        self._live: dict[str, Relation] = {}
        self._secrets: dict[str, bool] = {}
        """Whether a declared relation says anything of its secret, by name."""

    @classmethod
    def of(cls, connection: Servers, request: Request, params: Mapping[str, Any]) -> Self:
        return cls(connection)

    def locks(self) -> Sequence[str]:
        return (f"dhcp {self.servers.host}",)

    def gather(self, desired: Sequence[Item], *, whole: bool, fresh: bool) -> dict[str, Item]:
        live = self.servers.first.relations(fresh=fresh)
        self._secrets |= {str(item["name"]): "shared_secret" in item for item in desired}
        if not desired:
            self._live = dict(live)
        else:
            named = {str(item["name"]): self._serving(item, live) for item in desired}
            self._live = {name: relation for name, relation in named.items() if relation is not None}
        return {name: self._item(name, relation, whole=whole) for name, relation in sorted(self._live.items())}

    def _serving(self, item: Item, live: Mapping[str, Relation]) -> Relation | None:
        """Return the relation of a declared name, else the first with its partner, under any name."""
        if item["name"] in live:
            return live[item["name"]]
        partner = str(item.get("partner") or self.servers.partner_name)
        same = [name for name in live if partner and self.servers.same_name(str(live[name]["partner"]), partner)]
        return live[min(same)] if same else None

    def _item(self, name: str, live: Relation, *, whole: bool) -> Item:
        partner = self.servers.partner_name
        known = partner if partner and self.servers.same_name(str(live["partner"]), partner) else live["partner"]
        item = {"name": name, "partner": known} | {part: live[part] for part in ("mode", "share", "client_lead")}
        item["switch_after"] = live["switch_after"]
        if not live["authenticated"] and not whole:
            item["shared_secret"] = None
        return item

    def lacks(self, item: Item) -> str:
        return "" if item["name"] in self._live else "sera faite avec la première étendue"

    def guarded(self, operations: Sequence[Operation]) -> dict[str, str]:
        """Refuse another partner; ask for a word before another mode."""
        words: dict[str, str] = {}
        for operation in operations:
            before, after = operation.before or {}, operation.after or {}
            live = self._live[operation.key]
            if self.servers.failover and not self.servers.same_partner(live):
                raise Guarded(
                    f"la relation {live['name']} est avec {live['partner']}, pas avec {self.servers.partner_name}",
                    where=self.servers.host,
                    todo="Un partenaire ne se change pas : retirez la relation dans la console, elle sera refaite.",
                )
            if "mode" in after and after["mode"] != before.get("mode"):
                words[f"{MODE}:{operation.key}"] = f"passer de {before.get('mode')} à {after['mode']}"
        return words

    def apply(self, operations: Sequence[Operation], progress: Progress) -> None:
        first = self.servers.first
        for operation in operations:
            with first.writing(()), progress.sending(operation):
                self._set(operation)
            progress.done(operation)

    def _set(self, operation: Operation) -> None:
        live, after, changed = self._live[operation.key], operation.after or {}, set(changed_fields(operation))
        mode = str(after.get("mode", live["mode"]))
        share = after.get("share") if changed & {"mode", "share"} else None
        switch = after["switch_after"] if "switch_after" in changed else None
        secret = after["shared_secret"] if "shared_secret" in changed else None
        self.servers.first.session.run(
            "dhcp_relation_set",
            name=live["name"],
            mode=_MODES[mode] if "mode" in changed else None,
            balance=share if mode == "load_balance" else None,
            reserve=share if mode == "hot_standby" else None,
            lead=after["client_lead"] if "client_lead" in changed else None,
            automatic=switch is not None if "switch_after" in changed else None,
            switch_after=switch,
            secret=secret.value if isinstance(secret, Secret) else None,
            unauthenticated="shared_secret" in changed and secret is None,
        )

    def remarks(self) -> list[str]:
        return [remark for name, live in sorted(self._live.items()) for remark in self._said(name, live)]

    def _said(self, name: str, live: Relation) -> Iterator[str]:
        if live["state"] != NORMAL:
            yield f"relation {live['name']} : les deux serveurs ne se joignent pas ({live['state']})"
        if live["authenticated"] and self._secrets.get(name) is False:
            yield f"relation {live['name']} : un secret que personne ne déclare la protège, il reste"


def remember(memory: Memory, vault: Vault, name: str, secret: Secret) -> None:
    """Remember the secret that a relation was made with: the next run does not write it again."""
    at = f"{RELATIONS.system}/{RELATIONS.name}/{name}"
    memory.store(written(RELATIONS.fields, {"shared_secret": secret}, vault, at))
