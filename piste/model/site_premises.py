"""What stands at a site beside its network, as documents tell it. None: not given yet."""

from __future__ import annotations

from typing import Literal, TypedDict

ItemState = Literal["in_service", "awaited", "leaving", "stock"]


class Item(TypedDict):
    """What the inventory tells of each thing (CCTP 3.4.1) beside its serial number and its site.

    `state` follows from the life of the site; `status` is about the data, not about the thing. None: not given yet.
    """

    assigned_to: str
    state: ItemState
    warranty_until: str | None
    end_of_life: str | None
    status: str | None


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
    status: str | None


class Rack(TypedDict):
    """A rack: `equipment` gives the rack unit of each device that it holds, where it is known."""

    name: str
    room: str | None
    units: int | None
    access: str | None
    critical: bool
    ups_planned: str | None
    equipment: dict[str, int | None]
    status: str | None


class Ups(Item):
    name: str
    serial: str | None
    model: str | None
    rack: str | None
    address: str | None
    power_va: int | None
    battery_until: str | None


class Procedure(TypedDict):
    title: str
    steps: list[str]
    status: str | None


class SitePremises(TypedDict):
    contacts: list[Contact]
    links: list[Link]
    racks: list[Rack]
    ups: list[Ups]
    procedures: list[Procedure]
