"""Orphans of Zabbix: what it has and no owner declares."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from importlib import import_module

from piste.engine.converge.orphan import WHY, Orphan
from piste.engine.converge.secrets import Vault
from piste.systems.kinds.zabbix import SUPERVISION
from piste.systems.zabbix.api import Zabbix
from piste.systems.zabbix.driver import ZabbixDriver


def undeclared(zabbix: Zabbix, declared: Mapping[str, Collection[str]]) -> Iterator[Orphan]:
    """Yield what no owner declares, kind by kind; what Zabbix is delivered with is left out."""
    account = zabbix.account()
    for kind in SUPERVISION:
        place, name = kind.driver.split(":")
        driver_class: type[ZabbixDriver] = getattr(import_module(place), name)
        driver = driver_class(zabbix, Vault(), "", everything=True)
        for key, document in driver.live().items():
            own = kind.name == "users" and key == account
            if key not in declared[kind.name] and key not in driver.delivered and not own:
                yield {"kind": driver.resource.name, "key": driver.label(key, document) or key, "why": WHY}
