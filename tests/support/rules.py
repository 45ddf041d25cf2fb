"""A firewall of a few elements and rules, as tests declare one."""

from __future__ import annotations

from typing import Any

ELEMENTS: list[dict[str, Any]] = [
    {"type": "host", "name": "srv-dc1", "address": "10.93.0.10"},
    {"type": "host", "name": "poste-admin", "address": "10.93.250.5"},
    {"type": "network", "name": "net-jaures", "ipv4_network": "10.93.12.0/24", "comment": "utilisateurs"},
    {"type": "network", "name": "net-mermoz", "ipv4_network": "10.93.16.0/24"},
    {"type": "group", "name": "grp-ecoles", "members": ["network/net-jaures", "network/net-mermoz"]},
    {"type": "tcp_service", "name": "TCP-8443", "ports": "8443"},
    {"type": "service_group", "name": "svc-web", "members": ["tcp_service/HTTPS", "tcp_service/TCP-8443"]},
]
TEMPLATE = "fw_template_policy/Firewall Inspection Template"


def rule(identity: str, source: str = "any", to: str = "any", what: str = "any", **more: Any) -> dict[str, Any]:
    cells = {"sources": [source], "destinations": [to], "services": [what]}
    return {"id": identity, **cells, "action": ["allow"], **more}


ADMIN = rule("admin", "host/poste-admin", what="tcp_service/SSH")
DENY = rule("refus", action=["discard"], log="stored")
JAURES = [
    rule("jaures-web", "network/net-jaures", what="service_group/svc-web"),
    rule("jaures-dc", "network/net-jaures", "host/srv-dc1"),
]


def policy(*rules: dict[str, Any], scope: str = "whole", **more: Any) -> dict[str, Any]:
    whole = {"template": TEMPLATE} if scope == "whole" else {}
    return {"type": "fw_policy", "scope": scope, "name": "VLB", **whole, "ipv4_access": list(rules), **more}


def section(name: str, *rules: dict[str, Any], **more: Any) -> dict[str, Any]:
    return policy(*rules, scope=f"section:{name}", **more)


TOWN = policy({"section": "Socle"}, ADMIN, {"section": "Site jaures"}, *JAURES, {"section": "Fin"}, DENY)
