"""An NPS document as Windows exports it, written by hand, where no NPS is needed.

The lab's RADIUS reads it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

TLS, PEAP = 13, 25
_DT = 'xmlns:dt="urn:schemas-microsoft-com:datatypes"'


@dataclass(frozen=True)
class Rule:
    """A policy and its profile."""

    name: str
    conditions: tuple[str, ...] = ()
    vlan: int | None = None
    eap: tuple[int, ...] = ()
    provider: int = 1


def document(clients: Mapping[str, tuple[str, str]], requests: Iterable[Rule], policies: Iterable[Rule]) -> str:
    """Write an export; `clients` gives (address, secret) by name, policies are tried in order."""
    requests, policies = list(requests), list(policies)
    holders = (
        ("NetworkPolicy", [_policy(rule, at) for at, rule in enumerate(policies, 1)]),
        ("RadiusProfiles", [_profile(rule, []) for rule in policies]),
        ("Proxy_Policies", [_policy(rule, at) for at, rule in enumerate(requests, 1)]),
        ("Proxy_Profiles", [_profile(rule, [("msAuthProviderType", rule.provider)]) for rule in requests]),
    )
    known = [
        _item(name, [("IP_Address", where), ("Radius_Client_Enabled", 1), ("Shared_Secret", secret)])
        for name, (where, secret) in clients.items()
    ]
    leaf = f"<Clients><Children>{''.join(known)}</Children></Clients>"
    inner = "".join(f"<{tag}><Children>{''.join(items)}</Children></{tag}>" for tag, items in holders)
    inner += f"<Protocols><Children><Microsoft_Radius_Protocol><Children>{leaf}</Children></Microsoft_Radius_Protocol>"
    inner += "</Children></Protocols>"
    service = "Microsoft_Internet_Authentication_Service"
    return f"<Root {_DT}><Children><{service}><Children>{inner}</Children></{service}></Children></Root>"


def _policy(rule: Rule, sequence: int) -> str:
    conditions = [("msNPConstraint", text) for text in rule.conditions]
    return _item(rule.name, [("Policy_Enabled", 1), ("msNPAction", rule.name), *conditions, ("msNPSequence", sequence)])


def _profile(rule: Rule, more: list[tuple[str, object]]) -> str:
    vlan: list[tuple[str, object]] = []
    if rule.vlan is not None:
        vlan = [
            ("msRADIUSTunnelType", 13),
            ("msRADIUSTunnelMediumType", 6),
            ("msRADIUSTunnelPrivateGroupId", rule.vlan),
        ]
    eap = [("msNPAllowedEapType", f"{kind:02x}{'00' * 15}") for kind in rule.eap]
    return _item(rule.name, [("msNPAllowDialin", 1), *eap, *vlan, *more])


def _item(name: str, properties: Iterable[tuple[str, object]]) -> str:
    inner = "".join(f"<{tag}>{escape(str(value))}</{tag}>" for tag, value in properties)
    return f"<Item name={quoteattr(name)}><Properties>{inner}</Properties></Item>"
