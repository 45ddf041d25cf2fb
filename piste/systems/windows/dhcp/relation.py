"""The DHCP servers of a task: that of its scopes, and the partner that takes them over.

A change of a scope is made on the first server, then replicated: its partner does not have it by itself
(`Invoke-DhcpServerv4FailoverReplication`; [memory] for what is not replicated by itself). That the servers speak to
each other with the rights of the account, which go no further than the first, is [memory] too: no source says it of
these cmdlets. Nothing is delegated for it: both servers are controllers, where a delegation opens the domain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from piste.engine.converge.errors import Rejected
from piste.engine.converge.resource import Field
from piste.engine.converge.run import System
from piste.engine.converge.secrets import Secret, Vault
from piste.systems.windows.dhcp.server import DhcpServer, Relation, Scope
from piste.systems.windows.winrm import Session
from piste.systems.windows.winrm_access import WINRM, Access

SERVER = Field("server", "Name of the DHCP server: in a relation, the first of the two.", required=True)
FAILOVER = Field(
    "failover",
    "The relation with the partner that takes over the scopes; none by default.",
    type="dict",
    of=(
        Field("name", "Name of the relation, made with the first scope that needs it.", required=True),
        Field("partner", "Name of the partner.", required=True),
        Field(
            "mode",
            "C(load_balance) shares the requests, C(hot_standby) keeps the partner in reserve.",
            choices=("load_balance", "hot_standby"),
            default="load_balance",
        ),
        Field(
            "share",
            "Percent of the requests that the first server takes, or of the addresses that the partner keeps.",
            type="int",
            default=50,
        ),
        Field("client_lead", "Seconds that the partner may extend a lease by (MCLT).", type="int", default=3600),
        Field("switch_after", "Seconds before a silent partner is taken as down; else a person says so.", type="int"),
        Field("shared_secret", "Path of the secret that the servers share, as C({secret: path}).", type="dict"),
    ),
)
_DOUBLE_HOP = (
    "Si l’accès est refusé entre les deux serveurs, les droits du compte ne vont pas plus loin que le premier : une "
    "personne y réplique l’étendue (docs/adressage.md). N’ajoutez aucune délégation sur un contrôleur. Ce qui n’est "
    "pas répliqué reste au plan."
)


class Servers:
    """The servers of a task. The partner is spoken to only where something of it is asked."""

    def __init__(self, params: Mapping[str, Any], vault: Vault) -> None:
        self.access = Access.of(params["winrm"])
        self.vault = vault
        self._servers: dict[str, DhcpServer] = {}
        self.first = self.server(str(params["server"]))
        self.failover: Mapping[str, Any] | None = params.get("failover") or None
        self.remember: Callable[[str, Secret], None] = lambda name, secret: None
        """Called with the name and the secret of a relation that was just made."""

    def server(self, name: str) -> DhcpServer:
        """Return a server by its name; nothing is asked of it yet."""
        if name not in self._servers:
            self._servers[name] = DhcpServer(Session(self.access, name))
        return self._servers[name]

    @property
    def host(self) -> str:
        return self.first.session.host

    @property
    def partner_name(self) -> str:
        return str(self.failover["partner"]) if self.failover else ""

    @property
    def partner(self) -> DhcpServer:
        assert self.failover is not None
        return self.server(self.partner_name)

    @property
    def secret(self) -> Secret | None:
        """The secret of the relation; None where the servers share none."""
        declared = (self.failover or {}).get("shared_secret")
        return self.vault.get(declared["secret"]) if declared else None

    @property
    def calls(self) -> dict[str, int]:
        counts = [server.session.calls for server in self._servers.values()]
        return {name: sum(count[name] for count in counts) for name in ("reads", "writes")}

    def close(self) -> None:
        for server in self._servers.values():
            server.session.close()

    def replicate(self, subnets: Sequence[str]) -> None:
        """Give the partner the scopes as the first server has them. Raises `Rejected`."""
        if self.failover is None or not subnets:
            return
        listed = self.first.listed(fresh=True)
        joining = [_id(subnet) for subnet in subnets if listed[subnet]["relation"] is None]
        members = [_id(subnet) for subnet in subnets if listed[subnet]["relation"] is not None]
        relation = self.relation(listed.values())
        try:
            with self.partner.writing(subnets):
                if joining and relation is None:
                    self._relate(joining)
                    joining = []
                if joining or members:
                    self.first.session.run("dhcp_replicate", relation=relation, joining=joining, subnets=members)
        except Rejected as error:
            error.todo = error.todo or _DOUBLE_HOP
            raise

    def relation(self, scopes: Iterable[Scope]) -> str | None:
        """Return the relation that scopes join: by its name, else any other with the partner."""
        assert self.failover is not None
        mine = {scope["relation"] for scope in scopes if scope["relation"] and self.same_partner(scope)}
        return self.failover["name"] if self.failover["name"] in mine else min(mine, default=None)

    def same_partner(self, scope: Scope | Relation) -> bool:
        """True where a scope or a relation is with the declared partner, in any spelling."""
        return self.same_name(str(scope["partner"] or ""), self.partner_name)

    def same_name(self, live: str, name: str) -> bool:
        """True where a server is that of a name, short or full."""
        return live.casefold() in {name.casefold(), self.access.full(name).casefold()}

    def _relate(self, subnets: Sequence[str]) -> None:
        declared = {field.name: None if field.required else field.default for field in FAILOVER.of}
        failover = {**declared, **(self.failover or {})}
        balanced = failover["mode"] == "load_balance"
        secret = self.secret
        self.first.session.run(
            "dhcp_relation_add",
            name=failover["name"],
            partner=self.access.full(self.partner_name),
            subnets=list(subnets),
            balance=failover["share"] if balanced else None,
            reserve=None if balanced else failover["share"],
            lead=failover["client_lead"],
            switch_after=_seconds(failover.get("switch_after")),
            secret=secret.value if secret else None,
        )
        if secret:
            self.remember(failover["name"], secret)


def _seconds(value: Any) -> int | None:
    return value if isinstance(value, int) else None


def _id(subnet: str) -> str:
    return subnet.partition("/")[0]


DHCP = System((WINRM, SERVER, FAILOVER), Servers)
