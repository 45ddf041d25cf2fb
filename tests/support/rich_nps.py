"""An item of each kind of NPS, each field far from its default; and another value of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.support.nps import TEMPLATE

Item = dict[str, Any]
RICH: Mapping[str, Item] = {
    "nps_radius_clients": {
        "name": "Ville - école n° 3",
        "enabled": True,
        "address": "10.93.40.0/24",
        "secret": {"secret": "radius/hdv"},
        "vendor": "Cisco",
        "require_message_authenticator": False,
    },
    "nps_connection_request_policies": {
        "name": "Ville - 802.1X",
        "enabled": False,
        "order": 12,
        "conditions": {
            "nas_port_type": ["virtual", "wired"],
            "client_name": "^sw-",
            "client_address": "^10\\.93\\.",
            "user_name": "^host/",
            "calling_station": "^00-",
            "called_station": ":VLB-Agents$",
            "nas_address": "^10\\.93\\.0\\.",
            "nas_identifier": "^meraki",
            "hours": {"monday": ["07:30-12:00", "13:00-19:00"], "sunday": ["00:00-24:00"]},
            "verbatim": ['MATCH("MS-RAS-Vendor=^311$")'],
        },
        "authentication": "accept",
        "vlan": 103,
        "vendor_attributes": [{"vendor": 9, "type": 1, "value": "device-traffic-class=voice"}],
    },
    "nps_network_policies": {
        "name": "Ville - Agents, « mairie »",
        "enabled": False,
        "order": 11,
        "access": "deny",
        "ignore_dial_in": True,
        "conditions": {
            "nas_port_type": ["wired", "wireless"],
            "client_name": "^sw-hdv-",
            "client_address": "^10\\.93\\.",
            "user_name": "^host/",
            "calling_station": "^00-",
            "called_station": ":VLB-Agents$",
            "nas_address": "^10\\.93\\.0\\.",
            "nas_identifier": "^meraki",
            "verbatim": ['MATCH("MS-RAS-Vendor=^311$")'],
            "hours": {"tuesday": ["08:00-18:00"]},
            "windows_groups": ["GG-Agents"],
            "machine_groups": ["GP-hdv", "GV-Agents"],
            "user_groups": ["Domain Users"],
        },
        "authentication": ["mschapv2", "pap"],
        "eap": [
            {"method": "tls", "certificate": {"template": TEMPLATE}},
            {"method": "peap", "fast_reconnect": False, "certificate": {"template": TEMPLATE}},
            {"method": "md5"},
            {"method": "43", "verbatim": "2b" + "00" * 15 + "0400000001020304"},
        ],
        "vlan": 101,
        "filter_id": "agents",
        "session_timeout": 28800,
        "idle_timeout": 600,
        "vendor_attributes": [{"vendor": 9, "type": 1, "value": "shell:priv-lvl=15"}],
    },
}
OTHERWISE: Mapping[str, Item] = {
    "nps_radius_clients": {
        "enabled": False,
        "address": "sw-jau-01.ad.ville.test",
        "secret": {"secret": "radius/ccas"},
        "vendor": "29671",
        "require_message_authenticator": True,
    },
    "nps_connection_request_policies": {
        "enabled": True,
        "order": 14,
        "conditions": {"nas_port_type": ["wireless"], "verbatim": []},
        "authentication": "local",
        "server_group": "Opérateur",
        "vlan": 104,
        "vendor_attributes": [{"vendor": 9, "type": 1, "value": "x"}],
    },
    "nps_network_policies": {
        "enabled": True,
        "order": 15,
        "access": "grant",
        "ignore_dial_in": False,
        "conditions": {"user_groups": ["GG-Agents"], "verbatim": []},
        "authentication": ["chap"],
        "eap": [{"method": "peap", "certificate": {"template": TEMPLATE}}],
        "vlan": 102,
        "filter_id": "invites",
        "session_timeout": 3600,
        "idle_timeout": 900,
        "vendor_attributes": [{"vendor": 9, "type": 1, "value": "shell:priv-lvl=1"}],
    },
}
FINER: Mapping[str, tuple[tuple[str, Any], ...]] = {
    "nps_radius_clients": (),
    "nps_connection_request_policies": tuple(
        ("conditions", {**RICH["nps_connection_request_policies"]["conditions"], name: value})
        for name, value in {
            "nas_port_type": ["wired"],
            "client_name": "^ap-",
            "client_address": "^10\\.94\\.",
            "user_name": "^x",
            "calling_station": "^01-",
            "called_station": ":X$",
            "nas_address": "^10",
            "nas_identifier": "^x",
            "hours": {"monday": ["07:30-12:00"]},
            "verbatim": [],
        }.items()
    ),
    "nps_network_policies": (
        *(
            ("conditions", {**RICH["nps_network_policies"]["conditions"], name: value})
            for name, value in {
                "windows_groups": ["GV-Agents"],
                "machine_groups": ["GP-hdv"],
                "user_groups": [],
                "hours": None,
            }.items()
        ),
        ("eap", [*RICH["nps_network_policies"]["eap"][:1]]),
        ("eap", [*RICH["nps_network_policies"]["eap"][1:], RICH["nps_network_policies"]["eap"][0]]),
        ("vlan", None),
        ("filter_id", None),
        ("session_timeout", None),
        ("idle_timeout", None),
        ("vendor_attributes", []),
        ("authentication", []),
    ),
}
"""More values of a field: of each condition, and of what a field can lose."""


def varied(module: str) -> list[tuple[str, Any]]:
    """A field and another value of it, for all fields that can change."""
    return [*OTHERWISE[module].items(), *FINER[module]]
