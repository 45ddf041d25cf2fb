"""The names of a forest of one domain and one controller."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Forest:
    """A forest: DNS name of its domain in lower case, NetBIOS name, host of its controller."""

    domain: str
    netbios: str
    host: str = "dc1"

    @property
    def controller(self) -> str:
        return f"{self.host}.{self.domain}"

    @property
    def realm(self) -> str:
        return self.domain.upper()

    @property
    def base_dn(self) -> str:
        return ",".join(f"DC={label}" for label in self.domain.split("."))

    def account_dn(self, name: str) -> str:
        return f"CN={name},CN=Users,{self.base_dn}"


LE_BOURGET = Forest("ad.lebourget.example", "LEBOURGET")
REGISTRAR = "svc-dhcp"
"""Account by which the DHCP servers register the names of clients."""
