"""The DHCP servers that may answer in a network, and ARP inspection.

Source: Dashboard API, `updateNetworkSwitchDhcpServerPolicy`. What the switches themselves lend is always allowed
(`alwaysAllowedServers`); what a relay of theirs passes on is documented nowhere, so it is listed too.
"""

from __future__ import annotations

from typing import Any

from piste.engine.converge.plan import Operation
from piste.engine.converge.resource import Field
from piste.systems.meraki.driver import At

DHCP_SERVER_POLICY = Field(
    "dhcp_server_policy",
    "Which DHCP servers may answer.",
    type="dict",
    part=At(
        "/networks/{network_id}/switch/dhcpServerPolicy",
        initial={
            "alerts": {"email": {"enabled": False}},
            "defaultPolicy": "allow",
            "allowedServers": [],
            "blockedServers": [],
            "arpInspection": {"enabled": False},
        },
    ),
    of=(
        Field("default_policy", "Verdict for unlisted servers.", choices=("allow", "block")),
        Field("allowed_servers", "MAC addresses that may answer.", type="list", unordered=True, normalise=str.lower),
        Field("blocked_servers", "MAC addresses that may not.", type="list", unordered=True, normalise=str.lower),
        Field(
            "arp_inspection",
            "Dynamic ARP inspection.",
            type="dict",
            of=(Field("enabled", "Whether it runs.", type="bool"),),
        ),
    ),
)


def silences(operation: Operation) -> bool:
    """True where a server that could answer no longer can, or where inspection begins."""
    before, after = (
        dict((content or {}).get(DHCP_SERVER_POLICY.name) or {}) for content in (operation.before, operation.after)
    )
    if not after or before == after:
        return False
    inspected = _inspects(after) and not _inspects(before)
    if after.get("default_policy") == "block":
        lost = {*before.get("allowed_servers", ())} - {*after.get("allowed_servers", ())}
        return inspected or bool(lost) or before.get("default_policy") != "block"
    return inspected or bool({*after.get("blocked_servers", ())} - {*before.get("blocked_servers", ())})


def _inspects(policy: dict[str, Any]) -> bool:
    return bool((policy.get("arp_inspection") or {}).get("enabled"))
