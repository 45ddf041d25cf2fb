"""From the declaration to what stands at a site: its own, and the links of other sites that end here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .declaration import Declaration, DeclaredSite
from .derive_items import derive_item
from .schema import Form
from .schema_premises import Rack
from .site import Device
from .site_premises import Link, SitePremises


def derive_premises(
    declared: DeclaredSite, devices: Sequence[Device], servers: Mapping[str, str], declaration: Declaration
) -> SitePremises:
    """Derive the premises of a site; `servers` gives the address of each reservation by name."""
    own, site = declared.variables.premises, declared.variables.site
    alone = len(own.racks) == 1
    return SitePremises(
        contacts=[_data(contact) for contact in own.contacts],
        links=list(_links(declared, declaration)),
        racks=[
            _data(rack, name=name, equipment=_equipment(rack, devices, alone=alone)) for name, rack in own.racks.items()
        ],
        ups=[
            _data(ups, name=name, address=servers.get(name), **derive_item(ups, None, site.lifecycle, site.name))
            for name, ups in own.ups.items()
        ],
        procedures=[_data(item, title=title) for title, item in own.procedures.items()],
    )


def _data(declared: Form, **derived: Any) -> Any:
    return {**declared.model_dump(), **derived}


def _links(declared: DeclaredSite, declaration: Declaration) -> Iterator[Link]:
    for link in declared.variables.premises.links:
        yield _data(link)
    for other in declaration.sites:
        for link in other.variables.premises.links:
            if link.to == declared.id:
                yield _data(link, to=other.id)


def _equipment(rack: Rack, devices: Sequence[Device], *, alone: bool) -> dict[str, int | None]:
    """The only rack of a site holds all its switches, said or not."""
    switches = [device["name"] for device in devices if device["kind"] == "switch"] if alone else []
    return {**dict.fromkeys(switches), **rack.equipment}
