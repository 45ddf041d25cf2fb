"""Tickets that ask for the renewal of certificates: read, never opened nor changed.

A ticket is that of a certificate by its number, declared beside it (`1234`, `GLPI 1234`), or by its title, which
`piste certificates request` writes. Another reference is that of another desk: it is not looked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from piste.engine.converge.module import Module
from piste.engine.converge.reading import mapped, number, optional, reading, text
from piste.engine.converge.run import Params
from piste.engine.transport.subjects import subject
from piste.readings.certificates.request import title
from piste.readings.certificates.scan import DECLARED
from piste.systems.glpi.client import Document, Glpi
from piste.systems.glpi.connection import GLPI_SYSTEM
from piste.town.model.certificates import Certificate, Tickets

_NUMBER = re.compile(r"(?:GLPI )?#?(\d{1,9})", re.IGNORECASE)
_OVER = (5, 6)
"""Solved, closed. Source: `CommonITILObject::SOLVED`, `CLOSED`."""


def declared_number(entry: Certificate) -> int | None:
    """Read the number of the declared ticket; None where it has none of GLPI."""
    match = _NUMBER.fullmatch((entry["ticket"] or "").strip())
    return int(match[1]) if match else None


def tickets(entries: Iterable[Certificate], read: Iterable[Document]) -> Tickets:
    """Relate the tickets to the certificates."""
    alive = [item for item in read if not item.get("is_deleted") and number(mapped(item["status"])["id"]) not in _OVER]
    by_number = {number(item["id"]) for item in alive}
    by_title = {(optional(text, item.get("name")) or "").casefold(): number(item["id"]) for item in alive}
    made = Tickets(open={}, closed=[], unread="")
    for entry in entries:
        declared, titled = declared_number(entry), by_title.get(title(entry["name"]).casefold())
        if ticket := declared if declared in by_number else titled:
            made["open"][entry["name"]] = ticket
        elif declared:
            made["closed"].append(entry["name"])
    return made


def _renewals(glpi: Glpi, params: Params) -> dict[str, Any]:
    entries: list[Certificate] = params["declared"]["certificates"]
    ids = [declared for entry in entries if (declared := declared_number(entry))]
    with reading(f"{glpi.host} Ticket"):
        related = tickets(entries, glpi.titled("Ticket", [title(entry["name"]) for entry in entries], ids))
    return {"certificates": {"tickets": related}}


MODULES: Mapping[str, Module] = subject("glpi_renewals", GLPI_SYSTEM, _renewals, DECLARED)
