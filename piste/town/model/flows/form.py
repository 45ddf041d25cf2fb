"""Forms of the matrix of flows: ends, services, flows, translations, the firewall itself."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from .. import values
from ..forms import (
    Address,
    Date,
    Form,
    HardwareModel,
    Mail,
    Marked,
    NameIn,
    Network,
    PortNumber,
    ServiceName,
    Title,
)
from ..wifi.form import WebSites

FlowId = Annotated[str, AfterValidator(values.flow_id)]
End = Annotated[str, AfterValidator(values.flow_end)]
Ends = Annotated[list[End], Field(min_length=1)]
Ports = Annotated[str, AfterValidator(values.port_range)]
Account = Annotated[str, AfterValidator(values.account)]
Byte = Annotated[int, Field(ge=0, le=255)]
Inspected = Literal["intrusions", "files", "tls"]


class Service(Marked):
    """A service: destination ports, ICMP types, numbers of other protocols.

    It may include other services of the catalogue.
    """

    label: str | None = None
    tcp: list[Ports] = Field(default_factory=list)
    udp: list[Ports] = Field(default_factory=list)
    icmp: list[Byte] = Field(default_factory=list)
    ip: list[Byte] = Field(default_factory=list)
    services: list[ServiceName] = Field(default_factory=list)

    @model_validator(mode="after")
    def _is_something(self) -> Service:
        if not (self.tcp or self.udp or self.icmp or self.ip or self.services):
            raise values.refuse("le service n’a ni port, ni protocole, ni service : donnez-lui tcp, udp, icmp, ip…")
        return self


class Place(Marked):
    """Addresses of no segment of the town: `networks`, or everything except `except`."""

    label: str
    networks: list[Network] = Field(default_factory=list)
    excluded: list[Network] = Field(alias="except", default_factory=list)

    @model_validator(mode="after")
    def _is_somewhere(self) -> Place:
        if bool(self.networks) == bool(self.excluded):
            raise values.refuse("un lieu donne ses préfixes (networks), ou tout sauf quelques-uns (except)")
        return self


class Flow(Marked):
    """A flow that is allowed.

    `exception` says why it may leave an isolated segment for the town, `wide` why it is open to everybody or
    everything. `charter` names the text of `terms_of_use` whose denied sites of the Web it does not lead to.
    `inspection` says what of it is looked into; without it, the template and the rules before say so.
    """

    source: Ends = Field(alias="from")
    to: Ends
    services: Annotated[list[ServiceName], Field(min_length=1)]
    why: Annotated[str, Field(min_length=1)]
    cctp: str | None = None
    until: Date | None = None
    permanent: Annotated[str, Field(min_length=1)] | None = None
    exception: Annotated[str, Field(min_length=1)] | None = None
    wide: Annotated[str, Field(min_length=1)] | None = None
    charter: Annotated[str, NameIn("terms_of_use")] | None = None
    inspection: list[Inspected] | None = None

    @model_validator(mode="after")
    def _ends_or_says_why_not(self) -> Flow:
        if (self.until is None) == (self.permanent is None):
            raise values.refuse("le flux dit quand il finit (until), ou pourquoi il n’a pas de fin (permanent)")
        return self


Flows = dict[FlowId, Flow]


class Translation(Marked):
    """A translation of addresses.

    `source` is the address that the outside sees, `server` the destination of a published address.
    """

    origin: Ends = Field(alias="from")
    to: Ends
    services: list[ServiceName] = Field(default_factory=list)
    source: Address | None = None
    server: str | None = None
    why: Annotated[str, Field(min_length=1)]
    cctp: str | None = None

    @model_validator(mode="after")
    def _translates_one_thing(self) -> Translation:
        if (self.source is None) == (self.server is None):
            raise values.refuse("une traduction change l’adresse de départ (source) ou d’arrivée (server)")
        return self


class Administration(Marked):
    """Station of Piste, and addresses of the systems that no other variable names.

    `bastion` is what administrators pass through, where the town has it.
    """

    station: Ends = Field(alias="from")
    dashboard: Ends
    smc: Ends
    prism: Ends | None = None
    zabbix: Ends | None = None
    glpi: Ends | None = None
    bastion: Ends | None = None


class Administrators(Marked):
    """Accounts that may administer each system, by sign-in name.

    A system without any is not judged. People sign in to the Dashboard by their mail address.
    """

    meraki: list[Mail] = Field(default_factory=list)
    smc: list[Account] = Field(default_factory=list)
    prism: list[Account] = Field(default_factory=list)
    ad: list[Account] = Field(default_factory=list)


class Engine(Marked):
    """A firewall, or several that stand in for each other."""

    name: Annotated[str, Field(min_length=1)]
    kind: Literal["single", "cluster"]
    model: HardwareModel | None = None


class TlsInspection(Marked):
    """TLS that the firewall decrypts: the authority of the SMC that signs, how people know.

    `exempt` names the sites that are never decrypted, by subject.
    """

    authority: Title
    informed: Title
    exempt: dict[Literal["health", "banking", "other"], WebSites]


class Inspection(Marked):
    """Policies of the SMC by which the firewall looks into traffic."""

    policy: Title | None = None
    files: Title | None = None
    tls: TlsInspection | None = None


class LogForward(Form):
    """A host that receives the logs of the firewall."""

    host: str
    port: PortNumber
    service: Literal["udp", "tcp"] = "udp"
    format: Literal["cef", "leef", "csv", "xml"]


class FirewallLogs(Marked):
    """The log server of the SMC that the firewall sends to, and where it forwards the logs.

    `data` names the kind of logs of the SMC that is forwarded.
    """

    server: Annotated[str, Field(min_length=1)]
    forward: list[LogForward] = Field(default_factory=list)
    data: Annotated[str, Field(min_length=1)] = "All Log Data"


class Firewall(Marked):
    """The town's policy on its firewall.

    `prefix` begins the name of every derived element; `keep` names the flows that let administration in.
    """

    policy: Annotated[str, Field(min_length=1)]
    template: Annotated[str, Field(min_length=1)]
    engines: Annotated[list[Engine], Field(min_length=1)]
    keep: list[Annotated[str, NameIn("flows")]] = Field(default_factory=list)
    prefix: Annotated[str, AfterValidator(values.prefix)]
    log: Literal["stored", "transient", "none"] = "stored"
    logs: FirewallLogs | None = None
    inspection: Inspection | None = None
