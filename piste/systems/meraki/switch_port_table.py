"""The table of switch ports.

Source: Dashboard API, `getDeviceSwitchPorts`, `updateDeviceSwitchPort`.
"""

from __future__ import annotations

from piste.engine.converge.resource import Field, Resource, Shape
from piste.systems.meraki.driver import At
from piste.systems.meraki.neighbours import bare
from piste.systems.meraki.vlans import vlan_ranges


def mac(value: str) -> str:
    digits = bare(value)
    return ":".join(digits[i : i + 2] for i in range(0, len(digits), 2))


OPEN, CUSTOM = "Open", "Custom access policy"
ADMISSION = ("access_policy", "mac_", "sticky_mac_")
"""Prefixes of the fields that come and go with the way in which devices are admitted."""

SWITCH_PORTS = Resource(
    system="meraki",
    name="switch_port",
    doc="Port de commutateur",
    shape=Shape.FIXED,
    key=("serial", "port_id"),
    parents={"network": "", "device": "serial"},
    endpoint=At("/devices/{serial}/switch/ports", "/devices/{serial}/switch/ports/{port_id}"),
    known=frozenset(
        {"linkNegotiationCapabilities", "schedule", "adaptivePolicyGroup", "module", "mirror"}
        | {"adaptivePolicyGroupId", "peerSgtCapable", "flexibleStackingEnabled", "profile", "dot3az", "highSpeed"}
    ),
    initial={"stp_port_fast_trunk": False, "storm_control_enabled": False},
    fields=(
        Field("serial", "Serial number of the switch.", required=True, normalise=str.upper, path_only=True),
        Field("port_id", "Port number, a text for the Dashboard.", required=True, path_only=True),
        Field("name", "Name of the port; null clears it.", nullable=True, default=None),
        Field("tags", "Tags of the port.", type="list", unordered=True, default=[], normalise=str.strip),
        Field("enabled", "Whether the port is on.", type="bool", default=True, guard="uplink"),
        Field("poe_enabled", "Whether the port feeds its device, on models that can.", type="bool"),
        Field(
            "type",
            "Mode of the port.",
            choices=("access", "dad", "routed", "stack", "svl", "trunk"),
            default="trunk",
            carries=("voice_vlan", *ADMISSION),
            guard="uplink",
        ),
        Field(
            "vlan",
            "VLAN of an access port, native VLAN of a trunk; null clears the latter.",
            type="int",
            nullable=True,
            default=1,
            minimum=1,
            maximum=4094,
            guard="uplink",
        ),
        Field(
            "voice_vlan",
            "Voice VLAN of an access port; null for none.",
            type="int",
            nullable=True,
            default=None,
            minimum=1,
            maximum=4094,
            guard="uplink",
        ),
        Field(
            "allowed_vlans",
            "VLANs that a trunk carries: C(all), or numbers and ranges.",
            default="all",
            normalise=vlan_ranges,
            listing="ranges",
            guard="uplink",
        ),
        Field(
            "isolation_enabled", "Whether the port only talks to uplinks.", type="bool", default=False, guard="uplink"
        ),
        Field("rstp_enabled", "Whether the port takes part in RSTP.", type="bool", default=True, guard="uplink"),
        Field(
            "stp_guard",
            "Spanning tree guard.",
            choices=("bpdu guard", "disabled", "loop guard", "root guard"),
            default="disabled",
            guard="uplink",
        ),
        Field("stp_port_fast_trunk", "Whether a trunk forwards at once.", type="bool"),
        Field("link_negotiation", "Speed and duplex, as the port's capabilities list them.", default="Auto negotiate"),
        Field(
            "port_schedule",
            "Name of the schedule outside whose hours the port is off; null for none.",
            wire="portScheduleId",
            ref="port_schedule",
            nullable=True,
            default=None,
            guard="uplink",
        ),
        Field("udld", "Unidirectional link detection.", choices=("Alert only", "Enforce"), default="Alert only"),
        Field(
            "access_policy_type",
            "What admits a device on an access port.",
            choices=(CUSTOM, "MAC allow list", OPEN, "Sticky MAC allow list"),
            default=OPEN,
            carries=ADMISSION,
            guard="uplink",
        ),
        Field(
            "access_policy",
            "Name of the access policy, with the custom type only.",
            wire="accessPolicyNumber",
            ref="access_policy",
            encode=int,
            guard="uplink",
        ),
        Field("mac_allow_list", "MAC addresses admitted, 20 at most.", type="list", unordered=True, normalise=mac),
        Field("mac_whitelist_limit", "How many MAC addresses the port admits.", type="int", nullable=True),
        Field("sticky_mac_allow_list", "MAC addresses learnt.", type="list", unordered=True, normalise=mac),
        Field("sticky_mac_allow_list_limit", "How many MAC addresses the port learns.", type="int"),
        Field("storm_control_enabled", "Whether storm control applies.", type="bool"),
        Field("dai_trusted", "Whether ARP inspection trusts the port.", type="bool", default=False),
    ),
)

OVERVIEW = frozenset(
    {"name", "tags", "enabled", "poe_enabled", "type", "vlan", "voice_vlan", "allowed_vlans", "rstp_enabled"}
    | {"stp_guard", "link_negotiation", "access_policy_type", "sticky_mac_allow_list", "sticky_mac_allow_list_limit"}
)
"""Fields of the organization-wide list of ports."""
