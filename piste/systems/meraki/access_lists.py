"""Reading of the access lists of a network, a single document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from piste.engine.converge.module import Module
from piste.engine.converge.secrets import Vault
from piste.systems.meraki.connection import DASHBOARD, NETWORK
from piste.systems.meraki.dashboard import Dashboard
from piste.systems.meraki.network_settings import NetworkSettings
from piste.systems.meraki.traffic import ACCESS_LISTS


def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    dashboard, network = Dashboard(params["dashboard"]), str(params["network"])
    try:
        driver = NetworkSettings(dashboard, Vault(), "", network)
        live = driver.gather([{"network": network, ACCESS_LISTS.name: {}}], whole=False, fresh=False)
    finally:
        dashboard.close()
    rules = live[network][ACCESS_LISTS.name]["rules"]
    return {"changed": False, "access_lists": rules, "calls": dashboard.transport.calls}


MODULES: Mapping[str, Module] = {
    "meraki_access_lists": Module(name="meraki_access_lists", options=(DASHBOARD, NETWORK), run=_run)
}
