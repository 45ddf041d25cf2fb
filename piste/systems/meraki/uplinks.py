"""The default gateway of a switch or a stack, and the interface that holds it: its uplink.

Source: Dashboard API, `defaultGateway` of a routed interface; it is set once for all interfaces, and refused on another
than its holder (meraki/dashboard-api-python, as a user reports there). The holder takes an address of any interface's
subnet. Which interface shows it then, and whether others do, is documented nowhere [belief meraki.one_uplink]:
nothing here relies on either.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import ip_address, ip_network
from typing import Any

from piste.engine.converge.reading import mapped, text


def uplink(documents: Sequence[Any]) -> Mapping[str, Any] | None:
    """Find the interface that holds the default gateway, the marked first."""
    holders = [document for document in map(mapped, documents) if document.get("defaultGateway")]
    return next((document for document in holders if document.get("uplinkV4") is True), next(iter(holders), None))


def by_subnet(documents: Sequence[Any]) -> Sequence[Any]:
    """Give the default gateway to the interface in whose subnet it is."""
    holder = uplink(documents)
    if holder is None:
        return documents
    gateway = text(holder["defaultGateway"])
    faces = [mapped(document) for document in documents]
    subnets = [str(face.get("subnet") or "") for face in faces]
    place = next((at for at, subnet in enumerate(subnets) if is_host(gateway, subnet)), faces.index(holder))
    return [
        {name: value for name, value in face.items() if name != "defaultGateway"}
        | ({"defaultGateway": gateway} if at == place else {})
        for at, face in enumerate(faces)
    ]


def is_host(address: str, subnet: str) -> bool:
    """True for the address of a machine of a subnet."""
    try:
        network, host = ip_network(subnet), ip_address(address)
    except ValueError:
        return False
    return host in network and (network.prefixlen > 30 or host not in (network[0], network[-1]))
