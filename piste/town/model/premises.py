"""Premises of a site: contacts, links, racks, uninterruptible supplies, procedures.

All of it may be missing: the sheet of the site then shows it as still to give. None: not given yet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated, TypedDict

from pydantic import AfterValidator, Field

from . import values
from .assets.form import Group
from .equipment import Item, derive_item
from .forms import Date, Form, Mail, Marked, Owned, Short, data
from .rack_checks import Lock, RackChecked, derive_checks
from .wording import closest

if TYPE_CHECKING:
    from .declaration import Declaration, DeclaredSite
    from .devices import Device
    from .site import Site
    from .view import View

Text = Annotated[str, Field(min_length=1)]


class DeclaredContact(Marked):
    role: Text
    name: Text | None = None
    mail: Mail | None = None
    phone: Text | None = None


class DeclaredLink(Marked):
    """A link from the site: `to` is a site of the town, or a text (`Internet`).

    `far_port` is the port of that site where it arrives. Its name is also that of its host in the supervision.
    """

    name: Annotated[str, AfterValidator(values.label)]
    operator: Annotated[str, Field(min_length=1, max_length=255)] | None = None
    medium: Text | None = None
    to: Text | None = None
    rate_mbps: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    far_port: Annotated[str, AfterValidator(values.switch_port)] | None = None


class DeclaredRack(Marked):
    """A rack: `equipment` gives the rack unit of each device, null where it is not known yet.

    A critical rack has a supply, or the day by which it gets a supply (`ups_planned`). `holders` are the roles that
    hold the key, the badge or the code of its `lock`; the code itself is never written.
    """

    room: Text | None = None
    units: Annotated[int, Field(ge=1, le=60)] | None = None
    access: Text | None = None
    lock: Lock | None = None
    holders: list[Group] = Field(default_factory=list)
    critical: bool = False
    ups_planned: Date | None = None
    equipment: dict[str, Annotated[int, Field(ge=1, le=60)] | None] = Field(default_factory=dict)


class DeclaredUps(Owned):
    """An uninterruptible power supply; its address is the reservation of its name."""

    serial: Short | None = None
    model: Short | None = None
    rack: Text | None = None
    power_va: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    battery_until: Date | None = None
    runtime_minutes: Annotated[int, Field(ge=1, le=1440)] | None = None


class DeclaredProcedure(Marked):
    steps: Annotated[list[Text], Field(min_length=1)]


class DeclaredUnlinked(Form):
    """The decision to open a site without a link: the person, the reason, the last day."""

    by: Text
    why: Text
    until: Date


class Premises(Form):
    contacts: list[DeclaredContact] = Field(default_factory=list)
    links: list[DeclaredLink] = Field(default_factory=list)
    unlinked: DeclaredUnlinked | None = None
    racks: dict[str, DeclaredRack] = Field(default_factory=dict)
    ups: dict[str, DeclaredUps] = Field(default_factory=dict)
    procedures: dict[str, DeclaredProcedure] = Field(default_factory=dict)


class Contact(TypedDict):
    role: str
    name: str | None
    mail: str | None
    phone: str | None
    status: str | None


class Link(TypedDict):
    """A link as seen from here: `to` is the other end."""

    name: str
    operator: str | None
    medium: str | None
    to: str | None
    rate_mbps: int | None
    far_port: str | None
    status: str | None


class Rack(TypedDict):
    """A rack: `equipment` gives the rack unit of each of its devices, where it is known."""

    name: str
    room: str | None
    units: int | None
    access: str | None
    lock: Lock | None
    holders: list[str]
    critical: bool
    ups_planned: str | None
    equipment: dict[str, int | None]
    checks: list[RackChecked]
    status: str | None


class Ups(Item):
    name: str
    serial: str | None
    model: str | None
    rack: str | None
    address: str | None
    power_va: int | None
    battery_until: str | None
    runtime_minutes: int | None


class Unlinked(TypedDict):
    """The decision to open a site without a link, in force until the end of a day."""

    by: str
    why: str
    until: str
    expired: bool


class Procedure(TypedDict):
    title: str
    steps: list[str]
    status: str | None


class SitePremises(TypedDict):
    contacts: list[Contact]
    links: list[Link]
    unlinked: Unlinked | None
    racks: list[Rack]
    ups: list[Ups]
    procedures: list[Procedure]


def derive_premises(
    declared: DeclaredSite,
    devices: Sequence[Device],
    servers: Mapping[str, str],
    declaration: Declaration,
    today: date,
) -> SitePremises:
    """Derive the premises of a site; `servers` gives the address of each reservation by name."""
    own, site = declared.variables.premises, declared.variables.site
    alone = len(own.racks) == 1
    return SitePremises(
        contacts=[data(contact) for contact in own.contacts],
        links=list(_links(declared, declaration)),
        unlinked=_unlinked(own.unlinked, today) if own.unlinked else None,
        racks=[
            data(
                rack, name=name, equipment=_equipment(rack, devices, alone=alone),
                checks=derive_checks(
                    declared.id, name, declaration.town.variables.rack_checks,
                    [event for event, _ in declaration.history], critical=rack.critical,
                ),
            )
            for name, rack in own.racks.items()
        ],
        ups=[
            data(ups, name=name, address=servers.get(name), **derive_item(ups, None, site.lifecycle, site.name))
            for name, ups in own.ups.items()
        ],
        procedures=[data(item, title=title) for title, item in own.procedures.items()],
    )


def joining(site: Site) -> list[Link]:
    """List the links of a site that arrive at a declared port of another site."""
    own = {device["name"] for device in (*site["devices"], *site["awaited"])}
    return [link for link in site["premises"]["links"] if link["far_port"] and _switch(link["far_port"]) not in own]


def _switch(port: str) -> str:
    return port.rpartition("/")[0]


def _unlinked(declared: DeclaredUnlinked, today: date) -> Unlinked:
    over = date.fromisoformat(declared.until) < today
    return Unlinked(by=declared.by, why=declared.why, until=declared.until, expired=over)


def _links(declared: DeclaredSite, declaration: Declaration) -> Iterator[Link]:
    for link in declared.variables.premises.links:
        yield data(link)
    for other in declaration.sites:
        for link in other.variables.premises.links:
            if link.to == declared.id:
                yield data(link, to=other.id)


def _equipment(rack: DeclaredRack, devices: Sequence[Device], *, alone: bool) -> dict[str, int | None]:
    """Give the devices of a rack; the only rack of a site has all its switches, listed or not."""
    switches = [device["name"] for device in devices if device["kind"] == "switch"] if alone else []
    return {**dict.fromkeys(switches), **rack.equipment}


def check_links(view: View) -> None:
    """M298: two links of the town have two names."""
    first: dict[str, str] = {}
    for declared in view.declared.sites:
        for index, link in enumerate(declared.variables.premises.links):
            if link.name in first:
                where = ("premises", "links", index, "name")
                message = f"{declared.id} : la liaison « {link.name} » a le nom d’une liaison de {first[link.name]}"
                path = f"sites[{declared.id}].premises.links[{index}].name"
                view.faults.add("PISTE-M298", path, declared.where(where), message)
            first.setdefault(link.name, declared.id)


def check_joined(view: View) -> None:
    """M390: an open site has a link to a port of another site, or a decision, which is counted."""
    routing = view.declared.town.variables.routing
    for declared, site in view.pairs() if routing else ():
        unlinked = site["premises"]["unlinked"]
        path, mark = f"sites[{declared.id}].premises", declared.where(("premises",))
        if joining(site):
            if unlinked:
                message = f"{declared.id} a une liaison : la décision de s’en passer (unlinked) n’a plus d’objet"
                view.faults.add("PISTE-M390", path, mark, message, "Retirez premises.unlinked.")
        elif routing and site["lifecycle"] == "open" and declared.id != routing.core.site:
            decided = f", {said(unlinked)}" if unlinked else ""
            view.faults.add("PISTE-M390", path, mark, f"{declared.id} est ouvert sans liaison déclarée{decided}")


def said(unlinked: Unlinked) -> str:
    """Write a decision to open without a link: the person, the reason, the last day."""
    until = date.fromisoformat(unlinked["until"])
    over = f"échu depuis le {until:%d/%m/%Y}" if unlinked["expired"] else f"jusqu’au {until:%d/%m/%Y}"
    return f"{unlinked['by']} : {unlinked['why']} ({over})"


def check_access(view: View) -> None:
    """M410: a critical rack says who holds what opens it."""
    for declared in view.declared.sites:
        for name, rack in declared.variables.premises.racks.items():
            if rack.critical and not (rack.lock and rack.holders):
                path, mark = f"sites[{declared.id}].premises.racks[{name}]", declared.where(("premises", "racks", name))
                message = f"{declared.id} : la baie critique {name} ne dit pas ce qui l’ouvre, ou qui l’a"
                view.faults.add("PISTE-M410", path, mark, message)


def check_racks(view: View) -> None:
    """M150, M151: a rack has devices of its site; a device has one place, a place one device."""
    for declared, site in view.pairs():
        premises = declared.variables.premises
        known = {device["name"] for device in (*site["devices"], *site["awaited"])} | premises.ups.keys()
        placed: dict[str, str] = {}
        for rack, entry in premises.racks.items():
            taken: dict[int, str] = {}
            for name, unit in entry.equipment.items():
                path = f"sites[{declared.id}].premises.racks[{rack}].equipment[{name}]"
                mark = declared.where(("premises", "racks", rack, "equipment", name))
                if name not in known:
                    message = f"{declared.id} : « {name} », dans {rack}, n’est pas un équipement du site"
                    view.faults.add("PISTE-M150", path, mark, message, closest(name, known))
                if name in placed:
                    message = f"{declared.id} : {name} est dans {placed[name]} et dans {rack}"
                    view.faults.add("PISTE-M151", path, mark, message)
                elif unit is not None and (unit in taken or unit > (entry.units or unit)):
                    where = f"pris par {taken[unit]}" if unit in taken else f"au-delà de ses {entry.units} U"
                    message = f"{declared.id} : {name} est au rang {unit} de {rack}, {where}"
                    view.faults.add("PISTE-M151", path, mark, message)
                placed.setdefault(name, rack)
                if unit is not None:
                    taken.setdefault(unit, name)


def check_supplies(view: View) -> None:
    """M152, M155: a supply has a declared rack; a critical rack has a supply, or a day for it."""
    for declared in view.declared.sites:
        premises = declared.variables.premises
        supplied = {ups.rack for ups in premises.ups.values()}
        for name, rack in premises.racks.items():
            if rack.critical and name not in supplied and (rack.ups_planned or "") < view.today.isoformat():
                path, mark = f"sites[{declared.id}].premises.racks[{name}]", declared.where(("premises", "racks", name))
                since = f", prévu le {rack.ups_planned}" if rack.ups_planned else ", ni jour où elle en aura un"
                message = f"{declared.id} : la baie critique {name} n’a pas d’onduleur{since}"
                view.faults.add("PISTE-M155", path, mark, message)
        for name, ups in premises.ups.items():
            if ups.rack is not None and ups.rack not in premises.racks:
                path, where = f"sites[{declared.id}].premises.ups[{name}].rack", ("premises", "ups", name, "rack")
                message = f"{declared.id} : la baie « {ups.rack} » de l’onduleur {name} n’est pas déclarée"
                view.faults.add("PISTE-M152", path, declared.where(where), message, closest(ups.rack, premises.racks))
