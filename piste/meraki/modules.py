"""The Meraki modules: for each, its table, its driver and the states that make sense for it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

from piste.converge.errors import PisteError
from piste.converge.module import Module
from piste.converge.plan import STATES
from piste.converge.request import Request
from piste.converge.resource import Field
from piste.converge.spec import task_options
from piste.converge.walk import converge
from piste.meraki.access_policies import AccessPolicies
from piste.meraki.dashboard import Dashboard
from piste.meraki.devices import Devices
from piste.meraki.driver import MerakiDriver
from piste.meraki.network_settings import NetworkSettings
from piste.meraki.networks import Networks
from piste.meraki.port_schedules import PortSchedules
from piste.meraki.radios import Radios
from piste.meraki.rf_profiles import RfProfiles
from piste.meraki.ssids import Ssids
from piste.meraki.switch_ports import SwitchPorts
from piste.transport.locks import exclusive

DASHBOARD = Field(
    "dashboard",
    "Where the Dashboard API listens, and as whom to speak to it.",
    type="dict",
    required=True,
    of=(
        Field("base_url", "Base of the API, C(/api/v1) included.", required=True),
        Field("api_key", "Key of the API, secret.", required=True, no_log=True),
        Field("organization", "Name or id of the organization.", required=True),
        Field("ca_file", "Certificate authority, where it is not one of the machine's.", type="path"),
        Field("proxy", "Proxy, C(http://host:port)."),
        Field("no_proxy", "Hosts reached without it.", type="list", default=[]),
        Field("timeout", "Seconds for which an answer is waited for.", type="float", default=60),
        Field("rate", "Requests a second that this run may send; 0 lifts the limit.", type="float", default=10),
    ),
)
NETWORK = Field("network", "Network to which the objects belong, by its name.", required=True)

_DRIVERS: Mapping[str, tuple[type[MerakiDriver], tuple[str, ...]]] = {
    "meraki_access_policies": (AccessPolicies, STATES),
    "meraki_devices": (Devices, STATES),
    "meraki_network_settings": (NetworkSettings, ("merged", "replaced", "gathered")),
    "meraki_networks": (Networks, ("merged", "replaced", "deleted", "gathered")),
    "meraki_port_schedules": (PortSchedules, STATES),
    "meraki_radios": (Radios, ("merged", "replaced", "deleted", "gathered")),
    "meraki_rf_profiles": (RfProfiles, STATES),
    "meraki_ssids": (Ssids, STATES),
    "meraki_switch_ports": (SwitchPorts, STATES),
}


def _run(driver_class: type[MerakiDriver], params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    request = Request.of(params, check)
    network = params.get("network") or ""
    dashboard = Dashboard(params["dashboard"])
    place = f"meraki {params['dashboard']['base_url']} {network or 'networks'}"
    try:
        with exclusive(place) if request.writes else nullcontext():
            result = converge(driver_class(dashboard, request.vault, request.owner, network), request)
    except PisteError as error:
        error.calls = dashboard.transport.calls
        raise
    finally:
        dashboard.close()
    return {**result, "calls": dashboard.transport.calls}


def _module(name: str) -> Module:
    driver_class, states = _DRIVERS[name]
    network = () if driver_class is Networks else (NETWORK,)
    return Module(
        name=name,
        resource=driver_class.resource,
        options=(DASHBOARD, *network, *task_options(driver_class.resource, states)),
        run=lambda params, check: _run(driver_class, params, check),
    )


MODULES: Mapping[str, Module] = {name: _module(name) for name in _DRIVERS}
