"""Switches and access points: form, derivation, rules of names, numbers and models."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Literal, TypedDict

from netaddr import IPNetwork
from pydantic import AfterValidator, Field

from . import values
from .addressing.plan import host
from .equipment import Item, derive_item
from .forms import Dated, Form, HardwareModel, Host, NameIn, Owned, Title
from .outside_hours import port_schedules
from .ports import Ports, derive_ports
from .servers import addresses_of
from .spending import Euros
from .wifi.radio import profile_of

if TYPE_CHECKING:
    from .addressing.derived import Segment
    from .addressing.form import Range
    from .declaration import DeclaredSite
    from .outside_hours import OutsideHours
    from .ports import Port
    from .variables import SiteVariables
    from .view import View
    from .wifi.derived import Ssid

DeviceKind = Literal["switch", "access_point"]
HardwareKind = Literal["switch", "access_point", "firewall"]


class ModelRouting(Form):
    """Limits of a model that Piste does not know to route, and where they are said."""

    interfaces: Annotated[int, Field(ge=1, le=4094)]
    static_routes: Annotated[int, Field(ge=0, le=100_000)]
    dhcp_server: bool = False
    source: Annotated[str, Field(min_length=1)]


class ModelLists(Form):
    """Length of the access lists of a model, none where it ignores them, and where it is said."""

    most: Annotated[int, Field(ge=0, le=10_000)]
    source: Annotated[str, Field(min_length=1)]


class ModelInspection(Form):
    """Traffic that a model of firewall inspects, and where it is said."""

    mbps: Annotated[int, Field(ge=1, le=10_000_000)]
    source: Annotated[str, Field(min_length=1)]


class Hardware(Dated):
    kind: HardwareKind
    price_excl_tax: Euros | None = None
    ports: Annotated[int, Field(ge=1, le=999)] | None = None
    poe: bool | None = None
    routes: bool | None = None
    routing: ModelRouting | None = None
    access_rules: ModelLists | None = None
    inspection: ModelInspection | None = None


class DeclaredDevice(Owned):
    serial: Annotated[str, AfterValidator(values.serial)]
    model: HardwareModel
    replaces: Annotated[str, AfterValidator(values.serial)] | None = None
    rank: Host | None = None
    dot1x: bool = False
    covers: Title | None = None
    dense: bool = False
    outdoor: bool = False
    radio_profile: Annotated[str, NameIn("radio_profiles")] | None = None
    tags: list[str] = Field(default_factory=list)
    ports: Ports = Field(default_factory=dict)


class Model(TypedDict):
    """A model of the catalogue.

    `ports` is None for an access point, `poe` where it is not known.
    """

    kind: HardwareKind
    ports: int | None
    poe: bool | None
    warranty_until: str | None
    end_of_life: str | None
    status: str | None


class Device(Item):
    """A switch or an access point.

    `vlan` tags its management traffic; None: the native VLAN of its port. `rf_profile` names the radio profile of an
    access point; None: that of the vendor; `covers` is the place that it must cover, `dense` with many people.
    `replaces` is the serial number of the device whose place it took.
    """

    name: str
    kind: DeviceKind
    model: str
    serial: str
    replaces: str | None
    rank: int
    address: str
    prefix_length: int
    gateway: str
    vlan: int | None
    dns: list[str]
    tags: list[str]
    dot1x: bool
    ports: list[Port]
    rf_profile: str | None
    covers: str | None
    dense: bool


class Replaced(TypedDict):
    """A device whose place another took, `by` its serial number; `model` is the other's."""

    serial: str
    by: str
    model: str


MANAGEMENT = "administration"
"""The segment that carries the management of devices."""


def derive_devices(
    declared: DeclaredSite,
    segments: Mapping[str, Segment],
    ssids: list[Ssid],
    servers: Mapping[str, str],
    hours: OutsideHours,
) -> Iterator[Device]:
    """Derive the devices of a site; none where it has no management segment."""
    variables = declared.variables
    management = segments.get(MANAGEMENT)
    if management is None:
        return
    subnet = IPNetwork(management["subnet"])
    schedule = next((entry["name"] for entry in port_schedules(variables, hours)), None)
    hosts = variables.addressing.hosts
    kinds: Iterable[tuple[DeviceKind, list[DeclaredDevice], Range]] = (
        ("switch", variables.switches, hosts.switches),
        ("access_point", variables.access_points, hosts.access_points),
    )
    for kind, devices, ranks in kinds:
        for position, device in enumerate(devices, start=1):
            rank = device.rank or position
            yield Device(
                name=device_name(variables, declared.id, kind, rank),
                kind=kind,
                model=device.model,
                serial=device.serial,
                replaces=device.replaces,
                rank=rank,
                address=str(host(subnet, ranks.first + rank - 1)),
                prefix_length=subnet.prefixlen,
                gateway=management["gateway"],
                # An access point is managed on the native VLAN of its port.
                vlan=management["vlan"] if kind == "switch" else None,
                dns=addresses_of(variables.dns.servers, servers),
                tags=list(device.tags),
                dot1x=device.dot1x,
                **derive_item(
                    device,
                    variables.hardware.get(device.model),
                    variables.site.lifecycle,
                    variables.site.name,
                    here=bool(device.serial),
                ),
                ports=derive_ports(variables, device, segments, ssids, schedule) if kind == "switch" else [],
                rf_profile=(
                    profile_of(variables, device, low_power=hours.low_power) if kind == "access_point" else None
                ),
                covers=device.covers,
                dense=device.dense,
            )


def derive_replaced(devices: Iterable[Device]) -> list[Replaced]:
    return [
        Replaced(serial=device["replaces"], by=device["serial"], model=device["model"])
        for device in devices
        if device["replaces"]
    ]


def derive_awaited(
    declared: DeclaredSite,
    segments: Mapping[str, Segment],
    ssids: list[Ssid],
    servers: Mapping[str, str],
    hours: OutsideHours,
) -> list[Device]:
    """Derive the devices on order: their ranks follow those of the delivered devices."""
    variables = declared.variables
    ordered: dict[DeviceKind, list[DeclaredDevice]] = {"switch": [], "access_point": []}
    for model, count in variables.awaited_devices.items():
        hardware = variables.hardware.get(model)
        if hardware and hardware.kind != "firewall":
            ordered[hardware.kind] += [DeclaredDevice.model_construct(serial="", model=model) for _ in range(count)]
    if not any(ordered.values()):
        return []
    coming = replace(
        variables,
        switches=[*variables.switches, *ordered["switch"]],
        access_points=[*variables.access_points, *ordered["access_point"]],
    )
    everything = derive_devices(replace(declared, variables=coming), segments, ssids, servers, hours)
    return [device for device in everything if not device["serial"]]


def device_name(variables: SiteVariables, site: str, kind: DeviceKind, rank: int) -> str:
    """Name a device by its kind, the code of its site and its rank: `sw-jau-01`."""
    prefix = variables.naming.switch if kind == "switch" else variables.naming.access_point
    return f"{prefix}-{variables.site.plan.code or site}-{rank:02}"


def check_devices(view: View) -> None:
    """M024, M025, M026, M033: serial numbers and names are unique, names short, models known.

    The devices of a closed site are back in stock: another site may have them.
    """
    serials: dict[str, str] = {}
    limit = view.declared.town.variables.naming.max_length
    for declared in view.declared.sites:
        names: set[str] = set()
        hardware = declared.variables.hardware
        for item in view.devices(declared):
            serial, name, model = item.device["serial"], item.device["name"], item.device["model"]
            closed = view.sites[declared.id]["lifecycle"] == "closed"
            if serial in serials and not closed:
                message = f"{declared.id} : le numéro de série {serial} est déjà à {serials[serial]}"
                view.faults.add("PISTE-M024", f"{item.path}.serial", item.mark("serial"), message)
            if not closed:
                serials.setdefault(serial, declared.id)
            if name in names:
                message = f"{declared.id} : deux équipements se nomment {name}"
                view.faults.add("PISTE-M025", f"{item.path}.rank", item.mark("rank"), message)
            names.add(name)
            if declared.variables.site.plan.code and len(name) > limit:
                message = f"{declared.id} : le nom {name} dépasse {limit} caractères"
                view.faults.add("PISTE-M026", item.path, item.mark(), message)
            entry = hardware.get(model)
            if entry is None:
                view.unknown("PISTE-M033", f"{item.path}.model", item.mark("model"), "Le modèle", model, hardware)
            elif entry.kind != item.device["kind"]:
                message = f"{declared.id} : {model} n’est pas à sa place dans {item.variable}"
                advice = "Déplacez la ligne dans l’autre liste."
                view.faults.add("PISTE-M033", f"{item.path}.model", item.mark("model"), message, advice)
        for model in declared.variables.awaited_devices:
            path = f"sites[{declared.id}].awaited_devices[{model}]"
            mark = declared.where(("awaited_devices", model))
            if model not in hardware:
                view.unknown("PISTE-M033", path, mark, "Le modèle", model, hardware)
            elif hardware[model].kind == "firewall":
                message = f"{declared.id} : {model} n’est pas à sa place dans awaited_devices"
                view.faults.add("PISTE-M033", path, mark, message, "Un pare-feu se déclare à assets/firewall.csv.")


def check_replaced(view: View) -> None:
    """M029: a replaced device is no longer declared there, and a single device takes its place."""
    for declared in view.declared.sites:
        here = {item.device["serial"] for item in view.devices(declared)}
        heirs: dict[str, str] = {}
        for item in view.devices(declared):
            old, name = item.device["replaces"], item.device["name"]
            if old is None:
                continue
            if old in here or old in heirs:
                why = "y est encore déclaré" if old in here else f"est déjà remplacé par {heirs[old]}"
                message = f"{declared.id} : {name} remplace {old}, qui {why}"
                view.faults.add("PISTE-M029", f"{item.path}.replaces", item.mark("replaces"), message)
            heirs.setdefault(old, name)
