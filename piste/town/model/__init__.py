"""The declared town: read with the line of each key, validated, derived.

No vendor, no Ansible.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .devices import Device as Device
    from .faults import Fault as Fault
    from .faults import InvalidDeclaration as InvalidDeclaration
    from .ports import Port as Port
    from .rule import rules as rules
    from .site import Commune as Commune
    from .site import Site as Site
    from .town import Town as Town
    from .town import load as load

_PLACES = {
    "Fault": "faults", "InvalidDeclaration": "faults", "Commune": "site", "Device": "devices",
    "Port": "ports", "Site": "site", "Town": "town", "load": "town", "rules": "rule",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import a public name at its first use.

    Reading a part of the model must not import all of it, nor pydantic.
    """
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
