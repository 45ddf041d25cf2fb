"""Items of GLPI that nobody declares, and that are not out, by kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from piste.engine.converge.orphan import DEPARTURE, WHY, Orphan
from piste.engine.converge.secrets import Vault
from piste.systems.glpi.assets import Assets
from piste.systems.glpi.client import Glpi
from piste.systems.glpi.driver import GlpiDriver
from piste.systems.glpi.records import Appliances, Certificates, Contracts, Licenses, Suppliers

KINDS: Mapping[str, type[GlpiDriver]] = {
    "assets": Assets,
    "suppliers": Suppliers,
    "contracts": Contracts,
    "licenses": Licenses,
    "certificates": Certificates,
    "appliances": Appliances,
}
"""The kinds that are compared; lists and locations are everybody's."""


def undeclared(glpi: Glpi, declared: Mapping[str, Any]) -> Iterator[Orphan]:
    """Yield the orphans, and the assets where the inventory agent differs.

    `declared` gives the names by kind, and `items` the declared assets.
    """
    for name, driver_class in KINDS.items():
        desired: Sequence[Mapping[str, Any]] = declared["items"] if name == "assets" else ()
        if not desired and not declared[name]:
            continue  # nothing is declared of the kind: it is not Piste's to judge
        driver = driver_class(glpi, Vault(), "", everything=True)
        driver.surveying = True
        live = driver.gather([dict(item) for item in desired], whole=True, fresh=False)
        known = {key.casefold() for key in declared[name]}
        yield from _named(driver, (key for key in live if key.casefold() not in known))
        for key, why in sorted(driver.conflicts.items()):
            yield {"kind": driver.resource.name, "key": key, "why": why, "said": DEPARTURE}


def _named(driver: GlpiDriver, keys: Iterable[str]) -> Iterator[Orphan]:
    for key in keys:
        yield {"kind": driver.resource.name, "key": key, "why": WHY}
