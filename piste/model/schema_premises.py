"""The form of what stands at a site beside its network: people, links, racks, uninterruptible supplies, procedures.

All of it may be absent: the fiche of the site then shows it as still to be given.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from .schema import Date, Form, Marked, Owned

Text = Annotated[str, Field(min_length=1)]


class Contact(Marked):
    role: Text
    name: Text | None = None
    mail: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")] | None = None
    phone: Text | None = None


class Link(Marked):
    """What ties the site to the rest: `to` is a site of the town, or a text (`Internet`)."""

    name: Text
    operator: Text | None = None
    medium: Text | None = None
    to: Text | None = None
    rate_mbps: Annotated[int, Field(ge=1, le=1_000_000)] | None = None


class Rack(Marked):
    """A rack: `equipment` gives the rack unit of each device, null where it is not known yet.

    A critical rack has a supply, or the day until which it is to have one (`ups_planned`).
    """

    room: Text | None = None
    units: Annotated[int, Field(ge=1, le=60)] | None = None
    access: Text | None = None
    critical: bool = False
    ups_planned: Date | None = None
    equipment: dict[str, Annotated[int, Field(ge=1, le=60)] | None] = Field(default_factory=dict)


class Ups(Owned):
    """An uninterruptible power supply; its address is the reservation of its name."""

    serial: Text | None = None
    model: Text | None = None
    rack: Text | None = None
    power_va: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    battery_until: Date | None = None


class Procedure(Marked):
    steps: Annotated[list[Text], Field(min_length=1)]


class Premises(Form):
    contacts: list[Contact] = Field(default_factory=list)
    links: list[Link] = Field(default_factory=list)
    racks: dict[str, Rack] = Field(default_factory=dict)
    ups: dict[str, Ups] = Field(default_factory=dict)
    procedures: dict[str, Procedure] = Field(default_factory=dict)
