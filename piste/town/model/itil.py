"""Classes of configuration items, by reference frame: those of assets, and those of records.

The tender wants the inventory structured by known reference frames, ITIL and ISO/IEC 20000 (CCTP 5.6).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from .assets.classes import CLASSES, ITIL


class ItilClass(NamedTuple):
    """A class of the town: its French label, its class of ITIL 4, its type in GLPI (none: None)."""

    name: str
    label: str
    itil: str
    glpi: str | None


RECORDS: Mapping[str, ItilClass] = {
    record.name: record
    for record in (
        ItilClass("application", "application", "service applicatif", "Appliance"),
        ItilClass("licence", "licence", "logiciel et droit d’usage", "SoftwareLicense"),
        ItilClass("certificate", "certificat", "logiciel et droit d’usage", "Certificate"),
        ItilClass("contract", "contrat", "documentation et accord", "Contract"),
        ItilClass("third_party", "tiers", "fournisseur", "Supplier"),
        ItilClass("account", "compte", "identité et habilitation", None),
        ItilClass("site", "site", "énergie et locaux", "Location"),
        ItilClass("link", "liaison entre bâtiments", "élément réseau", "Line"),
        ItilClass("flow", "flux permis", "documentation et accord", None),
    )
}
"""The classes of what is no asset, by name."""


def mapping() -> Iterator[ItilClass]:
    """Yield every class of the inventory: the assets, then the records."""
    for entry in CLASSES.values():
        yield ItilClass(entry.name, entry.label, ITIL[entry.itil], entry.glpi)
    yield from RECORDS.values()
