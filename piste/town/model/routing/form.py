"""Forms of the routing: the core, the firewall, the transit between them, the way outside."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from .. import values
from ..forms import Address, Form, Host, Marked, Network, SiteName

InterfaceNumber = Annotated[int, Field(ge=0, le=255)]
SwitchPort = Annotated[str, AfterValidator(values.switch_port)]


class Core(Form):
    """The switch, or the stack of switches, that routes: a name of its site.

    `mac` is the address by which its gateways answer, as the Dashboard shows it.
    """

    site: SiteName
    stack: str | None = None
    switch: str | None = None
    mac: Annotated[str, AfterValidator(values.mac)] | None = None

    @model_validator(mode="after")
    def _is_one_thing(self) -> Core:
        if (self.stack is None) == (self.switch is None):
            raise values.refuse("le cœur est une pile (stack) ou un commutateur (switch), l’une ou l’autre")
        return self


class EngineAggregate(Form):
    """Ports of the engine that make up one link with the interface of the VLANs.

    `lacp` uses them all, and each member of a cluster has its own aggregate at the core; `standby` keeps the second for
    a failure of the first, and the core knows nothing of it.
    """

    mode: Literal["lacp", "standby"]
    interfaces: Annotated[list[InterfaceNumber], Field(min_length=1, max_length=7)]

    @model_validator(mode="after")
    def _is_possible(self) -> EngineAggregate:
        if self.mode == "standby" and len(self.interfaces) > 1:
            raise values.refuse("en standby, une seule interface remplace la première")
        return self


class RoutingFirewall(Form):
    """The engine that routes.

    `interface` carries the VLANs, `nodes` counts the members of a cluster, `ports` are where they are plugged in at
    the core. A missing engine is the only one of the policy.
    """

    engine: str | None = None
    interface: InterfaceNumber
    nodes: Annotated[int, Field(ge=1, le=16)] = 1
    ports: list[SwitchPort] = Field(default_factory=list)
    mac: Annotated[str, AfterValidator(values.mac)] | None = None
    aggregate: EngineAggregate | None = None


class Transit(Form):
    """The segment of the town between core and firewall, and the rank of each there."""

    segment: str
    core: Host
    firewall: Host


class Outside(Form):
    """The interface of the firewall towards the Internet, and the router there."""

    interface: InterfaceNumber
    network: Network
    firewall: Address
    router: Address


class DeclaredRoute(Marked):
    """A prefix of no segment, behind a router that the core or the firewall reaches."""

    network: Network
    carrier: Literal["core", "ngfw"]
    next_hop: Address
    why: Annotated[str, Field(min_length=1)]


class Routing(Marked):
    core: Core
    firewall: RoutingFirewall
    transit: Transit
    outside: Outside | None = None
    routes: list[DeclaredRoute] = Field(default_factory=list)
