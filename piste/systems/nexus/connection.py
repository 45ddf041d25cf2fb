"""Options that the modules of the Nexus switches share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from piste.engine.converge.errors import Unreachable
from piste.engine.converge.resource import Field
from piste.engine.converge.secrets import refuse_none

SSH = 22

NEXUS = Field(
    "nexus",
    "Account that reads the Nexus switches over SSH, and the key of each.",
    type="dict",
    required=True,
    of=(
        Field("username", "Account, with the right to read the configuration and no other.", default=""),
        Field("password", "Its password, secret.", default="", no_log=True),
        Field(
            "host_keys",
            "Public key of each switch, by name, as OpenSSH writes it (C(ssh-rsa AAAA...)). A key that is not here, "
            "or is not this key, is refused.",
            type="dict",
            default={},
        ),
        Field(
            "elsewhere",
            "By name, another C(address) and C(port) than the declared address and 22.",
            type="dict",
            default={},
        ),
        Field("timeout", "Seconds to wait for an answer.", type="float", default=30),
    ),
)
DECLARED = Field(
    "declared",
    "What the declaration says of the switches, C(ansible_facts.piste_site.nexus) of the town.",
    type="dict",
    required=True,
)
SWITCHES = Field("switches", "Names of the switches to read; by default, all that are declared.", type="list")


@dataclass(frozen=True, slots=True)
class Access:
    """The value of the `nexus` option."""

    username: str
    password: str = field(repr=False)
    host_keys: Mapping[str, str] = field(default_factory=dict)
    elsewhere: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    timeout: float = 30.0

    @classmethod
    def of(cls, option: Mapping[str, Any]) -> Access:
        """Read the option. Raises `Unreachable` where nobody is to connect."""
        if not option.get("username"):
            raise Unreachable(
                "aucun accès aux Nexus n’est donné",
                todo="Au laboratoire, démarrez-le (piste lab up) ; ailleurs, renseignez piste_nexus.",
            )
        refuse_none(f"Nexus, {option['username']}", option.get("password"))
        return cls(
            username=str(option["username"]),
            password=str(option["password"]),
            host_keys={str(name): str(key) for name, key in (option.get("host_keys") or {}).items()},
            elsewhere=option.get("elsewhere") or {},
            timeout=float(option.get("timeout") or 30),
        )

    def place(self, name: str, address: str) -> tuple[str, int]:
        """Give the address and port of a switch."""
        there = self.elsewhere.get(name) or {}
        return str(there.get("address") or address), int(there.get("port") or SSH)
