"""Typed changes of a Nexus: each value is refused unless it fits its grammar.

The values become lines of a file that the switch reads back: no text outside these grammars reaches it.
Sources: *Cisco Nexus 9000 Series NX-OS Layer 2 Switching Configuration Guide* (VLANs) and *Interfaces Configuration
Guide*.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from piste.engine.converge.values import Misfit
from piste.systems.nexus.state import ALL, RESERVED

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,32}")
_DESCRIPTION = re.compile(r"(?:[A-Za-z0-9_.,:;/()+=@#*\[\]-](?:[A-Za-z0-9_.,:;/()+=@#*\[\] -]{0,252}[^ ])?)?")
_INTERFACE = re.compile(r"Ethernet[1-9][0-9]{0,2}/[1-9][0-9]{0,2}(?:/[1-9][0-9]?)?|port-channel[1-9][0-9]{0,3}")
_VPC = re.compile(r"(?:[1-9][0-9]{0,3})?")
_GROUPS = 4096
ALWAYS_ACTIVE = 1006
"""First VLAN that cannot be shut down."""


@dataclass(frozen=True, slots=True)
class Vlan:
    """A VLAN as it must become."""

    id: int
    name: str
    active: bool = True

    def __post_init__(self) -> None:
        _fit(self.id in ALL - RESERVED, "un VLAN de 2 à 3967, hors 1002 à 1005", self.id)
        _fit(bool(_NAME.fullmatch(self.name)), "un nom de VLAN (32 lettres, chiffres, « _ », « . », « - »)", self.name)
        _fit(self.active or self.id < ALWAYS_ACTIVE, "un VLAN que NX-OS sait arrêter (avant 1006)", self.id)


@dataclass(frozen=True, slots=True)
class Interface:
    """A port or a port-channel as it must become; None leaves a setting as it is.

    An empty description or vPC, and group 0, take the setting away. `allowed` is the whole list of a trunk.
    """

    name: str
    description: str | None = None
    trunk: bool | None = None
    allowed: frozenset[int] | None = None
    group: int | None = None
    vpc: str | None = None
    enabled: bool | None = None

    def __post_init__(self) -> None:
        of_channel = self.name.startswith("port-channel")
        _fit(bool(_INTERFACE.fullmatch(self.name)), "un port Ethernet1/1 ou un port-channel1", self.name)
        _fit(not of_channel or int(self.name[12:]) <= _GROUPS, f"un port-channel jusqu’à {_GROUPS}", self.name)
        said = self.description or ""
        _fit(bool(_DESCRIPTION.fullmatch(said)), "une description (254 signes simples)", said)
        _fit((self.allowed or frozenset()) <= ALL, "des VLAN de 1 à 4094", sorted((self.allowed or frozenset()) - ALL))
        _fit(0 <= (self.group or 0) <= _GROUPS, f"un agrégat de 1 à {_GROUPS}", self.group)
        _fit(not (of_channel and self.group is not None), "un port : un agrégat n’est pas dans un agrégat", self.name)
        _fit(of_channel or self.vpc is None, "un agrégat : un port n’est pas dans un vPC", self.name)
        number = self.vpc or ""
        _fit(bool(_VPC.fullmatch(number)) and int(number or 0) <= _GROUPS, "un vPC de 1 à 4096", number)


Change = Vlan | Interface


def _fit(fits: bool, expected: str, value: object) -> None:
    if not fits:
        raise Misfit(f"{expected} est attendu, reçu « {str(value)[:60]} »")
