"""The configuration of an NPS, read from its export: clients and policies.

Written from public exports, on purpose without a line of the product: FreeRADIUS then does what was imported, not what
somebody meant to import.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass

_IAS = "Children/Microsoft_Internet_Authentication_Service/Children"
_CLIENTS = f"{_IAS}/Protocols/Children/Microsoft_Radius_Protocol/Children/Clients"
_CONDITION = re.compile(r'([A-Z]+)\("(.*)"\)', re.DOTALL)
NO_PROVIDER = "0"
"""The provider of a request policy that accepts without a check of credentials (IAS provider type)."""


class NotServed(RuntimeError):
    """The export asks for a feature that the lab's FreeRADIUS does not have."""


@dataclass(frozen=True, slots=True)
class Client:
    name: str
    address: str
    secret: str
    signed: bool


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy with the profile that it applies.

    conditions  (function, argument); the policy applies where all are true
    vlan        None where the policy assigns no VLAN
    """

    name: str
    conditions: tuple[tuple[str, str], ...]
    grants: bool
    vlan: str | None
    eap: tuple[int, ...]
    unverified: bool


@dataclass(frozen=True, slots=True)
class Configuration:
    clients: tuple[Client, ...]
    requests: tuple[Policy, ...]
    policies: tuple[Policy, ...]

    @property
    def groups(self) -> frozenset[str]:
        """The SIDs of the groups that conditions name."""
        arguments = (argument for policy in self.policies for name, argument in policy.conditions if name in GROUPS)
        return frozenset(sid for argument in arguments for sid in argument.split(";"))


GROUPS = ("NTGROUPS", "USERNTGROUPS", "MACHINENTGROUPS")


def read(document: str) -> Configuration:
    """Read an export. Raises NotServed, ParseError."""
    root = ElementTree.fromstring(document)
    return Configuration(
        clients=tuple(_clients(root)),
        requests=tuple(_policies(root, "Proxy_Policies", "Proxy_Profiles")),
        policies=tuple(_policies(root, "NetworkPolicy", "RadiusProfiles")),
    )


def _clients(root: ElementTree.Element) -> Iterator[Client]:
    for name, values in _items(root, _CLIENTS):
        if _flag(values, "Radius_Client_Enabled", "1"):
            secret, address = (values.get(key, [""])[0] for key in ("Shared_Secret", "IP_Address"))
            yield Client(name, address, secret, _flag(values, "Require_Signature", "0"))


def _policies(root: ElementTree.Element, policies: str, profiles: str) -> Iterator[Policy]:
    settings = dict(_items(root, f"{_IAS}/{profiles}"))
    enabled = [(name, values) for name, values in _items(root, f"{_IAS}/{policies}") if _flag(values, "Policy_Enabled")]
    for name, values in sorted(enabled, key=lambda item: int(item[1].get("msNPSequence", ["0"])[0])):
        profile = settings.get(values.get("msNPAction", [name])[0], {})
        yield Policy(
            name=name,
            conditions=tuple(_condition(name, text) for text in values.get("msNPConstraint", [])),
            grants=_flag(profile, "msNPAllowDialin", "1"),
            vlan=_vlan(profile),
            eap=tuple(int(kind[:2], 16) for kind in profile.get("msNPAllowedEapType", [])),
            unverified=profile.get("msAuthProviderType", ["1"])[0] == NO_PROVIDER,
        )


def _items(root: ElementTree.Element, path: str) -> Iterator[tuple[str, dict[str, list[str]]]]:
    for item in root.findall(f"{path}/Children/*"):
        values: dict[str, list[str]] = {}
        for setting in item.findall("Properties/*"):
            values.setdefault(setting.tag, []).append(setting.text or "")
        yield item.get("name") or item.tag, values


def _flag(values: dict[str, list[str]], name: str, default: str = "1") -> bool:
    return values.get(name, [default])[0].lower() in ("1", "true")


def _condition(policy: str, text: str) -> tuple[str, str]:
    match = _CONDITION.fullmatch(text.strip())
    if match is None:
        raise NotServed(f"la condition « {text} » de « {policy} » ne se lit pas")
    return match[1], match[2]


def _vlan(profile: dict[str, list[str]]) -> str | None:
    kind, medium, group = (
        profile.get(f"msRADIUSTunnel{name}", [""])[0] for name in ("Type", "MediumType", "PrivateGroupId")
    )
    return group if (kind, medium) == ("13", "6") and group else None
