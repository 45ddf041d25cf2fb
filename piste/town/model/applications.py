"""Applications: users, hosting, machines, flows, versions; form, derivation, rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple, TypedDict

from pydantic import AfterValidator, Field

from . import values
from .contracts import ApplicationName
from .flows.declared import declared_flows
from .flows.number_ranges import Ranges
from .flows.traffic import addresses
from .forms import Date, MachineName, Marked, NameIn, SiteName, Title, data
from .third_parties import ThirdPartyName, check_name

if TYPE_CHECKING:
    from .declaration import Declaration
    from .hosting.derived import HostingMachine, TownHosting
    from .paths import KeyPath
    from .view import View

ApplicationId = Annotated[str, AfterValidator(values.label)]
FlowName = Annotated[str, NameIn("flows")]
Protocol = Literal["smb", "ipp"]
PORTS: Mapping[str, int] = {"smb": 445, "ipp": 631}
"""The port of each protocol."""
State = Literal["in_service", "to_clarify", "decommissioned"]


class DeclaredApplication(Marked):
    """An application.

    `row` is its row in the table of the tender (CCTP 3.5.1), none for the software of everybody (3.5.2). `same_as`
    names the application that this is too, for another service. `needs` are machines and applications that it cannot
    do without; `prerequisites` what its publisher asks of a computer or a server. `url` is where its users open it, and
    where the supervision asks for it; `shows` is a text of its page, `sign_in` the host of the page where its users
    sign in, where that is another. `speaks` is the protocol of a service that has no page. `installed_as` is how its
    name begins in the list of programs of a computer. `without_it` is how its services work while it fails.
    """

    row: Annotated[int, Field(ge=1, le=999)] | None = None
    label: Title
    publisher: ThirdPartyName | None = None
    services: Annotated[list[str], Field(min_length=1)]
    hosting: Literal["saas", "on_premise"]
    state: State = "in_service"
    same_as: ApplicationName | None = None
    machines: list[MachineName] = Field(default_factory=list)
    site: SiteName | None = None
    url: Annotated[str, AfterValidator(values.https)] | None = None
    shows: Title | None = None
    sign_in: Annotated[str, AfterValidator(values.domain)] | None = None
    speaks: Protocol | None = None
    flows: list[FlowName] = Field(default_factory=list)
    needs: list[str] = Field(default_factory=list)
    certificates: list[Annotated[str, NameIn("certificates")]] = Field(default_factory=list)
    critical: bool | None = None
    version: str | None = None
    installed_as: Annotated[str, Field(min_length=3, max_length=96)] | None = None
    version_on: Date | None = None
    prerequisites: list[str] = Field(default_factory=list)
    way_back: str | None = None
    without_it: str | None = None
    cctp: str | None = None
    note: str | None = None


class ApplicationHost(TypedDict):
    """A machine of an application; delays are in hours.

    `protection` names its family of backups.
    """

    name: str
    address: str
    environment: str
    protection: str
    rpo_hours: int | None
    rto_hours: int | None


class ApplicationFlow(TypedDict):
    """A flow of an application: the names of its services, and what they open (`tcp/443`)."""

    id: str
    services: list[str]
    why: str


class Application(TypedDict):
    """An application; `hosts` and `paths` detail its machines and its flows, where known."""

    id: str
    row: int | None
    label: str
    publisher: str | None
    services: list[str]
    hosting: Literal["saas", "on_premise"]
    state: State
    same_as: str | None
    machines: list[str]
    hosts: list[ApplicationHost]
    site: str | None
    url: str | None
    shows: str | None
    sign_in: str | None
    speaks: Protocol | None
    flows: list[str]
    paths: list[ApplicationFlow]
    needs: list[str]
    certificates: list[str]
    critical: bool | None
    version: str | None
    installed_as: str | None
    version_on: str | None
    prerequisites: list[str]
    way_back: str | None
    without_it: str | None
    cctp: str | None
    note: str | None
    status: str | None


def derive_applications(declaration: Declaration, hosting: TownHosting | None) -> list[Application]:
    """Derive the applications: those of the tender in its order, then the others."""
    variables = declaration.town.variables
    machines = {machine["name"]: machine for machine in (hosting["machines"] if hosting else ())}
    families = {
        name: (family.label or name, family.rpo_hours, family.rto_hours)
        for name, family in variables.protection.families.items()
    }
    kept = {name: machine.protection for name, machine in variables.hosting_machines.items()}
    flows = {
        flow.id: ApplicationFlow(id=flow.id, services=list(flow.form.services), why=flow.form.why)
        for flow in declared_flows(declaration)
    }
    derived: list[Application] = [
        data(
            entry,
            id=name,
            hosts=[_host(machines[host], kept, families) for host in entry.machines if host in machines],
            paths=[flows[flow] for flow in entry.flows if flow in flows],
        )
        for name, entry in variables.applications.items()
    ]
    return sorted(derived, key=lambda application: application["row"] or len(derived) + 1_000)


def _host(
    machine: HostingMachine, kept: Mapping[str, str], families: Mapping[str, tuple[str, int, int]]
) -> ApplicationHost:
    family = kept[machine["name"]]
    label, rpo, rto = families.get(family, (family, None, None))
    return ApplicationHost(
        name=machine["name"],
        address=machine["address"],
        environment=machine["environment"],
        protection=label,
        rpo_hours=rpo,
        rto_hours=rto,
    )


class Count(NamedTuple):
    """Applications of the tender's table: rows, those in use, distinct products in use."""

    rows: int
    live: int
    products: int


def counted(applications: Iterable[Application]) -> Count:
    """Count the rows of the tender; a product of two services counts once among the products."""
    rows = [application for application in applications if application["row"] is not None]
    live = [application for application in rows if application["state"] != "decommissioned"]
    return Count(len(rows), len(live), sum(application["same_as"] is None for application in live))


def check_applications(view: View) -> None:
    """M270, M273: applications refer to what is declared; a row of the tender comes once."""
    variables = view.declared.town.variables
    for where, what, name, known in _references(view):
        check_name(view, where, what, name, known)
    rows = Counter(entry.row for entry in variables.applications.values() if entry.row is not None)
    for name, entry in variables.applications.items():
        if entry.row is not None and rows[entry.row] > 1:
            _add(view, "PISTE-M273", name, "row", f"La ligne {entry.row} est prise par plusieurs applications")
        other = variables.applications.get(entry.same_as or "")
        if entry.same_as is not None and other is not None and (entry.same_as == name or other.same_as):
            message = f"{name} renvoie à « {entry.same_as} », qui renvoie à une autre ou à elle-même"
            _add(view, "PISTE-M273", name, "same_as", message)


def check_hosts(view: View) -> None:
    """M274, M275: an application on premise has a machine, and flows that serve it."""
    flow_of, variables = view.flow_of, view.declared.town.variables
    ends: dict[str, Ranges] = {}
    for name, entry in variables.applications.items():
        if entry.hosting != "on_premise" or entry.state == "decommissioned":
            continue
        if not entry.machines:
            _add(view, "PISTE-M274", name, "hosting", f"{entry.label} est hébergée sur place, sur aucune machine")
        if entry.speaks and entry.url:
            message = f"{entry.label} a une page (url), ou parle un protocole (speaks) : pas les deux"
            _add(view, "PISTE-M274", name, "speaks", message)
        here = Ranges.union(addresses(view.servers[host]) for host in entry.machines if host in view.servers)
        if not here or not entry.flows:
            continue
        ends = ends or _ends(view, flow_of)
        for flow in entry.flows:
            if flow in ends and not here & ends[flow]:
                message = f"{entry.label} : le flux {flow} ne part pas de {', '.join(entry.machines)}, et n’y mène pas"
                _add(view, "PISTE-M275", name, "flows", message)


def _ends(view: View, flow_of: Mapping[str, str]) -> dict[str, Ranges]:
    """Give the addresses that the rules of each flow leave from or lead to."""
    ends: dict[str, list[Ranges]] = {}
    for rule in view.rules.rules:
        if flow := flow_of[rule.id]:
            ends.setdefault(flow, []).extend(side for box in rule.boxes for side in (box.sources, box.destinations))
    return {flow: Ranges.union(sides) for flow, sides in ends.items()}


def _add(view: View, rule: str, name: str, field: str, message: str) -> None:
    mark = view.declared.town.where(("applications", name, field), ("applications", name))
    view.faults.add(rule, f"applications[{name}].{field}", mark, message)


def _references(view: View) -> Iterator[tuple[KeyPath, str, str, Sequence[str]]]:
    variables = view.declared.town.variables
    parties, machines = [*variables.third_parties], [*variables.hosting_machines]
    applications, flows = [*variables.applications], [flow.id for flow in declared_flows(view.declared)]
    for name, entry in variables.applications.items():
        at: KeyPath = ("applications", name)
        if entry.publisher:
            yield (*at, "publisher"), f"{name} : l’éditeur", entry.publisher, parties
        if entry.same_as:
            yield (*at, "same_as"), f"{name} : l’application", entry.same_as, applications
        if entry.site and view.declared.complete:
            yield (*at, "site"), f"{name} : le site", entry.site, [*view.sites]
        for rank, machine in enumerate(entry.machines):
            yield (*at, "machines", rank), f"{name} : la machine", machine, machines
        for rank, flow in enumerate(entry.flows):
            yield (*at, "flows", rank), f"{name} : le flux", flow, flows
        for rank, certificate in enumerate(entry.certificates):
            yield (*at, "certificates", rank), f"{name} : le certificat", certificate, [*variables.certificates]
        for rank, needed in enumerate(entry.needs):
            yield (*at, "needs", rank), f"{name} : ce dont elle a besoin", needed, [*machines, *applications]
