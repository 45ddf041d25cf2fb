"""Reading of the access lists of a network, a single document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from piste.engine.converge.module import Module
from piste.engine.converge.run import Params
from piste.engine.converge.secrets import Vault
from piste.engine.transport.subjects import subject
from piste.systems.meraki.connection import MERAKI, NETWORK
from piste.systems.meraki.dashboard import Dashboard
from piste.systems.meraki.network_settings import NetworkSettings
from piste.systems.meraki.traffic import ACCESS_LISTS


def _access_lists(dashboard: Dashboard, params: Params) -> dict[str, Any]:
    network = str(params["network"])
    driver = NetworkSettings(dashboard, Vault(), "", network)
    live = driver.gather([{"network": network, ACCESS_LISTS.name: {}}], whole=False, fresh=False)
    return {"access_lists": live[network][ACCESS_LISTS.name]["rules"]}


MODULES: Mapping[str, Module] = subject("meraki_access_lists", MERAKI, _access_lists, NETWORK)
