"""The DHCP document of a routed interface."""

from __future__ import annotations

from piste.engine.converge.resource import Field
from piste.systems.meraki.carriers import ALONE
from piste.systems.meraki.driver import At
from piste.systems.meraki.switch_port_table import mac

DISABLED = "dhcpDisabled"

DHCP = Field(
    "dhcp",
    "DHCP on the interface.",
    type="dict",
    part=At(f"{ALONE}/interfaces/{{id}}/dhcp", initial={"dhcpMode": DISABLED}),
    of=(
        Field(
            "mode",
            "What the interface does with the requests of its VLAN.",
            wire="dhcpMode",
            choices=("dhcpDisabled", "dhcpRelay", "dhcpServer"),
            default=DISABLED,
            carries=("relay_", "lease_", "dns_", "boot_", "options", "reserved_", "fixed_"),
        ),
        Field(
            "relay_servers",
            "Addresses of the servers to which requests are relayed.",
            type="list",
            unordered=True,
            wire="dhcpRelayServerIps",
        ),
        Field(
            "lease_time",
            "How long an address is lent.",
            wire="dhcpLeaseTime",
            choices=("1 day", "1 hour", "1 week", "12 hours", "30 minutes", "4 hours"),
        ),
        Field(
            "dns_option",
            "Name servers that clients get.",
            wire="dnsNameserversOption",
            choices=("custom", "googlePublicDns", "openDns"),
        ),
        Field("dns_servers", "Their addresses, in order of use.", type="list", wire="dnsCustomNameservers"),
        Field("boot_enabled", "Whether boot options are given.", type="bool", wire="bootOptionsEnabled"),
        Field("boot_server", "Server from which to boot.", wire="bootNextServer"),
        Field("boot_file", "File from which to boot.", wire="bootFileName"),
        Field(
            "options",
            "Other DHCP options.",
            type="list",
            wire="dhcpOptions",
            unordered=True,
            of=(
                Field("code", "Number of the option, 2 to 254.", required=True),
                Field("type", "How it is written.", choices=("hex", "integer", "ip", "text"), required=True),
                Field("value", "Its value.", required=True),
            ),
        ),
        Field(
            "reserved_ranges",
            "Addresses that are never lent.",
            type="list",
            wire="reservedIpRanges",
            unordered=True,
            of=(
                Field("start", "First address.", required=True),
                Field("end", "Last address.", required=True),
                Field("comment", "Why.", default=""),
            ),
        ),
        Field(
            "fixed_assignments",
            "Addresses that are always lent to the same device.",
            type="list",
            wire="fixedIpAssignments",
            unordered=True,
            of=(
                Field("name", "Name of the device.", required=True),
                Field("mac", "Its MAC address.", required=True, normalise=mac),
                Field("ip", "Its address.", required=True),
            ),
        ),
    ),
)
