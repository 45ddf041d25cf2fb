"""What Prism Central holds and nobody declares: machines, networks, images, categories, affinity policies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from piste.converge.module import Module
from piste.converge.orphan import WHY
from piste.converge.orphans import module
from piste.converge.resource import Field
from piste.converge.secrets import Vault
from piste.nutanix.affinity import AffinityPolicies
from piste.nutanix.apart import APART, Apart
from piste.nutanix.categories import Categories
from piste.nutanix.connection import CLUSTER, PRISM_CENTRAL
from piste.nutanix.driver import PrismDriver
from piste.nutanix.images import Images
from piste.nutanix.prism import Prism
from piste.nutanix.subnets import Subnets
from piste.nutanix.vms import Vms

KINDS: Mapping[str, type[PrismDriver]] = {
    "vms": Vms,
    "subnets": Subnets,
    "images": Images,
    "categories": Categories,
    "affinity_policies": AffinityPolicies,
}


def orphans(prism: Prism, cluster: str, apart: Apart, declared: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """``{kind, key, why}`` an orphan, a list a kind; ``declared`` holds names by option of the module."""
    for option, driver_class in KINDS.items():
        driver = driver_class(prism, Vault(), "", cluster, apart, everything=True)
        live = driver.gather([], whole=True, fresh=False)
        names = Counter(driver.key(driver.raw[key]) for key in live)
        for key in live:
            name = driver.key(driver.raw[key])
            if name not in declared[option]:
                yield {"kind": driver.resource.name, "key": key, "why": WHY}
            elif names[name] > 1:
                yield {"kind": driver.resource.name, "key": key, "why": f"n'est pas seul à s'appeler « {name} »"}


def undeclared(prism: Prism, declared: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """The orphans of a cluster; ``declared`` holds names by kind, ``cluster`` and ``apart``."""
    return orphans(prism, declared["cluster"], Apart.of(declared.get("apart")), declared)


def _names(option: str, what: str) -> Field:
    return Field(option, f"Names of all the {what} that are declared.", type="list", required=True)


MODULES: Mapping[str, Module] = {
    "prism_orphans": module(
        "prism_orphans",
        PRISM_CENTRAL,
        (
            CLUSTER,
            APART,
            _names("vms", "machines"),
            _names("subnets", "subnets"),
            _names("images", "images"),
            Field("categories", "All the categories that are declared, C(key/value).", type="list", required=True),
            _names("affinity_policies", "affinity policies"),
        ),
        undeclared,
    )
}
