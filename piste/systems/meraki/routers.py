"""Switches and stacks read as routers: the core, and what routes at a site.

Each carrier is one list of interfaces, and one of routes where it has interfaces; both are shared by the run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from piste.engine.converge.errors import Missing, PisteError
from piste.engine.converge.module import Module
from piste.engine.converge.reading import mapped, optional, reading, text
from piste.engine.converge.resource import Field
from piste.engine.converge.secrets import Vault
from piste.systems.meraki.carriers import MODELS, Carrier
from piste.systems.meraki.connection import DASHBOARD, NETWORK
from piste.systems.meraki.dashboard import Dashboard
from piste.systems.meraki.routed_interfaces import RoutedInterfaces
from piste.systems.meraki.static_routes import DEFAULT, StaticRoutes, prefix
from piste.town.model.routing.trace import Face, Leads, Router, router, unread

_NO_OSPF = ("", "disabled", "ospfDisabled")


def routers(dashboard: Dashboard, core: Mapping[str, str], network: str) -> list[Router]:
    """Read the core, then what else routes in a network. Raises where the Dashboard is silent.

    A core that is not there, or has no interface, is a router that leads nowhere.
    """
    interfaces, routes = (kind(dashboard, Vault(), "", network) for kind in (RoutedInterfaces, StaticRoutes))
    place = interfaces.carriers.named(core["network"], core["carrier"])
    carriers = [place] if place and place.exists else []
    try:
        around = list(interfaces.carriers.in_network(dashboard.network(network)))
    except Missing:
        around = []
    carriers += [carrier for carrier in around if carrier.key not in {known.key for known in carriers}]
    with reading("meraki"):
        lists = {carrier: documents for carrier, documents in interfaces.documents(carriers).items() if documents}
        ways = routes.documents(list(lists))
        known = [_router(carrier, lists[carrier], ways[carrier]) for carrier in lists]
    return known if place in lists else [router(core["carrier"]), *known]


def _router(carrier: Carrier, interfaces: Sequence[Any], routes: Sequence[Any]) -> Router:
    made, faces = router(carrier.name), [mapped(document) for document in interfaces]
    made["interfaces"] = [_face(document) for document in faces]
    defaults = [gateway for document in faces if (gateway := optional(text, document.get("defaultGateway")))]
    ways = {DEFAULT: defaults[:1]} if defaults else {}
    ways |= {prefix(text(route["subnet"])): [text(route["nextHopIp"])] for route in map(mapped, routes)}
    made["routes"] = [Leads(destination=destination, via=via) for destination, via in ways.items()]
    made["others"] = list(_others(faces))
    return made


def _face(document: Mapping[str, Any]) -> Face:
    vlan, address = document.get("vlanId"), optional(text, document.get("interfaceIp"))
    return Face(
        name=f"VLAN {vlan}" if vlan is not None else str(document.get("name") or document["interfaceId"]),
        subnet=prefix(text(document["subnet"])) if document.get("subnet") else "",
        addresses=[address] if address else [],
    )


def _others(faces: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    areas = {str(mapped(document.get("ospfSettings")).get("area") or "") for document in faces}
    if areas - {*_NO_OSPF}:
        yield "OSPF"


def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    core, dashboard = params["core"], None
    try:
        dashboard = Dashboard(params["dashboard"])
        readings = routers(dashboard, core, params["network"])
    except PisteError as error:
        readings = [unread(core["carrier"], error.what)]
    finally:
        calls = dashboard.transport.calls if dashboard else {"reads": 0, "writes": 0}
        if dashboard:
            dashboard.close()
    return {"changed": False, "routers": readings, "calls": calls}


CORE = Field(
    "core",
    "The core of the town.",
    type="dict",
    required=True,
    of=(
        Field("network", "Network of the core.", required=True),
        Field("carrier", "Its stack by name, or its switch by serial number.", required=True),
        MODELS,
    ),
)

MODULES: Mapping[str, Module] = {
    "meraki_routers": Module(name="meraki_routers", options=(DASHBOARD, NETWORK, CORE), run=_run)
}
