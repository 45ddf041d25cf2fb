"""Interfaces and routes of switches and stacks that no owner declares."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from piste.engine.converge.orphan import WHY, Orphan
from piste.engine.converge.secrets import Vault
from piste.systems.meraki.carried import Carried
from piste.systems.meraki.dashboard import Dashboard
from piste.systems.meraki.routed_interfaces import RoutedInterfaces
from piste.systems.meraki.static_routes import StaticRoutes

KINDS: Mapping[str, type[Carried]] = {"routed_interfaces": RoutedInterfaces, "static_routes": StaticRoutes}


def undeclared(dashboard: Dashboard, declared: Mapping[str, Collection[str]]) -> Iterator[Orphan]:
    """List the orphans of each kind; `declared` holds the keys of what is declared, by kind."""
    for name, driver_class in KINDS.items():
        driver = driver_class(dashboard, Vault(), "", "")
        known = set(declared[name])
        for key, item in driver.everything().items():
            if key not in known:
                label = f"{key} ({item['name']})" if item.get("name") else key
                yield {"kind": driver.resource.name, "key": label, "why": WHY}
