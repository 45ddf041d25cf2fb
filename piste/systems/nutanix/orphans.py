"""Orphans of a cluster: machines, subnets, images, categories, policies, recovery plans."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from piste.engine.converge.orphan import WHY
from piste.engine.converge.secrets import Vault
from piste.systems.nutanix.affinity import AffinityPolicies
from piste.systems.nutanix.categories import Categories
from piste.systems.nutanix.driver import PrismDriver
from piste.systems.nutanix.foreign import Foreign
from piste.systems.nutanix.images import Images
from piste.systems.nutanix.prism import Prism
from piste.systems.nutanix.protection_policies import ProtectionPolicies
from piste.systems.nutanix.recovery_plans import RecoveryPlans
from piste.systems.nutanix.subnets import Subnets
from piste.systems.nutanix.vms import Vms

KINDS: Mapping[str, type[PrismDriver]] = {
    "vms": Vms,
    "subnets": Subnets,
    "images": Images,
    "categories": Categories,
    "affinity_policies": AffinityPolicies,
    "protection_policies": ProtectionPolicies,
    "recovery_plans": RecoveryPlans,
}


def orphans(prism: Prism, cluster: str, foreign: Foreign, declared: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Yield the orphans as `{kind, key, why}`, kind by kind; `declared` gives names by option."""
    for option, driver_class in KINDS.items():
        driver = driver_class(prism, Vault(), "", cluster, foreign, everything=True)
        live = driver.gather([], whole=True, fresh=False)
        names = Counter(driver.key(driver.raw[key]) for key in live)
        for key in live:
            name = driver.key(driver.raw[key])
            if option == "categories" and foreign.marks(name):
                continue  # another tool needs it, and the declaration names it
            if name not in declared[option]:
                yield {"kind": driver.resource.name, "key": key, "why": WHY}
            elif names[name] > 1:
                yield {"kind": driver.resource.name, "key": key, "why": f"n’est pas seul à s’appeler « {name} »"}


def undeclared(prism: Prism, declared: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Orphans of a cluster; `declared` gives names by kind, and the options of the module."""
    return orphans(prism, declared["cluster"], Foreign.of(declared.get("apart")), declared)
