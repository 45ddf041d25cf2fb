"""What an NPS holds, read from its exported document as Windows writes it: clients, request policies, network policies.

Written from public exports, on purpose without a line of the product: what FreeRADIUS then does is what was imported,
not what somebody meant to import.
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
"""The provider of a request policy that accepts without looking at credentials (IAS provider type)."""


class NotServed(RuntimeError):
    """The document asks for what the lab's FreeRADIUS does not do."""


@dataclass(frozen=True, slots=True)
class Client:
    name: str
    address: str
    secret: str
    signed: bool


@dataclass(frozen=True, slots=True)
class Policy:
    """`conditions` are (function, argument), all of which must hold; the VLAN is None where none is assigned."""

    name: str
    conditions: tuple[tuple[str, str], ...]
    grants: bool
    vlan: str | None
    eap: tuple[int, ...]
    unverified: bool


@dataclass(frozen=True, slots=True)
class Readings:
    clients: tuple[Client, ...]
    requests: tuple[Policy, ...]
    policies: tuple[Policy, ...]

    @property
    def groups(self) -> frozenset[str]:
        """The SIDs of every group that a condition names."""
        found = (argument for policy in self.policies for name, argument in policy.conditions if name in GROUPS)
        return frozenset(sid for argument in found for sid in argument.split(";"))


GROUPS = ("NTGROUPS", "USERNTGROUPS", "MACHINENTGROUPS")


def held(document: str) -> Readings:
    """Read an export. Raises NotServed, ParseError."""
    root = ElementTree.fromstring(document)
    return Readings(
        clients=tuple(_clients(root)),
        requests=tuple(_policies(root, "Proxy_Policies", "Proxy_Profiles")),
        policies=tuple(_policies(root, "NetworkPolicy", "RadiusProfiles")),
    )


def _clients(root: ElementTree.Element) -> Iterator[Client]:
    for name, found in _items(root, _CLIENTS):
        if _flag(found, "Radius_Client_Enabled", "1"):
            secret, address = (found.get(key, [""])[0] for key in ("Shared_Secret", "IP_Address"))
            yield Client(name, address, secret, _flag(found, "Require_Signature", "0"))


def _policies(root: ElementTree.Element, policies: str, profiles: str) -> Iterator[Policy]:
    settings = dict(_items(root, f"{_IAS}/{profiles}"))
    enabled = [(name, found) for name, found in _items(root, f"{_IAS}/{policies}") if _flag(found, "Policy_Enabled")]
    for name, found in sorted(enabled, key=lambda item: int(item[1].get("msNPSequence", ["0"])[0])):
        profile = settings.get(found.get("msNPAction", [name])[0], {})
        yield Policy(
            name=name,
            conditions=tuple(_condition(name, text) for text in found.get("msNPConstraint", [])),
            grants=_flag(profile, "msNPAllowDialin", "1"),
            vlan=_vlan(profile),
            eap=tuple(int(kind[:2], 16) for kind in profile.get("msNPAllowedEapType", [])),
            unverified=profile.get("msAuthProviderType", ["1"])[0] == NO_PROVIDER,
        )


def _items(root: ElementTree.Element, path: str) -> Iterator[tuple[str, dict[str, list[str]]]]:
    for item in root.findall(f"{path}/Children/*"):
        values: dict[str, list[str]] = {}
        for found in item.findall("Properties/*"):
            values.setdefault(found.tag, []).append(found.text or "")
        yield item.get("name") or item.tag, values


def _flag(values: dict[str, list[str]], name: str, default: str = "1") -> bool:
    return values.get(name, [default])[0].lower() in ("1", "true")


def _condition(policy: str, text: str) -> tuple[str, str]:
    found = _CONDITION.fullmatch(text.strip())
    if found is None:
        raise NotServed(f"la condition « {text} » de « {policy} » ne se lit pas")
    return found[1], found[2]


def _vlan(profile: dict[str, list[str]]) -> str | None:
    kind, medium, group = (
        profile.get(f"msRADIUSTunnel{name}", [""])[0] for name in ("Type", "MediumType", "PrivateGroupId")
    )
    return group if (kind, medium) == ("13", "6") and group else None
