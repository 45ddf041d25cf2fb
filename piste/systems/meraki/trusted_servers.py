"""Servers that ARP inspection trusts in a network, known by MAC address and VLAN.

Source: Dashboard API, `createNetworkSwitchDhcpServerPolicyArpInspectionTrustedServer`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from piste.engine.converge.resource import Field, Resource
from piste.systems.meraki.collection import Collection, in_list
from piste.systems.meraki.dashboard import Dashboard, fill
from piste.systems.meraki.driver import At
from piste.systems.meraki.switch_port_table import mac

TRUSTED_SERVERS = Resource(
    system="meraki",
    name="trusted_server",
    doc="Serveur de confiance de l’inspection ARP",
    key=("mac", "vlan"),
    parents={"network": ""},
    endpoint=in_list("/networks/{network_id}/switch/dhcpServerPolicy/arpInspection/trustedServers"),
    known=frozenset({"trustedServerId"}),
    fields=(
        Field("mac", "MAC address of the server; with the VLAN, its identity.", required=True, normalise=mac,
              create_only=True),
        Field("vlan", "VLAN in which it is trusted.", type="int", required=True, minimum=1, maximum=4094,
              create_only=True),
        Field("ipv4", "Its address.", type="dict", of=(Field("address", "IPv4 address.", required=True),)),
    ),
)  # fmt: skip


class TrustedServers(Collection):
    resource = TRUSTED_SERVERS
    id_wire = "trustedServerId"

    @classmethod
    def documents(cls, dashboard: Dashboard, network_id: str) -> Sequence[Mapping[str, Any]]:
        at: At = cls.resource.endpoint
        return dashboard.pages(fill(at.read, {"network_id": network_id}), 1000)
