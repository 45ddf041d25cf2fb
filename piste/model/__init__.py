"""The declared town: read with the line of every key, validated, derived. No vendor, no Ansible."""

from .catalogue import RULES, Rule
from .faults import Fault, InvalidDeclaration, Mark
from .secrets import SecretRef
from .site import (
    AccessPolicy,
    Commune,
    Device,
    Dhcp,
    Model,
    Port,
    Radius,
    RadiusServer,
    Schedule,
    Segment,
    Site,
    Ssid,
)
from .town import Town, load

__all__ = [
    "RULES",
    "AccessPolicy",
    "Commune",
    "Device",
    "Dhcp",
    "Fault",
    "InvalidDeclaration",
    "Mark",
    "Model",
    "Port",
    "Radius",
    "RadiusServer",
    "Rule",
    "Schedule",
    "SecretRef",
    "Segment",
    "Site",
    "Ssid",
    "Town",
    "load",
]
